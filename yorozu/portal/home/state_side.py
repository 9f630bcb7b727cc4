"""What waits on the desks of the bureaus, the project managers and the SME Agency."""

from datetime import datetime

from django.urls import reverse

from evaluation.budget.models import BudgetScenario, ScenarioState
from evaluation.scoring.models import EvaluationRun, RunKind, RunState
from evaluation.scoring.queries import visible_runs
from hubs.results.queries import Need as MonthNeed
from hubs.results.queries import submission_matrix
from yorozu.core.fiscal import nendo
from yorozu.core.web.chips import Status
from yorozu.core.web.tables import Empty
from yorozu.portal.home.changes import change_work
from yorozu.portal.home.checks import check_work
from yorozu.portal.home.desk import Desk, Task, Work, hub_names, hub_task, joined, named
from yorozu.portal.home.flags import flag_work
from yorozu.portal.home.guidance import guidance_work
from yorozu.portal.home.hearing_side import hearing_work
from yorozu.portal.home.judging import agency_waits, pending, run_page
from yorozu.portal.home.matrix import Matrix
from yorozu.portal.home.steps import Need, Stage
from yorozu.portal.home.year_side import papers, together

RECENT_RUNS = 20


def bureau(desk: Desk) -> Work:
    """Plans to review, interviews to record, months to accept, hubs that are late."""
    empty = Empty(
        "いま審査や確認が必要なものはありません。",
        "拠点が事業計画を提出したとき、実施機関が月次実績を確認したときに、ここに並びます。",
    )
    parts = [_bureau_work(desk, found) for found in desk.matrices]
    more = (
        guidance_work(desk),
        flag_work(desk),
        check_work(desk),
        change_work(desk),
        hearing_work(desk),
    )
    return joined(Work(empty=empty), *parts, *more)


def _bureau_work(desk: Desk, found: Matrix) -> Work:
    due = found.ground.deadlines
    own = Need.BUREAU_TURN
    tasks = [
        *hub_task(
            found, "期初面談を行い、記録する", Stage.INTERVIEW, own, due=due.get("interview")
        ),
        *hub_task(
            found,
            "提出された事業計画を審査する",
            Stage.PLAN,
            own,
            due=due.get("finalize"),
            status=Status.SUBMITTED,
        ),
        *_months_to_accept(found),
        *late_work(desk, found),
    ]
    return Work(tasks, [*_hub_turn(found), *_body_turn(found)])


def late_work(desk: Desk, found: Matrix) -> list[Task]:
    """Late hubs for those who remind them."""
    return [*late_hubs(found, Stage.PLAN), *_late_months(desk, found)]


def _late_months(desk: Desk, found: Matrix) -> list[Task]:
    """Leads to the submission matrix, where one act reminds the same hubs."""
    rows = submission_matrix(desk.scope, found.term)
    late = [row.hub for row in rows if row.waits_for(MonthNeed.OVERDUE)]
    if not late or not found.ground.is_running:
        return []
    url = f"{reverse('results_list', args=[found.term.pk])}?show={MonthNeed.OVERDUE.code}"
    hint = f"{nendo(found.term.fiscal_year)}　{hub_names(late)}"
    text = f"期限を過ぎた月次実績の提出を促す（{len(late)}拠点）"
    return [Task(text, url, hint, _oldest_due(found), Status.OVERDUE)]


def _months_to_accept(found: Matrix) -> list[Task]:
    """Leads to the page that accepts them together, which lists the same months."""
    lines = found.waiting(Need.BUREAU_TURN, Stage.MONTH)
    count = sum(len(line.months_of(Need.BUREAU_TURN)) for line in lines)
    if not count:
        return []
    hint = f"{nendo(found.term.fiscal_year)}　{named(lines)}"
    url = reverse("results_accept_many", args=[found.term.pk])
    return [Task(f"月次実績を確認する（{count}件）", url, hint, None, Status.WAITING)]


def late_hubs(found: Matrix, *stages: Stage) -> list[Task]:
    """Hubs past a deadline, as the filter 期限切れ lists them; of all steps or of the named."""
    late = Need.OVERDUE
    tasks = (
        ("期限を過ぎた事業計画の提出を促す", Stage.PLAN, found.ground.deadlines.get("plan")),
        ("期限を過ぎた月次実績の提出を促す", Stage.MONTH, _oldest_due(found)),
    )
    return [
        task
        for text, stage, due in tasks
        if not stages or stage in stages
        for task in hub_task(found, text, stage, late, due=due, status=Status.OVERDUE)
    ]


