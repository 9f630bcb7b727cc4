"""What all hubs of a run show together: medians, spread, and how the components go together.

Correlation (evaluation.md 2.13): covariances are exact fractions; only the last square root is
rounded, to 4 decimals half up. Whether |r| lies above 0.9 is decided on the fractions, before any
rounding.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from math import isqrt
from typing import Any

from evaluation.scoring.rules import items
from yorozu.core import exact

Json = Mapping[str, Any]
Key = tuple[str, str]

FINAL = ""
DOUBLE = Fraction(9, 10)
PLACES = 4
# Fewer hubs than this say nothing about how two components go together.
LEAST_HUBS = 3
BIN = 5
TOP = 100


@dataclass(frozen=True)
class Relation:
    """How two series go together over ``hubs`` hubs: r None when one of them does not move.

    ``is_double``: two components with |r| above 0.9; the composite holds its components, so that a
    high r with it says nothing.
    """

    first: str
    second: str
    hubs: int
    r: Decimal | None
    is_double: bool = False

    @property
    def pulls_back(self) -> bool:
        """A component that falls while the composite rises."""
        return FINAL in {self.first, self.second} and self.r is not None and self.r < 0


@dataclass(frozen=True)
class Bin:
    """Scores from ``low`` up to below ``high`` (the last one holds 100 itself)."""

    low: int
    high: int
    hubs: int


def medians(hubs: Iterable[Json]) -> dict[Key, Decimal]:
    """National median of points by (component, item); ("SAT", "") is a component, ("", "") final.

    2 decimals. Focus areas are each hub's own and have none; hubs where the item does not count are
    left out.
    """
    held: dict[Key, list[Decimal]] = {}
    for hub in hubs:
        if hub["final"] is not None:
            held.setdefault((FINAL, ""), []).append(Decimal(hub["final"]))
        for part in hub["components"]:
            if part["points"] is not None:
                held.setdefault((part["code"], ""), []).append(Decimal(part["points"]))
            for code, detail in _shared(part):
                if detail.get("points") is not None:
                    held.setdefault((part["code"], code), []).append(Decimal(detail["points"]))
    return {key: median(values) for key, values in held.items()}


def _shared(part: Json) -> Iterable[tuple[str, Json]]:
    """The items that all hubs have in common, by code."""
    detail = part["detail"]
    if isinstance(detail, list):
        return [(entry["code"], entry) for entry in detail]
    entries = [(code, entry) for code, entry in detail.items() if isinstance(entry, Mapping)]
    return [] if part["code"] == "FOC" else entries


def median(values: Sequence[Decimal]) -> Decimal:
    """The middle value, or the mean of the two middle ones; 2 decimals half up."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return exact.rounded(ordered[middle], 2)
    return exact.quotient(ordered[middle - 1] + ordered[middle], Decimal(2), 2)


def spread(scores: Iterable[Decimal]) -> list[Bin]:
    """Counts of scores in steps of five points, from the lowest to the highest that is met."""
    values = list(scores)
    if not values:
        return []
    places = [min(int(value) // BIN, TOP // BIN - 1) for value in values]
    return [
        Bin(place * BIN, (place + 1) * BIN, places.count(place))
        for place in range(min(places), max(places) + 1)
    ]


def relations(hubs: Sequence[Json], codes: Sequence[str]) -> list[Relation]:
    """Every pair of components, and each component with the composite (FINAL), in that order."""
    series: dict[str, dict[str, Fraction]] = {code: {} for code in (*codes, FINAL)}
    for hub in hubs:
        if hub["final"] is not None:
            series[FINAL][hub["code"]] = Fraction(Decimal(hub["final"]))
        for part in hub["components"]:
            # A component without answers (MISSING) has no result that could go with another.
            if part["points"] is not None and part["status"] != items.MISSING:
                series[part["code"]][hub["code"]] = Fraction(Decimal(part["points"]))
    return [
        relation(first, second, series[first], series[second])
        for first, second in combinations((*codes, FINAL), 2)
    ]


def relation(
    first: str, second: str, left: Mapping[str, Fraction], right: Mapping[str, Fraction]
) -> Relation:
    """Pearson's r over the hubs that have both."""
    both = [code for code in left if code in right]
    if len(both) < LEAST_HUBS:
        return Relation(first, second, len(both), None)
    pairs = [(left[code], right[code]) for code in both]
    middle = [sum(column, Fraction(0)) / len(both) for column in zip(*pairs, strict=True)]
    off = [(x - middle[0], y - middle[1]) for x, y in pairs]
    together = sum((x * y for x, y in off), Fraction(0))
    apart = sum((x * x for x, _ in off), Fraction(0)) * sum((y * y for _, y in off), Fraction(0))
    if apart == 0:
        return Relation(first, second, len(both), None)
    square = together * together / apart
    r = _root(square, PLACES)
    return Relation(
        first,
        second,
        len(both),
        -r if together < 0 else r,
        is_double=first != FINAL != second and square > DOUBLE**2,
    )


def _root(square: Fraction, places: int) -> Decimal:
    """Square root of an exact fraction, rounded half up to the named number of decimals."""
    scale = 10**places
    # root*scale + 1/2, floored: floor(sqrt(4 * square * scale^2)) + 1, halved.
    doubled = isqrt(4 * square.numerator * scale * scale // square.denominator)
    return exact.rounded(Decimal((doubled + 1) // 2) / scale, places)
