"""Screens of the desk: each asks one query and draws it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from evaluation.desk import bench, queries, tables, trial
from evaluation.desk.rules import trial as trial_rules
from evaluation.scoring.analysis.tables import agreement_table, hub_outlook
from evaluation.scoring.flow import FLOW
from evaluation.scoring.models import EvaluationRun, RunKind, RunState
from evaluation.scoring.queries import standing_instead, visible_results, visible_runs
from evaluation.scoring.tables import (
    CHIPS,
    LEGEND,
    distribution,
    distribution_table,
    offers,
    ways,
)
from hubs.network.models import Hub
from hubs.terms.models import Term, TermState
from hubs.terms.queries import current_term
from yorozu.core.access import Scope, allow, decide, scope_of
from yorozu.core.web.crumbs import Crumb

EXPLAIN = "evaluation.desk.explain"
SIMULATE = "evaluation.desk.simulate"
WORKBENCH = "evaluation.desk.workbench"


def _run(request: HttpRequest, run_id: int) -> EvaluationRun:
    return get_object_or_404(visible_runs(scope_of(request)), pk=run_id)


def _crumbs(run: EvaluationRun, *more: Crumb) -> list[Crumb]:
    here = Crumb(str(run), reverse("run_detail", args=[run.pk]))
    return [Crumb("ホーム", "/"), Crumb("評価", reverse("run_list")), here, *more]


@require_safe
@allow(EXPLAIN)
def why_hub(request: HttpRequest, run_id: int, code: str) -> HttpResponse:
    """Why this score, and what would raise it: every number down to its source."""
    scope = scope_of(request)
    run = _run(request, run_id)
    result = get_object_or_404(visible_results(run, scope), hub__code=code)
    found = queries.why(run, result.hub, scope)
    way = found.distance
    title = f"{result.hub_name}：この点数の理由と、上げるには"
    instead = standing_instead(run, visible_runs(scope))
    context = {
        "title": title,
        "breadcrumbs": _crumbs(
            run, Crumb(result.hub_name, reverse("run_hub", args=[run.pk, code])), Crumb("理由")
        ),
        "run": run,
        "result": result,
        "facts": tables.facts(found),
        "outlook": hub_outlook(run, result),
        "may_analyse": decide(scope, "evaluation.scoring.analysis").allowed,
        "limits": found.sheet.limits,
        "picture": tables.waterfall(found.sheet),
        "waterfall": tables.waterfall_table(found),
        "way": way,
        "held": tables.held(found),
        "ways": tables.ways(found),
        "other_ways": tables.other_ways(found),
        "groups": tables.groups(found, scope),
        "yen": tables.yen_rows(found.sheet),
        "may_see_book": decide(scope, "evaluation.evidence.view").allowed,
        "instead": instead,
        "instead_url": reverse("why_hub", args=[instead.pk, code]) if instead else "",
    }
    return render(request, "evaluation/desk/why.html", context)


# --- What-if --------------------------------------------------------------------------------------

TRIAL = "評価の試算"


@require_safe
@allow(SIMULATE)
def trial_list(request: HttpRequest) -> HttpResponse:
    """The hubs of the scope in the running year; who has one hub goes to it at once."""
    scope, term = scope_of(request), current_term()
    hubs = list(Hub.objects.visible_to(scope).select_related("bureau").order_by("code"))
    if term is not None and len(hubs) == 1:
        return redirect("trial_hub", year=term.fiscal_year, code=hubs[0].code)
    year = term.fiscal_year if term else 0
    table = tables.trial_hubs(hubs, year) if term else None
    context = {
        "title": TRIAL,
        "breadcrumbs": [Crumb("ホーム", "/"), Crumb("評価", reverse("run_list")), Crumb(TRIAL)],
        "term": term,
        "table": table.sorted_by(request.GET.get("sort", "")) if table else None,
    }
    return render(request, "evaluation/desk/trial_list.html", context)


@require_safe
@allow(SIMULATE)
def trial_hub(request: HttpRequest, year: int, code: str) -> HttpResponse:
    """What if: fields and sliders, and what the engine makes of them. Nothing is kept."""
    scope = scope_of(request)
    term = get_object_or_404(Term, fiscal_year=year)
    hub = get_object_or_404(Hub.objects.visible_to(scope), code=code)
    mode = request.GET.get("mode", "")
    mode = mode if mode in dict(trial.MODES) else trial.FORECAST
    context: dict[str, Any] = {
        "title": f"{hub.name}：{TRIAL}",
        "breadcrumbs": [
            Crumb("ホーム", "/"),
            Crumb("評価", reverse("run_list")),
            Crumb(TRIAL, reverse("trial_list")),
            Crumb(hub.name),
        ],
        "term": term,
        "hub": hub,
        "mode": mode,
        "modes": trial.MODES,
    }
    base = _trial_base(hub, term, mode, scope)
    if isinstance(base, trial.Missing):
        return render(request, "evaluation/desk/trial.html", {**context, "missing": base})
    part = request.headers.get("HX-Request") == "true"
    context |= {**_tried(request, base, scope), "is_part": part}
    template = "evaluation/desk/_trial_result.html" if part else "evaluation/desk/trial.html"
    answer = render(request, template, context, status=422 if context["problems"] else 200)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


def _trial_base(hub: Hub, term: Term, mode: str, scope: Scope) -> trial.Base | trial.Missing:
    if term.state == TermState.CLOSED:
        text = "評価の結果と、次の評語までの量は、評価の「点数の理由と上げ方」にあります。"
        return trial.Missing(f"{term}は終了しました。", text)
    return trial.base_of(hub, term, mode, scope)


def _tried(request: HttpRequest, base: trial.Base, scope: Scope) -> dict[str, Any]:
    tried = trial_rules.read(base.fields, request.GET)
    problems = [one for one in tried if one.problem]
    found: dict[str, Any] = {
        "base": base,
        "groups": tables.trial_groups(base, tried),
        "problems": problems,
        "has_errors": bool(problems),
    }
    if problems:
        return found
    start = trial.outcome(base, trial_rules.read(base.fields, {}))
    is_moved = any(one.value != one.field.value for one in tried)
    outcome = trial.outcome(base, tried) if is_moved else start
    return {
        **found,
        "start": start,
        "outcome": outcome,
        "change": outcome.final - start.final,
        "table": tables.trial_table(base, start, outcome),
        "ways": tables.trial_ways(base, outcome),
        "next_year": trial.next_year(base, outcome),
    }


# --- Workbench ------------------------------------------------------------------------------------

BENCH = "評価ワークベンチ"


@require_safe
@allow(WORKBENCH)
def workbench_latest(request: HttpRequest) -> HttpResponse:
    """The workbench of the newest run that was not replaced; of a trial only without another."""
    runs = visible_runs(scope_of(request)).exclude(state=RunState.SUPERSEDED)
    runs = runs.order_by("-term__fiscal_year", "-number")
    run = runs.exclude(kind=RunKind.TRIAL).first() or runs.first()
    if run is not None:
        return redirect("workbench", run_id=run.pk)
    crumbs = [Crumb("ホーム", "/"), Crumb("評価", reverse("run_list")), Crumb(BENCH)]
    context = {"title": BENCH, "breadcrumbs": crumbs}
    return render(request, "evaluation/desk/workbench_empty.html", context)


@require_safe
@allow(WORKBENCH)
def workbench(request: HttpRequest, run_id: int) -> HttpResponse:
    """All hubs of a run under filters; distribution, correlation, reliability, what to know."""
    scope, run = scope_of(request), _run(request, run_id)
    found = bench.bench(run, scope, request.GET)
    listed, counts = found.listing, found.listing.found.data.summary
    table = tables.bench_table(run.pk, listed)
    context = {
        "title": f"{BENCH}：{run}",
        "breadcrumbs": _crumbs(run, Crumb(BENCH)),
        "run": run,
        "chip": CHIPS[RunState(run.state)],
        "runs": visible_runs(scope).filter(term=run.term).exclude(pk=run.pk),
        "summary": counts,
        "listed": listed,
        "table": table.sorted_by(request.GET.get("sort", ""), request.GET),
        "conditions": tables.conditions(listed),
        "tiles": tables.bench_tiles(run.pk, listed),
        "legend": LEGEND,
        "distribution": distribution(counts),
        "distribution_table": distribution_table(counts),
        "scores": tables.score_picture(found.bins),
        "scores_table": tables.score_table(found.bins),
        "components": tables.component_spread(found),
        "correlation": tables.correlation_table(found),
        "doubtful": tables.doubtful(found),
        "reliability": agreement_table(listed.analysis) if listed.analysis else None,
        "sureness": tables.sureness(listed),
        "remarks": tables.remark_table(run.pk, listed),
        "first": listed.shown[0].result.hub.code if listed.shown else "",
    }
    return render(request, "evaluation/desk/workbench.html", context)


@require_safe
@allow(WORKBENCH)
def workbench_hub(request: HttpRequest, run_id: int, code: str) -> HttpResponse:
    """One hub with everything about it; the next one is a key away."""
    scope, run = scope_of(request), _run(request, run_id)
    results = visible_results(run, scope).select_related("evidence_book")
    result = get_object_or_404(results, hub__code=code)
    found = bench.hub_bench(run, result, scope, request.GET)
    place, why = found.place, found.why
    context = {
        "title": f"{BENCH}：{result.hub_name}",
        "breadcrumbs": _crumbs(
            run,
            Crumb(BENCH, f"{reverse('workbench', args=[run.pk])}{place.query}"),
            Crumb(result.hub_name),
        ),
        "run": run,
        "chip": CHIPS[RunState(run.state)],
        "result": result,
        "place": place,
        "links": found.links,
        "facts": tables.facts(why),
        "outlook": hub_outlook(run, result),
        "may_analyse": decide(scope, "evaluation.scoring.analysis").allowed,
        "remarks": found.remarks,
        "way": why.distance,
        "held": tables.held(why),
        "ways": tables.ways(why),
        "other_ways": tables.other_ways(why),
        "waterfall": tables.waterfall_table(why),
        "groups": tables.groups(why, scope),
        "yen": tables.yen_rows(why.sheet),
        "sections": tables.hub_sections(found),
        "acts": [*ways(run, scope), *offers(run, FLOW.offers(run, scope))],
        "may_remark": run.is_pending and decide(scope, "evaluation.reports.remark").allowed,
    }
    return render(request, "evaluation/desk/workbench_hub.html", context)
