"""Every figure of a term as it was accepted and as it counts today, for any number of hubs.

Two queries however many hubs: the reported figures and the accepted corrections beside them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from hubs.results.effective import counts_as
from hubs.results.models import CorrectionState, MonthlyResult, ReportState, ResultCorrection
from hubs.results.rules import BLANK, Entry

Owner = tuple[int | None, int | None]
_COLUMNS = (
    "report__hub_id",
    "report_id",
    "report__month",
    "report__state",
    "indicator_id",
    "focus_area_id",
    "value_state",
    "value",
)


@dataclass(frozen=True)
class MonthFigure:
    """One figure of one month: as stored, and as it counts with the accepted corrections."""

    hub_id: int
    report_id: int
    month: date
    state: str
    owner: Owner
    entry: Entry
    effective: Entry
    corrections: int = 0

    @property
    def is_accepted(self) -> bool:
        """Whether the bureau has accepted the month."""
        return self.state == ReportState.ACCEPTED

    @property
    def effect(self) -> int:
        """What the corrections add to every total the figure is in."""
        return (self.effective.value or 0) - (self.entry.value or 0)


def month_figures(where: Q) -> list[MonthFigure]:
    """The figures of the reports that ``where`` (over ``report__...``) names, by hub and month."""
    later = latest_corrections(where)
    found, met = [], set()
    rows = MonthlyResult.objects.filter(where).order_by("report__hub_id", "report__month", "pk")
    for hub_id, report_id, month, state, *rest in rows.values_list(*_COLUMNS):
        indicator_id, area_id, value_state, value = rest
        owner, entry = (indicator_id, area_id), Entry(value_state, value)
        met.add((report_id, owner))
        corrections = later.get((report_id, owner), [])
        place = (hub_id, report_id, month, state, owner)
        found.append(MonthFigure(*place, entry, counts_as(entry, corrections), len(corrections)))
    return found + [_added(key, rows) for key, rows in later.items() if key not in met]


def _added(key: tuple[int, Owner], rows: list[ResultCorrection]) -> MonthFigure:
    """A figure the accepted month did not have at all (a focus area fixed later)."""
    report = rows[-1].report
    place = (report.hub_id, report.pk, report.month, report.state, key[1])
    return MonthFigure(*place, BLANK, counts_as(BLANK, rows), len(rows))


def latest_corrections(where: Q) -> Mapping[tuple[int, Owner], list[ResultCorrection]]:
    """Accepted corrections by report and column, the one that counts last."""
    found: dict[tuple[int, Owner], list[ResultCorrection]] = defaultdict(list)
    rows = ResultCorrection.objects.filter(where, state=CorrectionState.ACCEPTED)
    for row in rows.select_related("report").order_by("decided_at", "pk"):
        found[row.report_id, row.owner].append(row)
    return found


def by_cell(figures: Iterable[MonthFigure]) -> dict[tuple[int, date, Owner], MonthFigure]:
    """Figures by hub, month and column."""
    return {(row.hub_id, row.month, row.owner): row for row in figures}
