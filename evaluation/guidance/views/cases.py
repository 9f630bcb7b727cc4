"""One case: its page, plan, agreement, checkpoints, the decision at the end, its paper."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from evaluation.guidance import operations, queries, tables
from evaluation.guidance.flow import (
    AGREE,
    CANCEL,
    CASE_FLOW,
    CHECKPOINT,
    CONTINUE,
    HUB_SIDE,
    NOTE,
    PLAN,
    RAISE,
    RELEASE,
    REPLAN,
    RESUME,
    START,
    TOP_LEVEL,
    VIEW,
    plan_is_whole,
)
from evaluation.guidance.forms import CheckpointForm, DecideForm, NoteForm, PlanForm, ReasonForm
from evaluation.guidance.models import ActionState, CaseState, CheckpointKind, GuidanceCase
from evaluation.guidance.papers import paper_context, paper_name, paper_pdf
from evaluation.guidance.rules import METHODS, Outcome
from evaluation.guidance.views.frame import case_crumbs, case_of, crumbs
from yorozu.core import clock
from yorozu.core.access import Scope, allow, decide, scope_of
from yorozu.core.errors import InvalidInput, NotReady, Problem
from yorozu.core.pdf import pdf_available
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.downloads import attachment
from yorozu.core.web.forms import status_of

PDF = "application/pdf"
LATE = "担当は完了を報告するか、期限の変更を相談してください。"
TURNS = {
    CaseState.OPENED: "全国本部か経済産業局が、拠点と話し合って計画を作成します。",
    CaseState.PLANNING: "全国本部か経済産業局が計画を書きます。拠点は意見を書けます。",
    CaseState.AGREED: "計画に合意しました。全国本部か経済産業局が実施を始めます。",
    CaseState.RUNNING: "担当は、期限までに資料を添えて取組の完了を報告してください。",
    CaseState.REVIEW: "点検が終わりました。実施を続けるか、解除・継続・引上げを決めます。",
}
OUTCOMES = {
    RELEASE: Outcome.RELEASE,
    CONTINUE: Outcome.CONTINUE,
    RAISE: Outcome.RAISE,
}


@require_safe
@allow(VIEW)
def guidance_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Why there is guidance, what is to be done by whom, how far it is."""
    return _page(request, case_of(request, pk))


def _page(
    request: HttpRequest, case: GuidanceCase, note_form: NoteForm | None = None
) -> HttpResponse:
    scope = scope_of(request)
    page = queries.case_page(case)
    found = queries.measure(case, clock.today())
    offers = {row.action for row in CASE_FLOW.offers(case, scope)}
    method = METHODS[case.method_version]
    may_note = case.is_open and decide(scope, NOTE, hub_id=case.hub_id).allowed
    context = {
        "title": str(case),
        "breadcrumbs": crumbs(Crumb(str(case))),
        "case": case,
        "chip": tables.case_chip(case),
        "steps": tables.steps_of(case),
        "turn": _turn(scope, case, page),
        "facts": tables.head_facts(case),
        "triggers": tables.trigger_table(case),
        "support": tables.support_facts(case),
        "agreed": tables.agreed_facts(case),
        "actions": tables.action_table(page.actions),
        "measure": found,
        "measured": tables.measure_facts(found),
        "rates": tables.rate_table(found.rates),
        "picture": tables.rate_chart(found.rates, method) if found.rate is not None else None,
        "checkpoints": tables.checkpoint_table(page.checkpoints),
        "history": tables.history_table(page),
        "page": page,
        "may": _may(scope, case, offers),
        "note_form": (note_form or NoteForm()) if may_note else None,
        "pdf_problem": pdf_available(),
        "may_open_run": decide(scope, "evaluation.scoring.view").allowed,
    }
    return render(request, "evaluation/guidance/detail.html", context, status=status_of(note_form))


def _may(scope: Scope, case: GuidanceCase, offers: set[str]) -> dict[str, bool]:
    """What the buttons offer, by what stands and by the role."""
    side = "hub" if scope.role in HUB_SIDE else "bureau"
    can_plan = decide(scope, PLAN, hub_id=case.hub_id).allowed
    return {
        "plan": case.is_planning and can_plan,
        "agree": AGREE in offers and getattr(case, f"{side}_agreed_at") is None,
        "start": START in offers,
        "replan": REPLAN in offers,
        "checkpoint": case.is_running and decide(scope, CHECKPOINT, hub_id=case.hub_id).allowed,
        "resume": RESUME in offers,
        "decide": bool(offers & set(OUTCOMES)),
        "cancel": CANCEL in offers,
    }


