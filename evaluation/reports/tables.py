"""Tables and pictures of the reports: built once, drawn on screen and paper, in CSV and XLSX."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString

from evaluation.budget.models import BudgetLine
from evaluation.budget.queries import BARS, BOUNDS
from evaluation.reports import queries
from evaluation.reports.queries import BudgetTable, Compilation, HubSheet, Line
from evaluation.reports.rules import STATUS_WORDS, IndicatorTotal
from evaluation.scoring.models import EvaluationRun
from evaluation.scoring.queries import COMPONENTS, HubLine
from yorozu.core import charts, figures, fiscal
from yorozu.core.web.tables import Column, Empty, Table

LEVELS = ("1 不満", "2 やや不満", "3 どちらともいえない", "4 満足", "5 大変満足")
GRADE_LEVELS = {"S": 4, "A": 3, "B": 2, "C": 1, "D": 1}
LEGEND = [(4, "S"), (3, "A"), (2, "B"), (1, "C・D"), (0, "評語なし")]
NOT_HERE = Empty("該当するものはありません。")
ROUNDING_NOTE = "円単位の整数です。配分案の合計と留保額の和は、予算総額に一致します。"


@dataclass(frozen=True)
class Fact:
    """One line of a list of facts."""

    label: str
    value: str


def plain(value: Decimal | None) -> Decimal | None:
    """A weight without the zeros that the column of the database adds."""
    return None if value is None else figures.q(value, 4).normalize()


def day_of(moment: str | datetime | None) -> str:
    """The Japanese date of a moment, also of one frozen as text; empty for none."""
    if not moment:
        return ""
    read = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return fiscal.wareki(
        timezone.localtime(read).date() if timezone.is_aware(read) else read.date()
    )


def _grade(sheet_grade: str) -> str:
    return sheet_grade or "評語なし"


# --- Hub sheet ----------------------------------------------------------------------------------


def run_label(run: EvaluationRun) -> str:
    """Number and kind of a run: 第1回（確定）."""
    return f"第{run.number}回（{run.get_kind_display()}）"


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
        "grade": _grade(result.grade if result.is_graded else ""),
        "rank": f"{result.rank}位" if result.rank else "－",
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
            "month": fiscal.wareki_month(_first(day)),
            **{series.code: series.values[place] for series in sheet.months},
        }
        for place, day in enumerate(sheet.month_days)
    ]
    totals = {"month": "計", **{series.code: series.total for series in sheet.months}}
    empty = Empty("証拠台帳に月次実績がありません。")
    return Table("月次実績", columns, rows, totals if rows else None, empty)


def _first(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def survey_table(sheet: HubSheet) -> Table:
    """The distribution of answers, never only a percentage."""
    found = sheet.survey
    columns = [
        Column("level", "回答", header=True),
        Column("count", "回答数", numeric=True, unit="件", css="rp-w-3"),
        Column("share", "割合", numeric=True, unit="％", css="rp-w-3"),
    ]
    rows = [
        {"level": name, "count": count, "share": figures.percent(count, found.n)}
        for name, count in zip(LEVELS, found.levels, strict=True)
    ]
    return Table("回答の分布", columns, rows, {"level": "計", "count": found.n, "share": None})


def survey_facts(sheet: HubSheet) -> list[Fact]:
    """Counts, mean and interval of the survey."""
    found = sheet.survey
    facts = []
    if found.sent is not None:
        warn = "（20%未満のため、結果の読み方に注意が必要です）" if found.is_response_low else ""
        facts.append(
            Fact(
                "送付数・回収数",
                f"送付{found.sent:,}件、回収{found.returned or 0:,}件"
                f"（回収率{figures.format_percent(found.rate)}）{warn}",
            )
        )
    facts.append(Fact("有効回答・平均", f"{found.n:,}件、平均 {_text(found.mean)}"))
    interval = f"{_text(found.low)}%～{_text(found.high)}%" if found.n else "－"
    facts.append(
        Fact(
            "満足以上（4・5）の割合",
            f"{figures.format_percent(found.top_share)}（{found.top_count:,}件）、"
            f"90%信頼区間（Wilson） {interval}",
        )
    )
    facts.append(
        Fact(
            "評価に用いた値",
            f"{_text(found.value)}（全国の平均 {_text(found.prior)} へ k={_text(found.k)} で補正）",
        )
    )
    return facts


def _text(value: Decimal | None) -> str:
    return "－" if value is None else f"{value:f}"


def partner_table(sheet: HubSheet) -> Table:
    """Support organisations by type; single values stay with those who judge."""
    found = sheet.partners
    columns = [
        Column("type", "支援機関の種別", header=True),
        Column("count", "機関数", numeric=True, unit="機関", css="rp-w-3"),
        Column("mean", "平均", numeric=True, unit="1～5", css="rp-w-3"),
    ]
    rows = [{"type": row.name, "count": row.count, "mean": row.mean} for row in found.types]
    totals = {"type": "計", "count": found.n, "mean": found.mean}
    empty = Empty("支援機関による評価の値はありません。")
    return Table("種別ごとの評価", columns, rows, totals if rows else None, empty)


def partner_value(sheet: HubSheet) -> str:
    """How the mean became the value used."""
    found = sheet.partners
    return (
        f"1機関を1つの値として平均し、全国の平均 {_text(found.prior)} へ "
        f"k={_text(found.k)} で補正した値は {_text(found.value)} です。"
    )


def excluded_table(sheet: HubSheet) -> Table:
    """Organisations whose value does not count, with the reason."""
    columns = [
        Column("organization", "支援機関", header=True),
        Column("type", "種別", css="rp-w-4"),
        Column("reason", "除外の理由", css="rp-w-5"),
    ]
    rows = [
        {"organization": row.organization, "type": row.type, "reason": row.reason}
        for row in sheet.partners.excluded
    ]
    return Table("評価から除いた支援機関", columns, rows, empty=NOT_HERE)


def check_table(sheet: HubSheet, component: str, caption: str) -> Table:
    """Items with the mean of the raters, the anchor it reaches, evidence and marks."""
    national = {line.item: line.national for line in sheet.of_level("item")}
    columns = [
        Column("text", "項目", header=True),
        Column("mean", "評価者の平均", numeric=True, unit="0～4", css="rp-c-18"),
        Column("anchor", "到達した段階", css="rp-c-38"),
        Column("evidence", "根拠", css="rp-c-26"),
        Column("points", "得点", numeric=True, css="rp-c-21"),
        Column("national", "全国平均", numeric=True, css="rp-c-16"),
        Column("remark", "備考", css="rp-c-20"),
    ]
    rows = [
        {
            "text": f"{row.code}　{row.text}" if row.text != row.code else row.code,
            "mean": row.mean,
            "anchor": row.anchor,
            "evidence": _evidence(row),
            "points": row.points,
            "national": national.get(row.code),
            "remark": _remark(row),
        }
        for row in sheet.checks
        if row.component == component
    ]
    return Table(caption, columns, rows, empty=NOT_HERE)


def _evidence(row: Any) -> str:
    if row.has_evidence:
        return row.evidence_note or "あり"
    return "" if row.status == "NA" else "なし（3以上は2と数えます）"


def _remark(row: Any) -> str:
    words = ["再協議"] if row.reconcile else []
    if row.status != "OK":
        words.append(STATUS_WORDS.get(row.status, row.status))
    if row.reason:
        words.append(row.reason)
    return "、".join(words)


def budget_bars(sheet: HubSheet) -> Table | None:
    """The bars of the adopted amount, which add up to it to the yen (evaluation.md 3.6)."""
    share = sheet.budget
    if share is None:
        return None
    columns = [
        Column("label", "内訳", header=True),
        Column("yen", "金額", numeric=True, unit="円", css="rp-w-4"),
    ]
    rows = [{"label": name, "yen": getattr(share.line, key)} for key, name in BARS]
    return Table("配分案の内訳", columns, rows, {"label": "配分案", "yen": share.line.budget_yen})


def budget_parts(sheet: HubSheet) -> Table | None:
    """How the performance bar splits by component, in yen and in words."""
    share = sheet.budget
    if share is None:
        return None
    columns = [
        Column("label", "評価区分", header=True, css="rp-w-5"),
        Column("text", "説明"),
        Column("yen", "金額", numeric=True, unit="円", css="rp-w-4"),
    ]
    rows = [{"label": name, "text": text, "yen": yen} for name, yen, text in share.parts]
    total = {"label": "評価反映", "text": "", "yen": share.line.performance_yen}
    return Table("評価反映の内訳", columns, rows, total)


def budget_facts(sheet: HubSheet) -> list[Fact]:
    """The adopted amount beside last year's contract."""
    share = sheet.budget
    if share is None:
        return []
    line = share.line
    bounds = [f"{name}は{BOUNDS[value]}" for name, value in _bounds(line) if value]
    return [
        Fact(
            "採用した配分案",
            f"{share.scenario.title}（{fiscal.nendo(share.scenario.fiscal_year)}）",
        ),
        Fact("配分案", figures.format_yen(line.budget_yen)),
        Fact("前年度契約額", figures.format_yen(line.prior_yen)),
        Fact("増減", figures.format_yen(share.change)),
        Fact("総合点1点あたり", f"約{figures.format_yen(share.per_point)}"),
        Fact("上下限", "、".join(bounds) or "達していません"),
    ]


