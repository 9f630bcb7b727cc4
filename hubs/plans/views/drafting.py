"""The edit page with autosave and the conflict page."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from hubs.plans import operations, queries
from hubs.plans.flow import EDITABLE
from hubs.plans.forms import EditField, EditPage, field_of, moves_months, sends_of, typed_values
from hubs.plans.models import Plan
from hubs.plans.operations import PlanConflict, Saved
from hubs.plans.queries.beside import LastYear, last_year, newer_figures
from hubs.plans.queries.seasons import open_months
from hubs.plans.rules import field_label
from hubs.plans.views.figures import figure_table, industry_chart
from hubs.plans.views.frame import crumbs, get_plan, open_threads, plan_crumb, version_of
from yorozu.core import clock
from yorozu.core.access import allow, scope_of
from yorozu.core.errors import NotReady


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.plans.edit")
def plan_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit form; without JavaScript this POST saves, with it every change is saved on the way."""
    scope = scope_of(request)
    plan = get_plan(scope, pk)
    if request.method != "POST":
        return _edit_page(request, plan, _stored_problems(plan))
    try:
        saved = operations.save_plan(
            actor=scope,
            plan=plan,
            values=typed_values(request.POST),
            version=version_of(request),
        )
    except PlanConflict as conflict:
        return _conflict_page(request, conflict)
    if saved.problems:
        return _edit_page(request, saved.plan, saved.problems, status=422)
    messages.success(request, "事業計画を保存しました。内容を確認して提出してください。")
    return redirect("plan_detail", pk=plan.pk)


@require_POST
@allow("hubs.plans.edit")
def plan_renew_figures(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the newer public figures into the plan."""
    scope = scope_of(request)
    plan = get_plan(scope, pk)
    operations.renew_figures(actor=scope, plan=plan)
    messages.success(request, "地域の数値を新しいものにしました。分析の文章も見直してください。")
    return redirect(f"{reverse('plan_edit', args=[plan.pk])}#regional_figures")


def _stored_problems(plan: Plan) -> Mapping[str, str]:
    return operations.problems_of(plan, queries.plan_texts(plan))


def _page_of(
    plan: Plan, problems: Mapping[str, str], before: LastYear, facts: Sequence[Mapping[str, Any]]
) -> EditPage:
    return EditPage(
        plan,
        queries.plan_texts(plan),
        problems,
        is_open=open_months(plan.hub, plan.term.fiscal_year),
        before=before.texts,
        facts={row["code"]: row for row in facts},
    )


def _edit_page(
    request: HttpRequest, plan: Plan, problems: Mapping[str, str], status: int = 200
) -> HttpResponse:
    if plan.state not in EDITABLE:
        message = f"事業計画は現在「{plan.get_state_display()}」のため、変更できません。"
        raise NotReady(message)
    before = last_year(plan)
    page = _page_of(plan, problems, before, queries.adequacy_of(plan))
    context = {
        "title": f"{plan.hub} 事業計画の作成",
        "breadcrumbs": crumbs(plan.term, plan_crumb(plan), ("作成", None)),
        "plan": plan,
        "page": page,
        "faults": [one for one in page.all_fields() if one.problem],
        "has_errors": bool(problems),
        "autosave_url": reverse("plan_autosave", args=[plan.pk]),
        "before": before,
        "is_beside": bool(request.GET.get("beside")) and before.plan is not None,
        "figures": figure_table(plan),
        "chart": industry_chart(plan),
        "newer": newer_figures(plan),
        "threads": open_threads(plan),
    }
    return render(request, "hubs/plans/edit.html", context, status=status)


def _labels(plan: Plan) -> dict[str, str]:
    return {indicator.code: indicator.name for indicator in plan.term.indicators.all()}


def _differences(plan: Plan, differences: Sequence[tuple[str, str, str]]) -> list[dict[str, str]]:
    names = _labels(plan)
    return [
        {
            "name": name,
            "label": field_label(name, names),
            "theirs": theirs,
            "mine": mine,
            "sends": sends_of(name),
        }
        for name, theirs, mine in differences
    ]


def _conflict_page(request: HttpRequest, conflict: PlanConflict) -> HttpResponse:
    plan = conflict.plan
    context = {
        "title": "他の人が先に更新しました",
        "breadcrumbs": crumbs(plan.term, plan_crumb(plan), ("入力の確認", None)),
        "edit_url": reverse("plan_edit", args=[plan.pk]),
        "version": plan.version,
        "message": conflict.message,
        "differences": _differences(plan, conflict.differences),
        "has_errors": True,
    }
    return render(request, "conflict.html", context, status=409)


@require_POST
@allow("hubs.plans.edit")
def plan_autosave(request: HttpRequest, pk: int) -> HttpResponse:
    """One change on the way: 200 saved, 422 kept but to be checked, 409 both texts (ui.md 2.2)."""
    scope = scope_of(request)
    plan = get_plan(scope, pk)
    name = field_of(request.headers.get("HX-Trigger-Name", ""))
    try:
        saved = operations.save_plan(
            actor=scope,
            plan=plan,
            values=typed_values(request.POST),
            version=version_of(request),
        )
    except PlanConflict as conflict:
        found = _differences(conflict.plan, conflict.differences)
        context = {
            "plan": conflict.plan,
            "message": conflict.message,
            "difference": next((row for row in found if row["name"] == name), found[0]),
            "version": conflict.plan.version,
        }
        return render(request, "hubs/plans/_conflict.html", context, status=409)
    return _saved_fragment(request, saved, name)


def _saved_fragment(request: HttpRequest, saved: Saved, name: str) -> HttpResponse:
    problem = saved.problems.get(name, "")
    context = {
        "plan": saved.plan,
        "problem": problem,
        "at": clock.now(),
        "months": _months_after(saved, name),
        "autosave_url": reverse("plan_autosave", args=[saved.plan.pk]),
    }
    response = render(request, "hubs/plans/_saved.html", context, status=422 if problem else 200)
    if request.POST.get("reload"):
        # After a conflict the other fields of the page are old: show the plan as it stands.
        response["HX-Refresh"] = "true"
    return response


def _months_after(saved: Saved, name: str) -> EditField | None:
    """The months that moved with a target, to be drawn anew; never those being typed."""
    if not moves_months(name):
        return None
    found = _page_of(saved.plan, saved.problems, LastYear(), ()).months_of(name)
    is_typed = found is not None and found.name == name and bool(found.value)
    return None if is_typed else found
