"""Reading plans: the list of a term, one plan as texts, as content for its hash, and as a chip."""

from hubs.plans.queries.adequacy import adequacy_facts, adequacy_of
from hubs.plans.queries.content import (
    attendees_of,
    interview_of,
    interview_texts,
    plan_content,
    plan_hash,
    warnings,
)
from hubs.plans.queries.force import (
    PlanInForce,
    amended_in_force,
    content_of,
    plan_in_force,
    plan_in_force_of,
    plans_in_force,
    targets_in_force,
    with_versions,
)
from hubs.plans.queries.listing import (
    CHIPS,
    HubPlan,
    plan_chip,
    plan_for,
    plan_heads,
    plan_list,
    visible_plans,
    visible_plans_of,
    with_content,
)
from hubs.plans.queries.texts import (
    challenge_text,
    draft_differences,
    plan_texts,
    without_spread_months,
)

__all__ = [
    "CHIPS",
    "HubPlan",
    "PlanInForce",
    "adequacy_facts",
    "adequacy_of",
    "amended_in_force",
    "attendees_of",
    "challenge_text",
    "content_of",
    "draft_differences",
    "interview_of",
    "interview_texts",
    "plan_chip",
    "plan_content",
    "plan_for",
    "plan_hash",
    "plan_heads",
    "plan_in_force",
    "plan_in_force_of",
    "plan_list",
    "plan_texts",
    "plans_in_force",
    "targets_in_force",
    "visible_plans",
    "visible_plans_of",
    "warnings",
    "with_content",
    "with_versions",
    "without_spread_months",
]
