"""Write docs/ROLES.md and docs/STATES.md, or say that they are out of date."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from yorozu.portal.docs import PAGES


class Command(BaseCommand):
    """./run manage write_docs [--check] [--folder FOLDER]."""

    help = "Write the generated documents; with --check only compare them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--check writes nothing and exits with 1 when a document is out of date."""
        parser.add_argument("--check", action="store_true")
        parser.add_argument("--folder", type=Path, default=Path(settings.BASE_DIR) / "docs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare or write every page."""
        folder: Path = options["folder"]
        stale = [name for name, page in PAGES.items() if _stands(folder / name) != page()]
        if options["check"]:
            if stale:
                raise CommandError(f"out of date: {', '.join(stale)} (./run manage write_docs)")
            self.stdout.write("documents are up to date")
            return
        for name in stale:
            (folder / name).write_text(PAGES[name](), encoding="utf-8")
        self.stdout.write(f"written: {', '.join(stale) or 'nothing'}")


def _stands(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
