"""Screens of the fact check: the matrix of all hubs, a hub's facts, remarks and answers."""

from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from evaluation.scoring import operations, queries, tables
from evaluation.scoring.flow import (
    ACCEPT,
    ASK,
    CLOSE_CHECK,
    CONFIRM,
    FACT_FLOW,
    FLOW,
    REMARK_FLOW,
    WITHDRAW,
)
from evaluation.scoring.forms import AnswerForm, RemarkForm
from evaluation.scoring.models import (
    EvaluationRun,
    FactCheck,
    FactRemark,
    RemarkKind,
    RemarkState,
    RunState,
)
from evaluation.scoring.operations.remarks import REMARK
from evaluation.scoring.views.runs import LIST, instead_of
from yorozu.core import clock
from yorozu.core.access import Scope, allow, decide, scope_of
from yorozu.core.errors import InvalidInput, Missing
from yorozu.core.web.downloads import attachment
from yorozu.core.web.forms import status_of
from yorozu.core.web.missing import linked

VIEW, MATRIX = "evaluation.scoring.facts", "evaluation.scoring.fact_matrix"
ANSWERS = {
    RemarkState.ACCEPTED: operations.accept_remark,
    RemarkState.REJECTED: operations.reject_remark,
    RemarkState.NOTED: operations.note_remark,
}


def _run(request: HttpRequest, run_id: int) -> EvaluationRun:
    return get_object_or_404(queries.visible_runs(scope_of(request)), pk=run_id)


def _part(request: HttpRequest, pk: int) -> FactCheck:
    return get_object_or_404(queries.visible_parts(scope_of(request)), pk=pk)


