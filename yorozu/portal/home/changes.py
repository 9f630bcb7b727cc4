"""Corrections on the desks: the body confirms, the bureau decides, the hub waits."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from hubs.results.queries import Changes, changes_since_acceptance
from hubs.terms.models import Term
from yorozu.core.access import Role
from yorozu.core.fiscal import nendo
from yorozu.core.web.chips import Status
from yorozu.portal.home.desk import Desk, Task, Work

BUREAU_TURN, BODY_TURN = "経済産業局の番です。", "実施機関の番です。"


@dataclass(frozen=True)
class _Line:
    """A count with its words, its place on the page, and whose turn it is."""

    text: str
    count: int
    place: str
    hint: str = ""
    status: Status | str = Status.WAITING


def change_work(desk: Desk) -> Work:
    """What waits of the corrections of every open term; the bureau also sees the ledger's drift."""
    tasks: list[Task] = []
    waiting: list[Task] = []
    for term in desk.terms:
        with_drift = desk.scope.role == Role.BUREAU
        found = changes_since_acceptance(desk.scope, term, with_drift=with_drift)
        own, others = _lines(desk.scope.role, found)
        tasks += _tasks(own, term)
        waiting += _tasks(others, term)
    return Work(tasks, waiting)


def _tasks(lines: Sequence[_Line], term: Term) -> list[Task]:
    url, year = reverse("results_changed", args=[term.pk]), nendo(term.fiscal_year)
    return [
        Task(
            f"{line.text}（{line.count}件）",
            f"{url}#{line.place}",
            f"{year}　{line.hint}".rstrip(),
            None,
            line.status,
        )
        for line in lines
        if line.count
    ]


def _lines(role: Role | None, found: Changes) -> tuple[Sequence[_Line], Sequence[_Line]]:
    """Own tasks, and what others owe."""
    bureau, body = len(found.bureau_turn), len(found.body_turn)
    at_bureau = _Line("実績の修正の判断", bureau, "bureau", BUREAU_TURN)
    at_body = _Line("実施機関による実績の修正の確認", body, "body", BODY_TURN)
    if role == Role.BUREAU:
        moved = _Line(
            "確認後に変わった数値",
            found.count,
            "main",
            "修正や相談記録による変更です。",
            "",
        )
        return [_Line("実績の修正を反映するか判断する", bureau, "bureau")], [at_body, moved]
    if role == Role.IMPLEMENTING_BODY:
        return [_Line("実績の修正を確認する", body, "body")], [at_bureau]
    return [], [at_bureau, at_body]