def _turn(scope: Scope, case: GuidanceCase, page: queries.CasePage) -> str:
    """One sentence: who has to act now."""
    state = CaseState(case.state)
    if state == CaseState.PLANNING and not plan_is_whole(case, scope):
        waits = [
            side
            for side, at in (("拠点", case.hub_agreed_at), ("経済産業局", case.bureau_agreed_at))
            if at is None
        ]
        return f"計画への合意を待っています（{'、'.join(waits)}）。"
    if state == CaseState.RUNNING:
        late = [
            str(row.number)
            for row in page.actions
            if row.state == ActionState.OPEN and row.due < clock.today()
        ]
        if late:
            return f"取組{'、'.join(late)}が期限を過ぎています。{LATE}"
    return TURNS.get(state, "この案件は終了しています。")


@require_http_methods(["GET", "HEAD", "POST"])
@allow(PLAN)
def guidance_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Causes and support."""
    case = case_of(request, pk)
    operations.require_writable(scope_of(request), case)
    form = PlanForm.of(case, request.POST if request.method == "POST" else None)
    problems: list[Problem] = []
    if request.method == "POST" and form.is_valid():
        try:
            operations.save_plan(
                actor=scope_of(request),
                case=case,
                values=form.values(),
                version=form.cleaned_data["version"],
            )
        except InvalidInput as refusal:
            problems = refusal.problems
        except operations.Overtaken as refusal:
            return _overtaken(request, case, refusal)
        else:
            messages.success(request, "計画を保存しました。合意は、保存のあとに改めて必要です。")
            return redirect("guidance_detail", pk=case.pk)
    context = {
        "title": f"{case}：原因と支援",
        "breadcrumbs": case_crumbs(case, Crumb("原因と支援")),
        "case": case,
        "form": form,
        "problems": problems,
        "triggers": tables.trigger_table(case),
        "reserve": queries.reserve_of(case),
        "standing": None,
    }
    status = 422 if problems else status_of(form)
    return render(request, "evaluation/guidance/plan.html", context, status=status)


def _overtaken(
    request: HttpRequest, case: GuidanceCase, refusal: operations.Overtaken
) -> HttpResponse:
    """Both texts: what was typed stays in the form, what stands is shown beside."""
    case.refresh_from_db()
    typed = request.POST.copy()
    typed["version"] = str(case.version)
    context = {
        "title": f"{case}：原因と支援",
        "breadcrumbs": case_crumbs(case, Crumb("原因と支援")),
        "case": case,
        "form": PlanForm.of(case, typed),
        "problems": [Problem(None, "", refusal.message)],
        "triggers": tables.trigger_table(case),
        "reserve": queries.reserve_of(case),
        "standing": [
            {"label": "原因", "value": case.causes},
            {"label": "目標とする状態", "value": case.goal},
            *tables.support_facts(case),
        ],
    }
    return render(request, "evaluation/guidance/plan.html", context, status=409)


@require_POST
@allow(NOTE)
def guidance_note(request: HttpRequest, pk: int) -> HttpResponse:
    """What somebody says."""
    case, form = case_of(request, pk), NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, case, form)
    operations.add_note(actor=scope_of(request), case=case, text=form.cleaned_data["text"])
    messages.success(request, "意見を記録し、関係者に通知しました。")
    return redirect("guidance_detail", pk=case.pk)


def _act(request: HttpRequest, pk: int, act: Callable[..., object], done: str) -> HttpResponse:
    case = case_of(request, pk)
    act(actor=scope_of(request), case=case)
    messages.success(request, done)
    return redirect("guidance_detail", pk=case.pk)


@require_POST
@allow(AGREE)
def guidance_agree(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign for one's side."""
    return _act(request, pk, operations.agree, "計画への合意を記録しました。")


@require_POST
@allow(START)
def guidance_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the agreed plan."""
    return _act(request, pk, operations.start, "実施を始めました。担当に期限が通知されます。")


@require_POST
@allow(RESUME)
def guidance_resume(request: HttpRequest, pk: int) -> HttpResponse:
    """After a checkpoint the plan goes on."""
    return _act(request, pk, operations.resume_case, "実施を続けます。")


def _with_reason(
    request: HttpRequest, pk: int, act: Callable[..., object], words: dict[str, str]
) -> HttpResponse:
    """A page with one reason, and the act."""
    case = case_of(request, pk)
    CASE_FLOW.require(case, words["action"], scope_of(request))
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        act(actor=scope_of(request), case=case, reason=form.cleaned_data["reason"])
        messages.success(request, words["done"])
        return redirect("guidance_detail", pk=case.pk)
    context = {
        "title": f"{case}：{words['title']}",
        "breadcrumbs": case_crumbs(case, Crumb(words["title"])),
        "lead": words["lead"],
        "button": words["button"],
        "form": form,
        "back": reverse("guidance_detail", args=[case.pk]),
    }
    return render(request, "evaluation/guidance/reason.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
@allow(REPLAN)
def guidance_replan(request: HttpRequest, pk: int) -> HttpResponse:
    """Open an agreed plan again."""
    words = {
        "action": REPLAN,
        "title": "計画の見直し",
        "lead": "計画作成に戻します。変更した計画には、拠点と経済産業局の合意が改めて必要です。",
        "button": "計画を見直す",
        "done": "計画作成に戻しました。",
    }
    return _with_reason(request, pk, operations.replan, words)


@require_http_methods(["GET", "HEAD", "POST"])
@allow(CANCEL)
def guidance_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back an opening."""
    words = {
        "action": CANCEL,
        "title": "発動の取消し",
        "lead": "誤って発動した案件を取り消します。記録は残り、同じ評価から改めて発動できます。",
        "button": "発動を取り消す",
        "done": "発動を取り消しました。",
    }
    return _with_reason(request, pk, operations.cancel_case, words)


