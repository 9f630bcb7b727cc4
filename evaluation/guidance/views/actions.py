"""One action: writing it, showing that it is done, a second person's look, its file."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from evaluation.guidance import operations, queries, tables
from evaluation.guidance.flow import (
    ACTION_FLOW,
    CONFIRM,
    DROP,
    EVIDENCE,
    FINISH,
    PLAN,
    REPORT,
    RETURN,
    VIEW,
    case_is_open,
    case_is_running,
    is_own_action,
    is_shown,
    second_person,
)
from evaluation.guidance.forms import ActionForm, DueForm, EvidenceForm, ReasonForm
from evaluation.guidance.models import GuidanceAction, GuidanceCase, OwnerRole
from evaluation.guidance.views.frame import action_of, case_crumbs, case_of
from yorozu.core.access import Scope, allow, decide, scope_of
from yorozu.core.errors import InvalidInput, Problem
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.downloads import attachment
from yorozu.core.web.forms import status_of

# An uploaded file is never shown by the browser, only saved.
BINARY = "application/octet-stream"
Reasoned = Callable[..., object]
STEP_FORMS: dict[str, type[ReasonForm]] = {
    "return": ReasonForm,
    "drop": ReasonForm,
    "due": DueForm,
}


def _step_form(name: str, data: Any) -> ReasonForm:
    """Forms of several steps stand on one page: each has ids of its own."""
    return STEP_FORMS[name](data, auto_id=f"id_{name}_%s")


def _form(case: GuidanceCase, data: Any, initial: dict[str, Any]) -> ActionForm:
    return ActionForm(
        data,
        owners=queries.owner_choices(case.hub),
        links=queries.choices_of_links(case),
        initial=initial,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@allow(PLAN)
def guidance_action_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add an action to the plan."""
    case = case_of(request, pk)
    operations.require_writable(scope_of(request), case)
    initial = {"owner": OwnerRole.CHIEF.value, "due": tables.due_first(case)}
    form = _form(case, request.POST if request.method == "POST" else None, initial)

    def save() -> None:
        operations.add_action(actor=scope_of(request), case=case, values=form.values())

    return _edit(request, case, form, save, "取組の追加")


@require_http_methods(["GET", "HEAD", "POST"])
@allow(PLAN)
def guidance_action_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an action of a plan that is being written."""
    action = action_of(request, pk)
    operations.require_writable(scope_of(request), action.case)
    owner = f"{action.owner_role}:{action.owner_id}" if action.owner_id else action.owner_role
    names = ("text", "due", "evidence_rule", "link", "target", "is_serious")
    initial = {name: getattr(action, name) for name in names} | {"owner": owner}
    form = _form(action.case, request.POST if request.method == "POST" else None, initial)

    def save() -> None:
        operations.change_action(actor=scope_of(request), action=action, values=form.values())

    return _edit(request, action.case, form, save, f"取組{action.number}の変更")


def _edit(
    request: HttpRequest,
    case: GuidanceCase,
    form: ActionForm,
    save: Callable[[], None],
    title: str,
) -> HttpResponse:
    problems: list[Problem] = []
    if request.method == "POST" and form.is_valid():
        try:
            save()
        except InvalidInput as refusal:
            problems = refusal.problems
        else:
            messages.success(request, "取組を保存しました。")
            return redirect("guidance_detail", pk=case.pk)
    context = {
        "title": f"{case}：{title}",
        "breadcrumbs": case_crumbs(case, Crumb(title)),
        "case": case,
        "form": form,
        "problems": problems,
    }
    status = 422 if problems else status_of(form)
    return render(request, "evaluation/guidance/action_edit.html", context, status=status)


@require_safe
@allow(VIEW)
def guidance_action(request: HttpRequest, pk: int) -> HttpResponse:
    """One action with its evidence and what may be done with it."""
    return _page(request, action_of(request, pk))


def _page(
    request: HttpRequest,
    action: GuidanceAction,
    *,
    evidence_form: EvidenceForm | None = None,
    failed: tuple[str, ReasonForm] | None = None,
    problems: list[Problem] | None = None,
) -> HttpResponse:
    scope, case = scope_of(request), action.case
    invalid = evidence_form is not None or failed is not None
    steps = {name: _step_form(name, None) for name in STEP_FORMS}
    if failed is not None:
        steps[failed[0]] = failed[1]
    offers = {row.action for row in ACTION_FLOW.offers(action, scope)}
    is_live = case.is_open and not action.is_over
    context = {
        "title": f"取組{action.number}：{case.hub}",
        "breadcrumbs": case_crumbs(case, Crumb(f"取組{action.number}")),
        "action": action,
        "case": case,
        "chip": tables.action_chip(action),
        "evidence": list(action.evidence.defer("content").order_by("at", "pk")),
        "escalations": list(action.escalations.order_by("on", "days", "pk")),
        "may": _may(scope, action, offers),
        "evidence_form": (evidence_form or EvidenceForm())
        if is_live and decide(scope, EVIDENCE, hub_id=case.hub_id).allowed
        else None,
        "problems": problems or [],
        "failed": evidence_form or (failed[1] if failed else None),
        "failed_step": failed[0] if failed else "",
        "steps": steps,
    }
    return render(
        request, "evaluation/guidance/action.html", context, status=422 if invalid else 200
    )


def _may(scope: Scope, action: GuidanceAction, offers: set[str]) -> dict[str, Any]:
    """What the buttons offer; an own report is not offered for confirmation."""
    case = action.case
    runs = not case_is_running(action, scope)
    done = REPORT if action.is_serious else FINISH
    looks = runs and not second_person(action, scope)
    plans = decide(scope, PLAN, hub_id=case.hub_id).allowed
    return {
        "done": done in offers
        and runs
        and not is_own_action(action, scope)
        and not is_shown(action, scope),
        "confirm": CONFIRM in offers and looks,
        "return": RETURN in offers and looks,
        "drop": DROP in offers and not case_is_open(action, scope),
        "due": plans and case.is_open and not action.is_over and not case.is_planning,
        "edit": plans and case.is_planning and not action.is_over,
    }


@require_POST
@allow(EVIDENCE)
def guidance_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a description and a file."""
    action = action_of(request, pk)
    form = EvidenceForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, action, evidence_form=form)
    try:
        operations.add_evidence(
            actor=scope_of(request),
            action=action,
            text=form.cleaned_data["text"],
            file=form.attached(),
        )
    except InvalidInput as refusal:
        return _page(request, action, evidence_form=form, problems=refusal.problems)
    messages.success(request, "資料を追加しました。")
    return redirect("guidance_action", pk=action.pk)


