"""The review page of both sides: the plan on the left, comments and rounds on the right."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from hubs.plans import operations, queries
from hubs.plans.flow import PLAN_FLOW
from hubs.plans.forms import AcceptForm, CommentForm, ProposalForm
from hubs.plans.models import Plan, PlanComment, PlanState
from hubs.plans.operations.negotiating import TALKING
from hubs.plans.queries.talk import Rounds, rounds_by_section, threads_by_section
from hubs.plans.rules import SECTIONS, is_small_target, section_label, section_of
from hubs.plans.rules.phasing import MONTH_NAMES
from hubs.plans.rules.talk import ANSWERED, OPEN
from hubs.plans.views.figures import figure_table, industry_chart
from hubs.plans.views.frame import crumbs, get_plan, may_edit, plan_crumb, reading
from yorozu.core.access import Scope, allow, decide, scope_of
from yorozu.core.errors import InvalidInput


@require_safe
@allow("hubs.plans.view")
def plan_review(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan with its comments, flags and rounds."""
    return _page(request, get_plan(scope_of(request), pk))


def _page(
    request: HttpRequest, plan: Plan, faults: list[str] | None = None, status: int = 200
) -> HttpResponse:
    scope = scope_of(request)
    offers = {row.action for row in PLAN_FLOW.offers(plan, scope)}
    is_open = plan.state != PlanState.FINALIZED
    parts = _parts(plan)
    context = reading(plan, scope) | {
        "title": f"{plan.hub} 計画の確認とコメント",
        "breadcrumbs": crumbs(plan.term, plan_crumb(plan), ("確認とコメント", None)),
        "parts": parts,
        "open_points": _open_points(parts) if is_open else [],
        "figures": figure_table(plan),
        "chart": industry_chart(plan),
        "may_comment": is_open and _may(scope, "hubs.plans.comment", plan),
        "may_negotiate": plan.state in TALKING and _may(scope, "hubs.plans.negotiate", plan),
        "side": operations.side_of(scope),
        "reply_url": _reply_url(plan, scope) if is_open else "",
        "may_edit": may_edit(plan, scope),
        "may_interview": is_open and _may(scope, "hubs.plans.record_interview", plan),
        "may_return": "hubs.plans.return" in offers,
        "may_finalize": "hubs.plans.finalize" in offers,
        "faults": faults or [],
        "typed": request.POST if faults else {},
        "has_errors": bool(faults),
    }
    return render(request, "hubs/plans/review.html", context, status=status)


def _reply_url(plan: Plan, scope: Scope) -> str:
    """Where this person's lines go, blank for a reader."""
    for name in ("comment", "answer"):
        if _may(scope, f"hubs.plans.{name}", plan):
            return reverse(f"plan_{name}", args=[plan.pk])
    return ""


def _may(scope: Scope, action: str, plan: Plan) -> bool:
    return decide(scope, action, hub_id=plan.hub_id).allowed


def _parts(plan: Plan) -> list[dict[str, Any]]:
    """Every part of the plan with what was said about it, in the order of the page."""
    names = {indicator.code: indicator.name for indicator in plan.term.indicators.all()}
    threads, rounds = threads_by_section(plan), rounds_by_section(plan)
    facts = {row["code"]: row for row in queries.adequacy_of(plan)}
    parts = [_part("regional_figures", names, kind="figures")]
    parts += [_part(name, names, kind="text", text=getattr(plan, name)) for name in SECTIONS]
    for target in plan.targets.all():
        code = target.indicator.code
        more = {"kind": "target", "row": target, "facts": facts.get(code)}
        parts.append(_part(f"target_{code}", names, **more) | _months(f"target_{code}", target))
    for area in plan.focus_areas.all():
        more = {"kind": "area", "row": area, "is_small": is_small_target(area.target)}
        parts.append(
            _part(f"f{area.order}", names, **more) | _months(f"f{area.order}_target", area)
        )
    nothing = Rounds("", "", ())
    return [
        part
        | {
            "threads": threads.get(part["key"], []),
            "rounds": rounds.get(part["key"], nothing),
        }
        for part in parts
    ]


