"""Tables of a plan: targets and focus areas, the talk about it, its versions, their triggers."""

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
from hubs.plans.models.versions import GUARDS as VERSION_GUARDS
from hubs.plans.models.versions import (
    OPEN_AMENDMENTS,
    AmendmentState,
    PlanAmendment,
    PlanSubmission,
    PlanVersion,
    VersionKind,
)

GUARDS = [*PLAN_GUARDS, *TALK_GUARDS, *VERSION_GUARDS]

__all__ = [
    "GUARDS",
    "OPEN_AMENDMENTS",
    "AmendmentState",
    "CommentKind",
    "FocusArea",
    "InterviewAttendee",
    "PhasingMethod",
    "Plan",
    "PlanAmendment",
    "PlanComment",
    "PlanState",
    "PlanSubmission",
    "PlanVersion",
    "ProposalKind",
    "Side",
    "StartInterview",
    "Target",
    "TargetProposal",
    "VersionKind",
]
