"""Tables of this slice, one module per subject."""

from hubs.results.models.monthly import (
    GUARDS,
    MonthlyReport,
    MonthlyResult,
    ReportState,
    ValueState,
)

__all__ = ["GUARDS", "MonthlyReport", "MonthlyResult", "ReportState", "ValueState"]
