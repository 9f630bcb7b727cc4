"""Do the raters agree? Krippendorff's alpha (ordinal) and ICC(A,k) (evaluation.md 1.6).

Own code, exact in fractions and rounded once. Checked against the worked examples of Krippendorff
(2011, Computing Krippendorff's Alpha-Reliability) and Shrout & Fleiss (1979, Intraclass
Correlations, table 2).
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any

from yorozu.core import exact

# Krippendorff's rule: below the first no conclusion, below the second a tentative one.
NOT_RELIABLE, TENTATIVE = Decimal("0.667"), Decimal("0.80")
UNRELIABLE, CAUTIOUS, RELIABLE, UNKNOWN = "unreliable", "tentative", "reliable", "unknown"

# One unit (an item of a hub): the scores by rater.
Unit = Mapping[str, int]


@dataclass(frozen=True)
class Squares:
    """Mean squares of a unit x rater table and the variances they are made of.

    ``raters`` is the number of raters of a unit (the mean where panels differ in size).
    """

    units: Fraction
    judges: Fraction
    rest: Fraction
    raters: Fraction


def reliability(hubs: Sequence[Mapping[str, Any]], component: str) -> dict[str, Any]:
    """Return alpha and ICC of a checklist over all hubs and items, from the scores as given.

    `alpha`, `icc` (4 decimals or None where they cannot be told), `verdict` by alpha, and how many
    `units`, `raters`, `scores` and `panels` (groups of units with the same raters) they rest on.
    """
    units = [
        entry["scores"]
        for hub in hubs
        for entry in hub.get("checks", {}).get(component, [])
        if entry.get("scores") and not entry.get("na", False)
    ]
    alpha = krippendorff_alpha(units)
    icc = icc_agreement(units)
    shared = [unit for unit in units if len(unit) > 1]
    shown = None if alpha is None else exact.fraction_rounded(alpha, 4)
    return {
        "alpha": None if shown is None else format(shown, "f"),
        "icc": None if icc is None else format(exact.fraction_rounded(icc, 4), "f"),
        "verdict": verdict(shown),
        "units": len(shared),
        "raters": len({rater for unit in units for rater in unit}),
        "scores": sum(len(unit) for unit in shared),
        "panels": len({frozenset(unit) for unit in shared}),
    }


def verdict(alpha: Decimal | None) -> str:
    """Return what the raters' agreement allows to say."""
    if alpha is None:
        return UNKNOWN
    if alpha < NOT_RELIABLE:
        return UNRELIABLE
    return CAUTIOUS if alpha < TENTATIVE else RELIABLE


def krippendorff_alpha(units: Sequence[Unit]) -> Fraction | None:
    """Return the ordinal alpha = 1 - observed / expected disagreement; None where all agree.

    Units with one score say nothing and are left out. Where all scores are equal, chance would
    agree as well, so alpha cannot be told.
    """
    pairs = _coincidences(units)
    sizes: dict[int, Fraction] = defaultdict(Fraction)
    for (one, _), count in pairs.items():
        sizes[one] += count
    total = sum(sizes.values(), Fraction(0))
    observed, chance = Fraction(0), Fraction(0)
    for one, other in combinations(sorted(sizes), 2):
        distance = _ordinal(sizes, one, other)
        observed += pairs.get((one, other), Fraction(0)) * distance
        chance += sizes[one] * sizes[other] * distance
    return None if not chance else 1 - (total - 1) * observed / chance


def icc_agreement(units: Sequence[Unit]) -> Fraction | None:
    """Return ICC(A,k): absolute agreement of the mean of the raters; None without a table.

    With one panel for all units it is Shrout and Fleiss' ICC(2,k). Panels that differ (each
    with at least two units and raters) are pooled by their sums of squares. A result below zero
    says that the raters agree less than chance.
    """
    found = mean_squares(units)
    if found is None:
        return None
    spread = found.units + found.judges - found.rest
    return (found.units - found.rest) / spread if spread else None


def mean_squares(units: Sequence[Unit]) -> Squares | None:
    """Return the mean squares of all panels pooled, the judges' one scaled for ICC(A,k).

    ``judges`` and ``rest`` enter ICC(A,k) as (units - rest) / (units + (judges - rest) / n); with
    panels the number of units n is the panel's own, so that here ``judges`` is already
    rest + (judges - rest) / n.
    """
    tables = [table for table in _panels(units) if len(table) > 1 and len(table[0]) > 1]
    if not tables:
        return None
    sums = [_sums_of_squares(table) for table in tables]
    rest = sum((one.rest for one in sums), Fraction(0)) / sum(one.rest_free for one in sums)
    weight = sum((len(table) * (len(table[0]) - 1) for table in tables), 0)
    judges = (sum((one.judges - one.judges_free * rest for one in sums), Fraction(0))) / weight
    free = sum(one.units_free for one in sums)
    raters = sum(
        (Fraction(one.units_free * len(t[0])) for one, t in zip(sums, tables, strict=True))
    )
    size = Fraction(raters) / free
    between = sum((one.units for one in sums), Fraction(0)) / free
    return Squares(between, rest + judges, rest, size)


@dataclass(frozen=True)
class _Sums:
    units: Fraction
    judges: Fraction
    rest: Fraction
    units_free: int
    judges_free: int
    rest_free: int


def _sums_of_squares(table: Sequence[Sequence[int]]) -> _Sums:
    """Return sums of squares and degrees of freedom of a complete table (rows are units)."""
    rows, columns = len(table), len(table[0])
    grand = Fraction(sum(map(sum, table)), rows * columns)
    units = columns * sum(
        ((Fraction(sum(row), columns) - grand) ** 2 for row in table), Fraction(0)
    )
    judges = rows * sum(
        ((Fraction(sum(column), rows) - grand) ** 2 for column in zip(*table, strict=True)),
        Fraction(0),
    )
    whole = sum(((value - grand) ** 2 for row in table for value in row), Fraction(0))
    free = (rows - 1, columns - 1, (rows - 1) * (columns - 1))
    return _Sums(units, judges, whole - units - judges, *free)


def _panels(units: Sequence[Unit]) -> list[list[list[int]]]:
    """Return one complete table for each group of units that the same raters scored."""
    tables: dict[tuple[str, ...], list[list[int]]] = defaultdict(list)
    for unit in units:
        raters = tuple(sorted(unit))
        tables[raters].append([unit[rater] for rater in raters])
    return [tables[raters] for raters in sorted(tables)]


def _coincidences(units: Sequence[Unit]) -> dict[tuple[int, int], Fraction]:
    """Return the pairs of values within the units, each unit weighing as many as its scores."""
    pairs: dict[tuple[int, int], Fraction] = defaultdict(Fraction)
    for unit in units:
        counts = Counter(unit.values())
        size = len(unit)
        if size < 2:
            continue
        for one, many in counts.items():
            for other, times in counts.items():
                found = many * (times - (one == other))
                if found:
                    pairs[one, other] += Fraction(found, size - 1)
    return pairs


def _ordinal(sizes: Mapping[int, Fraction], one: int, other: int) -> Fraction:
    """Return the squared ordinal distance: the values in between, the ends counting half."""
    between = sum((sizes[value] for value in sizes if one <= value <= other), Fraction(0))
    return (between - Fraction(sizes[one] + sizes[other]) / 2) ** 2
