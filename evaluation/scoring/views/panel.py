"""Screens of the panel: proposals, the second person, and what the adjustments weigh."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from evaluation.scoring import operations, queries, tables
from evaluation.scoring.flow import DROP, SECOND
from evaluation.scoring.forms import AdjustmentForm
from evaluation.scoring.models import PanelAdjustment, RunState
from evaluation.scoring.operations.panel import ADJUST, APPLY
from evaluation.scoring.views.runs import LIST
from yorozu.core.access import allow, decide, require, scope_of
from yorozu.core.errors import InvalidInput
from yorozu.core.web.forms import status_of

FIELDS = {"拠点": "hub", "調整点": "points", "理由": "reason", "根拠": "evidence"}


@require_http_methods(["GET", "HEAD", "POST"])
@allow("evaluation.scoring.panel")
def run_panel(request: HttpRequest, run_id: int) -> HttpResponse:
    """Adjustments of a run, how many hubs they touch, and the ranks without them."""
    scope = scope_of(request)
    run = get_object_or_404(queries.visible_runs(scope), pk=run_id)
    may_adjust = run.state == RunState.PANEL and decide(scope, ADJUST).allowed
    if request.method == "POST":
        require(scope, ADJUST)
        operations.require_panel(run)
    form = AdjustmentForm(request.POST if request.method == "POST" else None, run=run)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            operations.propose_adjustment(
                scope,
                run=run,
                hub_code=given["hub"],
                points=given["points"],
                reason=given["reason"],
                evidence=given["evidence"],
            )
        except InvalidInput as fault:
            for problem in fault.problems:
                form.add_error(FIELDS.get(problem.column), problem.message)
        else:
            messages.success(request, "調整を提案しました。別の担当者が承認します。")
            return redirect("run_panel", run.pk)
    effect = queries.panel_effect(run)
    rows = queries.adjustments_of(run)
    context = {
        "title": "審査会の調整",
        "breadcrumbs": [*LIST, (str(run), reverse("run_detail", args=[run.pk])), ("調整", None)],
        "run": run,
        "chip": tables.CHIPS[RunState(run.state)],
        "effect": effect,
        "adjusted": tables.adjusted_table(effect),
        "moved": tables.moved_table(effect),
        "proposals": tables.proposals(rows, scope),
        "may_apply": may_adjust and tables.may_apply(rows),
        "form": form if may_adjust else None,
        "earlier": tables.earlier_adjustments(run) if may_adjust else [],
    }
    status = status_of(form) if may_adjust else 200
    return render(request, "evaluation/scoring/panel.html", context, status=status)


@require_POST
@allow(APPLY)
def run_apply(request: HttpRequest, run_id: int) -> HttpResponse:
    """Compute the run with its confirmed adjustments; its progress is on the page of the job."""
    scope = scope_of(request)
    run = get_object_or_404(queries.visible_runs(scope), pk=run_id)
    job = operations.start_adjusting(scope, run=run)
    return redirect("job_detail", job.pk)


def _adjustment(request: HttpRequest, pk: int) -> PanelAdjustment:
    runs = queries.visible_runs(scope_of(request))
    return get_object_or_404(PanelAdjustment.objects.filter(run__in=runs), pk=pk)


@require_POST
@allow(SECOND)
def adjustment_second(request: HttpRequest, pk: int) -> HttpResponse:
    """The second name."""
    row = _adjustment(request, pk)
    operations.second_adjustment(scope_of(request), adjustment=row)
    messages.success(request, "調整を承認しました。「調整を反映して算定する」で評価に反映します。")
    return redirect("run_panel", row.run_id)


@require_POST
@allow(DROP)
def adjustment_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """A proposal taken back."""
    row = _adjustment(request, pk)
    operations.drop_adjustment(scope_of(request), adjustment=row)
    messages.success(request, "調整の提案を取り下げました。")
    return redirect("run_panel", row.run_id)
