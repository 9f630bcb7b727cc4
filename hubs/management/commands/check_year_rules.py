"""Check the file of a year's registered rules: anyone can recompute its hash."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hubs.terms.queries.checking import check_rules_file


class Command(BaseCommand):
    """Closes with 'N passed, N failed'; exit 1 on any difference."""

    help = "年度の規則のファイルのハッシュを計算し、登録と、使われている内容とを照合します。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One file."""
        parser.add_argument("file", help="検証するファイル（年度の規則の画面から取り出したJSON）")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, recompute, compare."""
        try:
            data = json.loads(Path(options["file"]).read_text(encoding="utf-8"))
            checks, is_registered = check_rules_file(data)
        except (OSError, ValueError, TypeError) as error:
            raise CommandError(f"{options['file']} を検証できません：{error}") from error
        for name, faults in checks:
            self.stdout.write(f"{'NG' if faults else 'OK'} {name}")
            for fault in faults:
                self.stdout.write(f"   {fault}")
        if not is_registered:
            self.stdout.write(
                "この環境には、この版の登録がありません（ファイルだけを検証しました）。"
            )
        failed = sum(bool(faults) for _, faults in checks)
        self.stdout.write(f"{len(checks) - failed} passed, {failed} failed")
        if failed:
            raise SystemExit(1)