def _remark(request: HttpRequest, pk: int) -> FactRemark:
    return get_object_or_404(queries.visible_remarks(scope_of(request)), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@allow(ASK)
def run_ask(request: HttpRequest, run_id: int) -> HttpResponse:
    """Check page before all hubs are asked at once."""
    scope, run = scope_of(request), _run(request, run_id)
    if request.method == "POST":
        asked = operations.ask_facts(scope, run=run)
        messages.success(request, tables.asked_words(asked.fact_checks.all()))
        return redirect("run_facts", run.pk)
    due = operations.due_after(clock.now())
    context = {
        "title": "事実確認の依頼",
        "breadcrumbs": [*LIST, (str(run), reverse("run_detail", args=[run.pk])), ("依頼", None)],
        "run": run,
        "facts": tables.run_facts(run),
        "form": None,
        "unanswered": [],
        "lead": tables.ask_lead(run, due),
        "button": "全拠点に事実確認を依頼する",
    }
    return render(request, "evaluation/scoring/confirm.html", context)


@require_safe
@allow(MATRIX)
def run_facts(request: HttpRequest, run_id: int) -> HttpResponse:
    """All hubs of the scope: who has answered, who objects, what is still open."""
    scope, run = scope_of(request), _run(request, run_id)
    lines = queries.part_lines(run, scope)
    close = next((one for one in FLOW.offers(run, scope) if one.action == CLOSE_CHECK), None)
    context = {
        "title": "事実確認の状況",
        "breadcrumbs": [
            *LIST,
            (str(run), reverse("run_detail", args=[run.pk])),
            ("事実確認", None),
        ],
        "run": run,
        "chip": tables.CHIPS[RunState(run.state)],
        "counts": tables.part_counts(lines),
        "table": tables.parts(lines).sorted_by(request.GET.get("sort", ""), request.GET),
        "remarks": tables.remarks_of_run(run, scope),
        "lacking": _lacking(run, scope) if close else [],
        "may_close": close is not None,
    }
    return render(request, "evaluation/scoring/facts_matrix.html", context)


# More hubs than these are counted, not listed: the table below names them.
MOST_NAMED = 5


def _lacking(run: EvaluationRun, scope: Scope) -> list[Any]:
    """What stands between the fact check and its end."""
    conditions = FLOW.by_action[CLOSE_CHECK].conditions
    missing = [one for check in conditions for one in check(run, scope)]
    hubs = [one for one in missing if one.link_name == "fact_check"]
    if len(hubs) > MOST_NAMED:
        missing = [one for one in missing if one.link_name != "fact_check"]
        missing.append(Missing(f"{len(hubs)}拠点が確認中です（期限前）。下の表で確かめられます。"))
    return linked(missing)


@require_POST
@allow(CLOSE_CHECK)
def run_close_facts(request: HttpRequest, run_id: int) -> HttpResponse:
    """End the fact check; what is still open is named."""
    run = _run(request, run_id)
    operations.close_facts(scope_of(request), run=run)
    messages.success(request, "事実確認を終えました。審査に進みます。")
    return redirect("run_detail", run.pk)


@require_safe
@allow(VIEW)
def fact_check(request: HttpRequest, pk: int) -> HttpResponse:
    """One hub's facts, every one with a way to object, and the answers so far."""
    return _part_page(request, _part(request, pk))


def _part_page(request: HttpRequest, part: FactCheck) -> HttpResponse:
    scope = scope_of(request)
    facts, remarks = queries.facts_of_part(part), queries.remarks_of(part)
    is_open = tables.is_open(part)
    may_say = is_open and decide(scope, REMARK, hub_id=part.hub_id).allowed
    confirm = any(one.action == CONFIRM for one in FACT_FLOW.offers(part, scope))
    result = queries.visible_results(part.run, scope).filter(hub=part.hub_id).first()
    context = {
        "score": tables.draft_score(result) if result else None,
        "title": f"{part.hub.name}の事実確認",
        "breadcrumbs": _crumbs(scope, part),
        "part": part,
        "chip": tables.part_chip(part),
        "is_open": is_open,
        "may_say": may_say,
        "may_confirm": is_open and confirm,
        "groups": tables.fact_groups(part, facts, remarks, may_say=may_say),
        "remarks": tables.remark_list(remarks),
        "run": part.run,
        **instead_of(part.run, scope),
        "is_waiting": part.run.is_pending,
        "said_here": any(row.check_part_id == part.pk for row in remarks),
        "open": sum(row.state == RemarkState.OPEN for row in remarks),
        "is_carried": part.carried_from_id is not None,
    }
    return render(request, "evaluation/scoring/facts.html", context)


def _crumbs(scope: Scope, part: FactCheck, *more: tuple[str, str | None]) -> list[Any]:
    """The hub side has no page of the run before it is published."""
    own = (f"{part.hub.name}の事実確認", reverse("fact_check", args=[part.pk]) if more else None)
    if decide(scope, MATRIX).allowed:
        matrix = ("事実確認", reverse("run_facts", args=[part.run_id]))
        return [*LIST, matrix, own, *more]
    return [*LIST, own, *more]


@require_POST
@allow(CONFIRM)
def fact_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The hub has looked through its facts."""
    part = _part(request, pk)
    operations.confirm_facts(scope_of(request), part=part)
    messages.success(request, "事実確認の回答を記録しました。ありがとうございました。")
    return redirect("fact_check", part.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@allow(REMARK)
def fact_remark_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Comment on one fact (?cell=), or object to it."""
    scope, part = scope_of(request), _part(request, pk)
    cell = request.GET.get("cell", "")
    facts = queries.facts_of_part(part)
    fact = next((one for one in facts if one.path == cell), None)
    # Who has written already is told why it is too late; who has not is led back.
    if fact is None or (request.method != "POST" and not tables.is_open(part)):
        return redirect("fact_check", part.pk)
    form = RemarkForm(request.POST, request.FILES) if request.method == "POST" else RemarkForm()
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            said = operations.Said(
                RemarkKind(given["kind"]),
                cell,
                given["text"],
                given["proposed"],
                _evidence(given["evidence"]),
            )
            remark = operations.remark_on_fact(scope, part=part, said=said)
        except InvalidInput as fault:
            for problem in fault.problems:
                form.add_error(FIELDS.get(problem.column), problem.message)
        else:
            messages.success(request, f"{remark.get_kind_display()}を提出しました。")
            return redirect("fact_check", part.pk)
    context = {
        "title": "意見・異議の提出",
        "breadcrumbs": _crumbs(scope, part, ("意見・異議", None)),
        "part": part,
        "fact": fact,
        "group": tables.group_name(fact),
        "form": form,
        "cell": cell,
    }
    return render(request, "evaluation/scoring/remark_new.html", context, status=status_of(form))


FIELDS = {"内容": "text", "正しいと考える値": "proposed", "根拠資料": "evidence"}


def _evidence(file: Any) -> operations.Evidence | None:
    return operations.Evidence(str(file.name), file.read()) if file else None


@require_safe
@allow(VIEW)
def fact_remark(request: HttpRequest, pk: int) -> HttpResponse:
    """One remark with its answer and its effect."""
    return _remark_page(request, _remark(request, pk))


def _remark_page(
    request: HttpRequest, remark: FactRemark, form: AnswerForm | None = None
) -> HttpResponse:
    scope, part = scope_of(request), remark.check_part
    offers = {one.action for one in REMARK_FLOW.offers(remark, scope)}
    stands = part.run.state == RunState.FACT_CHECK
    may_answer = stands and ACCEPT in offers
    context = {
        "title": f"{remark.get_kind_display()}：{remark.label}",
        "breadcrumbs": _crumbs(scope, part, (remark.get_kind_display(), None)),
        "remark": remark,
        "part": part,
        "chip": tables.remark_chip(remark),
        "form": (form or AnswerForm(kind=remark.kind)) if may_answer else None,
        "may_withdraw": stands and WITHDRAW in offers,
        "steps": tables.correction_steps(remark, scope),
        "effect": tables.effect_words(remark, queries.fact_in_effect(remark)),
    }
    return render(request, "evaluation/scoring/remark.html", context, status=status_of(form))


@require_POST
@allow(ACCEPT)
def fact_remark_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept or reject an objection, or take note of a comment."""
    remark = _remark(request, pk)
    form = AnswerForm(request.POST, kind=remark.kind)
    if not form.is_valid():
        return _remark_page(request, remark, form)
    act = ANSWERS[RemarkState(form.cleaned_data["decision"])]
    act(scope_of(request), remark=remark, answer=form.cleaned_data["answer"])
    messages.success(request, "回答を記録しました。拠点に通知しました。")
    return redirect("fact_remark", remark.pk)


@require_POST
@allow(WITHDRAW)
def fact_remark_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """The hub takes its remark back."""
    remark = _remark(request, pk)
    operations.withdraw_remark(scope_of(request), remark=remark)
    messages.success(request, "取り下げました。")
    return redirect("fact_check", remark.check_part_id)


@require_safe
@allow(VIEW)
def fact_evidence_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The file sent along with a remark."""
    remark = _remark(request, pk)
    if not remark.evidence_path or not default_storage.exists(remark.evidence_path):
        raise Http404
    with default_storage.open(remark.evidence_path) as file:
        return attachment(file.read(), remark.evidence_name, "application/octet-stream")
