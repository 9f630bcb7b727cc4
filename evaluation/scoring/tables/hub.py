"""One hub: score, arithmetic line by line, profile beside the national mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.safestring import SafeString

from evaluation.scoring.analysis.queries import rank_text
from evaluation.scoring.models import EvaluationRun, RunHubResult, RunItemResult
from evaluation.scoring.queries import RunSummary
from evaluation.scoring.tables.runs import note_on
from evaluation.scoring.tables.sources import source_tables
from yorozu.core import charts
from yorozu.core.access import Scope
from yorozu.core.web.tables import Cell, Column, Table

STATUS_WORDS = {
    "OK": "",
    "NA": "対象外",
    "MISSING": "値なし（0点）",
    "SMALL_N": "回答少数",
    "DROPPED": "除外",
}


# Items whose code the reader meets elsewhere: C1 and U1 of the hearing stand on its papers.
CODED = {"CHK", "UNQ"}


@dataclass(frozen=True)
class Group:
    """One component: its own line, its items, and where its figures come from."""

    line: RunItemResult
    weight: Decimal | None
    mean: Decimal | None
    table: Table | None
    sources: Sequence[Table]


def hub_facts(
    run: EvaluationRun, result: RunHubResult, summary: RunSummary
) -> list[dict[str, Any]]:
    """Score, grade, rank and coverage of one hub; never a bare letter (evaluation.md 2.8)."""
    graded = summary.hubs - summary.ungraded
    rank = rank_text(run, result.hub.code, result.rank)
    return [
        {"label": "総合点", "value": f"{result.final}点（全国平均{summary.mean}点）"},
        {"label": "算定点", "value": f"{result.mechanical}点"},
        {"label": "評語", "value": result.grade if result.is_graded else "評語なし"},
        {
            "label": "順位",
            "value": f"{rank}（{graded}拠点中）" if rank else "順位なし",
        },
        {"label": "充足率", "value": f"{result.coverage}%"},
        {"label": "上限", "value": note_on(result) or "なし"},
    ]


def arithmetic(
    items: Sequence[RunItemResult],
    means: Mapping[str, Decimal],
    content: Mapping[str, Any],
    scope: Scope,
) -> list[Group]:
    """Components in order, each with its items' lines and the frozen figures behind them."""
    behind = source_tables(content, scope) if content else {}
    groups = []
    for line in (item for item in items if item.level == "component"):
        parts = [i for i in items if i.level == "item" and i.component == line.component]
        groups.append(
            Group(
                line,
                line.weight,
                means.get(line.component),
                _items_table(line, parts) if parts else None,
                behind.get(line.component, []),
            )
        )
    return groups


def _items_table(line: RunItemResult, parts: Sequence[RunItemResult]) -> Table:
    return Table(
        caption=f"{line.label}の内訳",
        columns=[
            Column("item", "項目", header=True),
            # The points stand where nobody has to scroll for them.
            Column("points", "得点", numeric=True, unit="点"),
            Column("weight", "重み", numeric=True),
            Column("contribution", "総合点への寄与", numeric=True, unit="点"),
            Column("formula", "計算", css="yz-longtext"),
            Column("status", "状況"),
        ],
        rows=[
            {
                "item": Cell(part.label, note=part.item if part.component in CODED else ""),
                "formula": part.formula,
                "weight": None if part.weight is None else part.weight.normalize(),
                "points": part.points,
                "contribution": part.contribution,
                "status": STATUS_WORDS.get(part.status, part.status),
            }
            for part in parts
        ],
    )


def closing(items: Sequence[RunItemResult]) -> Table:
    """Components, rounding and adjustment: the lines that add up to the score."""
    lines = [item for item in items if item.level != "item"]
    total = next((item for item in lines if item.level == "total"), None)
    return Table(
        caption="総合点の計算",
        columns=[
            Column("label", "区分", header=True),
            Column("points", "得点", numeric=True, unit="点"),
            Column("weight", "重み", numeric=True),
            Column("contribution", "寄与", numeric=True, unit="点"),
            Column("status", "状況"),
        ],
        rows=[
            {
                "label": item.label,
                "points": item.points,
                "weight": None if item.weight is None else item.weight.normalize(),
                "contribution": item.contribution,
                "status": STATUS_WORDS.get(item.status, item.status),
            }
            for item in lines
            if item.level != "total"
        ],
        totals={"label": "総合点", "contribution": total.contribution} if total else None,
    )


def draft_score(result: RunHubResult) -> Table:
    """The hub's own score as it stands in the fact check: what adds up to it, and no rank."""
    return replace(closing(list(result.items.all())), caption="総合点の計算")


def profile(items: Sequence[RunItemResult], means: Mapping[str, Decimal]) -> SafeString:
    """Component points beside the national mean."""
    bars = [
        charts.Bar(
            item.label,
            item.points,
            "" if item.points is None else f"{item.points}点",
            means.get(item.component),
        )
        for item in items
        if item.level == "component"
    ]
    return charts.bar("区分ごとの得点と全国平均", bars, unit="点", top=100)


def profile_table(items: Sequence[RunItemResult], means: Mapping[str, Decimal]) -> Table:
    """The same numbers as a table."""
    return Table(
        caption="区分ごとの得点と全国平均",
        columns=[
            Column("label", "区分", header=True),
            Column("points", "得点", numeric=True, unit="点"),
            Column("mean", "全国平均", numeric=True, unit="点"),
        ],
        rows=[
            {"label": item.label, "points": item.points, "mean": means.get(item.component)}
            for item in items
            if item.level == "component"
        ],
    )
