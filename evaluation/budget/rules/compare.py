"""Scenarios side by side: what one moves, whom it hits hardest, how even it is (3.7)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from evaluation.budget.rules.redistribute import CAP, FLOOR
from yorozu.core import exact


@dataclass(frozen=True)
class Row:
    """One hub in one scenario; `prior` is None for a new hub, `score` for an ungraded one."""

    code: str
    name: str
    prior: int | None
    budget: int
    score: Decimal | None
    sme: Fraction
    bounds: tuple[str, str]

    @property
    def change(self) -> int | None:
        """Yen against last year's contract."""
        return None if self.prior is None else self.budget - self.prior

    @property
    def rate(self) -> Fraction | None:
        """Change as a part of last year's contract."""
        return None if self.prior is None else Fraction(self.budget - self.prior, self.prior)


@dataclass(frozen=True)
class Extreme:
    """The hubs with the largest gain or loss, and its yen; several hubs may share it."""

    names: tuple[str, ...]
    yen: int


@dataclass(frozen=True)
class Measures:
    """What one scenario does to the network; None where it cannot be said."""

    moved: int
    gain: Extreme | None
    loss: Extreme | None
    floors: tuple[int, int]
    caps: tuple[int, int]
    score_change: Decimal | None
    score_rate: Decimal | None
    gini: Decimal | None


def measures(rows: Sequence[Row]) -> Measures:
    """Measure one scenario over all its hubs.

    `moved` is half the sum of all changes against last year, in yen; `floors` and `caps` count
    the hubs at each limit of the two stages; the correlations (Pearson, 3 decimals) are those of
    the score with the change in yen and in parts of the contract; `gini` (3 decimals) is that of
    the yen per SME. New and ungraded hubs take no part in what asks for a contract or a score.
    """
    changes = [(row, row.change) for row in rows if row.change is not None]
    graded = [row for row in rows if row.score is not None and row.prior is not None]
    scores = [Fraction(row.score or 0) for row in graded]
    return Measures(
        moved=int(exact.fraction_rounded(Fraction(sum(abs(yen) for _, yen in changes), 2), 0)),
        gain=_extreme(changes, max, lambda yen: yen > 0),
        loss=_extreme(changes, min, lambda yen: yen < 0),
        floors=_at(rows, FLOOR),
        caps=_at(rows, CAP),
        score_change=correlation(scores, [Fraction(row.change or 0) for row in graded]),
        score_rate=correlation(scores, [row.rate or Fraction(0) for row in graded]),
        gini=gini([Fraction(row.budget) / row.sme for row in rows if row.sme > 0]),
    )


def _extreme(
    changes: Sequence[tuple[Row, int]],
    pick: Callable[..., int],
    counts: Callable[[int], bool],
) -> Extreme | None:
    known = [yen for _, yen in changes if counts(yen)]
    if not known:
        return None
    most = pick(known)
    return Extreme(tuple(row.name for row, yen in changes if yen == most), most)


def _at(rows: Sequence[Row], bound: str) -> tuple[int, int]:
    first, second = (sum(row.bounds[stage] == bound for row in rows) for stage in (0, 1))
    return first, second


def correlation(first: Sequence[Fraction], second: Sequence[Fraction]) -> Decimal | None:
    """Return Pearson's r, 3 decimals; None for fewer than two values or when one never varies."""
    count = len(first)
    if count < 2:
        return None
    a, b = _apart(first), _apart(second)
    squares = sum((x * x for x in a), Fraction(0)) * sum((y * y for y in b), Fraction(0))
    if squares == 0:
        return None
    together = sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))
    # r and its square have the same sign only if we say so: the root is taken of r squared.
    square = together * together / squares
    with localcontext(exact.context()):
        root = (Decimal(square.numerator) / Decimal(square.denominator)).sqrt()
    return exact.rounded(root if together >= 0 else -root, 3)


def _apart(values: Sequence[Fraction]) -> list[Fraction]:
    mean = sum(values, Fraction(0)) / len(values)
    return [value - mean for value in values]


def gini(values: Sequence[Fraction]) -> Decimal | None:
    """Return the Gini coefficient, 3 decimals: 0 when all are alike; None when nothing is there."""
    whole = sum(values, Fraction(0))
    if whole == 0:
        return None
    ordered = sorted(values)
    ranked = sum((place * value for place, value in enumerate(ordered, start=1)), Fraction(0))
    count = len(ordered)
    return exact.fraction_rounded(2 * ranked / (count * whole) - Fraction(count + 1, count), 3)
