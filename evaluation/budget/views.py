"""Screens of the budget: scenarios, yen per hub, one hub's waterfall, adoption, certificate."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from evaluation.budget import comparing, operations, queries, tables
from evaluation.budget.flow import FLOW, hindrances
from evaluation.budget.forms import AdoptForm, ScenarioForm
from evaluation.budget.models import BudgetLine, BudgetScenario, ScenarioState
from evaluation.budget.rechecking import faults_of
from evaluation.budget.rules.lines import Line
from evaluation.scoring.models import EvaluationRun, RunState
from evaluation.scoring.queries import visible_runs
from yorozu.core.access import Scope, allow, decide, scope_of
from yorozu.core.web.forms import status_of

LIST = ("配分案", "/evaluation/budget/")


@require_safe
@allow("evaluation.budget.view")
def scenario_list(request: HttpRequest) -> HttpResponse:
    """All scenarios, newest first; with ?run= those of one run."""
    rows = BudgetScenario.objects.select_related("run__term", "rule").order_by("-pk")
    run = request.GET.get("run", "")
    if run.isascii() and run.isdigit() and len(run) < 16:
        rows = rows.filter(run_id=int(run))
    context = {"title": "配分案", "breadcrumbs": [LIST], "table": tables.scenarios(rows)}
    return render(request, "evaluation/budget/list.html", context)


@require_safe
@allow("evaluation.budget.view")
def scenario_compare(request: HttpRequest) -> HttpResponse:
    """Two to six scenarios side by side (?s=1&s=2); without them, which ones to take."""
    scope = scope_of(request)
    wanted = comparing.chosen(request.GET.getlist("s"))
    problem = comparing.problem_of(wanted)
    context: dict[str, Any] = {
        "title": "配分案の比較",
        "breadcrumbs": [LIST, ("比較", None)],
        "choices": queries.years_of_scenarios({row.pk for row in wanted}),
        "problem": problem if len(wanted) != 1 and request.GET.getlist("s") else "",
        "most": comparing.MOST,
    }
    if not problem:
        found = comparing.compare(wanted, scope)
        hubs = tables.compared_hubs(found)
        context |= {
            "found": found,
            "legend": tables.legend(found),
            "hubs": hubs.sorted_by(request.GET.get("sort", ""), {"s": request.GET.getlist("s")}),
            "measures": tables.compared_measures(found),
            "parameters": tables.compared_parameters(found),
        }
    return render(request, "evaluation/budget/compare.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("evaluation.budget.compute")
def scenario_new(request: HttpRequest, run_id: int) -> HttpResponse:
    """Parameters of a new scenario for a fixed run."""
    scope = scope_of(request)
    run = get_object_or_404(visible_runs(scope), pk=run_id)
    origin = _origin(request, run)
    form = _scenario_form(request, run, origin)
    if request.method == "POST" and form.is_valid():
        rule = operations.keep_rule(scope, params=form.params())
        data = form.cleaned_data
        proposal = operations.Proposal(form.lines(), data["note"].strip(), origin)
        job = operations.start_scenario(
            scope,
            run=run,
            rule=rule,
            total_yen=data["total_yen"],
            title=data["title"],
            proposal=proposal,
        )
        return redirect("job_detail", job.pk)
    context = {
        "title": "配分案の算定",
        "breadcrumbs": [LIST, (str(run), reverse("run_detail", args=[run.pk])), ("算定", None)],
        "run": run,
        "form": form,
        "origin": origin,
        "known": tables.known_lines(queries.known_lines(run)),
    }
    return render(request, "evaluation/budget/new.html", context, status=status_of(form))


def _origin(request: HttpRequest, run: EvaluationRun) -> BudgetScenario | None:
    """The scenario of the same term that ?from= names for copying."""
    named = comparing.chosen([request.GET.get("from", "")])
    return next((row for row in named if row.run.term_id == run.term_id), None)


def _scenario_form(
    request: HttpRequest, run: EvaluationRun, origin: BudgetScenario | None
) -> ScenarioForm:
    """The form of a new scenario; a copy begins with all values of its origin."""
    initial: dict[str, Any] = {}
    lines = []
    if origin is not None:
        lines = [Line(row.name, row.total_yen) for row in origin.funding_lines.all()]
        initial = {
            "title": f"{origin.title}の写し"[:80],
            "total_yen": f"{origin.total_yen:,}",
            "note": origin.note,
        }
    return ScenarioForm(
        request.POST if request.method == "POST" else None,
        base=queries.year_rule(run.term) or {},
        hubs=run.hub_results.count(),
        start=json.loads(origin.rule.content) if origin else None,
        lines=lines,
        initial=initial,
    )


@require_safe
@allow("evaluation.budget.view")
def scenario_detail(request: HttpRequest, scenario_id: int) -> HttpResponse:
    """Yen per hub in the scope; national scopes see the sum check to the yen."""
    scope = scope_of(request)
    scenario = get_object_or_404(
        BudgetScenario.objects.select_related("run__term", "rule", "adopted_by", "based_on"),
        pk=scenario_id,
    )
    totals = queries.totals(scenario) if scope.hub_ids is None else None
    rows = list(queries.visible_lines(scenario, scope))
    table = tables.lines(scenario, rows, totals)
    offers = FLOW.offers(scenario, scope)
    may_copy = decide(scope, "evaluation.budget.compute").allowed
    is_waiting = scenario.state == ScenarioState.PROPOSED and may_copy
    context = {
        "title": scenario.title,
        "breadcrumbs": [LIST, (scenario.title, None)],
        "scenario": scenario,
        "chip": tables.CHIPS[ScenarioState(scenario.state)],
        "totals": totals,
        "flags": queries.flags(json.loads(scenario.result)),
        "undistributed": queries.undistributed(scenario),
        "lines": tables.funding(scenario) if totals else None,
        "superseded": scenario.run.state == RunState.SUPERSEDED,
        "stands": queries.standing_run(scenario),
        "corrected": queries.corrected_by(scenario),
        "faults": faults_of(scenario) if totals else [],
        "carried": sum(row.carry_over_yen for row in rows) if totals else None,
        "has_carry_over": tables.has_carry_over(rows),
        "may_copy": may_copy,
        "table": table.sorted_by(request.GET.get("sort", ""), request.GET),
        "params": tables.parameters(scenario),
        "record": tables.record(scenario),
        "follows": queries.follows_the_year(scenario),
        "offers": offers,
        "hindrances": hindrances(scenario, scope) if is_waiting else [],
        "may_certify": decide(scope, "evaluation.budget.view").allowed and scope.hub_ids is None,
    }
    return render(request, "evaluation/budget/detail.html", context)


@require_safe
@allow("evaluation.budget.view")
def scenario_hub(request: HttpRequest, scenario_id: int, code: str) -> HttpResponse:
    """Why this amount: the waterfall of one hub, to the yen."""
    scope = scope_of(request)
    scenario = get_object_or_404(BudgetScenario.objects.select_related("run__term"), pk=scenario_id)
    line = get_object_or_404(queries.visible_lines(scenario, scope), hub__code=code)
    steps, story = tables.from_last_year(line, list(scenario.lines.all()))
    notes = queries.point_notes(scenario, [line])
    context = {
        "title": f"{line.hub_name}の配分案",
        "breadcrumbs": [
            LIST,
            (scenario.title, reverse("scenario_detail", args=[scenario.pk])),
            (line.hub_name, None),
        ],
        "scenario": scenario,
        "flags": queries.flags(json.loads(scenario.result)),
        "superseded": scenario.run.state == RunState.SUPERSEDED,
        "line": line,
        "story": story,
        "picture": tables.waterfall(line),
        "waterfall": tables.waterfall_table(line),
        "last_year": tables.last_year_table(steps) if steps else None,
        "last_year_picture": tables.last_year_picture(line, steps) if steps else None,
        "performance": tables.performance(line, queries.explained(scenario)[line.hub.code]),
        "point_note": notes[line.hub.code],
        "facts": tables.hub_facts(line, notes[line.hub.code]),
        "shares": tables.shares(line),
        "neighbours": _neighbours(scenario, line, scope),
    }
    return render(request, "evaluation/budget/hub.html", context)


def _neighbours(scenario: BudgetScenario, line: BudgetLine, scope: Scope) -> dict[str, Any]:
    """The hubs before and after in the scope, for reading one after another."""
    rows = list(queries.visible_lines(scenario, scope).values_list("hub__code", "hub_name"))
    place = [code for code, _ in rows].index(line.hub.code)
    return {
        "previous": rows[place - 1] if place else None,
        "next": rows[place + 1] if place + 1 < len(rows) else None,
    }


@require_safe
@allow("evaluation.budget.view")
def scenario_formula(request: HttpRequest, scenario_id: int) -> HttpResponse:
    """How far each hub of the scope stands from the formula, and what one point moves."""
    scope = scope_of(request)
    scenario = get_object_or_404(BudgetScenario.objects.select_related("run__term"), pk=scenario_id)
    rows = list(queries.visible_lines(scenario, scope))
    table = tables.distances(scenario, rows, queries.point_notes(scenario, rows))
    context = {
        "title": "配分式との距離",
        "breadcrumbs": [
            LIST,
            (scenario.title, reverse("scenario_detail", args=[scenario.pk])),
            ("配分式との距離", None),
        ],
        "scenario": scenario,
        "table": table.sorted_by(request.GET.get("sort", ""), request.GET),
    }
    return render(request, "evaluation/budget/formula.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("evaluation.budget.adopt")
def scenario_adopt(request: HttpRequest, scenario_id: int) -> HttpResponse:
    """Check page and adoption with a reason."""
    scope = scope_of(request)
    scenario = get_object_or_404(
        BudgetScenario.objects.select_related("run__term", "rule"), pk=scenario_id
    )
    form = AdoptForm(
        request.POST if request.method == "POST" else None,
        floors_scaled=queries.is_floors_scaled(scenario),
    )
    if request.method == "POST" and form.is_valid():
        operations.adopt_scenario(scope, scenario=scenario, **form.cleaned_data)
        messages.success(request, "配分案を採用しました。ほかの案は記録として残ります。")
        return redirect("scenario_detail", scenario.pk)
    context = {
        "title": "配分案の採用",
        "breadcrumbs": [
            LIST,
            (scenario.title, reverse("scenario_detail", args=[scenario.pk])),
            ("採用", None),
        ],
        "scenario": scenario,
        "totals": queries.totals(scenario),
        "flags": queries.flags(json.loads(scenario.result)),
        "lines": tables.funding(scenario),
        "others": queries.adopted_elsewhere(scenario),
        "follows": queries.follows_the_year(scenario),
        "hindrances": hindrances(scenario, scope),
        "form": form,
    }
    return render(request, "evaluation/budget/adopt.html", context, status=status_of(form))


@require_safe
@allow("evaluation.budget.compute")
def scenario_certificate(request: HttpRequest, scenario_id: int) -> HttpResponse:
    """The run and all its scenarios as one file for ``evaluation_check`` (national roles only)."""
    scenario = get_object_or_404(BudgetScenario.objects.select_related("run__term"), pk=scenario_id)
    run = scenario.run
    response = HttpResponse(queries.certificate_text(run), content_type="application/json")
    name = f"evaluation-{run.term.fiscal_year}-{run.number}-budget.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
