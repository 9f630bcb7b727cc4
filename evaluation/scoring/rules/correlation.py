"""Do the components measure different things? Their correlations over the hubs (2.13)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any

from yorozu.core import exact

# A component that follows another this closely counts the same thing twice.
DOUBLE = Decimal("0.9")
MIN_PAIRS = 3
TOTAL = "TOTAL"


def correlations(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return r of each pair of components and of each with the total over the scored hubs.

    `pairs` is a list of [one, other, r or None, hubs]; `double` names the pairs with |r| over 0.9,
    `backwards` the components that fall while the total rises.
    """
    points: dict[str, dict[str, Decimal]] = {}
    totals: dict[str, Decimal] = {}
    for hub in result["hubs"]:
        if hub["mechanical"] is not None:
            totals[hub["code"]] = Decimal(hub["mechanical"])
        for part in hub["components"]:
            held = points.setdefault(part["code"], {})
            if part["points"] is not None:
                held[hub["code"]] = Decimal(part["points"])
    pairs = [
        _pair(one, points[one], other, points[other]) for one, other in combinations(points, 2)
    ]
    against = [_pair(name, held, TOTAL, totals) for name, held in points.items()]
    return {
        "pairs": [*pairs, *against],
        "double": [
            [one, other] for one, other, r, _ in pairs if r is not None and abs(Decimal(r)) > DOUBLE
        ],
        "backwards": [name for name, _, r, _ in against if r is not None and Decimal(r) < 0],
    }


@exact.exactly
def pearson(one: Sequence[Decimal], other: Sequence[Decimal]) -> Decimal | None:
    """Return r, 4 decimals; None with fewer than 3 pairs or where one side does not vary."""
    n = len(one)
    if n < MIN_PAIRS:
        return None
    x, y = [Fraction(value) for value in one], [Fraction(value) for value in other]
    mean_x, mean_y = sum(x, Fraction(0)) / n, sum(y, Fraction(0)) / n
    both = sum(((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)), Fraction(0))
    spread = sum(((a - mean_x) ** 2 for a in x), Fraction(0))
    spread *= sum(((b - mean_y) ** 2 for b in y), Fraction(0))
    if not spread:
        return None
    squared = both * both / spread
    size = (Decimal(squared.numerator) / Decimal(squared.denominator)).sqrt()
    # Adding zero turns -0.0000 into 0.0000.
    return exact.rounded(size if both >= 0 else -size, 4) + 0


def _pair(
    one: str, first: Mapping[str, Decimal], other: str, second: Mapping[str, Decimal]
) -> list[Any]:
    shared = [code for code in first if code in second]
    r = pearson([first[code] for code in shared], [second[code] for code in shared])
    return [one, other, None if r is None else format(r, "f"), len(shared)]
