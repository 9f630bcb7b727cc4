"""Tables and pictures of the page that says why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.safestring import SafeString

from evaluation.desk.queries import Why
from evaluation.desk.rules import levers, words
from evaluation.desk.rules.distance import Distance
from evaluation.reports.queries import HubSheet, Line
from evaluation.reports.tables import partner_table
from evaluation.reports.tables.common import plain
from evaluation.scoring.analysis.queries import rank_text
from evaluation.scoring.tables.sources import source_tables
from yorozu.core import charts, figures
from yorozu.core.access import Scope, decide
from yorozu.core.web.tables import Cell, Column, Table


@dataclass(frozen=True)
class Group:
    """One component of the page: its sentence, its items, and the frozen figures behind them."""

    line: Line
    median: Decimal | None
    table: Table
    sources: Sequence[Table]


def facts(found: Why) -> list[dict[str, str]]:
    """Score, grade, rank and the way to the next grade; a grade never stands alone (2.8)."""
    result, data = found.sheet.result, found.sheet.data
    way = found.distance
    said = [
        {"label": "総合点", "value": f"{shown(result.final)}点"},
        {"label": "評語", "value": result.grade if result.is_graded else "評語なし"},
        {
            "label": "順位",
            "value": rank_text(found.sheet.run, result.hub.code, result.rank) or "順位なし",
            "note": f"{data.graded}拠点中" if result.rank else "",
        },
        {"label": "全国平均", "value": f"{shown(data.summary.mean)}点"},
    ]
    if way.target and way.gap:
        said.append({"label": f"評語{way.target}まで", "value": f"あと{way.gap}点"})
    return said


def held(found: Why) -> str:
    """What holds a grade whose score has long reached the next one; empty otherwise."""
    way = found.distance
    return words.held_by(way.gates, found.names) if way.gates and not way.gap else ""


def shown(value: Decimal | None) -> str:
    """A score, or － where there is none."""
    return "－" if value is None else str(value)


def waterfall(sheet: HubSheet) -> SafeString:
    """What each component brings to the score; the line is what it could bring at most."""
    counted = [line for line in sheet.of_level("component") if line.contribution is not None]
    whole = sum((line.weight or Decimal(0) for line in counted), Decimal(0))
    bars = [
        charts.Bar(
            line.label,
            figures.q(line.contribution or Decimal(0), 2),
            mark=figures.q((line.weight or Decimal(0)) * 100 / whole, 2) if whole else None,
        )
        for line in counted
    ]
    return charts.bar("総合点の内訳", bars, unit="点")


def waterfall_table(found: Why) -> Table:
    """Components, rounding and adjustment: contributions that add up to the score."""
    sheet = found.sheet
    rows = [_component_row(found, line) for line in sheet.of_level("component")]
    rows += [
        {"label": Cell(line.formula), "contribution": line.contribution}
        for line in sheet.of_level("rounding", "adjustment")
    ]
    total = next(iter(sheet.of_level("total")), None)
    return Table(
        caption="総合点の内訳",
        columns=[
            Column("label", "評価区分", header=True),
            Column("points", "得点", numeric=True, unit="100点満点"),
            Column("median", "全国の中央値", numeric=True),
            Column("weight", "重み", numeric=True),
            Column("contribution", "総合点への寄与", numeric=True, unit="点"),
            Column("status", "状況"),
        ],
        rows=rows,
        totals={
            "label": "総合点",
            "median": found.median(total),
            "contribution": total.contribution,
        }
        if total
        else None,
    )


def _component_row(found: Why, line: Line) -> dict[str, Any]:
    return {
        "label": Cell(line.label, f"#part-{line.component}"),
        "points": line.points,
        "median": found.median(line),
        "weight": plain(line.weight),
        "contribution": line.contribution,
        "status": line.status,
    }


def groups(found: Why, scope: Scope) -> list[Group]:
    """Components in order, each with its items and, folded, the rows its figures come from."""
    behind = source_tables(found.content, scope) if found.content else {}
    if not decide(scope, "evaluation.hearings.view").allowed and "PAR" in behind:
        # Single values stay with those who judge, so that answers stay frank (reports).
        behind["PAR"] = [partner_table(found.sheet)]
    return [
        Group(line, found.median(line), _items(found, line), behind.get(line.component, []))
        for line in found.sheet.of_level("component")
    ]


ITEM_COLUMNS = (
    Column("label", "項目", header=True),
    # The points and what would raise the grade stand where nobody has to scroll for them.
    Column("points", "得点", numeric=True, unit="点"),
    Column("way", "次の評語まで", css="yz-longtext"),
    Column("median", "全国の中央値", numeric=True, unit="点"),
    Column("target", "目標", numeric=True),
    Column("actual", "実績", numeric=True),
    Column("value", "平均", numeric=True),
    Column("weight", "重み", numeric=True),
    Column("contribution", "寄与", numeric=True, unit="点"),
    Column("status", "状況"),
)


def _items(found: Why, part: Line) -> Table:
    """The items of a component; a survey or partner component is its own only item."""
    lines = [line for line in found.sheet.of_level("item") if line.component == part.component]
    ways = {(way.component, way.item): way for way in found.distance.items}
    rows = [_item_row(found, line, ways) for line in lines or [part]]
    is_counted = part.component in {"IND", "FOC"}
    columns = [
        column for column in ITEM_COLUMNS if is_counted or column.key not in {"target", "actual"}
    ]
    if is_counted:
        columns = [
            replace(column, label="達成度") if column.key == "value" else column
            for column in columns
        ]
    return Table(f"{part.label}の項目", columns, rows)


def _item_row(found: Why, line: Line, ways: dict[tuple[str, str], Distance]) -> dict[str, Any]:
    way = ways.get((line.component, line.item))
    return {
        "label": line.label,
        "target": line.measure.target,
        "actual": line.measure.actual,
        "value": line.measure.value,
        "points": line.points,
        "median": found.median(line),
        "weight": plain(line.weight),
        "contribution": line.contribution,
        "way": _way(found, way),
        "status": line.status,
    }


def _way(found: Why, way: Distance | None) -> Cell | str:
    if way is None:
        return ""
    if way.reach is None:
        return Cell("単独では届きません", note=words.reason(way, found.distance, found.names))
    note = f"総合点{way.reach.final}点、評語{way.reach.grade}"
    return Cell(words.amount(way, way.reach, found.names), note=note)


# A combination of more items than this is no advice that anybody could follow.
MOST_PARTS = 3
# Sentences stand under the heads of the paper: counts, opinions, hearing (evaluation.md 0).
WAY_HEADS = (
    ("活動指標・重点分野", {levers.COUNT, levers.FEWER}, False),
    ("満足度調査・支援機関による評価", {levers.ANSWERS, levers.TENTHS}, False),
    ("ヒアリング（チェックリスト・独自の取組）", {levers.RATER_POINTS}, True),
)


def ways(found: Why) -> list[dict[str, Any]]:
    """One sentence per item that lifts the grade by itself, under heads; the hearing is folded."""
    order = {(line.component, line.item): place for place, line in enumerate(found.sheet.lines)}
    reached = [way for way in found.distance.items if way.reach]
    reached.sort(key=lambda way: order.get((way.component, way.item), len(order)))
    listed = [
        {
            "label": label,
            "is_folded": is_folded,
            "sentences": [words.sentence(way, found.names) for way in reached if way.kind in kinds],
        }
        for label, kinds, is_folded in WAY_HEADS
    ]
    return [one for one in listed if one["sentences"]]


def other_ways(found: Why) -> list[str]:
    """All counts by the same share, and short combinations where no item suffices alone."""
    even = found.distance.evenly
    said = [words.sentence(even, found.names)] if even and even.reach else []
    short = [one for one in found.distance.combinations if len(one.parts) <= MOST_PARTS]
    return [*said, *(words.combination(one, found.names) for one in short)]


def yen_rows(sheet: HubSheet) -> list[dict[str, str]]:
    """What a point is worth, for those who may see the budget; nothing for the others."""
    share = sheet.budget
    if share is None:
        return []
    return [
        {"label": "採用した配分案", "value": figures.format_yen(share.line.budget_yen)},
        {"label": "総合点1点あたり", "value": f"約{figures.format_yen(share.per_point)}"},
        *({"label": name, "value": text} for name, _, text in share.parts if text),
    ]