def _bounds(line: BudgetLine) -> list[tuple[str, str]]:
    return [("第1段階", line.bound_1), ("第2段階", line.bound_2)]


def source_table(sheet: HubSheet) -> Table:
    """Where the figures come from, down to the imported file."""
    columns = [
        Column("part", "資料", header=True, css="rp-c-38"),
        Column("origin", "出所"),
        Column("day", "確認・取込日", css="rp-c-32"),
        Column("who", "担当", css="rp-c-26"),
        Column("sha", "ハッシュ（先頭12桁）", css="rp-c-34"),
    ]
    rows = [
        {
            "part": row.part,
            "origin": row.origin,
            "day": day_of(row.moment),
            "who": row.who,
            "sha": row.sha256[:12],
        }
        for row in sheet.sources
    ]
    return Table("資料の出所", columns, rows, empty=Empty("証拠台帳に出所の記録がありません。"))


def run_certificate(run: EvaluationRun) -> list[Fact]:
    """What anyone needs to recompute the run (2.13)."""
    return [
        Fact("評価基準", f"{run.scheme}　{run.scheme.code}"),
        Fact("評価の番号", f"{fiscal.nendo(run.term.fiscal_year)} {run_label(run)}"),
        Fact("計算方式", run.engine),
        Fact("入力のハッシュ", run.input_hash),
        Fact("結果のハッシュ", run.result_hash),
        Fact("前の評価のハッシュ", run.previous_hash),
        Fact("再計算の命令", command(run)),
    ]


