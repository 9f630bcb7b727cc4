"""How far each hub stands from the formula, for how long, and what a point moves (3.3, 3.6)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse

from evaluation.budget.models import BudgetLine, BudgetScenario
from evaluation.budget.queries import BOUNDS
from yorozu.core import figures, fiscal
from yorozu.core.web.tables import Cell, Column, Table


def distances(
    scenario: BudgetScenario, rows: Sequence[BudgetLine], notes: Mapping[str, str]
) -> Table:
    """One row a hub; `notes` say by hub code why a point moves nothing now."""
    return Table(
        caption=f"配分式との距離と1点あたりの額（{fiscal.nendo(scenario.fiscal_year)}）",
        columns=[
            Column("hub", "拠点", header=True, sort=True),
            Column("struct", "構造額", numeric=True, unit="円", sort=True),
            Column("formula", "配分式の額", numeric=True, unit="円", sort=True),
            Column("apart", "差", numeric=True, unit="円", sort=True),
            Column("share", "差の割合", numeric=True, unit="%", sort=True),
            Column("years", "届くまで", numeric=True, unit="年", sort=True),
            Column("bound", "第1段階の上下限", sort=True),
            Column("point", "1点あたり", numeric=True, unit="円", sort=True),
        ],
        rows=[_row(scenario, row, notes.get(row.hub.code, "")) for row in rows],
        sticky=True,
    )


def _row(scenario: BudgetScenario, row: BudgetLine, note: str) -> dict[str, Any]:
    known = row.formula_yen is not None
    apart = row.struct_yen - row.formula_yen if row.formula_yen is not None else None
    far = known and row.years_to_formula is None
    return {
        "hub": Cell(
            row.hub_name,
            reverse("scenario_hub", args=[scenario.pk, row.hub.code]),
            sort_key=row.hub.code,
        ),
        "struct": row.struct_yen,
        "formula": row.formula_yen,
        "apart": apart,
        "share": figures.percent(apart, row.formula_yen),
        "years": Cell("30年超", sort_key=99) if far else row.years_to_formula,
        "bound": BOUNDS[row.bound_1],
        "point": Cell(row.per_point_yen, note=note),
    }
