"""Screens of the plan: list, page and print, edit with autosave, check, interview, decisions."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.network.models import Hub
from hubs.plans import operations, queries
from hubs.plans.flow import EDITABLE, PLAN_FLOW, missing_for
from hubs.plans.forms import BulkForm, EditPage, InterviewForm, ReturnForm
from hubs.plans.models import Plan, PlanState
from hubs.plans.operations import PlanConflict, Saved
from hubs.plans.rules import field_label, is_small_target, read_plan
from hubs.terms.models import Term
from yorozu.core import clock
from yorozu.core.access import Scope, allow, decide, scope_of
from yorozu.core.errors import Missing, NotReady
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


def _crumbs(term: Term, *steps: tuple[str, str | None]) -> list[Crumb]:
    name = nendo(term.fiscal_year)
    return [
        Crumb("ホーム", "/"),
        Crumb(f"{name}の期", reverse("term_detail", args=[term.pk])),
        Crumb("事業計画", reverse("plan_list", args=[term.pk])),
        *(Crumb(label, url) for label, url in steps),
    ]


def _plan_crumb(plan: Plan) -> tuple[str, str]:
    return str(plan.hub), reverse("plan_detail", args=[plan.pk])


def _get(scope: Scope, pk: int) -> Plan:
    return get_object_or_404(queries.visible_plans(scope), pk=pk)


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
        "breadcrumbs": [*_crumbs(term)[:-1], Crumb("事業計画")],
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


@require_safe
@allow("hubs.plans.view")
def plan_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan with what may be done next."""
    scope = scope_of(request)
    plan = _get(scope, pk)
    offers = {row.action for row in PLAN_FLOW.offers(plan, scope)}
    context = _reading(plan) | {
        "title": f"{plan.hub} {nendo(plan.term.fiscal_year)} 事業計画",
        "breadcrumbs": _crumbs(plan.term, (str(plan.hub), None)),
        "steps": _steps(plan),
        "may_edit": _may_edit(plan, scope),
        "may_submit": "hubs.plans.submit" in offers,
        "may_return": "hubs.plans.return" in offers,
        "may_finalize": "hubs.plans.finalize" in offers,
        "may_interview": plan.state != PlanState.FINALIZED
        and decide(scope, "hubs.plans.record_interview", hub_id=plan.hub_id).allowed,
    }
    return render(request, "hubs/plans/detail.html", context)


def _reading(plan: Plan) -> dict[str, Any]:
    """What the page, the print view and the check pages show alike."""
    return {
        "plan": plan,
        "chip": queries.plan_chip(plan),
        "targets": list(plan.targets.all()),
        "areas": [(area, is_small_target(area.target)) for area in plan.focus_areas.all()],
        "interview": queries.interview_of(plan),
        "warnings": queries.warnings(plan),
    }


def _may_edit(plan: Plan, scope: Scope) -> bool:
    return plan.state in EDITABLE and decide(scope, "hubs.plans.edit", hub_id=plan.hub_id).allowed


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
    plan = _get(scope_of(request), pk)
    context = _reading(plan) | {
        "title": f"{plan.hub} {nendo(plan.term.fiscal_year)} 事業計画",
        "back_url": reverse("plan_detail", args=[plan.pk]),
        "printed_on": clock.today(),
        "for_pdf": False,
    }
    return render(request, "hubs/plans/print.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.plans.edit")
