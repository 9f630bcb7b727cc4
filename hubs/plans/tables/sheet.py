"""A plan as sections, tables and facts: the same objects on screen, in print and in the PDF.

Built from a content (queries.content) and from nothing else, so that no two of them can differ.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hubs.plans.models import ProposalKind, Side
from hubs.plans.rules import NO_CHALLENGE, SECTIONS, SMALL_TARGET_WORD, is_small_target
from hubs.plans.rules.agreed import Agreed, AgreedArea, AgreedTarget, Named, read_agreed
from hubs.plans.tables.figures import figure_table
from yorozu.core.figures import format_count
from yorozu.core.fiscal import months_of, nendo, parse_date, wareki, wareki_month
from yorozu.core.web.tables import Cell, Column, Empty, Table

Content = Mapping[str, Any]
_SIDES = dict(Side.choices)
_KINDS = dict(ProposalKind.choices)
_FLAGS = {"low": "低すぎる可能性", "high": "高すぎる可能性", "": "範囲内"}


@dataclass(frozen=True)
class Fact:
    """One line of a list of facts."""

    label: str
    value: str


@dataclass(frozen=True)
class Section:
    """One text of the plan."""

    key: str
    label: str
    text: str


@dataclass(frozen=True)
class PlanSheet:
    """Everything a page of the plan shows; ``minutes`` is None for those who may not read them."""

    title: str
    sections: Sequence[Section]
    figures: Table
    targets: Table
    months: Table
    areas: Table
    adequacy: Table
    rounds: Table
    interview: Sequence[Fact]
    people: Table
    minutes: str | None
    amendment: Sequence[Fact]
    agreed: Agreed


def sheet_of(
    content: Content, names: Mapping[str, Named] | None = None, *, minutes: bool
) -> PlanSheet:
    """The sheet of a content; ``names`` serves contents from before names were kept."""
    agreed = read_agreed(content, names)
    interview = content["interview"]
    year = int(content["fiscal_year"])
    return PlanSheet(
        title=f"{nendo(year)} 事業計画書",
        sections=[
            Section(key, label, content[key]) for key, label in SECTIONS.items() if key in content
        ],
        figures=figure_table(
            content.get("regional_figures") or [], content.get("figures_taken_on") or ""
        ),
        targets=target_table(agreed),
        months=month_table(agreed, year),
        areas=area_table(agreed),
        adequacy=_adequacy_table(content.get("adequacy") or []),
        rounds=_round_table(content.get("rounds") or [], agreed),
        interview=_interview_facts(interview),
        people=_people_table(interview),
        minutes=interview.get("minutes", "") if minutes else None,
        amendment=_amendment_facts(content.get("amendment")),
        agreed=agreed,
    )


def names_of(indicators: Iterable[Any]) -> dict[str, Named]:
    """Names of a term's indicators for ``sheet_of``, in their order."""
    return {row.code: Named(row.name, row.unit) for row in indicators}


def target_table(agreed: Agreed) -> Table:
    """The year's targets of the indicators."""
    return Table(
        caption="活動指標の数値目標",
        columns=(
            Column("name", "活動指標", header=True),
            Column("value", "年間目標", numeric=True, css="rp-c-26"),
            Column("unit", "単位", css="rp-c-15"),
            Column("challenge", "挑戦係数", numeric=True, css="rp-c-20"),
            Column("reason", "挑戦係数の理由", css="rp-w-5"),
        ),
        rows=[_target_row(row) for row in agreed.targets],
        empty=Empty("数値目標はまだ入力されていません。"),
    )


def _target_row(row: AgreedTarget) -> dict[str, Any]:
    note = "目標0を承認" if row.is_zero_approved else ""
    return {
        "name": row.name,
        "value": Cell(row.value, note=note),
        "unit": row.unit,
        "challenge": _factor(row.challenge),
        "reason": row.reason,
    }


def _factor(value: Decimal) -> str:
    return f"{value:.2f}"


def month_table(agreed: Agreed, fiscal_year: int) -> Table:
    """Monthly targets, April to March, with their sum; only targets that have months."""
    rows: list[AgreedTarget | AgreedArea] = [*agreed.targets, *agreed.areas]
    return Table(
        caption="月別の目標",
        columns=(
            Column("name", "項目", header=True, css="rp-w-3"),
            *(
                Column(f"m{month.month}", f"{month.month}月", numeric=True)
                for month in months_of(fiscal_year)
            ),
            Column("sum", "計", numeric=True, css="rp-c-14"),
        ),
        rows=[_month_row(row, fiscal_year) for row in rows if row.phasing],
        empty=Empty("月別の目標はありません。", "月別の目標を定める前に確定した計画です。"),
    )


def _month_row(row: AgreedTarget | AgreedArea, fiscal_year: int) -> dict[str, Any]:
    months = months_of(fiscal_year)
    values = {f"m{month.month}": row.phasing[place] for place, month in enumerate(months)}
    unit = f"{row.name}（{row.unit}）"
    return {"name": unit, **values, "sum": sum(row.phasing)}