# What goes on in a thread, by its state; a closed one needs nobody.
_THREADS = {OPEN: "未回答のコメント", ANSWERED: "回答のあったコメント"}


def _open_points(parts: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The parts somebody still has to look at, for the head of a long page."""
    points = []
    for part in parts:
        proposal = part["rounds"].standing
        notes = [f"返答を待つ提案（{proposal.value:,}{part['rounds'].unit}）"] if proposal else []
        states = [thread.state for thread in part["threads"]]
        notes += [
            f"{text} {states.count(key)}件" for key, text in _THREADS.items() if key in states
        ]
        if notes:
            points.append({"key": part["key"], "label": part["label"], "note": "、".join(notes)})
    return points


def _part(key: str, names: Mapping[str, str], **more: Any) -> dict[str, Any]:
    return {"key": key, "label": section_label(key, names), **more}


def _months(field: str, row: Any) -> dict[str, Any]:
    return {
        "field": field,
        "months": list(zip(MONTH_NAMES, row.phasing, strict=True)) if row.phasing else [],
    }


@require_POST
@allow("hubs.plans.comment")
def plan_comment(request: HttpRequest, pk: int) -> HttpResponse:
    """The bureau comments on a part, goes on with a thread, or closes it."""
    return _say(request, pk, operations.follow_comment)


@require_POST
@allow("hubs.plans.answer")
def plan_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The hub answers a thread or says that it is settled."""
    return _say(request, pk, operations.answer_comment)


def _say(request: HttpRequest, pk: int, reply: Callable[..., PlanComment]) -> HttpResponse:
    scope = scope_of(request)
    plan = get_plan(scope, pk)
    form = CommentForm(request.POST)
    if not form.is_valid():
        return _page(request, plan, ["コメントは2,000文字以内で入力してください。"], 422)
    said = form.cleaned_data
    body, thread, section = said["body"], said["thread"], said["section"]
    try:
        if section and not thread:
            line = operations.add_comment(actor=scope, plan=plan, section=section, body=body)
        else:
            closes = said["closes"]
            line = reply(actor=scope, plan=plan, thread=thread or 0, body=body, closes=closes)
    except InvalidInput as refusal:
        return _page(request, plan, [one.as_text() for one in refusal.problems], 422)
    messages.success(request, f"{line.get_kind_display()}を記録しました。")
    return _back(plan, f"thread-{line.thread_id or line.pk}")


@require_POST
@allow("hubs.plans.negotiate")
def plan_propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Name another value for a target, with the reason."""
    scope = scope_of(request)
    plan = get_plan(scope, pk)
    form = ProposalForm(request.POST)
    if not form.is_valid():
        texts = [
            f"{form[name].label}：{text}" for name in form.errors for text in form.errors[name]
        ]
        return _page(request, plan, texts, 422)
    said = form.cleaned_data
    try:
        operations.propose_value(
            actor=scope, plan=plan, field=said["field"], value=said["value"], reason=said["reason"]
        )
    except InvalidInput as refusal:
        return _page(request, plan, [one.as_text() for one in refusal.problems], 422)
    messages.success(request, "目標値を提案しました。相手が受け入れると、計画の値が変わります。")
    return _back(plan, section_of(said["field"]))


@require_POST
@allow("hubs.plans.negotiate")
def plan_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept the value the other side named; it goes into the plan."""
    scope = scope_of(request)
    plan = get_plan(scope, pk)
    form = AcceptForm(request.POST)
    if not form.is_valid():
        return _page(request, plan, ["受け入れる提案を選び直してください。"], 422)
    said = form.cleaned_data
    done = operations.accept_value(
        actor=scope, plan=plan, field=said["field"], proposal=said["proposal"]
    )
    messages.success(request, f"提案を受け入れました。計画の目標値は{done.value:,}になりました。")
    return _back(plan, section_of(said["field"]))


def _back(plan: Plan, anchor: str) -> HttpResponse:
    return redirect(f"{reverse('plan_review', args=[plan.pk])}#{anchor}")
