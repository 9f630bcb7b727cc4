"""Integrity flags on the desks: to explain for the hub, to decide for bureau and Agency."""

from datetime import datetime, time

from django.db.models import Min
from django.urls import reverse

from hubs.integrity.flow import CLOSE, CLOSE_NATIONAL, NOTE
from hubs.integrity.models import FlagState, IntegrityFlag
from hubs.integrity.queries import open_counts
from yorozu.core.access import decide
from yorozu.core.web.chips import Status
from yorozu.portal.home.desk import Desk, Task, Work


def flag_work(desk: Desk) -> Work:
    """What waits of the flags for this role; nothing for roles that only read them."""
    scope = desk.scope
    if decide(scope, NOTE).allowed:
        return _to_explain(desk)
    if decide(scope, CLOSE).allowed or decide(scope, CLOSE_NATIONAL).allowed:
        return _to_decide(desk)
    return Work()


def _url(state: FlagState) -> str:
    return f"{reverse('integrity_list')}?state={state.value}"


def _to_explain(desk: Desk) -> Work:
    counts = open_counts(desk.scope)
    tasks, waiting = [], []
    if count := counts.get(FlagState.RAISED, 0):
        rows = IntegrityFlag.objects.visible_to(desk.scope).filter(state=FlagState.RAISED)
        day = rows.aggregate(first=Min("answer_due"))["first"]
        due = datetime.combine(day, time(23, 59), tzinfo=desk.now.tzinfo)
        hint = "数値を確かめて、理由を説明してください。評価の点数は変わりません。"
        text = f"実績の確認事項に説明を入力する（{count}件）"
        tasks.append(Task(text, _url(FlagState.RAISED), hint, due, Status.REVIEW))
    if count := counts.get(FlagState.FINDING, 0):
        text = f"指摘のあった実績を直す（{count}件）"
        hint = "直した内容を説明すると、経済産業局が解消を確認します。"
        tasks.append(Task(text, _url(FlagState.FINDING), hint, None, Status.REMARKED))
    if count := counts.get(FlagState.WAITING, 0):
        text = f"確認事項の判断（{count}件）"
        hint = "経済産業局の番です。"
        waiting.append(Task(text, _url(FlagState.WAITING), hint, None, Status.WAITING))
    return Work(tasks, waiting)


def _to_decide(desk: Desk) -> Work:
    """The Agency decides on flags of the network only."""
    rows = IntegrityFlag.objects.visible_to(desk.scope)
    national = decide(desk.scope, CLOSE_NATIONAL).allowed
    rows = rows.filter(state=FlagState.WAITING, hub__isnull=national)
    if not (count := rows.count()):
        return Work()
    whose = "全国の確認事項を確認する" if national else "拠点の確認事項を判断する"
    hint = "" if national else "拠点が説明したか、説明の期限を過ぎたものです。"
    url = _url(FlagState.WAITING)
    return Work([Task(f"{whose}（{count}件）", url, hint, None, Status.WAITING)])
