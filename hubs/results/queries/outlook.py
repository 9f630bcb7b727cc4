"""Where the year of a hub is heading, per indicator and focus area."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from hubs.results import rules
from hubs.results.models import ReportState
from hubs.results.queries.columns import ResultColumn
from hubs.results.queries.grid import Grid
from hubs.results.queries.totals import YearTotal
from hubs.results.rules import Forecast
from yorozu.core import figures
from yorozu.core.fiscal import fiscal_year_of, month_index


@dataclass(frozen=True)
class Outlook:
    """One line: what counts so far, what the target asks of the same months, and the estimate.

    ``months`` are the accepted months that have a figure: actual, expectation and estimate all
    speak of the same months, so that a late acceptance does not look like a poor result.
    """

    column: ResultColumn
    total: YearTotal
    months: Sequence[date]
    expected: Decimal | None
    year_target: Decimal | None
    forecast: Forecast

    @property
    def actual(self) -> int | None:
        """What counts today, corrections included."""
        return self.total.corrected

    @property
    def gap(self) -> Decimal | None:
        """Actual less expectation; None when either cannot be said."""
        if self.actual is None or self.expected is None:
            return None
        return self.actual - self.expected

    @property
    def attainment(self) -> Decimal | None:
        """Actual in percent of the expectation."""
        return figures.percent(self.actual, self.expected)

    @property
    def estimated_attainment(self) -> Decimal | None:
        """The estimate in percent of the year's target."""
        return figures.percent(self.forecast.value, self.year_target)


def outlook(grid: Grid) -> list[Outlook]:
    """One line per column of the grid; no further queries."""
    year = grid.term.fiscal_year
    operated = rules.operated_months(*grid.hub.operation_span(year), year)
    return [
        _line(grid, column, total, operated)
        for column, total in zip(grid.columns, grid.totals, strict=True)
    ]


def _line(grid: Grid, column: ResultColumn, total: YearTotal, operated: Sequence[date]) -> Outlook:
    place = grid.columns.index(column)
    months = [
        row.month
        for row in grid.rows
        if row.report is not None
        and row.report.state == ReportState.ACCEPTED
        and row.cells[place].effective.value is not None
    ]
    last_year = {
        month_index(month): value
        for month, value in grid.series.get(column.series_key, {}).items()
        if fiscal_year_of(month) == grid.term.fiscal_year - 1
    }
    return Outlook(
        column=column,
        total=total,
        months=months,
        expected=rules.expected_to_date(column.target, months, column.phasing) if months else None,
        year_target=rules.effective_target(column.target, operated, column.phasing),
        forecast=rules.forecast(total.corrected, months, operated, last_year),
    )
