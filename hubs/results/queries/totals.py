"""Totals of the year over the accepted months: as accepted, and with the corrections."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hubs.network.models import Hub
from hubs.results import rules
from hubs.results.effective import counts_as, that_count
from hubs.results.models import MonthlyReport, ReportState, ResultCorrection
from hubs.results.queries.columns import (
    Found,
    ResultColumn,
    columns_for,
    entries,
    entry_of,
    plan_of,
)
from hubs.results.queries.figures import Owner
from hubs.terms.models import Term
from yorozu.core import figures


def signed(value: int) -> str:
    """A change with its sign: +10, ▲5, 0."""
    return f"+{value:,}" if value > 0 else figures.format_count(value)


@dataclass(frozen=True)
class YearTotal:
    """Sum of what was reported in accepted months; None when nothing was.

    ``value`` is the sum as accepted and never moves; ``corrected`` is what counts today.
    """

    column: ResultColumn
    value: int | None
    accepted_months: int
    missing_months: int
    corrected: int | None = None
    corrections: int = 0

    @property
    def effect(self) -> int:
        """What the corrections add to the accepted sum."""
        return (self.corrected or 0) - (self.value or 0)

    @property
    def effect_text(self) -> str:
        """The effect with its sign."""
        return signed(self.effect)

    @property
    def percent_of_target(self) -> str:
        """Progress against the year's target, － when it cannot be said."""
        return figures.format_percent(figures.percent(self.corrected, self.column.target))


def totals_of(columns: Sequence[ResultColumn], reports: Iterable[MonthlyReport]) -> list[YearTotal]:
    """Totals per column over the accepted ones of the given reports (corrections prefetched)."""
    accepted = [report for report in reports if report.state == ReportState.ACCEPTED]
    found = entries(columns, accepted)
    later = _accepted_corrections(accepted)
    return [_total(column, accepted, found, later) for column in columns]


def _accepted_corrections(
    reports: Iterable[MonthlyReport],
) -> dict[tuple[int, Owner], list[ResultCorrection]]:
    later: dict[tuple[int, Owner], list[ResultCorrection]] = defaultdict(list)
    for report in reports:
        for row in that_count(report.corrections.all()):
            later[report.pk, row.owner].append(row)
    return later


def _total(
    column: ResultColumn,
    accepted: Sequence[MonthlyReport],
    found: Found,
    later: Mapping[tuple[int, Owner], Sequence[ResultCorrection]],
) -> YearTotal:
    asked = [report for report in accepted if report.month not in column.absent]
    stored, effective, corrections = [], [], 0
    for report in asked:
        entry = entry_of(found.get((report.month, column.key)))
        rows = later.get((report.pk, column.owner), ())
        stored.append(entry)
        effective.append(counts_as(entry, rows))
        corrections += len(rows)
    return YearTotal(
        column=column,
        value=figures.total([entry.value for entry in stored]),
        accepted_months=len(asked),
        missing_months=sum(entry.state == rules.NOT_REPORTED for entry in effective),
        corrected=figures.total([entry.value for entry in effective]),
        corrections=corrections,
    )


def year_totals(hub: Hub, term: Term) -> dict[str, YearTotal]:
    """Totals by column key (CONS ... F1 ...) over the accepted months; gaps are no zeros."""
    columns = columns_for(term, plan_of(hub, term))
    accepted = MonthlyReport.objects.filter(
        hub=hub, term=term, state=ReportState.ACCEPTED
    ).prefetch_related("results", "corrections")
    return {total.column.key: total for total in totals_of(columns, list(accepted))}


def months_in_operation(hub: Hub, term: Term) -> int:
    """Whole months of the term in which the hub was open on 15 days or more."""
    return rules.months_in_operation(*hub.operation_span(term.fiscal_year), term.fiscal_year)
