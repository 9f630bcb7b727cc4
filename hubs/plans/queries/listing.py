"""Plans of a scope or term, with their content and their chip."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from hubs.network.models import Hub
from hubs.plans.models import Plan, PlanState
from hubs.plans.queries.content import CONTENT_JOINS, CONTENT_ROWS
from hubs.terms.models import Term
from yorozu.core.access import Scope
from yorozu.core.web.chips import Chip, Status

CHIPS = {
    PlanState.DRAFT: Status.DRAFT,
    PlanState.SUBMITTED: Status.SUBMITTED,
    PlanState.RETURNED: Status.RETURNED,
    PlanState.FINALIZED: Status.FINALIZED,
}

# The content, and what the steps and pages of a plan read besides.
ALL_ROWS = (*CONTENT_ROWS, "comments", "term__policies", "hub__contracts")


def plan_chip(plan: Plan | None) -> Chip:
    """The state of a plan as a chip; 未着手 while there is none."""
    return Chip(CHIPS[PlanState(plan.state)]) if plan else Chip(Status.NOT_STARTED)


def visible_plans(scope: Scope) -> QuerySet[Plan]:
    """Plans of the scope with everything a page or a hash reads, without a query per row."""
    rows: QuerySet[Plan] = Plan.objects.visible_to(scope)
    return rows.select_related(*CONTENT_JOINS).prefetch_related(*ALL_ROWS)


@dataclass(frozen=True)
class HubPlan:
    """One row of the list of a term: a hub and its plan, if there is one."""

    hub: Hub
    plan: Plan | None


def plan_list(scope: Scope, term: Term) -> list[HubPlan]:
    """All hubs of the scope with their plan of the term, in JIS order."""
    plans = {plan.hub_id: plan for plan in visible_plans(scope).filter(term=term)}
    hubs = Hub.objects.visible_to(scope).select_related("bureau")
    return [HubPlan(hub, plans.get(hub.pk)) for hub in hubs]


def plan_for(hub: Hub, term: Term) -> Plan | None:
    """The plan of one hub and term."""
    return Plan.objects.filter(hub=hub, term=term).first()


def with_content(plan: Plan) -> Plan:
    """The plan read anew with its targets, focus areas and interview."""
    return visible_plans_of([plan.pk])[0]


def visible_plans_of(pks: Sequence[int]) -> list[Plan]:
    """Plans by key with their content (for operations, which have checked the rights)."""
    return list(
        Plan.objects.filter(pk__in=pks)
        .select_related(*CONTENT_JOINS)
        .prefetch_related(*ALL_ROWS)
        .order_by("hub__code")
    )
