"""``manage.py recheck_runs``: recompute every run that was ever fixed, as the night does."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from evaluation.scoring.operations import recheck_runs
from yorozu.core.access import system_scope


class Command(BaseCommand):
    """Exit status 1 when a run does not give its stored result; the alarm goes out as at night."""

    help = "確定した評価をすべて再計算し、記録と1文字でも違えば名指しします。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line per run."""
        found = recheck_runs(system_scope("再計算の命令"))
        for row in found:
            self.stdout.write(f"{'OK' if row.is_same else 'NG'} {row.run}")
            for fault in row.faults.splitlines():
                self.stderr.write(f"   {fault}")
        wrong = sum(not row.is_same for row in found)
        self.stdout.write(f"{len(found)}件の評価のうち{wrong}件が記録と違います。")
        if wrong:
            sys.exit(1)
