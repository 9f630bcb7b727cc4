"""Tables of records, with labels of the year each record belongs to."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from hubs.ledger.models import CheckOutcome, IndividualConsultation, NetworkActivity
from hubs.ledger.queries import CodeBook, code_labels
from hubs.network.models import Hub
from yorozu.core.fiscal import fiscal_year_of, wareki
from yorozu.core.web.chips import Chip, Status
from yorozu.core.web.tables import Cell, Column, Empty, Table

NOTHING_TODAY = Empty(
    "今日入力した記録はまだありません。", "保存した記録がここに新しい順に並びます。"
)


def books_for(rows: Sequence[IndividualConsultation]) -> dict[int, CodeBook]:
    """The lists of every year these records belong to."""
    return code_labels({fiscal_year_of(row.held_on) for row in rows})


def entered_table(rows: Sequence[IndividualConsultation]) -> Table:
    """What was typed today, the newest first."""
    return Table(
        caption="今日入力した記録",
        columns=[
            Column("number", "受付番号", header=True),
            Column("held_on", "相談日"),
            Column("channel", "相談方法"),
            Column("client", "相談者番号"),
            Column("theme", "相談テーマ"),
            Column("minutes", "時間", numeric=True, unit="分"),
            Column("coordinator", "担当"),
            Column("outcome", "課題解決"),
        ],
        rows=record_rows(rows),
        empty=NOTHING_TODAY,
    )


def record_table(rows: Sequence[IndividualConsultation], empty: Empty) -> Table:
    """The list of records."""
    return Table(
        caption="相談記録",
        columns=[
            Column("number", "受付番号", header=True),
            Column("held_on", "相談日"),
            Column("coordinator", "担当"),
            Column("channel", "相談方法"),
            Column("client", "相談者番号"),
            Column("theme", "相談テーマ"),
            Column("industry", "業種", css="yz-midtext"),
            Column("minutes", "時間", numeric=True, unit="分"),
            Column("outcome", "課題解決"),
        ],
        rows=record_rows(rows),
        empty=empty,
        sticky=True,
    )


def record_rows(rows: Sequence[IndividualConsultation]) -> list[dict[str, Any]]:
    """Cells of the records."""
    books = books_for(rows)
    return [_row(row, books[fiscal_year_of(row.held_on)]) for row in rows]


def _row(row: IndividualConsultation, book: CodeBook) -> dict[str, Any]:
    return {
        "number": Cell(
            row.record_no,
            url=reverse("ledger_record", args=[row.pk]),
            note=f"第{row.revision}版" if row.revision > 1 else "",
        ),
        "held_on": row.held_on,
        "coordinator": row.coordinator_name,
        "channel": book.label("channel", row.channel),
        "client": row.client_key,
        "theme": book.label("theme", row.theme),
        "industry": book.label("industry", row.industry),
        "minutes": row.minutes,
        "outcome": outcome_cell(row),
    }


def outcome_cell(row: IndividualConsultation) -> Cell:
    """How far the resolution of the issue is known: reported, confirmed, checked."""
    if row.resolved_on is None:
        return Cell("")
    check = getattr(row, "sample_check", None)
    if check is not None and check.outcome == CheckOutcome.NOT_CONFIRMED:
        return Cell(Chip(Status.REVIEW, "抽出で確認できず"))
    if check is not None and check.outcome == CheckOutcome.CONFIRMED:
        return Cell("抽出で確認", note=_days(row))
    return Cell("相談者が確認" if row.client_confirmed_on else "拠点の報告", note=_days(row))


def _days(row: IndividualConsultation) -> str:
    day = row.client_confirmed_on or row.resolved_on
    return wareki(day) if day else ""


def activity_table(rows: Sequence[NetworkActivity], hub: Hub) -> Table:
    """Activities of a hub: those it reports and those it joined."""
    books = code_labels({fiscal_year_of(row.held_on) for row in rows})
    return Table(
        caption="ネットワーク活動",
        columns=[
            Column("title", "件名", header=True),
            Column("held_on", "実施日"),
            Column("kind", "種類"),
            Column("organizations", "支援機関"),
            Column("coordinator", "担当"),
            Column("part", "区分"),
        ],
        rows=[
            {
                "title": Cell(
                    row.title,
                    url=reverse("activity_detail", args=[row.pk]),
                    note=row.record_no,
                ),
                "held_on": row.held_on,
                "kind": books[fiscal_year_of(row.held_on)].label("network_kind", row.kind),
                "organizations": "、".join(one.name for one in row.partners),
                "coordinator": row.coordinator_name,
                "part": _part(row, hub),
            }
            for row in rows
        ],
        empty=Empty(
            "該当するネットワーク活動はありません。",
            "支援機関と行った会議や相談会などを入力すると、ここに並びます。",
        ),
        sticky=True,
    )


def _part(row: NetworkActivity, hub: Hub) -> Cell:
    """Who counts it, and who else was there."""
    if row.hub_id != hub.pk:
        return Cell("参加", note=f"報告：{row.hub.name}（件数に数えません）")
    others = "、".join(one.hub.name for one in row.participations.all())
    return Cell("報告", note=f"参加：{others}" if others else "")
