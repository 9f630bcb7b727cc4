"""The acts on a term: prepare and start it, decide its parts, policy, rules, holidays."""

from hubs.terms.operations.deciding import change_part, decide_part, take_over
from hubs.terms.operations.holidays import add_holiday, correct_holiday, take_over_holidays
from hubs.terms.operations.opening import (
    FIRST_YEAR,
    LAST_YEAR,
    close_term,
    discard_term,
    open_term,
    prepare_term,
    start_term,
)
from hubs.terms.operations.policy import draft_policy, sign_policy, unsign_policy, write_draft
from hubs.terms.operations.registering import (
    begin_change,
    refuse_registered,
    register_rules,
    save_change,
    set_change_part,
    sign_change,
    withdraw_change,
)
from hubs.terms.queries import policy_hash, text_hash

__all__ = [
    "FIRST_YEAR",
    "LAST_YEAR",
    "add_holiday",
    "begin_change",
    "change_part",
    "close_term",
    "correct_holiday",
    "decide_part",
    "discard_term",
    "draft_policy",
    "open_term",
    "policy_hash",
    "prepare_term",
    "refuse_registered",
    "register_rules",
    "save_change",
    "set_change_part",
    "sign_change",
    "sign_policy",
    "start_term",
    "take_over",
    "take_over_holidays",
    "text_hash",
    "unsign_policy",
    "withdraw_change",
    "write_draft",
]
