"""The acts on monthly results, one module per subject."""

from hubs.results.operations.entry import Entered, MonthConflict, enter_month, open_months
from hubs.results.operations.ledger import ready_month, take_over
from hubs.results.operations.steps import (
    accept_month,
    accept_months,
    confirm_month,
    confirm_months,
    return_month,
    submit_month,
    submit_months,
)

__all__ = [
    "Entered",
    "MonthConflict",
    "accept_month",
    "accept_months",
    "confirm_month",
    "confirm_months",
    "enter_month",
    "open_months",
    "ready_month",
    "return_month",
    "submit_month",
    "submit_months",
    "take_over",
]
