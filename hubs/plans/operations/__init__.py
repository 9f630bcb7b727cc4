"""The acts on a plan: open, write, interview, submit, return, finalize."""

from hubs.plans.operations.deciding import (
    chiefs,
    finalize_plan,
    finalize_plans,
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
    save_plan,
    write_texts,
)
from hubs.plans.operations.interviewing import record_interview

__all__ = [
    "PlanConflict",
    "Saved",
    "chiefs",
    "clock_text",
    "finalize_plan",
    "finalize_plans",
    "open_plan",
    "record_interview",
    "return_plan",
    "save_plan",
    "submit_plan",
    "submit_plans",
    "tell",
    "write_texts",
]
