"""What waits on the desks of the hub side: chief coordinator, coordinator, implementing body."""

from collections.abc import Sequence

from django.urls import reverse

from evaluation.scoring.models import RunState
from evaluation.scoring.queries import visible_runs
from hubs.network.models import CommissionContract
from hubs.plans.models import PlanState
from yorozu.core.figures import format_yen
from yorozu.core.fiscal import fiscal_year_of, nendo
from yorozu.core.web.chips import Chip, Status
from yorozu.core.web.tables import Empty
from yorozu.portal.home import links, steps
from yorozu.portal.home.changes import change_work
from yorozu.portal.home.desk import Desk, Task, Work, joined, named
from yorozu.portal.home.files import ready_files
from yorozu.portal.home.flags import flag_work
from yorozu.portal.home.guidance import guidance_work
from yorozu.portal.home.hearing_side import initiative_work
from yorozu.portal.home.judging import fact_work
from yorozu.portal.home.matrix import Line, Matrix
from yorozu.portal.home.steps import Month, Need, Stage

CHIEF = "チーフコーディネーター"
BODY = "実施機関"
LATEST_RUNS = 3


def chief_coordinator(desk: Desk) -> Work:
    """The plan and the months that are the hub's turn, guidance, then what was sent."""
    return joined(_hub_work(desk), guidance_work(desk))


def _hub_work(desk: Desk) -> Work:
    parts = [
        Work(
            [*_plan_tasks(desk, found, line), *_month_tasks(desk, found, line)],
            [*_plan_waiting(desk, found, line), *_months_waiting(desk, found, line)],
        )
        for found in desk.matrices
        for line in found.lines
    ]
    more = (
        fact_work(desk),
        flag_work(desk),
        change_work(desk),
        initiative_work(desk),
        ready_files(desk),
        Work(_published(desk)),
    )
    return joined(Work(empty=_NOTHING), *parts, *more)


_NOTHING = Empty(
    "いま対応が必要なことはありません。",
    "月が終わると、その月の月次実績がここに並びます。活動方針が公表されると、事業計画を作成できます。",
)


def coordinator(desk: Desk) -> Work:
    """A reading view of the hub: what the chief coordinator has to do, and what was sent."""
    chief, guided = _hub_work(desk), guidance_work(desk)
    own = [task for task in chief.tasks if task.due is None and task.status is Status.PUBLISHED]
    others = [
        Task(task.label, "", f"{CHIEF}が対応します。", task.due, task.status)
        for task in chief.tasks
        if task not in own
    ]
    empty = Empty(
        "あなたが提出や承認をするものはありません。",
        f"事業計画と月次実績の提出は{CHIEF}が行います。拠点の状況は、メニューの「月次実績」と拠点カルテで確認できます。",
    )
    return Work([*own, *guided.tasks], [*others, *chief.waiting, *guided.waiting], empty)


def _plan_tasks(desk: Desk, found: Matrix, line: Line) -> list[Task]:
    step, year = line.steps[Stage.PLAN], nendo(found.term.fiscal_year)
    if found.policy_id is None or not step.needs & {Need.NOT_SUBMITTED, Need.RETURNED}:
        return []
    if line.plan is None:
        url = reverse("plan_list", args=[found.term.pk])
        text = f"{year}の事業計画を作成する"
        hint = "地域分析、事業計画、数値目標、重点分野を入力します。"
    elif line.plan.state == PlanState.RETURNED:
        url = reverse("plan_edit", args=[line.plan.pk])
        text, hint = f"差し戻された{year}の事業計画を直す", f"理由：{line.plan.return_reason}"
    else:
        url = reverse("plan_edit", args=[line.plan.pk])
        text, hint = f"{year}の事業計画を仕上げて提出する", "入力は自動で保存されています。"
    return [Task(text, url, hint, step.due, _bare(step.chip))]


def _bare(chip: Chip | None) -> Status | str:
    """The word alone: the days stand in the column of the deadline."""
    return chip.status if chip else ""


def _month_tasks(desk: Desk, found: Matrix, line: Line) -> list[Task]:
    if not found.ground.is_running:
        return []
    url = links.grid_url(desk.scope, line.hub, found.term)
    return [
        *(_month_task(month, found, url) for month in line.months_of(Need.RETURNED)),
        *(_month_task(month, found, url) for month in line.months_of(Need.NOT_SUBMITTED)),
    ]


def _month_task(month: Month, found: Matrix, url: str) -> Task:
    name = f"{month.month.month}月分の月次実績"
    chip = _bare(steps.month_chip(month, found.ground))
    if steps.turn_of(month) == Need.RETURNED and month.report is not None:
        text, hint = f"差し戻された{name}を直す", f"理由：{month.report.return_reason}"
    else:
        text, hint = f"{name}を入力して提出する", nendo(found.term.fiscal_year)
    # Straight to the row of the month, where it is written and sent from.
    return Task(text, f"{url}#row-{month.month:%Y%m}", hint, month.due, chip)


