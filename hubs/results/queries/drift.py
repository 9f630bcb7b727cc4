"""Sent figures beside the ledger: what differs from the count, and what the ledger became since."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from hubs.ledger.queries import fresh_months
from hubs.network.models import Hub
from hubs.results import rules
from hubs.results.models import MonthlyReport, MonthlyResult, ReportState
from hubs.results.origins import SENT, counted_indicators
from hubs.results.rules import Entry, Origin
from hubs.terms.models import ActivityIndicator, Term
from yorozu.core.access import Scope
from yorozu.core.fiscal import months_of


@dataclass(frozen=True)
class LedgerDrift:
    """A figure of a sent month whose records have changed since it was sent."""

    report_id: int
    hub: Hub
    month: date
    indicator: ActivityIndicator
    entry: Entry
    origin: Origin

    @property
    def text(self) -> str:
        """The change in words: 確認後に相談記録が変わりました：+2."""
        return rules.drift_text(self.origin)

    @property
    def change(self) -> int | None:
        """By how much the count has changed; None when one of the two sides has none."""
        return self.origin.drift


def ledger_drift(term: Term, scope: Scope, *, accepted_only: bool = True) -> list[LedgerDrift]:
    """Figures of the scope that were sent with another count than the ledger has today.

    The figures themselves never move. Five queries however many hubs, one more while changed
    months wait for the roll-up.
    """
    indicators = counted_indicators(term)
    if not indicators:
        return []
    states = {ReportState.ACCEPTED.value} if accepted_only else SENT
    reports = MonthlyReport.objects.visible_to(scope).filter(term=term, state__in=states)
    rows = MonthlyResult.objects.filter(report__in=reports.order_by(), indicator__in=indicators)
    sent = [_Sent(*row) for row in rows.order_by().values_list(*_SENT_COLUMNS)]
    months = months_of(term.fiscal_year)
    now = fresh_months({row.hub_id for row in sent}, months[0], months[-1])
    moved = []
    for row in sent:
        held = now.get((row.hub_id, row.month))
        code = indicators[row.indicator_id].code
        counted = held.figures.counted(code) if held is not None else None
        if counted != row.counted:
            moved.append((row, counted))
    hubs = Hub.objects.select_related("bureau").in_bulk({row.hub_id for row, _ in moved})
    moved.sort(key=lambda found: (hubs[found[0].hub_id].code, found[0].month, found[0].pk))
    return [
        LedgerDrift(
            row.report_id,
            hubs[row.hub_id],
            row.month,
            indicators[row.indicator_id],
            Entry(row.value_state, row.value),
            _origin(row, counted),
        )
        for row, counted in moved
    ]


class _Sent(NamedTuple):
    """A figure as it was when its month was sent; an object each would cost more than the page."""

    pk: int
    report_id: int
    hub_id: int
    month: date
    state: str
    indicator_id: int
    counted: int | None
    source: str
    value_state: str
    value: int | None


_SENT_COLUMNS = (
    "pk",
    "report_id",
    "report__hub_id",
    "report__month",
    "report__state",
    "indicator_id",
    "counted",
    "source",
    "value_state",
    "value",
)


def _origin(row: _Sent, now: int | None) -> Origin:
    is_accepted = row.state == ReportState.ACCEPTED
    return Origin(row.source, row.counted, now, is_sent=True, is_accepted=is_accepted)


def beside_ledger(report_ids: Collection[int]) -> Mapping[int, list[str]]:
    """Of sent months: every figure that was declared otherwise than the ledger counted.

    One sentence each, by report, in one query: for the lists in which months are approved.
    """
    rows = MonthlyResult.objects.filter(report__in=report_ids, counted__isnull=False)
    found: dict[int, list[str]] = defaultdict(list)
    for row in _differing(rows.select_related("indicator").order_by("indicator__order", "pk")):
        said = rules.entry_text(Entry(row.value_state, row.value)) or "未報告"
        reason = f"（理由：{row.reason}）" if row.reason else ""
        found[row.report_id].append(f"{row.indicator}：申告 {said}、相談記録 {row.counted}{reason}")
    return found


def _differing(rows: Iterable[MonthlyResult]) -> Iterable[MonthlyResult]:
    return (row for row in rows if row.value != row.counted)
