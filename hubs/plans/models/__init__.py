"""Tables of a plan: the plan with targets and focus areas, the talk about it, their triggers."""

from hubs.plans.models.plan import GUARDS as PLAN_GUARDS
from hubs.plans.models.plan import (
    FocusArea,
    PhasingMethod,
    Plan,
    PlanState,
    StartInterview,
    Target,
)
from hubs.plans.models.talk import GUARDS as TALK_GUARDS
from hubs.plans.models.talk import (
    CommentKind,
    InterviewAttendee,
    PlanComment,
    ProposalKind,
    Side,
    TargetProposal,
)

GUARDS = [*PLAN_GUARDS, *TALK_GUARDS]

__all__ = [
    "GUARDS",
    "CommentKind",
    "FocusArea",
    "InterviewAttendee",
    "PhasingMethod",
    "Plan",
    "PlanComment",
    "PlanState",
    "ProposalKind",
    "Side",
    "StartInterview",
    "Target",
    "TargetProposal",
]