def certificate(sheet: HubSheet) -> list[Fact]:
    """The certificate of a hub sheet: the run and the frozen evidence book."""
    book = sheet.result.evidence_book
    facts = run_certificate(sheet.run)
    if book is None:
        return facts
    named = f"第{book.number}号（基準日 {fiscal.wareki(book.as_of)}）"
    return [
        *facts[:3],
        Fact("証拠台帳", named),
        Fact("台帳のハッシュ", book.content_hash),
        *facts[3:],
    ]


def command(run: EvaluationRun) -> str:
    """The command that recomputes the exported run."""
    return f"./run manage evaluation_check evaluation-{run.term.fiscal_year}-{run.number}.json"


def pictures(sheet: HubSheet) -> dict[str, SafeString | None]:
    """The charts of a hub sheet; their figures stand in the tables beside them."""
    return {
        "components": _component_picture(sheet),
        "indicators": _indicator_picture(sheet),
        "months": _month_picture(sheet),
    }


def _component_picture(sheet: HubSheet) -> SafeString:
    rows = [
        charts.Bar(line.label, line.points, _text(line.points), line.national)
        for line in sheet.of_level("component")
    ]
    return charts.bar("評価区分別の得点と全国平均", rows, unit="点", top=100)


def _indicator_picture(sheet: HubSheet) -> SafeString:
    lines = [line for line in sheet.of_level("item") if line.component == "IND"]
    rows = [
        charts.Bullet(line.label, line.measure.actual, line.measure.target, "") for line in lines
    ]
    return charts.bullet("活動指標の実績と目標", rows)


def _month_picture(sheet: HubSheet) -> SafeString | None:
    series = next((one for one in sheet.months if one.code == "CONS"), None)
    if series is None:
        return None
    labels = [f"{_first(day).month}月" for day in sheet.month_days]
    values = [value if isinstance(value, int) else None for value in series.values]
    return charts.line(
        f"{series.name}の月別の推移", labels, [charts.Series(series.name, values)], unit=series.unit
    )


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


# --- National compilation -----------------------------------------------------------------------


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


