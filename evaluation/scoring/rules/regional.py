"""What the region leads one to expect, and targets moved towards it: a shadow value (1.2).

E is the level that a regression over all other hubs expects of a hub in its region;
T' = T + lambda * (E - T) with lambda 0.5, at most 20 % away from T. It answers what the
score would be under an adjustment as the US workforce law makes it; it never enters the score.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from evaluation.scoring.rules.scheme import Scheme
from yorozu.core import exact
from yorozu.core.regression import HubFacts, expectation_of

PREDICTORS = ("smes", "days", "area")
STRENGTH = Decimal("0.5")
MOST = Decimal("0.20")
# Fewer months are no year to compare with.
MIN_MONTHS = 6

Regions = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Line:
    """One indicator of one hub: the agreed target, the expected level, the target between them."""

    indicator: str
    target: Decimal
    expected: int
    moved: Decimal
    used: tuple[str, ...]

    def printed(self) -> dict[str, Any]:
        """The figures as the analysis keeps them."""
        return {
            "target": format(self.target, "f"),
            "expected": self.expected,
            "moved": format(self.moved, "f"),
            "used": list(self.used),
        }


def regional_lines(
    hubs: Sequence[Mapping[str, Any]], scheme: Scheme, regions: Regions
) -> dict[str, list[Line]]:
    """Return the lines of each hub for which the others and its region tell an expectation."""
    codes = [code for entry in scheme.components for code in entry.items]
    found: dict[str, list[Line]] = {}
    for code in codes:
        facts = {
            hub["code"]: HubFacts(_level(hub, code, scheme), dict(regions.get(hub["code"], {})))
            for hub in hubs
        }
        for hub in hubs:
            target = _agreed(hub, code)
            if target is None:
                continue
            expected = expectation_of(hub["code"], facts, PREDICTORS)
            if expected.value is None:
                continue
            moved = moved_target(target, expected.value)
            line = Line(code, target, expected.value, moved, expected.used)
            found.setdefault(hub["code"], []).append(line)
    return found


def moved_target(target: Decimal, expected: int) -> Decimal:
    """Return T' = T + 0.5 * (E - T), held within 20 % of T, 4 decimals."""
    moved = target + STRENGTH * (expected - target)
    low, high = target * (1 - MOST), target * (1 + MOST)
    return exact.rounded(min(max(moved, low), high), 4)


def with_moved_targets(
    hubs: Sequence[Mapping[str, Any]], lines: Mapping[str, Sequence[Line]]
) -> list[dict[str, Any]]:
    """Return the engine's hubs with the moved targets in place of the agreed ones."""
    moved = []
    for hub in hubs:
        copy = deepcopy(dict(hub))
        for line in lines.get(hub["code"], ()):
            copy["indicators"][line.indicator]["target"] = format(line.moved, "f")
        moved.append(copy)
    return moved


def _level(hub: Mapping[str, Any], code: str, scheme: Scheme) -> int | None:
    """Return the year's result, raised to the whole term for a part year; None without one."""
    entry = hub.get("indicators", {}).get(code, {})
    months = hub.get("months", scheme.term_months)
    if entry.get("actual") is None or entry.get("excused", False) or months < MIN_MONTHS:
        return None
    actual = exact.amount(entry["actual"], code)
    return int(exact.quotient(actual * scheme.term_months, Decimal(months), 0))


def _agreed(hub: Mapping[str, Any], code: str) -> Decimal | None:
    """Return the target of a whole term; None without one.

    A target that is already for the part year is not comparable with a year's level.
    """
    entry = hub.get("indicators", {}).get(code, {})
    prorated = entry.get("target_is_prorated", hub.get("target_is_prorated", False))
    if entry.get("target") is None or entry.get("excused", False) or prorated:
        return None
    if entry.get("lower_is_better", False):
        return None
    target = exact.amount(entry["target"], code)
    return target if target > 0 else None
