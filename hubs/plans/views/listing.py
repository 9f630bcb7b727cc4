"""The plans of a term: one row per hub, begin one, finalize many."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.network.models import Hub
from hubs.plans import operations, queries
from hubs.plans.flow import missing_for
from hubs.plans.forms import BulkForm
from hubs.plans.models import Plan, PlanState
from hubs.plans.views.frame import crumbs, linked
from hubs.terms.models import Term
from yorozu.core.access import allow, decide, scope_of
from yorozu.core.fiscal import nendo
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.tables import Cell, Column, Table

COLUMNS = (
    Column("code", "コード", header=True),
    Column("hub", "拠点", header=True, sort=True),
    Column("bureau", "経済産業局", sort=True),
    Column("state", "状態", sort=True),
    Column("targets", "数値目標", numeric=True, unit="個"),
    Column("areas", "重点分野", numeric=True, unit="個"),
    Column("interview", "期初面談"),
)


@require_safe
@allow("hubs.plans.view")
def plan_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Plans of a term, one row per hub of the scope."""
    scope, term = scope_of(request), get_object_or_404(Term, pk=pk)
    found = queries.plan_list(scope, term)
    table = Table(
        caption=f"事業計画（{nendo(term.fiscal_year)}）",
        columns=COLUMNS,
        rows=[_list_row(row.hub, row.plan) for row in found],
        sticky=True,
    ).sorted_by(request.GET.get("sort", ""))
    may_begin = decide(scope, "hubs.plans.edit").allowed
    context = {
        "title": f"{nendo(term.fiscal_year)} 事業計画",
        "breadcrumbs": [*crumbs(term)[:-1], Crumb("事業計画")],
        "term": term,
        "table": table,
        "to_begin": [row.hub for row in found if row.plan is None] if may_begin else [],
        "may_finalize": decide(scope, "hubs.plans.finalize").allowed,
    }
    return render(request, "hubs/plans/list.html", context)


def _list_row(hub: Hub, plan: Plan | None) -> dict[str, Any]:
    row = {
        "code": hub.code,
        "hub": Cell(hub.name, sort_key=hub.code),
        "bureau": Cell(hub.bureau.name, sort_key=hub.bureau.order),
        "state": queries.plan_chip(plan),
    }
    if plan is None:
        return row
    interview = queries.interview_of(plan)
    url = reverse("plan_detail", args=[plan.pk])
    return row | {
        "hub": Cell(hub.name, url=url, sort_key=hub.code),
        "targets": len(plan.targets.all()),
        "areas": len(plan.focus_areas.all()),
        "interview": interview.held_on if interview else "",
    }


@require_POST
@allow("hubs.plans.edit")
def plan_open(request: HttpRequest, pk: int, hub_pk: int) -> HttpResponse:
    """Begin the plan of one's own hub."""
    scope, term = scope_of(request), get_object_or_404(Term, pk=pk)
    hub = get_object_or_404(Hub.objects.visible_to(scope), pk=hub_pk)
    plan = operations.open_plan(actor=scope, hub=hub, term=term)
    return redirect("plan_edit", pk=plan.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.plans.finalize")
def plan_finalize_many(request: HttpRequest, pk: int) -> HttpResponse:
    """まとめて確定: the submitted plans of the scope, the ready ones ticked."""
    scope, term = scope_of(request), get_object_or_404(Term, pk=pk)
    plans = list(queries.visible_plans(scope).filter(term=term, state=PlanState.SUBMITTED))
    rows = [
        (plan, linked(plan, missing_for(plan, "hubs.plans.finalize", scope), scope))
        for plan in plans
    ]
    ready = [plan for plan, missing in rows if not missing]
    form = BulkForm(
        request.POST if request.method == "POST" else None,
        choices=[(plan.pk, str(plan.hub)) for plan in ready],
    )
    if request.method == "POST" and form.is_valid():
        chosen = [plan for plan in ready if plan.pk in form.cleaned_data["plans"]]
        done = operations.finalize_plans(actor=scope, term=term, plans=chosen)
        messages.success(request, f"{len(done)}拠点の事業計画を確定しました。")
        return redirect("plan_list", pk=term.pk)
    context = {
        "title": "事業計画をまとめて確定",
        "breadcrumbs": crumbs(term, ("まとめて確定", None)),
        "term": term,
        "rows": rows,
        "ready_count": len(ready),
        "form": form,
        "faults": form.errors.get("plans", []),
    }
    status = 422 if form.errors else 200
    return render(request, "hubs/plans/finalize_many.html", context, status=status)
