"""Sent figures beside the ledger: what differs from the count, and what the ledger became since."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from hubs.ledger.queries import fresh_months
from hubs.network.models import Hub
from hubs.results import rules
from hubs.results.models import MonthlyResult, ReportState
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
    hubs = {hub.pk: hub for hub in Hub.objects.visible_to(scope).select_related("bureau")}
    if not indicators or not hubs:
        return []
    months = months_of(term.fiscal_year)
    now = fresh_months(hubs, months[0], months[-1])
    states = {ReportState.ACCEPTED.value} if accepted_only else SENT
    rows = MonthlyResult.objects.filter(
        report__term=term, report__hub__in=list(hubs), report__state__in=states
    ).filter(indicator__in=list(indicators))
    found = []
    for row in rows.select_related("report").order_by("report__hub__code", "report__month", "pk"):
        indicator, report = indicators[row.indicator_id or 0], row.report
        held = now.get((report.hub_id, report.month))
        counted = held.figures.counted(indicator.code) if held is not None else None
        if counted == row.counted:
            continue
        origin = Origin(
            row.source,
            row.counted,
            counted,
            is_sent=True,
            is_accepted=report.state == ReportState.ACCEPTED,
        )
        entry = Entry(row.value_state, row.value)
        place = (report.pk, hubs[report.hub_id], report.month)
        found.append(LedgerDrift(*place, indicator, entry, origin))
    return found


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
