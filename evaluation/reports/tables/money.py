"""The hub sheet's yen: bars, shares of the components, bounds."""

import json

from evaluation.budget.models import BudgetLine
from evaluation.budget.queries import BARS, BOUNDS, flags
from evaluation.budget.tables import share_of, years_words
from evaluation.reports.queries import HubSheet
from evaluation.reports.tables.common import Fact
from yorozu.core import figures, fiscal
from yorozu.core.web.tables import Column, Table


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
    bounds = [f"{name}は{BOUNDS[value]}" for name, value in bounds_of(line) if value]
    return [
        Fact(
            "採用した配分案",
            f"{share.scenario.title}（{fiscal.nendo(share.scenario.fiscal_year)}）",
        ),
        Fact("配分案", figures.format_yen(line.budget_yen)),
        Fact("前年度契約額", figures.format_yen(line.prior_yen)),
        Fact("増減", figures.format_yen(share.change)),
        Fact("総合点1点あたり", f"約{figures.format_yen(share.per_point)}"),
        *_formula(line),
        Fact("上下限", "、".join(bounds) or "達していません"),
        *[Fact("注意", text) for text in flags(json.loads(share.scenario.result))],
    ]


def _formula(line: BudgetLine) -> list[Fact]:
    """Formula amount, the structure's distance from it, and the years until it is reached."""
    if line.formula_yen is None:
        return []
    apart = line.struct_yen - line.formula_yen
    return [
        Fact("配分式の額", figures.format_yen(line.formula_yen)),
        Fact("構造額との差", f"{figures.format_yen(apart)}（{share_of(apart, line)}）"),
        Fact("配分式の額に届くまで", years_words(line)),
    ]


def bounds_of(line: BudgetLine) -> list[tuple[str, str]]:
    return [("第1段階", line.bound_1), ("第2段階", line.bound_2)]
