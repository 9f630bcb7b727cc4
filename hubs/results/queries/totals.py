"""Totals of the year over the accepted months."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hubs.network.models import Hub
from hubs.results import rules
from hubs.results.models import MonthlyReport, ReportState
from hubs.results.queries.columns import (
    Found,
    ResultColumn,
    columns_for,
    entries,
    entry_of,
    plan_of,
)
from hubs.terms.models import Term
from yorozu.core import figures


@dataclass(frozen=True)
class YearTotal:
    """Sum of what was reported in accepted months; None when nothing was."""

    column: ResultColumn
    value: int | None
    accepted_months: int
    missing_months: int

    @property
    def percent_of_target(self) -> str:
        """Progress against the year's target, － when it cannot be said."""
        return figures.format_percent(figures.percent(self.value, self.column.target))


def totals_of(columns: Sequence[ResultColumn], reports: Iterable[MonthlyReport]) -> list[YearTotal]:
    """Totals per column over the accepted ones of the given reports."""
    accepted = [report for report in reports if report.state == ReportState.ACCEPTED]
    found = entries(columns, accepted)
    return [_total(column, accepted, found) for column in columns]


def _total(column: ResultColumn, accepted: Sequence[MonthlyReport], found: Found) -> YearTotal:
    asked = [report for report in accepted if report.month not in column.absent]
    found_entries = [entry_of(found.get((report.month, column.key))) for report in asked]
    return YearTotal(
        column=column,
        value=figures.total([entry.value for entry in found_entries]),
        accepted_months=len(asked),
        missing_months=sum(entry.state == rules.NOT_REPORTED for entry in found_entries),
    )


def year_totals(hub: Hub, term: Term) -> dict[str, YearTotal]:
    """Totals by column key (CONS ... F1 ...) over the accepted months; gaps are no zeros."""
    columns = columns_for(term, plan_of(hub, term))
    accepted = MonthlyReport.objects.filter(
        hub=hub, term=term, state=ReportState.ACCEPTED
    ).prefetch_related("results")
    return {total.column.key: total for total in totals_of(columns, list(accepted))}


def months_in_operation(hub: Hub, term: Term) -> int:
    """Whole months of the term in which the hub was open on 15 days or more."""
    return rules.months_in_operation(*hub.operation_span(term.fiscal_year), term.fiscal_year)
