"""Plans of a scope or term, with their content and their chip."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from hubs.network.models import Hub
from hubs.plans.models import OPEN_AMENDMENTS, Plan, PlanAmendment, PlanState, PlanVersion
from hubs.plans.queries.adequacy import open_flag_counts
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
    version: PlanVersion | None = None
    amendment: PlanAmendment | None = None
    targets: int = 0
    areas: int = 0
    open_flags: int | None = None

    @property
    def flag_count(self) -> int | None:
        """Flags of the target check: as kept at finalizing, before that as of this moment.

        None without targets, and for a plan fixed without a kept check.
        """
        if self.plan is None or self.plan.state != PlanState.FINALIZED:
            return self.open_flags
        if not self.plan.adequacy:
            return None
        return sum(bool(row["flag"]) for row in self.plan.adequacy)


def plan_list(scope: Scope, term: Term) -> list[HubPlan]:
    """All hubs of the scope with plan, last version and amendment on its way, in JIS order.

    Four queries however many hubs, eight more where a plan is still open, and none of them reads
    what the plans say.
    """
    plans = {plan.hub_id: plan for plan in plan_heads(scope, term, "adequacy")}
    versions = PlanVersion.objects.visible_to(scope).filter(plan__term=term)
    versions = versions.only("plan_id", "number", "effective_month", "content_hash", "finalized_at")
    last = {row.plan_id: row for row in versions.order_by("number")}
    asked = PlanAmendment.objects.visible_to(scope).filter(
        plan__term=term, state__in=OPEN_AMENDMENTS
    )
    open_ones = {row.plan_id: row for row in asked.only("plan_id", "number", "state")}
    flags = open_flag_counts(term, plans.values())
    found = []
    for hub in Hub.objects.visible_to(scope).select_related("bureau"):
        plan = plans.get(hub.pk)
        key = plan.pk if plan else 0
        counts = (getattr(plan, "target_count", 0), getattr(plan, "area_count", 0))
        rest = (last.get(key), open_ones.get(key), *counts, flags.get(key))
        found.append(HubPlan(hub, plan, *rest))
    return found


def plan_heads(scope: Scope, term: Term, *more: str) -> QuerySet[Plan]:
    """Plans with their state, interview, and the number of targets and areas; no texts.

    ``more`` names further columns. The counts are ``target_count`` and ``area_count``.
    """
    rows: QuerySet[Plan] = Plan.objects.visible_to(scope)
    return (
        rows.filter(term=term)
        .select_related("start_interview")
        .only("hub_id", "state", "return_reason", "start_interview__held_on", *more)
        .annotate(
            target_count=Count("targets", distinct=True),
            area_count=Count("focus_areas", distinct=True),
        )
    )


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
