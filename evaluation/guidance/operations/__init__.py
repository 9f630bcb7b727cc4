"""Every write to guidance, one module per step of the way."""

from evaluation.guidance.operations.acting import (
    add_evidence,
    confirm_action,
    drop_action,
    finish_action,
    move_due,
    return_action,
)
from evaluation.guidance.operations.checking import (
    CheckpointValues,
    record_checkpoint,
    require_running,
    resume_case,
)
from evaluation.guidance.operations.deciding import (
    cancel_case,
    continue_case,
    raise_case,
    release_case,
)
from evaluation.guidance.operations.escalating import Escalated, escalate
from evaluation.guidance.operations.opening import Wanted, open_cases
from evaluation.guidance.operations.planning import (
    ActionValues,
    Overtaken,
    PlanValues,
    add_action,
    add_note,
    agree,
    change_action,
    replan,
    require_writable,
    save_plan,
    start,
)

__all__ = [
    "ActionValues",
    "CheckpointValues",
    "Escalated",
    "Overtaken",
    "PlanValues",
    "Wanted",
    "add_action",
    "add_evidence",
    "add_note",
    "agree",
    "cancel_case",
    "change_action",
    "confirm_action",
    "continue_case",
    "drop_action",
    "escalate",
    "finish_action",
    "move_due",
    "open_cases",
    "raise_case",
    "record_checkpoint",
    "release_case",
    "replan",
    "require_running",
    "require_writable",
    "resume_case",
    "return_action",
    "save_plan",
    "start",
]
