"""Pure rules of monthly figures, one module per subject."""

from hubs.results.rules.entry import (
    BLANK,
    MAX_VALUE,
    NOT_APPLICABLE,
    NOT_REPORTED,
    REPORTED,
    Entry,
    entry_text,
    is_improbable,
    logic_problems,
    read_entry,
)
from hubs.results.rules.months import (
    MIN_DAYS,
    hub_problem,
    is_over,
    last_day_of,
    month_problem,
    months_in_operation,
    open_days,
)

__all__ = [
    "BLANK",
    "MAX_VALUE",
    "MIN_DAYS",
    "NOT_APPLICABLE",
    "NOT_REPORTED",
    "REPORTED",
    "Entry",
    "entry_text",
    "hub_problem",
    "is_improbable",
    "is_over",
    "last_day_of",
    "logic_problems",
    "month_problem",
    "months_in_operation",
    "open_days",
    "read_entry",
]
