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
from hubs.results.rules.plausibility import (
    HISTORY_MONTHS,
    heaping_p,
    is_heaped,
    is_jump,
    is_same_run,
    robust_z,
)

__all__ = [
    "BLANK",
    "HISTORY_MONTHS",
    "MAX_VALUE",
    "MIN_DAYS",
    "NOT_APPLICABLE",
    "NOT_REPORTED",
    "REPORTED",
    "Entry",
    "entry_text",
    "heaping_p",
    "hub_problem",
    "is_heaped",
    "is_improbable",
    "is_jump",
    "is_over",
    "is_same_run",
    "last_day_of",
    "logic_problems",
    "month_problem",
    "months_in_operation",
    "open_days",
    "read_entry",
    "robust_z",
]
