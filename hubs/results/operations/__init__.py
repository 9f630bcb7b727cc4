"""The acts on monthly results, one module per subject."""

from hubs.results.operations.corrections import (
    Wanted,
    accept_correction,
    confirm_correction,
    decline_correction,
    refuse_correction,
    request_correction,
    require_correctable,
    withdraw_correction,
)
from hubs.results.operations.entry import Entered, MonthConflict, enter_month, open_months
from hubs.results.operations.ledger import ready_month, take_over
from hubs.results.operations.papers import start_compilation
from hubs.results.operations.reminders import send_reminders
from hubs.results.operations.steps import (
    accept_month,
    accept_months,
    answer_remarks,
    confirm_month,
    confirm_months,
    return_month,
    submit_month,
    submit_months,
    withdraw_month,
)

__all__ = [
    "Entered",
    "MonthConflict",
    "Wanted",
    "accept_correction",
    "accept_month",
    "accept_months",
    "answer_remarks",
    "confirm_correction",
    "confirm_month",
    "confirm_months",
    "decline_correction",
    "enter_month",
    "open_months",
    "ready_month",
    "refuse_correction",
    "request_correction",
    "require_correctable",
    "return_month",
    "send_reminders",
    "start_compilation",
    "submit_month",
    "submit_months",
    "take_over",
    "withdraw_correction",
    "withdraw_month",
]
