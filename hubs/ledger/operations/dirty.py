"""Which months have to be rolled up anew."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from hubs.ledger.models import DirtyMonth
from hubs.ledger.operations.rollup import ask_for_roll_up
from yorozu.core.fiscal import month_of


def mark_dirty(pairs: Iterable[tuple[int, date | None]]) -> None:
    """Note (hub id, any day of a month) pairs for the roll-up, in the caller's transaction.

    A day that is not known (no issue resolved) is passed over. Always appended, never merged with
    a note that stands (see ``DirtyMonth``). The roll-up is asked for once the writes are committed.
    """
    months = {(hub_id, month_of(day)) for hub_id, day in pairs if day is not None}
    if not months:
        return
    DirtyMonth.objects.bulk_create(
        [DirtyMonth(hub_id=hub_id, month=month) for hub_id, month in sorted(months)]
    )
    # What is stored stands whatever becomes of the message: the beat asks again for what is left.
    transaction.on_commit(ask_for_roll_up, robust=True)
