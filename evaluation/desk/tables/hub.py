"""One hub in the workbench: what stands in each section, ready for the template."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.safestring import SafeString

from evaluation.desk.bench import HubBench
from evaluation.guidance.tables import case_table
from evaluation.reports import tables as sheets
from evaluation.scoring.tables import part_chip, remark_list
from hubs.integrity.tables import flag_table
from yorozu.core.web.tables import Column, Empty, Table


@dataclass(frozen=True)
class Section:
    """One heading of the page: facts, tables and pictures below it, in this order."""

    code: str
    title: str
    facts: Sequence[Any] = ()
    tables: Sequence[Table] = ()
    picture: SafeString | None = None
    note: str = ""


def hub_sections(found: HubBench) -> list[Section]:
    """Plan, months, survey, partners, hearing, flags, earlier years, remarks of HQ."""
    sheet = found.why.sheet
    pictures = sheets.pictures(sheet)
    earlier = sheets.earlier_table(sheet)
    return [
        Section("plan", "計画の目標", tables=[plan_table(found)]),
        Section(
            "months",
            "月次実績",
            tables=[sheets.month_table(sheet)],
            picture=pictures["months"],
        ),
        Section(
            "survey",
            "顧客満足度調査",
            sheets.survey_facts(sheet),
            [sheets.survey_table(sheet)],
        ),
        Section(
            "partners",
            "支援機関による評価",
            tables=[
                sheets.partner_table(sheet),
                replace(sheets.excluded_table(sheet), empty=NONE_EXCLUDED),
            ],
            note=sheets.partner_value(sheet),
        ),
        Section(
            "hearing",
            "ヒアリング",
            tables=[
                sheets.check_table(sheet, "CHK", "チェックリスト"),
                sheets.check_table(sheet, "UNQ", "独自の取組"),
            ],
        ),
        _facts(found),
        Section("flags", "確認事項", tables=[flag_table(found.flags, with_hub=False)]),
        Section(
            "earlier",
            "これまでの評価",
            tables=[earlier or Table("これまでの評価結果", [], [], empty=NO_EARLIER)],
        ),
        Section("guidance", "重点指導", tables=[case_table(found.cases, with_hub=False)]),
        Section(
            "remarks", "講評", sheets.remark_facts(sheet), note="" if sheet.remarks else NO_REMARKS
        ),
        Section("sources", "資料の出所", tables=[sheets.source_table(sheet)]),
    ]


NOT_ASKED = "この評価では、事実確認をまだ依頼していません。"
NONE_EXCLUDED = Empty("評価から除いた支援機関はありません。")
NO_EARLIER = Empty("公表された前年度までの評価はありません。")
NO_REMARKS = "まだ書かれていません。"


def _facts(found: HubBench) -> Section:
    """Whether the hub has looked through its facts, and what it said of them."""
    part = found.part
    if part is None:
        return Section("facts", "事実確認", note=NOT_ASKED)
    facts = [
        {"label": "状態", "value": part_chip(part)},
        {"label": "回答期限", "value": part.due_at},
    ]
    if part.answered_at:
        facts.append({"label": "回答", "value": part.answered_at})
    return Section("facts", "事実確認", facts, [remark_list(found.said)])


def plan_table(found: HubBench) -> Table:
    """Targets and focus areas as frozen, with challenge factor and its reason."""
    plan = found.why.content.get("plan", {})
    rows = [
        {
            "name": row["name"],
            "target": row["target"],
            "unit": row["unit"],
            "weight": row.get("weight"),
            "challenge": row["challenge"],
            "reason": row.get("challenge_reason", ""),
        }
        for row in (*plan.get("targets", ()), *plan.get("focus_areas", ()))
    ]
    return Table(
        caption="数値目標と重点分野",
        columns=[
            Column("name", "項目", header=True),
            Column("target", "目標", numeric=True),
            Column("unit", "単位"),
            Column("weight", "重点分野の重み", numeric=True),
            Column("challenge", "挑戦係数", numeric=True),
            Column("reason", "挑戦係数の理由"),
        ],
        rows=rows,
        empty=Empty("証拠台帳に計画がありません。"),
    )
