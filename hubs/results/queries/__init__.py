"""Reading results, one module per subject."""

from hubs.results.queries.asides import Aside, correction_chip
from hubs.results.queries.changes import Changes, changes_since_acceptance
from hubs.results.queries.columns import ResultColumn, columns_for, entry_of, plan_of, shown
from hubs.results.queries.drift import LedgerDrift, beside_ledger, ledger_drift
from hubs.results.queries.figures import MonthFigure, month_figures
from hubs.results.queries.grid import (
    Grid,
    GridCell,
    GridRow,
    lock_reason_of,
    month_chip,
    results_grid,
)
from hubs.results.queries.matrix import HubMonths, MatrixCell, Need, need_of, submission_matrix
from hubs.results.queries.reminding import LateMonth, late_months
from hubs.results.queries.reports import (
    ReportLine,
    export_rows,
    report_lines,
    reports_in,
    visible_reports,
)
from hubs.results.queries.totals import YearTotal, months_in_operation, year_totals

__all__ = [
    "Aside",
    "Changes",
    "Grid",
    "GridCell",
    "GridRow",
    "HubMonths",
    "LateMonth",
    "LedgerDrift",
    "MatrixCell",
    "MonthFigure",
    "Need",
    "ReportLine",
    "ResultColumn",
    "YearTotal",
    "beside_ledger",
    "changes_since_acceptance",
    "columns_for",
    "correction_chip",
    "entry_of",
    "export_rows",
    "late_months",
    "ledger_drift",
    "lock_reason_of",
    "month_chip",
    "month_figures",
    "months_in_operation",
    "need_of",
    "plan_of",
    "report_lines",
    "reports_in",
    "results_grid",
    "shown",
    "submission_matrix",
    "visible_reports",
    "year_totals",
]
