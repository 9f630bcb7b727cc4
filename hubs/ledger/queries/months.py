"""The figures of the ledger by month: as stored, and as the rows say this moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from hubs.ledger.models import DirtyMonth, LedgerMonth
from hubs.ledger.rollup import Key, count_rows
from hubs.ledger.rules import FIGURES, NOTHING, MonthFigures, spans


@dataclass(frozen=True)
class CountedMonth:
    """The figures of one hub and month; ``computed_at`` None: counted for this very request."""

    hub_id: int
    month: date
    figures: MonthFigures = NOTHING
    computed_at: datetime | None = None


def stored_months(hub_ids: Iterable[int], first: date, last: date) -> dict[Key, CountedMonth]:
    """What the last roll-up stored, one query; a month without records is not among them."""
    rows = LedgerMonth.objects.filter(
        hub_id__in=list(hub_ids), month__gte=first, month__lte=last
    ).order_by("hub_id", "month")
    return {(row.hub_id, row.month): _counted(row) for row in rows}


def fresh_months(hub_ids: Iterable[int], first: date, last: date) -> dict[Key, CountedMonth]:
    """The figures of these months as the rows are now, never behind them.

    Months noted as changed are counted anew from the rows and nothing is written, so a page may
    ask: two queries, three when a note waits for the roll-up.
    """
    hubs = list(hub_ids)
    found = stored_months(hubs, first, last)
    notes = DirtyMonth.objects.filter(hub_id__in=hubs, month__gte=first, month__lte=last)
    pairs = set(notes.order_by("hub_id", "month").values_list("hub_id", "month"))
    if not pairs:
        return found
    counted = count_rows(spans(pairs))
    for key in pairs:
        found.pop(key, None)
    return found | {key: CountedMonth(*key, figures=row) for key, row in counted.items()}


def fresh_month(hub_id: int, month: date) -> CountedMonth:
    """The figures of one month as the rows are now; all 0 where there are none."""
    return fresh_months([hub_id], month, month).get((hub_id, month), CountedMonth(hub_id, month))


def _counted(row: LedgerMonth) -> CountedMonth:
    figures = MonthFigures(**{name: getattr(row, name) for name in FIGURES})
    return CountedMonth(row.hub_id, row.month, figures, row.computed_at)
