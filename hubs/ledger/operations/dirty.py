"""Which months have to be rolled up anew."""

from collections.abc import Iterable
from datetime import date

from hubs.ledger.models import DirtyMonth
from yorozu.core.fiscal import month_of


def mark_dirty(pairs: Iterable[tuple[int, date | None]]) -> None:
    """Note (hub id, any day of a month) pairs for the roll-up, in the caller's transaction.

    A day that is not known (no issue resolved) is passed over. Always appended, never merged with
    a note that stands (see ``DirtyMonth``).
    """
    months = {(hub_id, month_of(day)) for hub_id, day in pairs if day is not None}
    DirtyMonth.objects.bulk_create(
        [DirtyMonth(hub_id=hub_id, month=month) for hub_id, month in sorted(months)]
    )
