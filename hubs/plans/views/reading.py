"""The plan as a page and on paper."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hubs.plans import queries
from hubs.plans.flow import PLAN_FLOW
from hubs.plans.models import Plan, PlanState
from hubs.plans.queries.amending import open_amendment_of
from hubs.plans.queries.editions import current_edition
from hubs.plans.views.frame import crumbs, get_plan, may_amend, may_edit, reading
from hubs.plans.views.paper import pdf_file, print_page
from yorozu.core.access import allow, decide, scope_of
from yorozu.core.fiscal import nendo
from yorozu.core.marks import marks_for
from yorozu.core.pdf import pdf_available


@require_safe
@allow("hubs.plans.view")
def plan_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan with what may be done next."""
    scope = scope_of(request)
    plan = get_plan(scope, pk)
    offers = {row.action for row in PLAN_FLOW.offers(plan, scope)}
    context = reading(plan, scope) | {
        "title": f"{plan.hub} {nendo(plan.term.fiscal_year)} 事業計画",
        "breadcrumbs": crumbs(plan.term, (str(plan.hub), None)),
        "steps": _steps(plan),
        "marks": marks_for("plans", scope, plan.hub_id, plan.term.fiscal_year),
        "pdf_problem": pdf_available(),
        "changed_since": _changed_since(plan),
        "open_amendment": open_amendment_of(plan),
        "may_amend": may_amend(plan, scope),
        "may_edit": may_edit(plan, scope),
        "may_submit": "hubs.plans.submit" in offers,
        "may_return": "hubs.plans.return" in offers,
        "may_finalize": "hubs.plans.finalize" in offers,
        "may_interview": plan.state != PlanState.FINALIZED
        and decide(scope, "hubs.plans.record_interview", hub_id=plan.hub_id).allowed,
    }
    return render(request, "hubs/plans/detail.html", context)


def _changed_since(plan: Plan) -> int:
    """Number of the submission to compare with while the plan is on its way; 0 when none."""
    if plan.state == PlanState.FINALIZED:
        return 0
    sent = plan.submissions.count()
    return sent - 1 if plan.state == PlanState.SUBMITTED else sent


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
    """The plan on paper: its last version, or the text as it stands."""
    scope = scope_of(request)
    plan = get_plan(scope, pk)
    edition = current_edition(plan)
    return print_page(request, edition, scope, reverse("plan_detail", args=[plan.pk]))


@require_safe
@allow("hubs.plans.view")
def plan_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as PDF form."""
    scope = scope_of(request)
    return pdf_file(current_edition(get_plan(scope, pk)), scope)
