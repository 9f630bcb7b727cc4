"""Rows, chips and pictures of the budget screens."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString

from evaluation.budget.models import BudgetLine, BudgetScenario, ScenarioState
from evaluation.budget.queries import BARS, BOUNDS, Totals
from evaluation.budget.rules.explain import performance_parts, sentence
from evaluation.scoring.queries import COMPONENTS
from yorozu.core import charts, figures, fiscal
from yorozu.core.web.chips import Chip, Status
from yorozu.core.web.tables import Cell, Column, Empty, Table

CHIPS = {
    ScenarioState.PROPOSED: Chip(Status.WAITING, "案"),
    ScenarioState.ADOPTED: Chip(Status.FINALIZED, "採用"),
}


def scenarios(rows: Iterable[BudgetScenario]) -> Table:
    """Scenarios of one run, or of all."""
    return Table(
        caption="配分案の一覧",
        columns=[
            Column("title", "配分案", header=True),
            Column("run", "もとの評価"),
            Column("total", "予算総額", numeric=True, unit="千円"),
            Column("reserve", "留保額", numeric=True, unit="千円"),
            Column("state", "状態"),
            Column("computed", "算定日時"),
        ],
        rows=[
            {
                "title": Cell(row.title, reverse("scenario_detail", args=[row.pk])),
                "run": f"{fiscal.nendo(row.run.term.fiscal_year)} 第{row.run.number}回",
                "total": figures.thousand_yen(row.total_yen),
                "reserve": figures.thousand_yen(row.reserve_yen),
                "state": CHIPS[ScenarioState(row.state)],
                "computed": row.computed_at,
            }
            for row in rows
        ],
        empty=Empty("まだ配分案がありません。", "評価の確定後に、評価の画面から算定します。"),
    )


def lines(scenario: BudgetScenario, rows: Sequence[BudgetLine], totals: Totals | None) -> Table:
    """Yen per hub with the steps from base to final; a totals row only when all hubs are shown."""
    columns = [
        Column("hub", "拠点", header=True, sort=True),
        Column("score", "総合点", numeric=True, sort=True),
        Column("prior", "前年度", numeric=True, sort=True),
        Column("budget", "配分案", numeric=True, sort=True),
        Column("change", "前年度差", numeric=True, sort=True),
        *[Column(name, label, numeric=True) for name, label in BARS],
        Column("bound", "上下限"),
    ]
    return Table(
        caption=f"拠点別の配分案（{fiscal.nendo(scenario.fiscal_year)}、単位：円）",
        columns=columns,
        rows=[_line(scenario, row) for row in rows],
        totals=_sums(rows) if totals else None,
        sticky=True,
    )


def _line(scenario: BudgetScenario, row: BudgetLine) -> dict[str, Any]:
    bounds = [text for text in (BOUNDS[row.bound_1], BOUNDS[row.bound_2]) if text]
    return {
        "hub": Cell(
            row.hub_name,
            reverse("scenario_hub", args=[scenario.pk, row.hub.code]),
            sort_key=row.hub.code,
        ),
        "score": row.score,
        "prior": row.prior_yen,
        **{name: getattr(row, name) for name, _ in BARS},
        "budget": row.budget_yen,
        "change": None if row.prior_yen is None else row.budget_yen - row.prior_yen,
        "bound": "・".join(dict.fromkeys(bounds)),
    }


def _sums(rows: Sequence[BudgetLine]) -> dict[str, Any]:
    prior = sum(row.prior_yen or 0 for row in rows)
    budget = sum(row.budget_yen for row in rows)
    return {
        "hub": "合計",
        "prior": prior,
        **{name: sum(getattr(row, name) for row in rows) for name, _ in BARS},
        "budget": budget,
        "change": budget - prior,
    }


def waterfall(line: BudgetLine) -> SafeString:
    """The bars that add up to the hub's yen, in thousands."""
    bars = [
        charts.Bar(label, figures.thousand_yen(getattr(line, name)))
        for name, label in BARS
        if name != "rounding_yen"
    ]
    bars.append(charts.Bar("配分案", figures.thousand_yen(line.budget_yen)))
    return charts.bar(f"{line.hub_name}の配分案の内訳", bars, unit="千円")


def waterfall_table(line: BudgetLine) -> Table:
    """The same steps to the yen; the sum is the amount."""
    return Table(
        caption="配分案の内訳",
        columns=[
            Column("label", "段階", header=True),
            Column("yen", "金額", numeric=True, unit="円"),
        ],
        rows=[{"label": label, "yen": getattr(line, name)} for name, label in BARS],
        totals={"label": "配分案", "yen": line.budget_yen},
    )


def performance(scenario: BudgetScenario, line: BudgetLine) -> Table:
    """Which component moved how many yen, as sentences (evaluation.md 3.6)."""
    given = json.loads(scenario.snapshot)
    given = given.get("input", given)
    scored = json.loads(scenario.run.result)["hubs"]
    parts = performance_parts(given, scored)[line.hub.code]["parts"]
    names: dict[str | None, str] = {**dict(COMPONENTS), None: "調整・上下限・対象外"}
    return Table(
        caption="評価反映の内訳",
        columns=[
            Column("name", "区分", header=True),
            Column("yen", "金額", numeric=True, unit="円"),
            Column("text", "説明"),
        ],
        rows=[
            {
                "name": names[code],
                "yen": yen,
                "text": sentence(names[code], yen) if code else "係数の上下限と端数による差です。",
            }
            for code, yen in parts.items()
        ],
        totals={"name": "評価反映", "yen": line.performance_yen, "text": ""},
    )


PARAMETER_WORDS = {
    "reserve": "留保の割合",
    "base": "均等分の割合",
    "need": "需要分の割合",
    "need_factors": "需要の要素",
    "loss": "第1段階の下限",
    "gain": "第1段階の上限",
    "rate": "評価反映の割合",
    "multiplier_centre": "係数1となる点数",
    "multiplier_slope": "係数の傾き",
    "multiplier_min": "係数の下限",
    "multiplier_max": "係数の上限",
    "multiplier_ungraded": "評語なしの係数",
    "loss_total": "全体の下限",
    "gain_total": "全体の上限",
    "floor": "1拠点の下限額（円）",
    "unit": "配分の単位（円）",
    "limit_basis": "上下限の基準",
}
VALUE_WORDS = {
    "pool": "一律の増減との比較",
    "absolute": "前年度額との比較",
    "sme": "中小企業数",
    "area": "面積",
}


def parameters(scenario: BudgetScenario) -> list[dict[str, str]]:
    """The rule's parameters in words."""
    content = json.loads(scenario.rule.content)
    rows = []
    for name, label in PARAMETER_WORDS.items():
        value = content.get(name)
        if isinstance(value, dict):
            value = "、".join(f"{VALUE_WORDS.get(k, k)} {v}" for k, v in value.items())
        shown = f"{value:,}" if isinstance(value, int) else VALUE_WORDS.get(str(value), str(value))
        rows.append({"label": label, "value": shown})
    return rows
