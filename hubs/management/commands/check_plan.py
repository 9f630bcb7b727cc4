"""Recompute the hash of a finalized plan: a stranger with the file gets the same figure."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hubs.plans.queries.records import broken_versions, check_record


class Command(BaseCommand):
    """With a file: that record. Without: every version kept here. Exit 1 on any difference."""

    help = "確定した事業計画の版のハッシュを計算し直して照合します。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One file, or none for everything kept here."""
        parser.add_argument("file", nargs="?", help="画面から保存した版の記録（JSON）")

    def handle(self, *args: Any, **options: Any) -> None:
        """Recompute and compare; the last line tells the outcome."""
        faults = self._file(options["file"]) if options["file"] else broken_versions()
        for fault in faults:
            self.stdout.write(fault)
        self.stdout.write("一致しません。" if faults else "一致しました。")
        if faults:
            raise SystemExit(1)

    def _file(self, name: str) -> list[str]:
        try:
            checked = check_record(Path(name).read_text(encoding="utf-8"))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise CommandError(f"{name} を検証できません：{error}") from error
        self.stdout.write(f"{checked.name}　計算したハッシュ {checked.recomputed}")
        return list(checked.faults)
