"""``./run manage rebuild_ledger_months``: count the months of the ledger anew from the rows."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from hubs.ledger.operations.rollup import Difference, compare_months, rebuild_months
from yorozu.core.access import system_scope


class Command(BaseCommand):
    """Recount; with ``--check`` only compare, and end with 1 when something differs."""

    help = "Count all months of the ledger from the rows, and say what was stored otherwise."

    def add_arguments(self, parser: CommandParser) -> None:
        """--check writes nothing."""
        parser.add_argument("--check", action="store_true", help="compare only, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Name every difference; months whose roll-up is still to come are no difference."""
        check = options["check"]
        found = compare_months() if check else rebuild_months(system_scope("月別集計の数え直し"))
        for difference in found:
            self.stdout.write(_line(difference))
        if not found:
            self.stdout.write("月別集計は、記録から数えた値と一致しています。")
        elif check:
            raise CommandError(f"{len(found)}か月分が、記録から数えた値と異なります。")
        else:
            self.stdout.write(f"{len(found)}か月分を、記録から数えた値に直しました。")


def _line(difference: Difference) -> str:
    changes = "、".join(
        f"{name} {_shown(stored)} → {_shown(counted)}"
        for name, (stored, counted) in difference.changes.items()
    )
    return f"{difference.hub} {difference.month:%Y-%m}：{changes}"


def _shown(value: int | None) -> str:
    return "なし" if value is None else str(value)
