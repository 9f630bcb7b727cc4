"""The plan as a page and on paper."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hubs.plans import queries
from hubs.plans.flow import PLAN_FLOW
from hubs.plans.models import Plan, PlanState
from hubs.plans.views.frame import crumbs, get_plan, may_edit, reading
from yorozu.core import clock
from yorozu.core.access import allow, decide, scope_of
from yorozu.core.fiscal import nendo
from yorozu.core.marks import marks_for


@require_safe
@allow("hubs.plans.view")
def plan_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan with what may be done next."""
    scope = scope_of(request)
    plan = get_plan(scope, pk)
    offers = {row.action for row in PLAN_FLOW.offers(plan, scope)}
    context = reading(plan) | {
        "title": f"{plan.hub} {nendo(plan.term.fiscal_year)} 事業計画",
        "breadcrumbs": crumbs(plan.term, (str(plan.hub), None)),
        "steps": _steps(plan),
        "marks": marks_for("plans", scope, plan.hub_id, plan.term.fiscal_year),
        "may_edit": may_edit(plan, scope),
        "may_submit": "hubs.plans.submit" in offers,
        "may_return": "hubs.plans.return" in offers,
        "may_finalize": "hubs.plans.finalize" in offers,
        "may_interview": plan.state != PlanState.FINALIZED
        and decide(scope, "hubs.plans.record_interview", hub_id=plan.hub_id).allowed,
    }
    return render(request, "hubs/plans/detail.html", context)


def _steps(plan: Plan) -> list[dict[str, Any]]:
    """The paper's order ② to ⑤ (S75)."""
    has_interview = queries.interview_of(plan) is not None
    is_sent = plan.state in {PlanState.SUBMITTED, PlanState.FINALIZED}
    is_fixed = plan.state == PlanState.FINALIZED
    done = [
        ("計画と目標", bool(plan.business_plan) and len(plan.targets.all()) > 0),
        ("提出", is_sent),
        ("期初面談", has_interview),
        ("確定", is_fixed),
    ]
    first_open = next((label for label, is_done in done if not is_done), "")
    return [
        {"label": label, "url": "", "state": "", "done": is_done, "current": label == first_open}
        for label, is_done in done
    ]


@require_safe
@allow("hubs.plans.view")
def plan_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan on paper."""
    plan = get_plan(scope_of(request), pk)
    context = reading(plan) | {
        "title": f"{plan.hub} {nendo(plan.term.fiscal_year)} 事業計画",
        "back_url": reverse("plan_detail", args=[plan.pk]),
        "printed_on": clock.today(),
        "for_pdf": False,
    }
    return render(request, "hubs/plans/print.html", context)
