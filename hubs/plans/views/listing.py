"""The plans of a term: one row per hub, begin one, finalize many."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.network.models import Hub
from hubs.plans import operations, queries
from hubs.plans.flow import missing_for
from hubs.plans.forms import BulkForm
from hubs.plans.models import PlanState
from hubs.plans.tables.overview import FILE_HEADER, overview_rows, overview_table
from hubs.plans.views.frame import crumbs, linked
from hubs.terms.models import Term
from yorozu.core.access import Scope, allow, decide, scope_of
from yorozu.core.fiscal import nendo
from yorozu.core.pdf import pdf_available
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.downloads import sheet_file
from yorozu.core.web.kept import keep


@require_safe
@allow("hubs.plans.view")
def plan_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Plans of a term, one row per hub of the scope."""
    scope, term = scope_of(request), get_object_or_404(Term, pk=pk)
    sort = request.GET.get("sort", "")
    context = {
        "title": f"{nendo(term.fiscal_year)} 事業計画",
        "breadcrumbs": [*crumbs(term)[:-1], Crumb("事業計画")],
        "term": term,
        "kept": keep(request, partial(_list_content, scope, term, sort)),
    }
    return render(request, "hubs/plans/list.html", context)


def _list_content(scope: Scope, term: Term, sort: str) -> dict[str, Any]:
    found = queries.plan_list(scope, term)
    may_begin = decide(scope, "hubs.plans.edit").allowed
    return {
        "table": overview_table(found, term.fiscal_year).sorted_by(sort),
        "to_begin": [row.hub for row in found if row.plan is None] if may_begin else [],
        "may_finalize": decide(scope, "hubs.plans.finalize").allowed,
        "may_make_forms": decide(scope, "hubs.plans.make_forms").allowed
        and any(row.plan for row in found),
        "pdf_problem": pdf_available(),
        "waiting": sum(row.amendment is not None for row in found),
    }


@require_safe
@allow("hubs.plans.view")
def plan_export(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The same list as CSV or XLSX."""
    scope, term = scope_of(request), get_object_or_404(Term, pk=pk)
    return sheet_file(
        request,
        kind=kind,
        name=f"{nendo(term.fiscal_year)}_事業計画一覧",
        header=FILE_HEADER,
        rows=overview_rows(queries.plan_list(scope, term)),
    )


@require_POST
@allow("hubs.plans.make_forms")
def plan_forms_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the PDF forms of all plans in the scope as one ZIP and show its progress."""
    term = get_object_or_404(Term, pk=pk)
    job = operations.start_forms(actor=scope_of(request), term=term)
    return redirect("job_detail", job.pk)


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