def plan_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit form; without JavaScript this POST saves, with it every change is saved on the way."""
    scope = scope_of(request)
    plan = _get(scope, pk)
    if request.method != "POST":
        return _edit_page(request, plan, _stored_problems(plan))
    try:
        saved = operations.save_plan(
            actor=scope, plan=plan, values=request.POST.dict(), version=_version(request)
        )
    except PlanConflict as conflict:
        return _conflict_page(request, conflict)
    if saved.problems:
        return _edit_page(request, saved.plan, saved.problems, status=422)
    messages.success(request, "事業計画を保存しました。内容を確認して提出してください。")
    return redirect("plan_detail", pk=plan.pk)


def _stored_problems(plan: Plan) -> Mapping[str, str]:
    codes = [indicator.code for indicator in plan.term.indicators.all()]
    return read_plan(queries.plan_texts(plan), codes).problems


def _version(request: HttpRequest) -> int:
    typed = request.POST.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _edit_page(
    request: HttpRequest, plan: Plan, problems: Mapping[str, str], status: int = 200
) -> HttpResponse:
    if plan.state not in EDITABLE:
        message = f"事業計画は現在「{plan.get_state_display()}」のため、変更できません。"
        raise NotReady(message)
    page = EditPage(list(plan.term.indicators.all()), queries.plan_texts(plan), problems)
    context = {
        "title": f"{plan.hub} 事業計画の作成",
        "breadcrumbs": _crumbs(plan.term, _plan_crumb(plan), ("作成", None)),
        "plan": plan,
        "page": page,
        "faults": [one for one in page.all_fields() if one.problem],
        "has_errors": bool(problems),
        "autosave_url": reverse("plan_autosave", args=[plan.pk]),
    }
    return render(request, "hubs/plans/edit.html", context, status=status)


def _labels(plan: Plan) -> dict[str, str]:
    return {indicator.code: indicator.name for indicator in plan.term.indicators.all()}


def _differences(plan: Plan, differences: Sequence[tuple[str, str, str]]) -> list[dict[str, str]]:
    names = _labels(plan)
    return [
        {"name": name, "label": field_label(name, names), "theirs": theirs, "mine": mine}
        for name, theirs, mine in differences
    ]


def _conflict_page(request: HttpRequest, conflict: PlanConflict) -> HttpResponse:
    plan = conflict.plan
    context = {
        "title": "他の人が先に更新しました",
        "breadcrumbs": _crumbs(plan.term, _plan_crumb(plan), ("入力の確認", None)),
        "plan": plan,
        "message": conflict.message,
        "differences": _differences(plan, conflict.differences),
        "has_errors": True,
    }
    return render(request, "hubs/plans/conflict.html", context, status=409)


@require_POST
@allow("hubs.plans.edit")
def plan_autosave(request: HttpRequest, pk: int) -> HttpResponse:
    """One change on the way: 200 saved, 422 kept but to be checked, 409 both texts (ui.md 2.2)."""
    scope = scope_of(request)
    plan = _get(scope, pk)
    name = request.headers.get("HX-Trigger-Name", "")
    try:
        saved = operations.save_plan(
            actor=scope, plan=plan, values=request.POST.dict(), version=_version(request)
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
    context = {"plan": saved.plan, "problem": problem, "at": clock.now()}
    response = render(request, "hubs/plans/_saved.html", context, status=422 if problem else 200)
    if request.POST.get("reload"):
        # After a conflict the other fields of the page are old: show the plan as it stands.
        response["HX-Refresh"] = "true"
    return response


def _linked(plan: Plan, missing: Sequence[Missing]) -> list[dict[str, str]]:
    """Each missing thing with the address of the page where it is supplied."""
    keys = {"term_detail": plan.term_id, "plan_edit": plan.pk, "plan_interview": plan.pk}
    return [
        {
            "text": item.text,
            "url": reverse(item.link_name, args=[keys[item.link_name]])
            if item.link_name in keys
            else "",
        }
        for item in missing
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.plans.submit")
def plan_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Check page before the submission; the button that submits stands only here."""
    return _decide(request, pk, "hubs.plans.submit")


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.plans.finalize")
def plan_finalize(request: HttpRequest, pk: int) -> HttpResponse:
    """Check page before the plan is fixed."""
    return _decide(request, pk, "hubs.plans.finalize")


