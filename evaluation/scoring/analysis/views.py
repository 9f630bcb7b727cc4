"""Screens of an analysis: the national page, its tables as files, the order to make one."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from evaluation.scoring import queries as runs
from evaluation.scoring.analysis import operations, queries, tables, words
from evaluation.scoring.models import EvaluationRun
from evaluation.scoring.rules.scheme import read_scheme
from evaluation.scoring.tables import distribution, distribution_table
from yorozu.core.access import allow, decide, scope_of
from yorozu.core.figures import format_count
from yorozu.core.fiscal import nendo
from yorozu.core.web.downloads import sheet_file

VIEW = "evaluation.scoring.analysis"
RUN = "evaluation.scoring.run"


@require_safe
@allow(VIEW)
def run_analysis(request: HttpRequest, run_id: int) -> HttpResponse:
    """How sure the run is and what it depends on; without an analysis, the way to make one."""
    scope = scope_of(request)
    run = get_object_or_404(runs.visible_runs(scope), pk=run_id)
    found = queries.analysis_of(run)
    context = {
        "title": f"{run} {words.TITLE}",
        "breadcrumbs": [
            ("評価", reverse("run_list")),
            (str(run), reverse("run_detail", args=[run.pk])),
            (words.TITLE, None),
        ],
        "run": run,
        "may_start": found is None and decide(scope, RUN).allowed,
        "found": _parts(request, run, found) if found else None,
    }
    return render(request, "evaluation/analysis/detail.html", context)


def _parts(request: HttpRequest, run: EvaluationRun, found: queries.Analysis) -> dict[str, Any]:
    """Hub by hub within the scope; what is said of the network is said to every judge."""
    results = list(runs.visible_results(run, scope_of(request)))
    names, summary = queries.names_of(run), runs.summary(run)
    cuts = read_scheme(json.loads(run.scheme.content)).grades
    hubs = tables.hub_table(run, found, results, names)
    return {
        "tally": tables.tally(found),
        "draws": format_count(found.given["draws"]),
        "hubs": hubs.sorted_by(request.GET.get("sort", ""), request.GET),
        "picture": tables.interval_picture(found, results, cuts),
        "picture_table": tables.picture_table(found, results),
        "variants": tables.variant_summary(found, names),
        "shifts": tables.shift_table(run, found, results, names),
        "agreement": tables.agreement_table(found),
        "severity_word": words.severity_word(found.content["severity"]),
        "severity": tables.severity_table(found, queries.rater_names(run)),
        "regional": tables.regional_table(found, results, names),
        "correlation": tables.correlation_table(found),
        "warnings": tables.correlation_warnings(found),
        "distribution": distribution(summary),
        "distribution_table": distribution_table(summary),
        "noise": tables.noise_table(found),
        "facts": tables.facts(found),
    }


Rows = Callable[..., tuple[list[str], list[list[Any]]]]
FILES: dict[str, tuple[str, Rows]] = {
    "hubs": ("拠点別のばらつき", tables.hub_rows),
    "shifts": ("前提を変えた順位と評語", tables.shift_rows),
}


@require_safe
@allow(VIEW)
def run_analysis_file(request: HttpRequest, run_id: int, table: str, ending: str) -> HttpResponse:
    """One of the two hub tables as CSV or XLSX."""
    scope = scope_of(request)
    run = get_object_or_404(runs.visible_runs(scope), pk=run_id)
    found = queries.analysis_of(run)
    if found is None:
        raise Http404
    word, rows_of = FILES[table]
    results: Sequence[Any] = list(runs.visible_results(run, scope))
    header, rows = rows_of(found, results, queries.names_of(run))
    name = f"{nendo(run.term.fiscal_year)}_第{run.number}回_{word}"
    return sheet_file(request, kind=ending, name=name, header=header, rows=rows)


@require_POST
@allow(RUN)
def run_analysis_start(request: HttpRequest, run_id: int) -> HttpResponse:
    """Ask for the analysis of a run that has none."""
    scope = scope_of(request)
    run = get_object_or_404(runs.visible_runs(scope), pk=run_id)
    job = operations.start(scope, run=run)
    return redirect("job_detail", job.pk)
