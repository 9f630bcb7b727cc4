"""The acts on a plan: open, write, talk about it, interview, submit, return, finalize."""

from hubs.plans.operations.amending import (
    AmendmentConflict,
    AmendmentSaved,
    approve_amendment,
    open_amendment,
    refuse_amendment,
    return_amendment,
    save_amendment,
    submit_amendment,
    withdraw_amendment,
)
from hubs.plans.operations.commenting import add_comment, answer_comment, follow_comment
from hubs.plans.operations.deciding import (
    chiefs,
    finalize_plan,
    finalize_plans,
    officers,
    return_plan,
    submit_plan,
    submit_plans,
    tell,
)
from hubs.plans.operations.drafting import (
    PlanConflict,
    Saved,
    clock_text,
    open_plan,
    renew_figures,
    save_plan,
)
from hubs.plans.operations.forms import start_forms
from hubs.plans.operations.interviewing import (
    Approvals,
    approve_challenges,
    record_interview,
    write_interview,
)
from hubs.plans.operations.negotiating import accept_value, propose_value, rounds_of, side_of
from hubs.plans.operations.writing import problems_of, write_texts

__all__ = [
    "AmendmentConflict",
    "AmendmentSaved",
    "Approvals",
    "PlanConflict",
    "Saved",
    "accept_value",
    "add_comment",
    "answer_comment",
    "approve_amendment",
    "approve_challenges",
    "chiefs",
    "clock_text",
    "finalize_plan",
    "finalize_plans",
    "follow_comment",
    "officers",
    "open_amendment",
    "open_plan",
    "problems_of",
    "propose_value",
    "record_interview",
    "refuse_amendment",
    "renew_figures",
    "return_amendment",
    "return_plan",
    "rounds_of",
    "save_amendment",
    "save_plan",
    "side_of",
    "start_forms",
    "submit_amendment",
    "submit_plan",
    "submit_plans",
    "tell",
    "withdraw_amendment",
    "write_interview",
    "write_texts",
]
