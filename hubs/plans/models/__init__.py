"""Tables of a plan: the plan with targets and focus areas, and the triggers that hold them."""

from hubs.plans.models.plan import GUARDS as PLAN_GUARDS
from hubs.plans.models.plan import FocusArea, Plan, PlanState, StartInterview, Target

GUARDS = [*PLAN_GUARDS]

__all__ = ["GUARDS", "FocusArea", "Plan", "PlanState", "StartInterview", "Target"]