@require_http_methods(["GET", "HEAD", "POST"])
@allow(CHECKPOINT)
def guidance_checkpoint(request: HttpRequest, pk: int) -> HttpResponse:
    """The figures of today, and what people saw."""
    case = case_of(request, pk)
    operations.require_running(scope_of(request), case)
    initial = {"kind": CheckpointKind.MONTHLY, "held_on": clock.today()}
    form = CheckpointForm(request.POST if request.method == "POST" else None, initial=initial)
    problems: list[Problem] = []
    if request.method == "POST" and form.is_valid():
        try:
            point = operations.record_checkpoint(
                actor=scope_of(request), case=case, values=form.values()
            )
        except InvalidInput as refusal:
            problems = refusal.problems
        else:
            messages.success(request, f"{point.get_kind_display()}を記録しました。")
            return redirect("guidance_detail", pk=case.pk)
    found, method = queries.measure(case, clock.today()), METHODS[case.method_version]
    context = {
        "title": f"{case}：訪問・点検の記録",
        "breadcrumbs": case_crumbs(case, Crumb("訪問・点検の記録")),
        "case": case,
        "form": form,
        "problems": problems,
        "measure": found,
        "measured": tables.measure_facts(found),
        "rates": tables.rate_table(found.rates),
        "method": method,
        "exit": {
            "share": tables.percent(method.exit_share),
            "rate": tables.percent(method.exit_rate),
        },
    }
    status = 422 if problems else status_of(form)
    return render(request, "evaluation/guidance/checkpoint.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@allow(RELEASE)
def guidance_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Release, continue or raise; beside the rule with a reason."""
    case, scope = case_of(request, pk), scope_of(request)
    proposal = queries.proposal_of(case)
    offers = {row.action for row in CASE_FLOW.offers(case, scope)}
    outcomes = [(one.code, one.label) for name, one in OUTCOMES.items() if name in offers]
    if case.level == TOP_LEVEL:
        outcomes = [row for row in outcomes if row[0] != Outcome.RAISE.code]
    form = DecideForm(
        request.POST if request.method == "POST" else None,
        outcomes=outcomes,
        initial={"outcome": proposal.code},
    )
    problems: list[Problem] = []
    if request.method == "POST" and outcomes and form.is_valid():
        try:
            closed = _decided(form.cleaned_data, case, scope)
        except NotReady as refusal:
            if refusal.missing:
                raise
            problems = [Problem(None, "理由", refusal.message)]
        else:
            messages.success(request, f"「{closed.get_state_display()}」を記録しました。")
            return redirect("guidance_detail", pk=case.pk)
    context = {
        "title": f"{case}：解除・継続・引上げ",
        "breadcrumbs": case_crumbs(case, Crumb("解除・継続・引上げ")),
        "case": case,
        "form": form if outcomes else None,
        "problems": problems,
        "proposal": proposal.label,
        "checkpoints": tables.checkpoint_table(list(case.checkpoints.order_by("number"))),
        "method": METHODS[case.method_version],
    }
    status = 422 if problems else status_of(form)
    return render(request, "evaluation/guidance/decide.html", context, status=status)


def _decided(data: dict[str, Any], case: GuidanceCase, scope: Scope) -> GuidanceCase:
    act = {
        Outcome.RELEASE.code: operations.release_case,
        Outcome.CONTINUE.code: operations.continue_case,
        Outcome.RAISE.code: operations.raise_case,
    }[data["outcome"]]
    return act(actor=scope, case=case, reason=data["reason"])


@require_safe
@allow(VIEW)
def guidance_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan as it is printed."""
    case = case_of(request, pk)
    back = reverse("guidance_detail", args=[case.pk])
    return render(request, "evaluation/guidance/print.html", paper_context(case, back_url=back))


@require_safe
@allow(VIEW)
def guidance_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan as PDF."""
    case = case_of(request, pk)
    return attachment(paper_pdf(case), f"{paper_name(case)}.pdf", PDF)
