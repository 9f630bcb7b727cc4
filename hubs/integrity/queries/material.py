"""The figures that the checks read, for the whole network in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hubs.integrity.rules import CURRENT, Edit, HubMaterial, Indicator
from hubs.ledger.models import DirtyMonth, LedgerMonth
from hubs.network.models import Hub
from hubs.plans.models import PlanState, Target
from hubs.results.models import CorrectionState, MonthlyResult, ReportState, ResultCorrection
from hubs.results.rules import months_in_operation, open_days
from hubs.terms.models import ActivityIndicator, FigureSource, Term
from yorozu.core.fiscal import first_day, last_day, months_of

# Months that the hub has sent: a draft is no claim yet.
SENT = (ReportState.SUBMITTED, ReportState.CONFIRMED, ReportState.ACCEPTED)
# Plans that were sent: their targets are what the interview is about.
PLANNED = (PlanState.SUBMITTED, PlanState.FINALIZED)
COUNTED = {
    "CONS": "consultations",
    "VISIT": "visiting_clients",
    "SOLVE": "issues_resolved",
    "NETW": "network_activities",
}
# Years before the term that a check may look back to.
YEARS_BACK = max(CURRENT.bunching_years, -(-CURRENT.history_months // 12))

Place = tuple[int, str, date]


@dataclass
class Network:
    """All hubs with their figures, the indicators of each term, and the reasons given at entry."""

    hubs: list[HubMaterial]
    indicators: dict[int, dict[str, Indicator]]
    reasons: Mapping[Place, str] = field(default_factory=dict)


def network_material(terms: Sequence[Term]) -> Network:
    """Figures of all hubs that the checks of these terms need; nine queries however many hubs."""
    years = range(min(term.fiscal_year for term in terms) - YEARS_BACK, _last(terms) + 1)
    found = _Found(first_day(years[0]), last_day(years[-1]))
    targets = _targets(years)
    hubs = [
        HubMaterial(
            hub_id=hub.pk,
            values=found.values.get(hub.pk, {}),
            owed={year: _owed(hub, year) for year in years},
            worked={year: months_in_operation(*hub.operation_span(year), year) for year in years},
            targets=targets.get(hub.pk, {}),
            drawn=found.drawn.get(hub.pk, {}),
            counted=found.counted.get(hub.pk, {}),
            edits=found.edits.get(hub.pk, []),
        )
        for hub in Hub.objects.prefetch_related("contracts").order_by("code")
    ]
    return Network(hubs, _indicators(terms), found.reasons)


def _last(terms: Sequence[Term]) -> int:
    return max(term.fiscal_year for term in terms)


def _owed(hub: Hub, fiscal_year: int) -> list[date]:
    span = hub.operation_span(fiscal_year)
    return [month for month in months_of(fiscal_year) if open_days(*span, month) > 0]


class _Found:
    """Figures by hub: as they were sent, then with the corrections that took effect."""

    def __init__(self, first: date, last: date) -> None:
        self.values: dict[int, dict[str, dict[date, int]]] = defaultdict(lambda: defaultdict(dict))
        self.drawn: dict[int, dict[tuple[date, str], int]] = defaultdict(dict)
        self.counted: dict[int, dict[tuple[date, str], int]] = defaultdict(dict)
        self.edits: dict[int, list[Edit]] = defaultdict(list)
        self.reasons: dict[Place, str] = {}
        self._read_results(first, last)
        self._read_corrections(first, last)
        self._read_ledger(first, last)

    def _read_results(self, first: date, last: date) -> None:
        rows = MonthlyResult.objects.filter(
            report__state__in=SENT,
            report__month__range=(first, last),
            indicator__isnull=False,
            value__isnull=False,
        ).order_by("pk")
        columns = ("report__hub_id", "indicator__code", "report__month", "value")
        for hub_id, code, month, value, source, reason in rows.values_list(
            *columns, "source", "reason"
        ):
            self.values[hub_id][code][month] = value
            if source == FigureSource.LEDGER:
                self.drawn[hub_id][month, code] = value
            if reason:
                self.reasons[hub_id, code, month] = reason

    def _read_corrections(self, first: date, last: date) -> None:
        rows = ResultCorrection.objects.filter(
            state=CorrectionState.ACCEPTED,
            indicator__isnull=False,
            report__month__range=(first, last),
        ).order_by("decided_at", "pk")
        for number, hub_id, code, month, old, new in rows.values_list(
            "pk", "report__hub_id", "indicator__code", "report__month", "old_value", "new_value"
        ):
            self.edits[hub_id].append(Edit(number, month, code, old, new))
            self._correct(hub_id, code, month, new)

    def _correct(self, hub_id: int, code: str, month: date, new: int | None) -> None:
        months = self.values[hub_id][code]
        if new is None:
            months.pop(month, None)
            self.drawn[hub_id].pop((month, code), None)
            return
        months[month] = new
        if (month, code) in self.drawn[hub_id]:
            self.drawn[hub_id][month, code] = new

    def _read_ledger(self, first: date, last: date) -> None:
        rows = LedgerMonth.objects.filter(month__range=(first, last)).order_by("pk")
        for hub_id, month, *counts in rows.values_list("hub_id", "month", *COUNTED.values()):
            for code, number in zip(COUNTED, counts, strict=True):
                self.counted[hub_id][month, code] = number
        # Sums that are behind say nothing yet; the next night asks.
        for hub_id, month in DirtyMonth.objects.values_list("hub_id", "month").distinct():
            for code in COUNTED:
                self.drawn[hub_id].pop((month, code), None)


def _targets(years: range) -> dict[int, dict[tuple[int, str], int]]:
    found: dict[int, dict[tuple[int, str], int]] = defaultdict(dict)
    rows: Any = Target.objects.filter(
        plan__state__in=PLANNED, plan__term__fiscal_year__in=list(years)
    ).order_by("pk")
    for hub_id, year, code, value in rows.values_list(
        "plan__hub_id", "plan__term__fiscal_year", "indicator__code", "value"
    ):
        found[hub_id][year, code] = value
    return found


def _indicators(terms: Sequence[Term]) -> dict[int, dict[str, Indicator]]:
    found: dict[int, dict[str, Indicator]] = {term.pk: {} for term in terms}
    for row in ActivityIndicator.objects.filter(term__in=terms).order_by("order"):
        found[row.term_id][row.code] = Indicator(row.code, row.name, row.unit)
    return found
