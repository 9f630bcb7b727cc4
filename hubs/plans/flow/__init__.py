"""States and steps of this slice: the plan and its amendments."""

from hubs.plans.flow.amendment import AMENDABLE, AMENDMENT_FLOW
from hubs.plans.flow.plan import (
    EDITABLE,
    PLAN_FLOW,
    areas_of,
    challenges_are_approved,
    comments_are_answered,
    content_is_complete,
    interview_is_recorded,
    missing_for,
    policy_is_published,
    term_is_open,
    threads_of,
)

__all__ = [
    "AMENDABLE",
    "AMENDMENT_FLOW",
    "EDITABLE",
    "PLAN_FLOW",
    "areas_of",
    "challenges_are_approved",
    "comments_are_answered",
    "content_is_complete",
    "interview_is_recorded",
    "missing_for",
    "policy_is_published",
    "term_is_open",
    "threads_of",
]