def _plan_waiting(desk: Desk, found: Matrix, line: Line) -> list[Task]:
    year = nendo(found.term.fiscal_year)
    if found.policy_id is None and found.ground.is_running:
        due = found.ground.deadlines.get("policy")
        hint = "中小企業庁の番です。公表後に事業計画を作成できます。"
        return [Task(f"{year}の活動方針の公表", "", hint, due, Status.NOT_STARTED)]
    step = line.steps[Stage.PLAN]
    if Need.BUREAU_TURN not in step.needs:
        return []
    url = links.plan_url(desk.scope, found.term, line.plan)
    hint = f"{line.hub.bureau.name}の番です。期初面談のあとに確定します。"
    return [Task(f"{year}の事業計画の確定", url, hint, step.due, Status.SUBMITTED)]


def _months_waiting(desk: Desk, found: Matrix, line: Line) -> list[Task]:
    if not found.ground.is_running:
        return []
    url = links.grid_url(desk.scope, line.hub, found.term)
    turns = (
        (Need.BODY_TURN, f"{BODY}の番です。", Status.SUBMITTED),
        (Need.BUREAU_TURN, f"{line.hub.bureau.name}の番です。", Status.WAITING),
    )
    return [
        Task(f"月次実績の確認（{_months(months)}）", url, hint, None, status)
        for need, hint, status in turns
        if (months := line.months_of(need))
    ]


def _months(months: Sequence[Month]) -> str:
    return "、".join(dict.fromkeys(f"{month.month.month}月分" for month in months))


def _published(desk: Desk) -> list[Task]:
    """The newest published judgement of every term that has one."""
    runs = visible_runs(desk.scope).filter(state=RunState.PUBLISHED).defer("snapshot", "result")
    newest: dict[int, Task] = {}
    for run in runs.order_by("-term__fiscal_year", "-number")[:LATEST_RUNS]:
        text = f"{nendo(run.term.fiscal_year)}の評価結果を確認する"
        url = links.run_url(desk.scope, run.pk)
        task = Task(text, url, "全拠点に公表されました。", None, Status.PUBLISHED)
        newest.setdefault(run.term_id, task)
    return list(newest.values())[:1]


def implementing_body(desk: Desk) -> Work:
    """Months to confirm, the contract of the year, and the hubs that have not sent."""
    parts = [
        Work(
            _to_confirm(found),
            [row for line in found.lines for row in _with_others(desk, found, line)],
        )
        for found in desk.matrices
    ]
    more = (
        fact_work(desk),
        guidance_work(desk),
        flag_work(desk),
        change_work(desk),
        _contracts(desk),
        Work(_published(desk)),
    )
    return joined(Work(empty=_BODY_NOTHING), *parts, *more)


_BODY_NOTHING = Empty(
    "いま確認が必要な月次実績はありません。", "拠点が月次実績を提出すると、ここに並びます。"
)


def _to_confirm(found: Matrix) -> list[Task]:
    """One month leads to its page, several to the page that confirms them together."""
    months = [month for line in found.lines for month in line.months_of(Need.BODY_TURN)]
    if not months or not found.ground.is_running:
        return []
    lines = found.waiting(Need.BODY_TURN, Stage.MONTH)
    hint = f"{nendo(found.term.fiscal_year)}　{named(lines)}（{_months(months)}）"
    url = reverse("results_confirm_many", args=[found.term.pk])
    if len(months) == 1 and months[0].report is not None:
        url = reverse("month_detail", args=[months[0].report.pk])
    return [Task(f"月次実績を確認する（{len(months)}件）", url, hint, None, Status.SUBMITTED)]


def _with_others(desk: Desk, found: Matrix, line: Line) -> list[Task]:
    if not found.ground.is_running:
        return []
    url = links.grid_url(desk.scope, line.hub, found.term)
    rows = []
    if months := line.months_of(Need.BUREAU_TURN):
        text = f"{line.hub.name}の月次実績（{_months(months)}）"
        rows.append(Task(text, url, f"{line.hub.bureau.name}の番です。", None, Status.WAITING))
    owed = line.months_of(Need.NOT_SUBMITTED) + line.months_of(Need.RETURNED)
    if months := sorted(owed, key=lambda month: month.month):
        text = f"{line.hub.name}の月次実績の提出（{_months(months)}）"
        chip = _bare(steps.month_chip(months[0], found.ground))
        rows.append(Task(text, url, "拠点の番です。", months[0].due, chip))
    return rows


def _contracts(desk: Desk) -> Work:
    """The contract of the running year of every hub of the body."""
    year = fiscal_year_of(desk.today)
    rows = CommissionContract.objects.visible_to(desk.scope).filter(fiscal_year=year)
    return Work(
        [
            Task(
                f"{nendo(year)}の委託契約を見る（{row.hub.name}、{row.funding_line}）",
                links.record_url(row.hub),
                f"{row.implementing_body.name}　契約額 {format_yen(row.amount_yen)}",
            )
            for row in rows.select_related("hub", "implementing_body")
        ]
    )
