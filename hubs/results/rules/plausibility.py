"""Which figures deserve a question (evaluation.md 6): pure, exact, never a judgement.

Everything is counted in whole numbers, fractions or Decimal: a threshold met exactly is met on
every machine.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import comb

# Modified z-score of Iglewicz and Hoaglin: 0.6745 (x - median) / MAD.
MAD_SCALE = Fraction(6745, 10_000)
ROBUST_LIMIT = Fraction(35, 10)
MIN_HISTORY = 6
HISTORY_MONTHS = 24
SAME_MONTHS = 3
HEAPED = Fraction(1, 5)


def median(values: Sequence[int] | Sequence[Fraction]) -> Fraction:
    """The middle value, or the mean of the two middle ones; ValueError for none."""
    if not values:
        raise ValueError("the median of nothing")
    ordered = sorted(Fraction(value) for value in values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def mad(values: Sequence[int]) -> Fraction:
    """Median absolute deviation from the median."""
    centre = median(values)
    return median([abs(value - centre) for value in values])


def robust_z(value: int, history: Sequence[int]) -> Fraction | None:
    """Modified z-score of a value against a history; None when it cannot be said.

    It cannot with fewer than six months, or when more than half of them are equal (MAD 0).
    """
    if len(history) < MIN_HISTORY:
        return None
    spread = mad(history)
    if spread == 0:
        return None
    return MAD_SCALE * (value - median(history)) / spread


def is_jump(value: int | None, history: Sequence[int]) -> bool:
    """A sudden jump: |robust z| > 3.5 against the hub's own last 24 months."""
    if value is None:
        return False
    score = robust_z(value, history[-HISTORY_MONTHS:])
    return score is not None and abs(score) > ROBUST_LIMIT


def is_same_run(values: Sequence[int | None]) -> bool:
    """The same value in the last three months running; a gap breaks the run."""
    last = list(values[-SAME_MONTHS:])
    return len(last) == SAME_MONTHS and last[0] is not None and len(set(last)) == 1


def binomial_tail(successes: int, trials: int, chance: Fraction) -> Fraction:
    """Exact probability of at least this many successes in independent trials."""
    return sum(
        (
            comb(trials, count) * chance**count * (1 - chance) ** (trials - count)
            for count in range(successes, trials + 1)
        ),
        Fraction(0),
    )


def heaping_p(values: Sequence[int]) -> Decimal | None:
    """Probability of so many values ending in 0 or 5, were their last digits even (share 20 %).

    None without values. Six decimals, half up.
    """
    if not values:
        return None
    heaped = sum(value % 5 == 0 for value in values)
    exact = binomial_tail(heaped, len(values), HEAPED)
    scaled = exact * 1_000_000
    return Decimal((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)).scaleb(
        -6
    )


def is_heaped(values: Sequence[int]) -> bool:
    """Heaping: p < 0.001."""
    heaped = sum(value % 5 == 0 for value in values)
    return bool(values) and binomial_tail(heaped, len(values), HEAPED) < Fraction(1, 1000)