def _oldest_due(found: Matrix) -> datetime | None:
    """The deadline of the oldest month that a hub still owes."""
    dues = [
        month.due
        for line in found.waiting(Need.OVERDUE, Stage.MONTH)
        for month in [*line.months_of(Need.NOT_SUBMITTED), *line.months_of(Need.RETURNED)]
        if month.due is not None
    ]
    return min(dues, default=None)


def _hub_turn(found: Matrix) -> list[Task]:
    due = found.ground.deadlines.get("plan")
    if found.policy_id is None:
        return []
    return [
        *hub_task(found, "差し戻した事業計画の再提出", Stage.PLAN, Need.RETURNED, due=due),
        *hub_task(found, "事業計画の提出", Stage.PLAN, Need.NOT_SUBMITTED, due=due),
        *hub_task(found, "差し戻した月次実績の再提出", Stage.MONTH, Need.RETURNED),
        *hub_task(found, "月次実績の提出", Stage.MONTH, Need.NOT_SUBMITTED),
    ]


def _body_turn(found: Matrix) -> list[Task]:
    return hub_task(found, "実施機関による月次実績の確認", Stage.MONTH, Need.BODY_TURN)


def project_manager(desk: Desk) -> Work:
    """Late hubs of the area, and how far the others are."""
    empty = Empty(
        "担当する拠点に、期限を過ぎたものはありません。",
        "訪問の計画と報告の機能ができると、次の訪問と書きかけの報告をここに表示します。",
    )
    parts = [
        Work(late_hubs(found), [*_hub_turn(found), *_body_turn(found), *_bureau_turn(found)])
        for found in desk.matrices
    ]
    return joined(Work(empty=empty), *parts, hearing_work(desk))


def _bureau_turn(found: Matrix) -> list[Task]:
    own = Need.BUREAU_TURN
    return [
        *hub_task(found, "経済産業局による事業計画の審査", Stage.PLAN, own),
        *hub_task(found, "経済産業局による月次実績の確認", Stage.MONTH, own),
    ]


def agency(desk: Desk) -> Work:
    """Policy and rules to sign, the judgement to publish, the proposal to adopt."""
    empty = Empty(
        "いま公表や採用の判断が必要なものはありません。",
        "活動方針の案、確定した評価、算定した配分案ができると、ここに並びます。",
    )
    runs = recent_runs(desk)
    held = papers(desk)
    parts = [
        joined(together(desk, found, held), Work((), [*_hub_turn(found), *_bureau_turn(found)]))
        for found in desk.matrices
    ]
    tasks = [
        *(_publish_task(run) for run in pending(runs, RunState.FIXED)),
        *_proposals(runs),
        *_to_compute(runs),
    ]
    work = Work(tasks, agency_waits(runs))
    return joined(Work(empty=empty), *parts, work, flag_work(desk))


def recent_runs(desk: Desk) -> list[EvaluationRun]:
    """The newest runs, trials left out (they are for looking only)."""
    rows = visible_runs(desk.scope).exclude(kind=RunKind.TRIAL).defer("snapshot", "result")
    return list(rows.order_by("-term__fiscal_year", "-number")[:RECENT_RUNS])


def _publish_task(run: EvaluationRun) -> Task:
    text = f"{nendo(run.term.fiscal_year)}の評価を全拠点に公表する"
    return Task(text, run_page(run), f"{run}　確定しています。", None, Status.FINALIZED)


def _proposals(runs: list[EvaluationRun]) -> list[Task]:
    """Proposals of runs for which none is adopted yet."""
    rows = (
        BudgetScenario.objects.filter(run__in=runs, state=ScenarioState.PROPOSED)
        .exclude(run__scenarios__state=ScenarioState.ADOPTED)
        .select_related("run__term")
        .defer("snapshot", "result", "run__snapshot", "run__result")
    )
    return [
        Task(
            f"{nendo(row.fiscal_year)}の配分案の採用を判断する",
            reverse("scenario_detail", args=[row.pk]),
            f"{row.title}　{row.run}",
            None,
            Status.WAITING,
        )
        for row in rows.order_by("-pk")[:5]
    ]


def _to_compute(runs: list[EvaluationRun]) -> list[Task]:
    """The newest judged run of a term without any proposal."""
    judged = [run for run in runs if run.state in {RunState.FIXED, RunState.PUBLISHED}]
    held = set(
        BudgetScenario.objects.filter(run__term__in={run.term_id for run in judged}).values_list(
            "run__term_id", flat=True
        )
    )
    newest = {run.term_id: run for run in reversed(judged) if run.term_id not in held}
    return [
        Task(
            f"{nendo(run.term.fiscal_year + 1)}の配分案を算定する",
            reverse("scenario_new", args=[run.pk]),
            f"{run}にもとづいて算定します。",
            None,
            Status.NOT_STARTED,
        )
        for run in newest.values()
    ]
