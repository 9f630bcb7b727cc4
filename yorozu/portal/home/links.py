"""Addresses that home, matrix and record lead to, as far as the scope may open them."""

from django.urls import reverse

from hubs.network.models import Hub
from hubs.plans.models import Plan, PlanState
from hubs.terms.models import Term
from yorozu.core.access import Role, Scope, decide
from yorozu.core.web.addresses import addresses, code_addresses


def plan_url(scope: Scope, term: Term, plan: Plan | None) -> str:
    """The plan, or the list of the term where one is begun."""
    if not decide(scope, "hubs.plans.view").allowed:
        return ""
    if plan is None:
        return reverse("plan_list", args=[term.pk])
    # The bureau's turn begins with reading and commenting.
    is_turn = scope.role == Role.BUREAU and plan.state == PlanState.SUBMITTED
    return addresses("plan_review" if is_turn else "plan_detail")(plan.pk)


def grid_url(scope: Scope, hub: Hub, term: Term) -> str:
    """The monthly grid of a hub."""
    if not decide(scope, "hubs.results.view").allowed:
        return ""
    return addresses("results_grid", term.pk)(hub.pk)


def run_url(scope: Scope, run_id: int, hub: Hub | None = None) -> str:
    """The run, or the judgement of one hub in it."""
    if not decide(scope, "evaluation.scoring.view").allowed:
        return ""
    if hub is None:
        return reverse("run_detail", args=[run_id])
    return code_addresses("run_hub", run_id)(hub.code)


def record_url(hub: Hub) -> str:
    """拠点カルテ by year."""
    return code_addresses("hub_record")(hub.code)
