"""The process matrix 拠点 x 工程: one line per hub of the scope, and the filters over its lines.

Home pages count with the same lines and filters, so a number on a home page is always the length of
the list its link opens.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from evaluation.scoring.models import EvaluationRun, RunHubResult, RunKind, RunState
from evaluation.scoring.queries import visible_results, visible_runs
from hubs.network.models import Hub
from hubs.plans.models import Plan
from hubs.plans.queries import plan_heads
from hubs.results.queries import report_lines
from hubs.terms.models import Term
from hubs.terms.queries import policies
from yorozu.core import clock
from yorozu.core.access import Scope, decide
from yorozu.portal.home import steps
from yorozu.portal.home.steps import Ground, Month, Need, Stage, Step

RUN_ORDER = [
    RunState.PUBLISHED.value,
    RunState.FIXED.value,
    RunState.PANEL.value,
    RunState.FACT_CHECK.value,
    RunState.COMPUTED.value,
]


@dataclass(frozen=True)
class Line:
    """One hub with its steps, its plan and its months."""

    hub: Hub
    steps: Mapping[Stage, Step]
    plan: Plan | None
    months: Sequence[Month]

    def needs(self, need: Need, stage: Stage | None = None) -> bool:
        """True when a step (or this one step) waits for what the filter asks."""
        wanted = [self.steps[stage]] if stage else self.steps.values()
        return any(need in step.needs for step in wanted)

    def months_of(self, need: Need) -> list[Month]:
        """The months whose turn it is."""
        return [month for month in self.months if steps.turn_of(month) == need]


@dataclass(frozen=True)
class Matrix:
    """The lines of a term with what they were judged by; ``policy_id`` is the version in force."""

    term: Term
    ground: Ground
    lines: Sequence[Line]
    policy_id: int | None

    def waiting(self, need: Need, stage: Stage | None = None) -> list[Line]:
        """The lines a filter leaves."""
        return [line for line in self.lines if line.needs(need, stage)]


def standing_run(scope: Scope, term: Term) -> EvaluationRun | None:
    """The run that stands for the term: published before fixed before computed, trials never."""
    runs = [
        run
        for run in visible_runs(scope).filter(term=term).defer("snapshot", "result")
        if run.kind != RunKind.TRIAL and run.state in RUN_ORDER
    ]
    return min(runs, key=lambda run: (RUN_ORDER.index(run.state), -run.number), default=None)


def matrix(scope: Scope, term: Term) -> Matrix:
    """The lines of the scope's hubs; eight queries however many hubs there are."""
    may_judge = decide(scope, "evaluation.scoring.view").allowed
    run = standing_run(scope, term) if may_judge else None
    versions = list(policies(scope, term).defer("body"))
    ground = Ground(
        now=clock.now(),
        today=clock.today(),
        fiscal_year=term.fiscal_year,
        term_state=term.state,
        deadlines={row.code: row.due_at for row in term.deadlines.all()},
        policy_states=frozenset(row.state for row in versions),
        run=run,
    )
    plans = {plan.hub_id: plan for plan in plan_heads(scope, term)}
    reports = report_lines(scope, term)
    results = {row.hub_id: row for row in visible_results(run, scope)} if run else {}
    lines, policy = [], steps.policy_step(ground)
    for hub in Hub.objects.visible_to(scope).select_related("bureau"):
        months = steps.months_over(hub, reports, ground)
        plan = plans.get(hub.pk)
        row = _steps(policy, plan, months, results.get(hub.pk), ground)
        if not may_judge:
            row[Stage.EVALUATION] = Step(None)
        lines.append(Line(hub, row, plan, months))
    published = [row.pk for row in versions if row.published_at is not None]
    return Matrix(term, ground, lines, published[0] if published else None)


def _steps(
    policy: Step,
    plan: Plan | None,
    months: Sequence[Month],
    result: RunHubResult | None,
    ground: Ground,
) -> dict[Stage, Step]:
    counts = (getattr(plan, "target_count", 0), getattr(plan, "area_count", 0))
    return {
        Stage.POLICY: policy,
        Stage.PLAN: steps.plan_step(plan, ground),
        Stage.TARGET: steps.target_step(plan, *counts, ground),
        Stage.INTERVIEW: steps.interview_step(plan, ground),
        Stage.MONTH: steps.month_step(months, ground),
        Stage.EVALUATION: steps.evaluation_step(result, ground),
    }


def need_of(code: str) -> Need | None:
    """The filter of an address; None for none and for an unknown one."""
    return next((need for need in Need if need.code == code), None)


def stage_of(code: str) -> Stage | None:
    """The stage of an address; None for none and for an unknown one."""
    return next((stage for stage in Stage if stage.code == code), None)


def address(term: Term, need: Need | None = None, stage: Stage | None = None) -> str:
    """The address of the matrix, of a filter, or of a filter on one stage."""
    parts = [f"fiscal_year={term.fiscal_year}"]
    parts += [f"show={need.code}"] if need else []
    parts += [f"stage={stage.code}"] if stage else []
    return f"{reverse('process_matrix')}?{'&'.join(parts)}"