def result_table(lines: Sequence[HubLine]) -> Table:
    """The evaluation result table: points of the components, score, grade, rank."""
    columns = [
        Column("code", "コード", css="rp-c-10"),
        Column("hub", "拠点名", header=True, css="rp-c-34"),
        *[Column(code, name, numeric=True) for code, name in COMPONENTS],
        Column("mechanical", "算定点", numeric=True, css="rp-c-15"),
        Column("final", "総合点", numeric=True, css="rp-c-15"),
        Column("grade", "評語", css="rp-c-11"),
        Column("rank", "順位", numeric=True, css="rp-c-11"),
        Column("coverage", "充足率", numeric=True, unit="％", css="rp-c-17"),
        Column("status", "状況", css="rp-c-24"),
    ]
    rows = [_result_row(line) for line in lines]
    return Table("評価結果", columns, rows, empty=NOT_HERE, sticky=True)


def _result_row(line: HubLine) -> dict[str, Any]:
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
        "rank": result.rank,
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
            f"{line.result.grade} {_text(line.result.final)}",
            GRADE_LEVELS.get(line.result.grade, 0),
        )
        if line.result.is_graded
        else charts.Tile(_text(line.result.final), 0)
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
        charts.Bar(row.name, row.mean, f"{_text(row.mean)}点") for row in compilation.components
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


# --- Budget table -------------------------------------------------------------------------------


BAR_WIDTHS = {"rounding_yen": "rp-c-14", "limits_1_yen": "rp-c-18", "limits_2_yen": "rp-c-18"}


def budget_lines(table: BudgetTable) -> Table:
    """Yen per hub with the bars that add up to it; sums of the lines shown at the foot."""
    columns = [
        Column("code", "コード", css="rp-c-10"),
        Column("hub", "拠点名", header=True, css="rp-c-32"),
        Column("score", "総合点", numeric=True, css="rp-c-13"),
        Column("multiplier", "係数", numeric=True, css="rp-c-18"),
        Column("prior_yen", "前年度契約額", numeric=True, unit="円"),
        *[
            Column(key, name, numeric=True, unit="円", css=BAR_WIDTHS.get(key, ""))
            for key, name in BARS
        ],
        Column("budget_yen", "配分案", numeric=True, unit="円"),
        Column("change", "増減", numeric=True, unit="円"),
        Column("bounds", "上下限", css="rp-c-14"),
    ]
    keys = ["prior_yen", *[key for key, _ in BARS], "budget_yen"]
    rows = [_budget_row(line, keys) for line in table.lines]
    sums = {key: table.total(key) for key in keys}
    totals = {
        "code": "計",
        "hub": f"{len(rows)}拠点",
        **sums,
        "change": sums["budget_yen"] - sums["prior_yen"],
    }
    return Table("拠点別の配分案", columns, rows, totals if rows else None, NOT_HERE, sticky=True)


def _budget_row(line: BudgetLine, keys: Sequence[str]) -> dict[str, Any]:
    return {
        "code": line.hub.code,
        "hub": line.hub_name,
        "score": line.score,
        "multiplier": line.multiplier,
        **{key: getattr(line, key) for key in keys},
        "change": queries.change(line),
        "bounds": "、".join(f"{name}：{BOUNDS[value]}" for name, value in _bounds(line) if value),
    }


def budget_total_facts(table: BudgetTable) -> list[Fact]:
    """The sum check over all hubs, to the yen."""
    found = table.totals
    check = "一致しています" if found.holds else "一致しません"
    return [
        Fact("予算総額", figures.format_yen(found.total_yen)),
        Fact(f"配分額の合計（{table.hubs}拠点）", figures.format_yen(found.budget_yen)),
        Fact("留保額", figures.format_yen(found.reserve_yen)),
        Fact("配分額＋留保額と予算総額", check),
        Fact("前年度契約額の合計", figures.format_yen(found.prior_yen)),
    ]


def scenario_certificate(table: BudgetTable) -> list[Fact]:
    """What anyone needs to recompute the proposal."""
    scenario = table.scenario
    return [
        Fact("配分基準", str(scenario.rule)),
        Fact(
            "もとの評価", f"{fiscal.nendo(scenario.run.term.fiscal_year)} {run_label(scenario.run)}"
        ),
        Fact("計算方式", scenario.engine),
        Fact("入力のハッシュ", scenario.input_hash),
        Fact("結果のハッシュ", scenario.result_hash),
        Fact("再計算の命令", command(scenario.run)),
    ]