def area_table(agreed: Agreed) -> Table:
    """Focus areas with their target, way of counting and weight."""
    names = {row.code: row.name for row in agreed.targets}
    return Table(
        caption="重点分野と数値目標",
        columns=(
            Column("name", "重点分野", header=True, css="rp-w-3"),
            Column("text", "内容"),
            Column("counting", "数え方と根拠", css="rp-w-4"),
            Column("target", "年間目標", numeric=True, css="rp-c-20"),
            Column("unit", "単位", css="rp-c-13"),
            Column("weight", "重み", numeric=True, css="rp-c-14"),
            Column("challenge", "挑戦係数", numeric=True, css="rp-c-17"),
        ),
        rows=[_area_row(row, names) for row in agreed.areas],
        empty=Empty("重点分野はまだ入力されていません。"),
    )


def _area_row(row: AgreedArea, names: Mapping[str, str]) -> dict[str, Any]:
    counting = f"活動指標「{names.get(row.indicator, row.indicator)}」と同じ"
    return {
        "name": row.name or "（名称なし）",
        "text": Cell(row.description, css="yz-pre"),
        "counting": Cell(
            counting if row.indicator else row.measure,
            note=f"根拠：{row.evidence_rule}" if row.evidence_rule else "",
        ),
        "target": Cell(row.target, note=SMALL_TARGET_WORD if is_small_target(row.target) else ""),
        "unit": row.unit,
        "weight": "均等" if row.weight is None else row.weight,
        "challenge": Cell(
            _factor(row.challenge), note=row.reason if row.challenge != NO_CHALLENGE else ""
        ),
    }


def _adequacy_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    return Table(
        caption="目標の目安（確定したときの控え）",
        columns=(
            Column("name", "活動指標", header=True),
            Column("target", "目標", numeric=True, css="rp-c-24"),
            Column("actual", "前年度の実績", numeric=True, css="rp-c-28"),
            Column("expected", "期待水準", numeric=True, css="rp-c-26"),
            Column("ratio", "目標の倍率", numeric=True, css="rp-c-24"),
            Column("flag", "目安", css="rp-w-4"),
        ),
        rows=[
            {
                "name": row["name"],
                "target": row["target"],
                "actual": row["actual"],
                "expected": row["expected"],
                "ratio": row["ratio"] or "",
                "flag": _FLAGS.get(row["flag"], "") if row["basis"] else "比べる値がありません",
            }
            for row in rows
        ],
    )


def _round_table(rows: Sequence[Mapping[str, Any]], agreed: Agreed) -> Table:
    names = {row.code: row.name for row in agreed.targets}
    names |= {row.code: row.name for row in agreed.areas}
    units = {row.code: row.unit for row in agreed.targets}
    units |= {row.code: row.unit for row in agreed.areas}
    return Table(
        caption="目標値のやりとり",
        columns=(
            Column("at", "日付", css="rp-c-32"),
            Column("what", "項目", header=True, css="rp-w-3"),
            Column("who", "提案した側", css="rp-c-28"),
            Column("kind", "種類", css="rp-c-17"),
            Column("value", "値", numeric=True, css="rp-c-20"),
            Column("reason", "理由"),
        ),
        rows=[
            {
                "at": wareki(parse_date(row["at"][:10])),
                "what": names.get(row["code"], row["code"]),
                "who": Cell(_SIDES.get(row["side"], row["side"]), note=row["by"]),
                "kind": _KINDS.get(row["kind"], row["kind"]),
                "value": f"{format_count(row['value'])}{units.get(row['code'], '')}",
                "reason": row["reason"],
            }
            for row in rows
        ],
    )


def _interview_facts(interview: Mapping[str, Any]) -> list[Fact]:
    if not interview.get("held_on"):
        return []
    facts = [Fact("実施日", wareki(parse_date(interview["held_on"])))]
    if not interview.get("people"):
        facts.append(Fact("出席者", interview.get("attendees") or "—"))
    if interview.get("agreed_points"):
        facts.append(Fact("合意した事項", interview["agreed_points"]))
    if interview.get("recorded_by"):
        facts.append(Fact("記録者", interview["recorded_by"]))
    return facts


def _people_table(interview: Mapping[str, Any]) -> Table:
    return Table(
        caption="期初面談の出席者",
        columns=(
            Column("side", "立場", header=True, css="rp-w-4"),
            Column("organisation", "所属"),
            Column("name", "氏名", css="rp-w-5"),
        ),
        rows=[
            {
                "side": _SIDES.get(row["side"], row["side"]),
                "organisation": row["organisation"],
                "name": row["name"],
            }
            for row in interview.get("people", [])
        ],
    )


def _amendment_facts(amendment: Mapping[str, Any] | None) -> list[Fact]:
    if not amendment:
        return []
    facts = [
        Fact("適用開始月", wareki_month(parse_date(amendment["effective_month"] + "-01"))),
        Fact("変更の理由", amendment["reason"]),
        Fact("置き換えた版のハッシュ", amendment["replaces"]),
    ]
    if amendment.get("retroactive_reason"):
        facts.insert(2, Fact("さかのぼる理由", amendment["retroactive_reason"]))
    return facts
