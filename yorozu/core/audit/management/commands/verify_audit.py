"""``manage.py verify_audit``: is the trail whole? Names every row that is not."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from yorozu.core.audit.operations import head, verify_chain


class Command(BaseCommand):
    """Recomputes the chain; exit status 1 when a row was changed, removed or slipped in."""

    help = "監査記録のハッシュの連鎖を計算し直し、変えられた記録を名指しします。"

    def add_arguments(self, parser: CommandParser) -> None:
        """--head holds the end noted earlier: only that shows a trail cut off at its end."""
        parser.add_argument(
            "--head",
            default="",
            help="以前の検査が示した「連番:ハッシュ」。その記録が残っているかも確かめます。",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the faults, or the end of an intact trail."""
        broken = verify_chain(known_head=options["head"])
        for sentence in broken:
            self.stderr.write(sentence)
        if broken:
            self.stderr.write(f"監査記録に{len(broken)}件の異常があります。")
            sys.exit(1)
        count, end = head()
        self.stdout.write(f"監査記録{count:,}件に異常はありません。末尾 {end}")
