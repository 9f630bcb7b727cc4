"""Reading plans: the list of a term, one plan as texts, as content for its hash, and as a chip."""

from hubs.plans.queries.content import (
    interview_of,
    interview_texts,
    plan_content,
    plan_hash,
    warnings,
)
from hubs.plans.queries.listing import (
    CHIPS,
    HubPlan,
    plan_chip,
    plan_for,
    plan_list,
    visible_plans,
    visible_plans_of,
    with_content,
)
from hubs.plans.queries.texts import challenge_text, draft_differences, plan_texts

__all__ = [
    "CHIPS",
    "HubPlan",
    "challenge_text",
    "draft_differences",
    "interview_of",
    "interview_texts",
    "plan_chip",
    "plan_content",
    "plan_for",
    "plan_hash",
    "plan_list",
    "plan_texts",
    "visible_plans",
    "visible_plans_of",
    "warnings",
    "with_content",
]
