"""Beside a monthly figure: what the ledger counts for it now, and what it counted when it was sent.

For flow, queries and operations alike; the count itself is the ledger's affair.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from hubs.ledger.queries import fresh_months
from hubs.results.models import MonthlyReport, MonthlyResult, ReportState
from hubs.results.rules import BLANK, Entry, Origin, ledger_problem
from hubs.terms.models import ActivityIndicator, FigureSource, Term

# States in which a month answers to the count it was sent with.
SENT = frozenset(
    {ReportState.SUBMITTED.value, ReportState.CONFIRMED.value, ReportState.ACCEPTED.value}
)
Counts = Mapping[tuple[date, str], int]


def counted_indicators(term: Term) -> dict[int, ActivityIndicator]:
    """The indicators of the term that may be drawn from the ledger, by id."""
    return {row.pk: row for row in term.indicators.all() if row.source == FigureSource.LEDGER}


def counts_now(hub_id: int, months: Collection[date], codes: Iterable[str]) -> Counts:
    """What the ledger counts this moment, by month and indicator; silent where none is kept."""
    wanted = list(codes)
    if not wanted or not months:
        return {}
    found = fresh_months([hub_id], min(months), max(months))
    return {
        (month, code): counted
        for month in months
        if (held := found.get((hub_id, month))) is not None
        for code in wanted
        if (counted := held.figures.counted(code)) is not None
    }


def origin_of(result: MonthlyResult | None, now: int | None, state: str) -> Origin:
    """The origin of a stored figure, or of a field nobody has filled yet, in a month's state."""
    is_sent, is_accepted = state in SENT, state == ReportState.ACCEPTED
    if result is None:
        return Origin(now=now, is_sent=is_sent, is_accepted=is_accepted)
    return Origin(result.source, result.counted, now, is_sent, is_accepted)


@dataclass(frozen=True)
class Drawn:
    """An indicator that may be drawn from the ledger: its figure of one month, and its origin."""

    indicator: ActivityIndicator
    result: MonthlyResult | None
    origin: Origin

    @property
    def entry(self) -> Entry:
        """The figure as the rules see it."""
        return Entry(self.result.value_state, self.result.value) if self.result else BLANK

    @property
    def problem(self) -> str:
        """Why the figure may not be sent; an unreadable text is another matter."""
        if self.result is None or self.result.draft_text:
            return ""
        return ledger_problem(self.indicator.name, self.entry, self.origin, self.result.reason)


def month_origins(report: MonthlyReport, *, state: str = "") -> list[Drawn]:
    """Every indicator of a month that may be drawn from the ledger.

    ``state`` takes the place of the report's own, to ask what its figures answer to in it.
    """
    indicators = counted_indicators(report.term)
    codes = [row.code for row in indicators.values()]
    counts = counts_now(report.hub_id, [report.month], codes)
    results = {row.indicator_id: row for row in report.results.order_by()}
    return [
        Drawn(
            indicator,
            results.get(pk),
            origin_of(
                results.get(pk), counts.get((report.month, indicator.code)), state or report.state
            ),
        )
        for pk, indicator in indicators.items()
    ]


def problems_of(drawn: Iterable[Drawn]) -> list[str]:
    """Figures that differ from the ledger without a reason, or were drawn before it changed."""
    return [one.problem for one in drawn if one.problem]
