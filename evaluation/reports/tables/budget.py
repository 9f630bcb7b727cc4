"""Tables of the budget proposal."""

from collections.abc import Sequence
from typing import Any

from evaluation.budget.models import BudgetLine
from evaluation.budget.queries import BARS, BOUNDS
from evaluation.reports import queries
from evaluation.reports.queries import BudgetTable
from evaluation.reports.tables.common import NOT_HERE, Fact
from evaluation.reports.tables.money import bounds_of
from yorozu.core import figures
from yorozu.core.web.tables import Column, Table

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
        "bounds": "、".join(f"{name}：{BOUNDS[value]}" for name, value in bounds_of(line) if value),
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
