"""The hub sheet's score: verdict, components, indicators, arithmetic, months."""

from datetime import date
from decimal import Decimal
from typing import Any

from evaluation.reports.queries import HubSheet, Line
from evaluation.reports.tables.common import Fact, day_of, grade_word, plain
from evaluation.scoring.analysis.queries import rank_text
from yorozu.core import figures, fiscal
from yorozu.core.web.tables import Column, Empty, Table


def head_facts(sheet: HubSheet) -> list[Fact]:
    """What the sheet is about, for its head."""
    run, result = sheet.run, sheet.result
    return [
        Fact("拠点", f"{result.hub.code}　{result.hub_name}"),
        Fact("経済産業局", result.bureau_name),
        Fact("対象年度", fiscal.nendo(run.term.fiscal_year)),
        Fact(
            "評価",
            f"第{run.number}回（種別：{run.get_kind_display()}、状態：{run.get_state_display()}）",
        ),
        Fact("算定日", day_of(run.computed_at)),
        Fact("公表日", day_of(run.published_at) or "未公表"),
    ]


def verdict(sheet: HubSheet) -> dict[str, str]:
    """Score, grade, rank and coverage as they are printed; a grade never stands alone (2.8)."""
    result, data = sheet.result, sheet.data
    final = "－" if result.final is None else str(result.final)
    return {
        "final": final,
        "mechanical": "－" if result.mechanical is None else str(result.mechanical),
        "grade": grade_word(result.grade if result.is_graded else ""),
        "rank": rank_text(sheet.run, result.hub.code, result.rank) or "－",
        "graded": f"/ {data.graded}拠点",
        "coverage": f"{result.coverage}%",
        "mean": "－" if data.summary.mean is None else str(data.summary.mean),
    }


def components(sheet: HubSheet) -> Table:
    """Points of the six components beside the national mean."""
    columns = [
        Column("label", "評価区分", header=True),
        Column("weight", "重み", numeric=True, css="rp-c-14"),
        Column("points", "得点", numeric=True, unit="100点満点", css="rp-c-28"),
        Column("national", "全国平均", numeric=True, css="rp-c-20"),
        Column("contribution", "総合点への寄与", numeric=True, css="rp-c-28"),
        Column("status", "状況", css="rp-c-28"),
    ]
    rows = [_line_row(line) for line in sheet.of_level("component")]
    return Table("評価区分別の得点", columns, rows)


def _line_row(line: Line) -> dict[str, Any]:
    measure = line.measure
    return {
        "component": line.component,
        "item": line.item,
        "label": line.label,
        "target": measure.target,
        "actual": measure.actual,
        "rate": _attainment(line),
        "value": measure.value,
        "points": line.points,
        "weight": plain(line.weight),
        "contribution": line.contribution,
        "national": line.national,
        "status": line.status,
        "formula": line.formula,
    }


def _attainment(line: Line) -> Decimal | None:
    target, actual = line.measure.target, line.measure.actual
    if target is None and actual is None:
        return None
    return figures.percent(actual, target)


def indicators(sheet: HubSheet, component: str, caption: str) -> Table:
    """Targets and actuals of the items of one component."""
    columns = [
        Column("label", "項目", header=True),
        Column("target", "目標", numeric=True, css="rp-c-18"),
        Column("actual", "実績", numeric=True, css="rp-c-18"),
        Column("rate", "達成率", numeric=True, unit="％", css="rp-c-17"),
        Column("value", "達成度", numeric=True, unit="係数後", css="rp-c-19"),
        Column("points", "得点", numeric=True, css="rp-c-21"),
        Column("national", "得点の全国平均", numeric=True, css="rp-c-19"),
        Column("status", "状況", css="rp-c-19"),
    ]
    lines = [line for line in sheet.of_level("item") if line.component == component]
    empty = Empty("重点分野は定められていません。" if component == "FOC" else "項目はありません。")
    return Table(caption, columns, [_line_row(line) for line in lines], empty=empty)


ARITHMETIC_COLUMNS = [
    Column("label", "項目", header=True, css="rp-c-38"),
    Column("formula", "計算"),
    Column("weight", "重み", numeric=True, css="rp-c-14"),
    Column("points", "得点", numeric=True, css="rp-c-21"),
    Column("contribution", "寄与", numeric=True, css="rp-c-20"),
]


def arithmetic(sheet: HubSheet) -> list[Table]:
    """Every line of the calculation, one table per component, so that it can be redone by hand."""
    tables = []
    for part in sheet.of_level("component"):
        items = [line for line in sheet.of_level("item") if line.component == part.component]
        rows = [_line_row(line) for line in items]
        total = {**_line_row(part), "label": f"{part.label}　計"}
        if rows:
            tables.append(Table(part.label, ARITHMETIC_COLUMNS, rows, total, sticky=len(rows) > 8))
        else:
            tables.append(Table(part.label, ARITHMETIC_COLUMNS, [total]))
    return tables


def closing(sheet: HubSheet) -> Table:
    """From the components to the composite: the contributions add up to the score exactly."""
    columns = [
        Column("label", "段階", header=True, css="rp-w-5"),
        Column("formula", "内容"),
        Column("contribution", "点", numeric=True, css="rp-w-3"),
    ]
    parts = [
        {"label": line.label, "formula": "評価区分の寄与", "contribution": line.contribution}
        for line in sheet.of_level("component")
    ]
    rest = [_line_row(line) for line in sheet.of_level("rounding", "adjustment")]
    total = [_line_row(line) for line in sheet.of_level("total")]
    return Table("総合点の計算", columns, [*parts, *rest], total[0] if total else None)


def month_table(sheet: HubSheet) -> Table:
    """Accepted monthly values: one row per month, one column per indicator."""
    columns = [
        Column("month", "月", header=True),
        *[
            Column(series.code, series.name, numeric=True, unit=series.unit, css="rp-w-3")
            for series in sheet.months
        ],
    ]
    rows = [
        {
            "month": fiscal.wareki_month(first_day(day)),
            **{series.code: series.values[place] for series in sheet.months},
        }
        for place, day in enumerate(sheet.month_days)
    ]
    totals = {"month": "計", **{series.code: series.total for series in sheet.months}}
    empty = Empty("証拠台帳に月次実績がありません。")
    return Table("月次実績", columns, rows, totals if rows else None, empty)


def first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def lines_table(sheet: HubSheet) -> Table:
    """The whole arithmetic as one flat table, for CSV and XLSX."""
    columns = [
        Column("hub_code", "拠点コード"),
        Column("hub", "拠点名"),
        Column("level", "段"),
        Column("component", "評価区分"),
        Column("item", "項目コード"),
        Column("label", "名称"),
        Column("target", "目標"),
        Column("actual", "実績"),
        Column("rate", "達成率（％）"),
        Column("value", "達成度・平均"),
        Column("points", "得点"),
        Column("weight", "重み"),
        Column("contribution", "寄与"),
        Column("national", "全国平均"),
        Column("status", "状況"),
        Column("formula", "計算"),
    ]
    who = {"hub_code": sheet.result.hub.code, "hub": sheet.result.hub_name}
    rows = [{**who, "level": LEVEL_WORDS[line.level], **_line_row(line)} for line in sheet.lines]
    return Table("点数の計算", columns, rows)


LEVEL_WORDS = {
    "item": "項目",
    "component": "評価区分",
    "rounding": "四捨五入",
    "adjustment": "調整",
    "total": "総合点",
}
