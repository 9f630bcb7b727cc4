"""Recompute a vectors file or an exported run: a stranger with the file gets the same figures."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evaluation.budget.rules.check import check_file


class Command(BaseCommand):
    """Closes with 'N passed, N failed'; exit 1 on any difference."""

    help = "評価の検証用ファイル（ベクトルまたは出力した評価）を再計算して照合します。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One file."""
        parser.add_argument("file", help="検証するファイル（JSON）")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, recompute, compare as text."""
        try:
            data = json.loads(Path(options["file"]).read_text(encoding="utf-8"))
            passed, failed, lines = check_file(data)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise CommandError(f"{options['file']} を検証できません：{error}") from error
        for line in lines:
            self.stdout.write(line)
        self.stdout.write(f"{passed} passed, {failed} failed")
        if failed:
            raise SystemExit(1)
