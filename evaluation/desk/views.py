"""Screens of the desk: each asks one query and draws it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from evaluation.desk import queries, tables
from evaluation.desk.rules import words
from evaluation.scoring.models import EvaluationRun
from evaluation.scoring.queries import visible_results, visible_runs
from yorozu.core.access import allow, decide, scope_of
from yorozu.core.web.crumbs import Crumb

EXPLAIN = "evaluation.desk.explain"


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
    context = {
        "title": title,
        "breadcrumbs": _crumbs(
            run, Crumb(result.hub_name, reverse("run_hub", args=[run.pk, code])), Crumb("理由")
        ),
        "run": run,
        "result": result,
        "facts": tables.facts(found),
        "outlook": tables.outlook_rows(found.outlook),
        "limits": found.sheet.limits,
        "picture": tables.waterfall(found.sheet),
        "waterfall": tables.waterfall_table(found),
        "way": way,
        "held": words.held_by(way.gates, found.names) if way.gates and not way.gap else "",
        "ways": tables.ways(found),
        "other_ways": tables.other_ways(found),
        "groups": tables.groups(found, scope),
        "yen": tables.yen_rows(found.sheet),
        "may_see_book": decide(scope, "evaluation.evidence.view").allowed,
    }
    return render(request, "evaluation/desk/why.html", context)
