"""Tables of the budget proposal."""

from collections.abc import Sequence
from typing import Any

from evaluation.budget.models import BudgetLine
from evaluation.budget.queries import BARS, BOUNDS, explained, point_notes, undistributed
from evaluation.budget.tables import bounds_words, has_carry_over, parameters, record
from evaluation.reports.queries import BudgetTable
from evaluation.reports.tables.common import NOT_HERE, Fact, yen_fact
from evaluation.scoring.queries import COMPONENTS
from yorozu.core import figures
from yorozu.core.web.tables import Column, Table

# What is left goes to the columns in which nine digits and a sign may stand.
BAR_WIDTHS = {
    "rounding_yen": "rp-c-11",
    "limits_2_yen": "rp-c-18",
    "base_yen": "rp-c-20",
    "performance_yen": "rp-c-20",
}


def budget_lines(table: BudgetTable) -> Table:
    """Yen per hub with the bars that add up to it; sums of the lines shown at the foot."""
    columns = [
        Column("code", "コード", css="rp-c-10"),
        Column("hub", "拠点名", header=True, css="rp-c-32 rp-hub"),
        Column("score", "総合点", numeric=True, css="rp-c-11"),
        Column("multiplier", "係数", numeric=True, css="rp-c-17"),
        Column("prior_yen", "前年度契約額", numeric=True, unit="円"),
        *[
            Column(key, name, numeric=True, unit="円", css=BAR_WIDTHS.get(key, ""))
            for key, name in BARS
        ],
        Column("budget_yen", "配分案", numeric=True, unit="円"),
        Column("change", "増減", numeric=True, unit="円"),
        Column("bounds", "上下限", css="rp-c-15 yz-nowrap"),
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
        "change": line.change,
        "bounds": bounds_words(line.bound_1, line.bound_2),
    }


def budget_total_facts(table: BudgetTable) -> list[Fact]:
    """The sum check over all hubs, to the yen."""
    found = table.totals
    check = "一致しています" if found.holds else "一致しません"
    return [
        yen_fact("予算総額", found.total_yen),
        yen_fact(f"配分額の合計（{table.hubs}拠点）", found.budget_yen),
        yen_fact("留保額", found.reserve_yen),
        *_rest(table),
        *_carried(table),
        Fact("配分額＋留保額と予算総額", check),
        yen_fact("前年度契約額（年額換算）の合計", found.prior_yen),
    ]


def _carried(table: BudgetTable) -> list[Fact]:
    if not (table.is_whole and has_carry_over(table.lines)):
        return []
    return [yen_fact("前年度の訂正による繰越調整（別行）", table.total("carry_over_yen"))]


def _rest(table: BudgetTable) -> list[Fact]:
    rest = undistributed(table.scenario)
    return [yen_fact("うち上限のため配分できない額", rest)] if rest else []


def component_yen(table: BudgetTable) -> Table:
    """How the performance bar of each hub splits by component, in yen (evaluation.md 3.6)."""
    names = [*COMPONENTS, (None, "調整・上下限・対象外")]
    parts = explained(table.scenario)
    rows: list[dict[str, Any]] = [
        {
            "code": line.hub.code,
            "hub": line.hub_name,
            **{str(code): parts[line.hub.code].parts.get(code) for code, _ in names},
            "performance": line.performance_yen,
        }
        for line in table.lines
    ]
    keys = [*[str(code) for code, _ in names], "performance"]
    totals = {key: sum(int(row[key] or 0) for row in rows) for key in keys}
    columns = [
        Column("code", "コード", css="rp-c-13"),
        Column("hub", "拠点名", header=True, css="rp-c-38 rp-hub"),
        *[Column(str(code), name, numeric=True, unit="円") for code, name in names],
        Column("performance", "評価反映", numeric=True, unit="円"),
    ]
    foot = {"code": "計", "hub": f"{len(rows)}拠点", **totals} if rows else None
    return Table("評価反映の内訳", columns, rows, foot, NOT_HERE, sticky=True)


def formula_distance(table: BudgetTable) -> Table:
    """How far each hub is from the formula, for how many years, and the yen of a point (3.3)."""
    notes = point_notes(table.scenario, table.lines)
    columns = [
        Column("code", "コード", css="rp-c-13"),
        Column("hub", "拠点名", header=True, css="rp-c-38 rp-hub"),
        Column("struct", "構造額", numeric=True, unit="円", css="rp-c-24"),
        Column("formula", "配分式の額", numeric=True, unit="円", css="rp-c-26"),
        Column("apart", "差", numeric=True, unit="円", css="rp-c-24"),
        Column("rate", "差の割合", numeric=True, unit="%", css="rp-c-15"),
        Column("years", "届くまで", numeric=True, unit="年", css="rp-c-15"),
        Column("bound", "第1段階の上下限", css="rp-c-20"),
        Column("point", "1点あたり", numeric=True, unit="円", css="rp-c-20"),
        Column("note", "1点あたりの注意"),
    ]
    rows = [
        {
            "code": line.hub.code,
            "hub": line.hub_name,
            "struct": line.struct_yen,
            "formula": line.formula_yen,
            "apart": None if line.formula_yen is None else line.struct_yen - line.formula_yen,
            "rate": None
            if line.formula_yen is None
            else figures.percent(line.struct_yen - line.formula_yen, line.formula_yen),
            "years": "30年超"
            if line.years_to_formula is None and line.formula_yen is not None
            else line.years_to_formula,
            "bound": BOUNDS[line.bound_1],
            "point": line.per_point_yen,
            "note": notes[line.hub.code],
        }
        for line in table.lines
    ]
    return Table("配分式との距離と1点あたりの額", columns, rows, None, NOT_HERE, sticky=True)


def budget_record(table: BudgetTable) -> list[Fact]:
    """Who computed and who adopted the proposal, when and why; what it was computed with."""
    scenario = table.scenario
    rows = [*record(scenario), *parameters(scenario)]
    return [Fact(row["label"], str(row["value"])) for row in rows if row["value"]]
