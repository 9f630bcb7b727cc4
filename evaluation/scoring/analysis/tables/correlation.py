"""How the components move together, as every screen and paper says it (2.13)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from evaluation.scoring.rules.correlation import TOTAL
from yorozu.core import figures
from yorozu.core.web.tables import Cell, Column, Table

DOUBLE_WORD = "二重計上のおそれ"
BACKWARDS_WORD = "総合点と逆向き"


def correlation_grid(told: Mapping[str, Any], names: Mapping[str, str]) -> Table:
    """r of each component with each other one and with the total; what is doubtful says so.

    ``told`` is what rules.correlation found, ``names`` the components to show, in their order.
    """
    double = {frozenset(pair) for pair in told["double"]}
    held = {
        frozenset((one, other)): None if r is None else figures.q(Decimal(r), 2)
        for one, other, r, _ in told["pairs"]
    }

    def cell(one: str, other: str) -> Cell:
        if one == other:
            return Cell("－")
        pair = frozenset((one, other))
        word = DOUBLE_WORD if pair in double else ""
        if other == TOTAL and one in told["backwards"]:
            word = BACKWARDS_WORD
        return Cell(held.get(pair), note=word)

    others = {**names, TOTAL: "総合点"}
    return Table(
        caption="評価区分の間の相関係数（r）",
        columns=[
            Column("name", "評価区分", header=True),
            *[Column(code, name, numeric=True) for code, name in others.items()],
        ],
        rows=[
            {"name": name, **{other: cell(code, other) for other in others}}
            for code, name in names.items()
        ],
    )


def doubtful_components(told: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """What the correlations ask HQ to look at, in sentences."""
    said = [
        f"「{names[one]}」と「{names[other]}」は動きがほぼ同じです。"
        "同じことを二度数えているおそれがあります。"
        for one, other in told["double"]
    ]
    return said + [
        f"「{names[code]}」は、総合点が高い拠点ほど低くなっています。" for code in told["backwards"]
    ]