@require_safe
@allow(VIEW)
def guidance_evidence_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The file as it was added."""
    row = get_object_or_404(queries.visible_evidence(scope_of(request)), pk=pk)
    if row.content is None:
        raise Http404
    return attachment(bytes(row.content), row.filename, BINARY)


@require_POST
@allow(FINISH)
def guidance_action_done(request: HttpRequest, pk: int) -> HttpResponse:
    """The owner's side says that it is done."""
    action = action_of(request, pk)
    moved = operations.finish_action(actor=scope_of(request), action=action)
    said = (
        "完了を報告しました。別の人の確認を待ちます。"
        if moved.is_serious
        else "取組を完了にしました。"
    )
    messages.success(request, said)
    return redirect("guidance_action", pk=action.pk)


@require_POST
@allow(CONFIRM)
def guidance_action_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """A second person has looked."""
    action = action_of(request, pk)
    operations.confirm_action(actor=scope_of(request), action=action)
    messages.success(request, "完了を確認しました。")
    return redirect("guidance_action", pk=action.pk)


def _with_reason(
    request: HttpRequest, pk: int, name: str, act: Reasoned, done: str
) -> HttpResponse:
    action, form = action_of(request, pk), _step_form(name, request.POST)
    if not form.is_valid():
        return _page(request, action, failed=(name, form))
    act(actor=scope_of(request), action=action, reason=form.cleaned_data["reason"])
    messages.success(request, done)
    return redirect("guidance_action", pk=action.pk)


@require_POST
@allow(RETURN)
def guidance_action_return(request: HttpRequest, pk: int) -> HttpResponse:
    """It is not done yet."""
    return _with_reason(request, pk, "return", operations.return_action, "差し戻しました。")


@require_POST
@allow(DROP)
def guidance_action_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """It will not be done."""
    return _with_reason(request, pk, "drop", operations.drop_action, "取組を中止しました。")


@require_POST
@allow(PLAN)
def guidance_action_due(request: HttpRequest, pk: int) -> HttpResponse:
    """Another due date, with a reason."""
    action, form = action_of(request, pk), _step_form("due", request.POST)
    if not form.is_valid():
        return _page(request, action, failed=("due", form))
    try:
        operations.move_due(
            actor=scope_of(request),
            action=action,
            due=form.cleaned_data["due"],
            reason=form.cleaned_data["reason"],
        )
    except InvalidInput as refusal:
        return _page(request, action, failed=("due", form), problems=refusal.problems)
    messages.success(request, "期限を変更しました。")
    return redirect("guidance_action", pk=action.pk)
