"""Why a hub's amount is what it is: performance split by component (evaluation.md 3.6)."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from evaluation.budget.rules.points import point_values, weighted_mean
from evaluation.budget.rules.stages import compute
from evaluation.budget.rules.v1 import distributable, read_input, waterfall
from evaluation.budget.rules.v2 import v1_input
from yorozu.core import exact

THOUSAND = 1000


def performance_parts(
    given: dict[str, Any], scored: Sequence[dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Split each hub's performance bar by component, and value one composite point.

    `given` is the allocation's input, `scored` the hubs of the scoring result. For every hub:
    `parts` (component -> yen; the entry None is adjustment, clipping and N/A), which add up to
    the performance bar of the waterfall, `per_point` (yen per composite point), and `points`
    (component -> the hub's points and the national mean, weighted by the structural amounts).
    """
    hubs, params, total = read_input(v1_input(given))
    computed = compute(hubs, distributable(total, params, len(hubs)), params)
    values = point_values(computed, params)
    points = {entry["code"]: _points(entry) for entry in scored}
    lack = sorted({hub.code for hub in hubs} - set(points))
    if lack:
        message = f"評価結果のない拠点があります: {'、'.join(lack)}"
        raise ValueError(message)
    own = [points[hub.code] for hub in hubs]
    national = _national(own, computed.structure.amounts)
    explained = {}
    for place, hub in enumerate(hubs):
        parts: dict[str | None, int] = {
            code: int(exact.fraction_rounded(values[place] * weight * (score - national[code]), 0))
            for code, (weight, score) in own[place].items()
        }
        bar = int(waterfall(place, computed, 0)["performance"])
        parts[None] = bar - sum(parts.values())
        explained[hub.code] = {
            "parts": parts,
            "per_point": int(exact.fraction_rounded(values[place], 0)),
            "points": {
                code: (
                    exact.fraction_rounded(score, 2),
                    exact.fraction_rounded(national[code], 2),
                )
                for code, (_, score) in own[place].items()
            },
        }
    return explained


def sentence(name: str, yen: int) -> str:
    """Say in Japanese what a component moved, in thousand yen."""
    thousands = int(exact.fraction_rounded(Fraction(yen, THOUSAND), 0))
    if thousands == 0:
        return f"{name}は全国平均とほぼ同じため 0千円"
    if thousands > 0:
        return f"{name}が全国平均を上回ったため +{thousands:,}千円"
    return f"{name}が全国平均を下回ったため ▲{-thousands:,}千円"


def _points(result: dict[str, Any]) -> dict[str, tuple[Fraction, Fraction]]:
    """Return share of weight and points of the components that count for a hub."""
    entries = result["components"]
    whole = sum((Fraction(Decimal(entry["weight"])) for entry in entries), Fraction(0))
    return {
        entry["code"]: (
            Fraction(Decimal(entry["weight"])) / whole,
            Fraction(Decimal(entry["points"])),
        )
        for entry in entries
        if entry["points"] is not None
    }


def _national(
    own: Sequence[dict[str, tuple[Fraction, Fraction]]], sizes: Sequence[Fraction]
) -> dict[str, Fraction]:
    """Return the national mean of each component, weighted by the structural amounts."""
    codes = {code for entry in own for code in entry}
    means = {}
    for code in codes:
        rows = [
            (entry[code][1], size) for entry, size in zip(own, sizes, strict=True) if code in entry
        ]
        means[code] = weighted_mean([score for score, _ in rows], [size for _, size in rows])
    return means
