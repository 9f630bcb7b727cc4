"""Exact redistribution within limits, and exact rounding to units (evaluation.md 3.4-3.5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

FLOORS_SCALED = "FLOORS_SCALED"
CAPS_LEAVE_REST = "CAPS_LEAVE_REST"
FLOOR = "floor"
CAP = "cap"


@dataclass(frozen=True)
class Claim:
    """What one hub brings to a stage: its amount by formula and its two limits."""

    wanted: Fraction
    low: Fraction
    high: Fraction

    def at(self, factor: Fraction) -> Fraction:
        """Return the wanted amount times a factor, held within the limits."""
        return min(max(factor * self.wanted, self.low), self.high)


@dataclass(frozen=True)
class Outcome:
    """The amounts of a stage, its common factor (None when infeasible), flag and bounds hit."""

    amounts: tuple[Fraction, ...]
    factor: Fraction | None
    flag: str | None
    bounds: tuple[str | None, ...]


def redistribute(claims: Sequence[Claim], total: Fraction, floor: int) -> Outcome:
    """Find the one factor with which the held amounts add up to the total.

    Floors above the total are scaled towards the absolute floor; caps below the total leave
    the rest undistributed. Both are flagged, never silent (3.3).
    """
    lows = sum((claim.low for claim in claims), Fraction(0))
    highs = sum((claim.high for claim in claims), Fraction(0))
    if lows > total:
        scale = (total - floor * len(claims)) / (lows - floor * len(claims))
        amounts = tuple(floor + scale * (claim.low - floor) for claim in claims)
        return Outcome(amounts, None, FLOORS_SCALED, (FLOOR,) * len(claims))
    if highs < total:
        amounts = tuple(claim.high for claim in claims)
        return Outcome(amounts, None, CAPS_LEAVE_REST, (CAP,) * len(claims))
    factor = common_factor(claims, total)
    amounts = tuple(claim.at(factor) for claim in claims)
    return Outcome(amounts, factor, None, tuple(map(_bound, claims, amounts)))


def common_factor(claims: Sequence[Claim], total: Fraction) -> Fraction:
    """Return the smallest factor whose held amounts reach the total.

    The sum is continuous, rising and piecewise linear in the factor. Bisection over the sorted
    breakpoints finds the pair around the total, one interpolation the exact factor: n log n.
    """
    moving = [claim for claim in claims if claim.wanted]
    points = sorted({limit / claim.wanted for claim in moving for limit in (claim.low, claim.high)})
    left, right = 0, len(points) - 1
    while left < right:
        middle = (left + right) // 2
        if _sum_at(claims, points[middle]) < total:
            left = middle + 1
        else:
            right = middle
    upper, reached = points[left], _sum_at(claims, points[left])
    if reached == total or left == 0:
        return upper
    lower, before = points[left - 1], _sum_at(claims, points[left - 1])
    return lower + (upper - lower) * (total - before) / (reached - before)


def largest_remainder(amounts: Sequence[Fraction], codes: Sequence[str], unit: int) -> list[int]:
    """Round amounts to whole units with an exact sum; equal remainders go by hub code (3.5)."""
    units = [amount // unit for amount in amounts]
    rest = [amount / unit - count for amount, count in zip(amounts, units, strict=True)]
    left = int(sum(amounts, Fraction(0)) // unit) - sum(units)
    order = sorted(range(len(codes)), key=lambda place: (-rest[place], codes[place]))
    for place in order[:left]:
        units[place] += 1
    return [count * unit for count in units]


def _sum_at(claims: Sequence[Claim], factor: Fraction) -> Fraction:
    return sum((claim.at(factor) for claim in claims), Fraction(0))


def _bound(claim: Claim, amount: Fraction) -> str | None:
    if amount == claim.low:
        return FLOOR
    return CAP if amount == claim.high else None
