"""Guidance on the desks: to open for HQ, to plan and check for those who lead, to do for owners."""

from collections.abc import Iterable
from datetime import date, datetime, time

from django.db.models import Q
from django.urls import reverse

from evaluation.guidance.flow import (
    AGREE,
    CONFIRM,
    FINISH,
    HUB_OWNERS,
    HUB_SIDE,
    OPEN,
    PLAN,
    plan_is_whole,
)
from evaluation.guidance.models import CLOSED, ActionState, CaseState, GuidanceAction, GuidanceCase
from evaluation.guidance.queries import newest_run, preview, visible_actions, visible_cases
from evaluation.guidance.queries.cases import last_checkpoint
from yorozu.core.access import decide
from yorozu.core.fiscal import nendo
from yorozu.core.web.chips import Status
from yorozu.portal.home.desk import Desk, Task, Work, hub_names, joined

LISTED = 5
RUNNING = (CaseState.RUNNING, CaseState.REVIEW)


def guidance_work(desk: Desk) -> Work:
    """What waits of guidance for this role; nothing for roles that only read it."""
    scope = desk.scope
    if not decide(scope, FINISH).allowed:
        return Work()
    rows = visible_cases(scope).exclude(state__in=CLOSED)
    cases = list(rows.prefetch_related("checkpoints", "actions"))
    parts = [_own_actions(desk)]
    if decide(scope, OPEN).allowed:
        parts.append(_to_open())
    if decide(scope, AGREE).allowed:
        parts.append(_to_agree(desk, cases))
    if decide(scope, PLAN).allowed:
        parts.append(_to_lead(desk, cases))
    if scope.role in HUB_SIDE:
        parts.append(Work((), _hub_waits(cases)))
    return joined(*parts)


def _case_url(case: GuidanceCase) -> str:
    return reverse("guidance_detail", args=[case.pk])


def _end_of(desk: Desk, day: date) -> datetime:
    return datetime.combine(day, time(23, 59), tzinfo=desk.now.tzinfo)


def _to_open() -> Work:
    """Hubs of the newest published run that nobody has decided on yet."""
    run = newest_run()
    if run is None:
        return Work()
    open_lines = [line for line in preview(run) if line.level and line.is_free]
    if not open_lines:
        return Work()
    names = hub_names([line.hub for line in open_lines])
    year = nendo(run.term.fiscal_year)
    text = f"{year}の評価から重点指導の発動を決める（{len(open_lines)}拠点）"
    url = reverse("guidance_preview", args=[run.pk])
    return Work([Task(text, url, names, None, Status.NOT_STARTED)])


def _own_actions(desk: Desk) -> Work:
    """Open actions of running plans that this person or role answers for."""
    scope = desk.scope
    role = scope.role.value if scope.role else ""
    roles = [one.value for one in HUB_OWNERS] if scope.role in HUB_SIDE else [role]
    mine = Q(owner=None, owner_role__in=roles) | Q(owner_id=scope.user_id)
    rows = visible_actions(scope).filter(mine, state=ActionState.OPEN, case__state__in=RUNNING)
    actions = list(rows.order_by("due", "pk"))
    tasks = [_action_task(desk, action) for action in actions[:LISTED]]
    if len(actions) > LISTED:
        text = f"ほかの重点指導の取組を進める（{len(actions) - LISTED}件）"
        tasks.append(Task(text, reverse("guidance_list")))
    return Work(tasks)


def _action_task(desk: Desk, action: GuidanceAction) -> Task:
    late = action.due < desk.today
    text = action.text if len(action.text) <= 40 else f"{action.text[:40]}…"
    return Task(
        f"重点指導の取組{action.number}を完了する：{text}",
        reverse("guidance_action", args=[action.pk]),
        f"{action.case.hub.name}　担当：{action.who}",
        _end_of(desk, action.due),
        Status.OVERDUE if late else Status.NOT_STARTED,
    )


def _to_agree(desk: Desk, cases: Iterable[GuidanceCase]) -> Work:
    """Plans that are written and that this side has not agreed to."""
    by_hub = desk.scope.role in HUB_SIDE
    tasks = []
    for case in cases:
        signed = case.hub_agreed_at if by_hub else case.bureau_agreed_at
        is_open = case.state == CaseState.PLANNING and signed is None
        if is_open and not plan_is_whole(case, desk.scope):
            text = f"{case.hub.name}の重点指導の計画を確かめて合意する"
            due = _end_of(desk, case.plan_due)
            tasks.append(Task(text, _case_url(case), "", due, Status.WAITING))
    return Work(tasks)


def _to_lead(desk: Desk, cases: Iterable[GuidanceCase]) -> Work:
    """Plans to write and to begin, actions to confirm, checkpoints to hold, ends to decide."""
    tasks: list[Task] = []
    for case in cases:
        tasks += _lead_tasks(desk, case)
    if decide(desk.scope, CONFIRM).allowed:
        rows = visible_actions(desk.scope).filter(state=ActionState.REPORTED)
        rows = rows.exclude(reported_by_id=desk.scope.user_id).order_by("due", "pk")
        tasks += [
            Task(
                f"重点指導の取組{row.number}の完了を確認する",
                reverse("guidance_action", args=[row.pk]),
                f"{row.case.hub.name}　報告：{row.reported_by_name}",
                None,
                Status.WAITING,
            )
            for row in rows[:LISTED]
        ]
    return Work(tasks)


def _lead_tasks(desk: Desk, case: GuidanceCase) -> list[Task]:
    name, url = case.hub.name, _case_url(case)
    if case.is_planning and plan_is_whole(case, desk.scope):
        text = f"{name}の重点指導の計画を作成する"
        return [Task(text, url, "", _end_of(desk, case.plan_due), Status.PLANNING)]
    if case.state == CaseState.AGREED:
        return [Task(f"{name}の重点指導の実施を始める", url, "", None, Status.AGREED)]
    if case.state == CaseState.REVIEW:
        hint = "点検が終わりました。続けるか、解除・継続・引上げを決めます。"
        return [Task(f"{name}の重点指導の結論を決める", url, hint, None, Status.UNDER_REVIEW)]
    last = last_checkpoint(case)
    if case.state == CaseState.RUNNING and last is not None and last.next_on is not None:
        link = reverse("guidance_checkpoint", args=[case.pk])
        due = _end_of(desk, last.next_on)
        return [Task(f"{name}を訪問し、点検を記録する", link, "", due, Status.NOT_STARTED)]
    return []


def _hub_waits(cases: Iterable[GuidanceCase]) -> list[Task]:
    """What others owe the hub."""
    words = {
        CaseState.OPENED: "重点指導の計画の作成",
        CaseState.AGREED: "重点指導の実施の開始",
        CaseState.REVIEW: "重点指導の点検の結論",
    }
    hint = "全国本部または経済産業局の番です。"
    return [
        Task(words[CaseState(case.state)], _case_url(case), hint, None, Status.WAITING)
        for case in cases
        if case.state in words
    ]
