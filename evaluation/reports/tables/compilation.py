"""Tables and pictures of the national compilation."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.safestring import SafeString

from evaluation.reports import queries
from evaluation.reports.queries import Compilation
from evaluation.reports.rules import IndicatorTotal
from evaluation.reports.tables.common import GRADE_LEVELS, LEGEND, NOT_HERE, plain
from evaluation.reports.tables.sources import figure_text
from evaluation.scoring.queries import COMPONENTS, HubLine
from yorozu.core import charts, figures
from yorozu.core.web.tables import Column, Empty, Table


def _indicator_columns(compilation: Compilation) -> list[Column]:
    columns = []
    for indicator in compilation.data.indicators:
        columns += [
            Column(f"{indicator.code}.target", f"{indicator.name} 目標", numeric=True),
            Column(f"{indicator.code}.actual", "実績", numeric=True, unit=indicator.unit),
            Column(f"{indicator.code}.rate", "達成率", numeric=True, unit="％"),
        ]
    return columns


def _indicator_cells(totals: Iterable[IndicatorTotal]) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for total in totals:
        cells[f"{total.code}.target"] = total.target
        cells[f"{total.code}.actual"] = total.actual
        cells[f"{total.code}.rate"] = total.attainment
    return cells


def area_table(compilation: Compilation) -> Table:
    """Indicators per bureau and for the nation."""
    columns = [
        Column("name", "経済産業局", header=True, css="rp-c-34"),
        Column("hubs", "拠点数", numeric=True, css="rp-c-13"),
        *_indicator_columns(compilation),
    ]
    rows = [
        {"name": area.name, "hubs": area.hubs, **_indicator_cells(area.totals)}
        for area in compilation.areas
    ]
    nation = compilation.nation
    totals = {"name": nation.name, "hubs": nation.hubs, **_indicator_cells(nation.totals)}
    return Table("活動指標の実績（経済産業局別・全国）", columns, rows, totals)


def hub_total_table(compilation: Compilation) -> Table:
    """Indicators of each hub in the scope."""
    columns = [
        Column("name", "拠点", header=True, css="rp-c-34"),
        *_indicator_columns(compilation),
    ]
    rows = [
        {"name": row.result.hub_name, **_indicator_cells(row.totals)}
        for row in compilation.hub_totals
    ]
    return Table("活動指標の実績（拠点別）", columns, rows, empty=NOT_HERE, sticky=True)


def result_table(lines: Sequence[HubLine], ranks: Mapping[str, str]) -> Table:
    """The evaluation result table: points of the components, score, grade, rank.

    ``ranks`` are the ranges by hub code, empty for a run without analysis.
    """
    columns = [
        Column("code", "コード", css="rp-c-10"),
        Column("hub", "拠点名", header=True, css="rp-c-34"),
        *[Column(code, name, numeric=True) for code, name in COMPONENTS],
        Column("mechanical", "算定点", numeric=True, css="rp-c-15"),
        Column("final", "総合点", numeric=True, css="rp-c-15"),
        Column("grade", "評語", css="rp-c-11"),
        Column("rank", "順位（90％区間）" if ranks else "順位", numeric=True, css="rp-c-15"),
        Column("coverage", "充足率", numeric=True, unit="％", css="rp-c-17"),
        Column("status", "状況", css="rp-c-24"),
    ]
    rows = [_result_row(line, ranks) for line in lines]
    return Table("評価結果", columns, rows, empty=NOT_HERE, sticky=True)


def _result_row(line: HubLine, ranks: Mapping[str, str]) -> dict[str, Any]:
    result = line.result
    codes = [code for code, _ in COMPONENTS]
    return {
        "code": result.hub.code,
        "hub": result.hub_name,
        "bureau": result.bureau_name,
        **dict(zip(codes, line.points, strict=True)),
        "mechanical": result.mechanical,
        "final": result.final,
        "grade": result.grade if result.is_graded else "",
        "rank": ranks.get(result.hub.code) or result.rank,
        "coverage": result.coverage,
        "status": queries.result_status(result),
    }


def grade_table(compilation: Compilation) -> Table:
    """How many hubs hold each grade."""
    found = compilation.data.summary
    columns = [
        Column("grade", "評語", header=True),
        Column("count", "拠点数", numeric=True, css="rp-w-3"),
        Column("share", "割合", numeric=True, unit="％", css="rp-w-3"),
    ]
    counted = [*found.grades, ("評語なし", found.ungraded)]
    rows = [
        {"grade": name, "count": count, "share": figures.percent(count, found.hubs)}
        for name, count in counted
    ]
    return Table("評語の分布", columns, rows, {"grade": "計", "count": found.hubs, "share": None})


def component_table(compilation: Compilation) -> Table:
    """Mean, lowest and highest points of each component."""
    columns = [
        Column("name", "評価区分", header=True),
        Column("weight", "重み", numeric=True, css="rp-c-14"),
        Column("hubs", "拠点数", numeric=True, css="rp-c-17"),
        Column("mean", "平均", numeric=True, css="rp-c-20"),
        Column("low", "最低", numeric=True, css="rp-c-20"),
        Column("high", "最高", numeric=True, css="rp-c-20"),
    ]
    rows = [
        {
            "name": row.name,
            "weight": plain(row.weight),
            "hubs": row.hubs,
            "mean": row.mean,
            "low": row.low,
            "high": row.high,
        }
        for row in compilation.components
    ]
    return Table("評価区分別の得点（全国）", columns, rows)


def flag_table(compilation: Compilation) -> Table:
    """What a reader of the table must know about single hubs."""
    columns = [
        Column("hub", "拠点", header=True, css="rp-w-5"),
        Column("text", "注意事項"),
    ]
    rows = [{"hub": flag.result.hub_name, "text": flag.text} for flag in compilation.flags]
    return Table("拠点ごとの注意事項", columns, rows, empty=Empty("注意事項はありません。"))


def tile_values(compilation: Compilation) -> dict[str, charts.Tile]:
    """Grade and score of each hub for the tile map."""
    return {
        line.result.hub.code: charts.Tile(
            f"{line.result.grade} {figure_text(line.result.final)}",
            GRADE_LEVELS.get(line.result.grade, 0),
        )
        if line.result.is_graded
        else charts.Tile(figure_text(line.result.final), 0)
        for line in compilation.hubs
    }


def compilation_pictures(compilation: Compilation) -> dict[str, SafeString]:
    """Charts of the compilation."""
    grades = [
        charts.Bar(name, count)
        for name, count in [
            *compilation.data.summary.grades,
            ("評語なし", compilation.data.summary.ungraded),
        ]
    ]
    parts = [
        charts.Bar(row.name, row.mean, f"{figure_text(row.mean)}点")
        for row in compilation.components
    ]
    return {
        "grades": charts.bar("評語の分布", grades, unit="拠点"),
        "components": charts.bar("評価区分別の得点の全国平均", parts, unit="点", top=100),
        "tiles": charts.tile_map("拠点の評語と総合点", tile_values(compilation), legend=LEGEND),
    }


def compilation_rows(compilation: Compilation) -> Table:
    """The compilation as flat rows: the level of each row is named, so nothing is summed twice."""
    columns = [
        Column("level", "範囲"),
        Column("bureau", "経済産業局"),
        Column("code", "拠点コード"),
        Column("name", "名称"),
        Column("indicator", "活動指標"),
        Column("unit", "単位"),
        Column("target", "目標"),
        Column("actual", "実績"),
        Column("rate", "達成率（％）"),
    ]
    nation, data = compilation.nation, compilation.data
    names = {one.code: one for one in data.indicators}
    groups = [
        ({"level": "全国", "bureau": "", "code": "", "name": nation.name}, nation.totals),
        *(
            (
                {"level": "経済産業局", "bureau": area.name, "code": "", "name": area.name},
                area.totals,
            )
            for area in compilation.areas
        ),
        *(
            (
                {
                    "level": "拠点",
                    "bureau": row.result.bureau_name,
                    "code": row.result.hub.code,
                    "name": row.result.hub_name,
                },
                row.totals,
            )
            for row in compilation.hub_totals
        ),
    ]
    rows = [
        {
            **who,
            "indicator": names[total.code].name,
            "unit": names[total.code].unit,
            "target": total.target,
            "actual": total.actual,
            "rate": total.attainment,
        }
        for who, totals in groups
        for total in totals
    ]
    return Table("実績取りまとめ", columns, rows)
