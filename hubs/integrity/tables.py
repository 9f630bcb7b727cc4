"""Flags as tables: the list, its file, the thresholds, the figures of one flag."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.urls import reverse

from hubs.integrity.models import FlagState, IntegrityFlag, Outcome
from hubs.integrity.queries import FlagPage
from hubs.integrity.rules import Method, method_rows, version_name
from yorozu.core import clock
from yorozu.core.fiscal import nendo, wareki
from yorozu.core.web.chips import Chip, Status
from yorozu.core.web.tables import Cell, Column, Empty, Table

CHIPS = {
    FlagState.RAISED: Status.REVIEW,
    FlagState.WAITING: Status.WAITING,
    FlagState.FINDING: Status.REMARKED,
    FlagState.CLOSED: Status.FINISHED,
}
NETWORK = "全国"
EMPTY = Empty(
    "該当する確認事項はありません。",
    "提出された実績は毎晩確認し、確認をお願いしたい点があれば、まず拠点にお知らせします。",
)


def flag_chip(flag: IntegrityFlag) -> Chip:
    """State of a flag with what it says beside: whose turn, or how it ended."""
    state = FlagState(flag.state)
    note = Outcome(flag.outcome).label if state == FlagState.CLOSED else state.label
    return Chip(CHIPS[state], "" if state == FlagState.FINDING else note)


def flag_table(flags: Iterable[IntegrityFlag], *, with_hub: bool) -> Table:
    """The list; without the column of the hub where there is one hub only."""
    hub = [Column("hub", "拠点")] if with_hub else []
    return Table(
        caption="確認事項",
        columns=[
            Column("sentence", "確認したいこと", header=True),
            *hub,
            Column("kind", "種類"),
            Column("state", "状態"),
            Column("due", "説明の期限"),
            Column("first_seen", "最初に見つかった日"),
        ],
        rows=[_row(flag) for flag in flags],
        empty=EMPTY,
    )


def _row(flag: IntegrityFlag) -> dict[str, Any]:
    again = f"{flag.round}回目" if flag.round > 1 else ""
    return {
        "sentence": Cell(
            flag.sentence, url=reverse("integrity_detail", args=[flag.pk]), note=again
        ),
        "hub": flag.hub.name if flag.hub else NETWORK,
        "kind": flag.kind.label,
        "state": flag_chip(flag),
        "due": _due(flag),
        "first_seen": flag.first_seen,
    }


def _due(flag: IntegrityFlag) -> date | Cell | None:
    """Only while the hub's answer is waited for."""
    if flag.state != FlagState.RAISED:
        return None
    left = (flag.answer_due - clock.today()).days
    return Cell(flag.answer_due, note=f"あと{left}日" if left > 0 else "本日まで")


FILE_HEADER = [
    "年度",
    "拠点コード",
    "拠点",
    "種類",
    "対象",
    "回",
    "確認したいこと",
    "状態",
    "判断",
    "最初に見つかった日",
    "説明の期限",
    "基準の版",
]


def file_rows(flags: Iterable[IntegrityFlag]) -> list[list[Any]]:
    """The same list as rows of a file."""
    return [
        [
            nendo(flag.term.fiscal_year),
            flag.hub.code if flag.hub else "",
            flag.hub.name if flag.hub else NETWORK,
            flag.kind.label,
            flag.subject,
            flag.round,
            flag.sentence,
            FlagState(flag.state).label,
            Outcome(flag.outcome).label if flag.outcome else "",
            wareki(flag.first_seen),
            wareki(flag.answer_due),
            flag.rule_version,
        ]
        for flag in flags
    ]


def figure_table(page: FlagPage) -> Table:
    """The values behind a flag; the marked ones say so in words."""
    return Table(
        caption=page.title,
        columns=[
            Column("label", "項目", header=True),
            Column("value", "値", numeric=True, unit=page.unit),
            Column("mark", "確認したい値"),
        ],
        rows=[
            {"label": row.label, "value": row.value, "mark": "●" if row.is_marked else ""}
            for row in page.rows
        ],
    )


def fact_table(page: FlagPage) -> Table:
    """The reckoning: every number that led to the question, and the threshold."""
    return Table(
        caption="計算の内容",
        columns=[Column("label", "項目", header=True), Column("text", "値", numeric=True)],
        rows=[{"label": label, "text": text} for label, text in page.facts],
        empty=Empty("計算を伴わない確認です。", "上の値どうしの関係だけを確かめています。"),
    )


def method_table(method: Method) -> Table:
    """All checks with their thresholds."""
    return Table(
        caption=f"確認の基準（{version_name(method.version)}）",
        columns=[
            Column("kind", "種類", header=True),
            Column("rule", "確認をお願いする条件"),
            Column("applies", "対象"),
        ],
        rows=[
            {"kind": row.check.label, "rule": row.rule, "applies": row.applies}
            for row in method_rows(method)
        ],
    )
