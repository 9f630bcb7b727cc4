"""Screens of runs: list, table, one hub with its arithmetic, fix, publish."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from evaluation.scoring import operations, queries, tables
from evaluation.scoring.analysis.tables import hub_outlook
from evaluation.scoring.comparing import under_other_schemes
from evaluation.scoring.flow import FIX, FLOW, unanswered
from evaluation.scoring.forms import DiscardForm, ReasonForm, StartForm
from evaluation.scoring.models import EvaluationRun, RunKind, RunState
from yorozu.core.access import Scope, allow, decide, require, scope_of
from yorozu.core.errors import NotReady
from yorozu.core.web.forms import status_of
from yorozu.core.web.missing import linked

LIST = (("ホーム", "/"), ("評価", "/evaluation/runs/"))


@require_http_methods(["GET", "HEAD", "POST"])
@allow("evaluation.scoring.view")
def run_list(request: HttpRequest) -> HttpResponse:
    """All runs by term; HQ starts a new one here."""
    scope = scope_of(request)
    may_start = decide(scope, "evaluation.scoring.run").allowed
    if request.method == "POST":
        require(scope, "evaluation.scoring.run")
    form = StartForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        kind = RunKind(form.cleaned_data["kind"])
        job = operations.start_run(scope, term=form.cleaned_data["term"], kind=kind)
        return redirect("job_detail", job.pk)
    runs = queries.visible_runs(scope)
    context = {
        "title": "評価",
        "breadcrumbs": [*LIST],
        "table": tables.runs(runs),
        "rooms": tables.rooms(scope),
        "form": form if may_start else None,
    }
    return render(request, "evaluation/scoring/list.html", context, status=status_of(form))


def instead_of(run: EvaluationRun, scope: Scope, code: str = "") -> dict[str, Any]:
    """The run that took the place of a superseded one, and its page (of the hub ``code``)."""
    found = queries.standing_instead(run, queries.visible_runs(scope))
    if found is None:
        return {"instead": None, "instead_url": ""}
    page = ("run_hub", [found.pk, code]) if code else ("run_detail", [found.pk])
    return {"instead": found, "instead_url": reverse(page[0], args=page[1])}


@require_safe
@allow("evaluation.scoring.view")
def run_detail(request: HttpRequest, run_id: int) -> HttpResponse:
    """The table of all hubs in the scope, distribution, map, and the buttons of the flow."""
    scope = scope_of(request)
    run = get_object_or_404(queries.visible_runs(scope), pk=run_id)
    lines = queries.hub_lines(run, scope)
    summary = queries.summary(run)
    others = under_other_schemes(run)
    context = {
        "others": others,
        "schemes": tables.schemes_table([line.result for line in lines], others),
        "title": str(run),
        "breadcrumbs": [*LIST, (str(run), None)],
        "run": run,
        "chip": tables.CHIPS[RunState(run.state)],
        "facts": tables.run_facts(run),
        "summary": summary,
        "table": tables.results(run, lines).sorted_by(request.GET.get("sort", ""), request.GET),
        "tiles": tables.tiles(run, lines) if len(lines) > 1 else [],
        "legend": tables.LEGEND,
        "distribution": tables.distribution(summary),
        "distribution_table": tables.distribution_table(summary),
        "offers": tables.offers(run, FLOW.offers(run, scope)),
        "ways": tables.ways(run, scope),
        "recheck": run.rechecks.first(),
        **instead_of(run, scope),
        "may_analyse": decide(scope, "evaluation.scoring.analysis").allowed,
        "may_see_budget": decide(scope, "evaluation.budget.view").allowed,
        "may_certify": decide(scope, "evaluation.reports.certify").allowed,
        "may_bench": decide(scope, "evaluation.desk.workbench").allowed,
        "may_compile": decide(scope, "evaluation.reports.national").allowed,
        "may_budget": decide(scope, "evaluation.budget.compute").allowed
        and run.state in {"fixed", "published"},
        "may_make_sheets": decide(scope, "evaluation.reports.make").allowed,
        "may_delete": decide(scope, "evaluation.scoring.run").allowed
        and run.kind == RunKind.TRIAL
        and run.state == "computed",
    }
    return render(request, "evaluation/scoring/detail.html", context)


@require_safe
@allow("evaluation.scoring.view")
def run_hub(request: HttpRequest, run_id: int, code: str) -> HttpResponse:
    """One hub: score, grade, rank, and every line of the arithmetic down to the source row."""
    scope = scope_of(request)
    run = get_object_or_404(queries.visible_runs(scope), pk=run_id)
    result = get_object_or_404(queries.visible_results(run, scope), hub__code=code)
    means = queries.component_means(run)
    items = list(result.items.all())
    summary, others = queries.summary(run), under_other_schemes(run)
    context = {
        "others": others,
        "schemes": tables.hub_schemes_table(run, result, summary, others),
        "title": f"{result.hub_name}の評価結果",
        "breadcrumbs": [
            *LIST,
            (str(run), reverse("run_detail", args=[run.pk])),
            (result.hub_name, None),
        ],
        "run": run,
        "result": result,
        "facts": tables.hub_facts(run, result, summary),
        "groups": tables.arithmetic(items, means, _content(result), scope),
        "closing": tables.closing(items),
        "profile": tables.profile(items, means),
        "profile_table": tables.profile_table(items, means),
        "neighbours": _neighbours(run, result, request),
        "adjustment": tables.adjustment_facts(run, code),
        **instead_of(run, scope, code),
        "may_see_book": decide(scope, "evaluation.evidence.view").allowed,
        "outlook": hub_outlook(run, result),
        "may_analyse": decide(scope, "evaluation.scoring.analysis").allowed,
    }
    return render(request, "evaluation/scoring/hub.html", context)


def _content(result: Any) -> dict[str, Any]:
    book = result.evidence_book
    return json.loads(book.content) if book else {}


def _neighbours(run: Any, result: Any, request: HttpRequest) -> dict[str, Any]:
    """Previous and next hub of the scope, for reading one after another."""
    codes = list(
        queries.visible_results(run, scope_of(request)).values_list("hub__code", "hub_name")
    )
    place = [code for code, _ in codes].index(result.hub.code)
    return {
        "previous": codes[place - 1] if place else None,
        "next": codes[place + 1] if place + 1 < len(codes) else None,
    }


def lacking_for(action: str, run: EvaluationRun, scope: Scope) -> list[Any]:
    """What still stands between a run and an act, with the pages where it is done."""
    conditions = FLOW.by_action[action].conditions
    return linked([one for check in conditions for one in check(run, scope)])


@require_http_methods(["GET", "HEAD", "POST"])
@allow("evaluation.scoring.fix")
def run_fix(request: HttpRequest, run_id: int) -> HttpResponse:
    """Check page before fixing; the second person fixes."""
    scope = scope_of(request)
    run = get_object_or_404(queries.visible_runs(scope), pk=run_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    missing = unanswered(run)
    if request.method == "POST" and form.is_valid():
        try:
            operations.fix_run(scope, run=run, reason=form.cleaned_data["reason"])
        except NotReady as error:
            if not missing or form.cleaned_data["reason"].strip():
                raise
            form.add_error("reason", error.message)
        else:
            messages.success(request, "評価を確定しました。次は中小企業庁が公表します。")
            return redirect("run_detail", run.pk)
    context = {
        "title": "評価の確定",
        "breadcrumbs": [*LIST, (str(run), reverse("run_detail", args=[run.pk])), ("確定", None)],
        "run": run,
        "facts": tables.run_facts(run),
        "form": form,
        "unanswered": missing,
        "lacking": lacking_for(FIX, run, scope),
        "lead": (
            "確定すると、この評価の数値は変更できなくなります。"
            "算定した人とは別の担当者が確定します。"
        ),
        "button": "この評価を確定する",
    }
    return render(request, "evaluation/scoring/confirm.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
@allow("evaluation.scoring.publish")
def run_publish(request: HttpRequest, run_id: int) -> HttpResponse:
    """Check page before publishing to all hubs at once."""
    scope = scope_of(request)
    run = get_object_or_404(queries.visible_runs(scope), pk=run_id)
    if request.method == "POST":
        operations.publish_run(scope, run=run)
        messages.success(request, "評価を全拠点に公表しました。各拠点に通知を送りました。")
        return redirect("run_detail", run.pk)
    context = {
        "title": "評価の公表",
        "breadcrumbs": [*LIST, (str(run), reverse("run_detail", args=[run.pk])), ("公表", None)],
        "run": run,
        "facts": tables.run_facts(run),
        "form": None,
        "unanswered": [],
        "lead": (
            "公表すると、全拠点と実施機関が自拠点の評価結果を見られるようになります。"
            "取消しはできません。"
        ),
        "button": "全拠点に公表する",
    }
    return render(request, "evaluation/scoring/confirm.html", context)


@require_POST
@allow("evaluation.scoring.run")
def run_delete(request: HttpRequest, run_id: int) -> HttpResponse:
    """Delete a trial run."""
    scope = scope_of(request)
    run = get_object_or_404(queries.visible_runs(scope), pk=run_id)
    operations.delete_trial(scope, run=run)
    messages.success(request, "試行の評価を削除しました。")
    return redirect("run_list")


@require_http_methods(["GET", "HEAD", "POST"])
@allow("evaluation.scoring.discard")
def run_discard(request: HttpRequest, run_id: int) -> HttpResponse:
    """Lay a computed run aside, with the reason."""
    scope = scope_of(request)
    run = get_object_or_404(queries.visible_runs(scope), pk=run_id)
    form = DiscardForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        operations.discard_run(scope, run=run, reason=form.cleaned_data["reason"])
        messages.success(request, "この算定は使わないことにしました。記録は残ります。")
        return redirect("run_detail", run.pk)
    context = {
        "title": "この算定を使わない",
        "breadcrumbs": [
            *LIST,
            (str(run), reverse("run_detail", args=[run.pk])),
            ("使わない", None),
        ],
        "run": run,
        "facts": tables.run_facts(run),
        "form": form,
        "unanswered": [],
        "lead": "誤って算定したときなどに使います。記録は消えず、理由は監査記録に残ります。",
        "button": "この算定を使わない",
    }
    return render(request, "evaluation/scoring/confirm.html", context, status=status_of(form))
