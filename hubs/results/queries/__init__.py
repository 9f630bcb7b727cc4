"""Reading results, one module per subject."""

from hubs.results.queries.columns import ResultColumn, columns_for, entry_of, plan_of, shown
from hubs.results.queries.grid import (
    Grid,
    GridCell,
    GridRow,
    lock_reason_of,
    month_chip,
    results_grid,
)
from hubs.results.queries.matrix import HubMonths, MatrixCell, submission_matrix
from hubs.results.queries.reports import export_rows, reports_in, visible_reports
from hubs.results.queries.totals import YearTotal, months_in_operation, year_totals

__all__ = [
    "Grid",
    "GridCell",
    "GridRow",
    "HubMonths",
    "MatrixCell",
    "ResultColumn",
    "YearTotal",
    "columns_for",
    "entry_of",
    "export_rows",
    "lock_reason_of",
    "month_chip",
    "months_in_operation",
    "plan_of",
    "reports_in",
    "results_grid",
    "shown",
    "submission_matrix",
    "visible_reports",
    "year_totals",
]