_DECISIONS = {
    "hubs.plans.submit": (
        "提出",
        operations.submit_plan,
        "事業計画を提出しました。次は経済産業局が確認し、期初面談を行います。",
        "提出すると、経済産業局が差し戻すまで変更できません。",
    ),
    "hubs.plans.finalize": (
        "確定",
        operations.finalize_plan,
        "事業計画を確定しました。",
        "確定すると、計画と数値目標は変更できません。内容のハッシュが記録されます。",
    ),
}


def _decide(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    scope = scope_of(request)
    plan = _get(scope, pk)
    verb, act, done, effect = _DECISIONS[action]
    missing, status = missing_for(plan, action, scope), 200
    if request.method == "POST":
        try:
            act(actor=scope, plan=plan)
        except NotReady as refusal:
            missing, status = refusal.missing, 409
        else:
            messages.success(request, done)
            return redirect("plan_detail", pk=plan.pk)
    answer = PLAN_FLOW.decision(plan, action, scope)
    context = _reading(plan) | {
        "title": f"事業計画の{verb}（内容の確認）",
        "breadcrumbs": _crumbs(plan.term, _plan_crumb(plan), (verb, None)),
        "verb": verb,
        "effect": effect,
        "missing": _linked(plan, missing),
        "is_offered": answer.allowed,
        "refusal": answer.reason,
        "may_edit": _may_edit(plan, scope),
    }
    return render(request, "hubs/plans/check.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.plans.record_interview")
def plan_interview(request: HttpRequest, pk: int) -> HttpResponse:
    """Record the start interview beside the plan."""
    scope = scope_of(request)
    plan = _get(scope, pk)
    zeros = [row for row in plan.targets.all() if row.value == 0]
    initial = dict(queries.interview_texts(plan)) | {
        "zero_approved": [row.indicator.code for row in zeros if row.is_zero_approved]
    }
    form = InterviewForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        zeros=[row.indicator for row in zeros],
    )
    if request.method == "POST" and form.is_valid():
        operations.record_interview(actor=scope, plan=plan, **form.cleaned_data)
        messages.success(request, "期初面談を記録しました。計画が提出済なら、確定できます。")
        return redirect("plan_detail", pk=plan.pk)
    context = _reading(plan) | {
        "title": f"{plan.hub} 期初面談の記録",
        "breadcrumbs": _crumbs(plan.term, _plan_crumb(plan), ("期初面談", None)),
        "form": form,
    }
    return render(request, "hubs/plans/interview.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.plans.return")
def plan_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Send back with a reason."""
    scope = scope_of(request)
    plan = _get(scope, pk)
    form = ReturnForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        operations.return_plan(actor=scope, plan=plan, reason=form.cleaned_data["reason"])
        messages.success(request, "事業計画を差し戻しました。拠点が直して、もう一度提出します。")
        return redirect("plan_detail", pk=plan.pk)
    context = {
        "title": f"{plan.hub} 事業計画の差戻し",
        "breadcrumbs": _crumbs(plan.term, _plan_crumb(plan), ("差戻し", None)),
        "plan": plan,
        "form": form,
    }
    return render(request, "hubs/plans/return.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.plans.finalize")
def plan_finalize_many(request: HttpRequest, pk: int) -> HttpResponse:
    """まとめて確定: the submitted plans of the scope, the ready ones ticked."""
    scope, term = scope_of(request), get_object_or_404(Term, pk=pk)
    plans = list(queries.visible_plans(scope).filter(term=term, state=PlanState.SUBMITTED))
    rows = [
        (plan, _linked(plan, missing_for(plan, "hubs.plans.finalize", scope))) for plan in plans
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
        "breadcrumbs": _crumbs(term, ("まとめて確定", None)),
        "term": term,
        "rows": rows,
        "ready_count": len(ready),
        "form": form,
        "faults": form.errors.get("plans", []),
    }
    status = 422 if form.errors else 200
    return render(request, "hubs/plans/finalize_many.html", context, status=status)
