"""Every write of the hearings: checklists, evaluators, panels, scores, findings, initiatives."""

from evaluation.hearings.operations.checklists import (
    adopt_checklist,
    default_items,
    lock_checklist,
)
from evaluation.hearings.operations.evaluators import (
    DeclaredInterest,
    add_evaluator,
    declare_interest,
    retire_evaluator,
    sign_declaration,
    waive_block,
)
from evaluation.hearings.operations.findings import (
    Proof,
    add_evidence,
    decide_not_applicable,
    propose_not_applicable,
    remove_evidence,
)
from evaluation.hearings.operations.initiatives import (
    InitiativeConflict,
    add_file,
    clear_initiative,
    remove_file,
    save_initiative,
    why_closed,
)
from evaluation.hearings.operations.panels import (
    Appointment,
    appoint_chair,
    open_scoring,
    prepare_hearings,
    reopen_scoring,
    schedule_hearing,
    seat_evaluator,
    set_appointment,
    unschedule_hearing,
    unseat_evaluator,
)
from evaluation.hearings.operations.scoring import (
    Mark,
    RatingConflict,
    lock_scores,
    save_mark,
    settle_hearing,
)

__all__ = [
    "Appointment",
    "DeclaredInterest",
    "InitiativeConflict",
    "Mark",
    "Proof",
    "RatingConflict",
    "add_evaluator",
    "add_evidence",
    "add_file",
    "adopt_checklist",
    "appoint_chair",
    "clear_initiative",
    "decide_not_applicable",
    "declare_interest",
    "default_items",
    "lock_checklist",
    "lock_scores",
    "open_scoring",
    "prepare_hearings",
    "propose_not_applicable",
    "remove_evidence",
    "remove_file",
    "reopen_scoring",
    "retire_evaluator",
    "save_initiative",
    "save_mark",
    "schedule_hearing",
    "seat_evaluator",
    "set_appointment",
    "settle_hearing",
    "sign_declaration",
    "unschedule_hearing",
    "unseat_evaluator",
    "waive_block",
    "why_closed",
]
