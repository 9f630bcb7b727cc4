"""Runs on the desks: to ask the hubs, to answer them, to fix, to publish; for the hub its facts."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Max, Min
from django.urls import reverse

from evaluation.scoring.flow import computers_of
from evaluation.scoring.models import (
    YEARS_END,
    EvaluationRun,
    FactCheck,
    FactCheckState,
    RunState,
)
from evaluation.scoring.queries import open_parts, open_remarks
from hubs.terms.queries import next_due
from yorozu.core.access import Role
from yorozu.core.fiscal import nendo
from yorozu.core.web.chips import Status
from yorozu.portal.home.desk import Desk, Task, Work

# How far a run has come; what stands further on has overtaken it.
ORDER = [
    RunState.COMPUTED,
    RunState.FACT_CHECK,
    RunState.PANEL,
    RunState.FIXED,
    RunState.PUBLISHED,
]


def pending(runs: Iterable[EvaluationRun], state: RunState) -> list[EvaluationRun]:
    """Runs in this state that no later run of their family has overtaken."""
    further = set(ORDER[ORDER.index(state) + 1 :])
    past: dict[tuple[int, bool], int] = {}
    rows = list(runs)
    for run in rows:
        if run.state in further:
            past[_family(run)] = max(past.get(_family(run), 0), run.number)
    return [run for run in rows if run.state == state and run.number > past.get(_family(run), 0)]


def _family(run: EvaluationRun) -> tuple[int, bool]:
    return run.term_id, run.kind in YEARS_END


def run_page(run: EvaluationRun) -> str:
    """The page of a run."""
    return reverse("run_detail", args=[run.pk])


def to_fix(runs: list[EvaluationRun]) -> list[EvaluationRun]:
    """Runs whose next step is to be fixed: after the fact check, or a provisional cut."""
    provisional = [run for run in pending(runs, RunState.COMPUTED) if run.kind not in YEARS_END]
    return [*pending(runs, RunState.PANEL), *provisional]


def headquarters(desk: Desk, runs: list[EvaluationRun]) -> Work:
    """Runs to ask the hubs about, remarks to answer, runs to fix by a second person."""
    tasks: list[Task] = []
    waiting: list[Task] = []
    for run in pending(runs, RunState.COMPUTED):
        if run.kind in YEARS_END:
            text = f"{nendo(run.term.fiscal_year)}の評価の事実確認を拠点に依頼する"
            tasks.append(Task(text, run_page(run), str(run), None, Status.NOT_STARTED))
    for run in pending(runs, RunState.FACT_CHECK):
        check = fact_check_task(run)
        (tasks if check.status == Status.UNANSWERED else waiting).append(check)
    for run in to_fix(runs):
        year = nendo(run.term.fiscal_year)
        if desk.scope.user_id in computers_of(run):
            hint = "算定した本人は確定できません。全国本部の別の担当者の番です。"
            waiting.append(Task(f"{year}の評価の確定", run_page(run), hint, None, Status.WAITING))
        else:
            text, hint = f"{year}の評価を確認して確定する", f"算定した人：{run.computed_by_name}"
            tasks.append(Task(text, run_page(run), hint, None, Status.WAITING))
    return Work(tasks, waiting)


def fact_check_task(run: EvaluationRun) -> Task:
    """The fact check of a run: remarks to answer, or hubs to wait for, or its end."""
    year, url = nendo(run.term.fiscal_year), reverse("run_facts", args=[run.pk])
    if count := open_remarks(run):
        text = f"{year}の評価への意見・異議に回答する（{count}件）"
        return Task(text, url, "拠点が回答を待っています。", None, Status.UNANSWERED)
    waiting = FactCheck.objects.filter(run=run, state=FactCheckState.WAITING)
    due = waiting.aggregate(last=Max("due_at"))["last"]
    hint = f"回答を待っている拠点：{waiting.count()}拠点" if due else "全拠点の回答がそろいました。"
    return Task(f"{year}の評価の事実確認", url, hint, due, Status.CHECKING)


def agency_waits(runs: list[EvaluationRun]) -> list[Task]:
    """What national HQ still does before the Agency can publish."""
    checks = [fact_check_task(run) for run in pending(runs, RunState.FACT_CHECK)]
    rows = [
        Task(
            f"{nendo(run.term.fiscal_year)}の評価の確定",
            run_page(run),
            f"全国本部の番です。{run}を、算定した人とは別の担当者が確認します。",
            None,
            Status.WAITING,
        )
        for run in to_fix(runs)
    ]
    return [*checks, *rows]


def fact_work(desk: Desk) -> Work:
    """The hub's facts to look through before the deadline; the body reads and comments."""
    parts = list(open_parts(desk.scope))
    hint = "数値が記録と合っているかを確認してください。順位は公表まで表示されません。"
    tasks = [
        Task(
            f"{nendo(part.run.term.fiscal_year)}の評価に使う数値を確認する（{part.hub.name}）",
            reverse("fact_check", args=[part.pk]),
            hint,
            part.due_at,
            Status.WAITING,
        )
        for part in parts
    ]
    return Work(tasks) if desk.scope.role == Role.CHIEF_COORDINATOR else Work((), tasks)


def next_moment(at: datetime) -> datetime | None:
    """When a desk next changes by itself: a deadline of a term or of a fact check."""
    rows = FactCheck.objects.filter(state=FactCheckState.WAITING, due_at__gte=at)
    found = [next_due(at), rows.aggregate(first=Min("due_at"))["first"]]
    return min((moment for moment in found if moment is not None), default=None)
