"""What the others would lead one to expect: a small ridge regression in exact decimals.

    ln A = b0 + b1 ln x1 + b2 ln x2 + ... + e     ridge 1 on standardised x     (evaluation.md 1.2)

All in Decimal, so that every machine prints the same figure. The caller leaves out the one asked
for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import lru_cache

RIDGE = Decimal(1)
MIN_HUBS = 10
_CONTEXT = Context(prec=40, rounding=ROUND_HALF_UP)
Row = Sequence[Decimal]


@dataclass(frozen=True)
class HubFacts:
    """What is known of one hub: last year's result and the predictors (None or 0: not known)."""

    actual: int | None
    predictors: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Expectation:
    """The expected level of one hub, or why there is none."""

    value: int | None
    hubs: int = 0
    used: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    coefficients: Mapping[str, Decimal] = field(default_factory=dict)


def expectation_of(
    hub: str, facts: Mapping[str, HubFacts], predictors: Sequence[str]
) -> Expectation:
    """The expected level of ``hub`` from a fit over the others, in code order.

    A predictor takes part when this hub and at least 10 others with a result have it and it
    differs between them; a hub that lacks one is left out. Fewer than 10 hubs: no expectation.
    """
    own = facts.get(hub, HubFacts(None))
    others = [facts[code] for code in sorted(facts) if code != hub and facts[code].actual]
    used = tuple(name for name in predictors if _takes_part(name, own, others))
    left_out = tuple(name for name in predictors if name not in used)
    rows = [row for row in others if all(row.predictors.get(name) for name in used)]
    if not used or len(rows) < MIN_HUBS:
        return Expectation(None, len(rows), (), tuple(predictors))
    mine = tuple(own.predictors[name] or 0 for name in used)
    known = tuple((row.actual or 0, *(row.predictors[name] or 0 for name in used)) for row in rows)
    level, weights = expected_level(mine, known)
    return Expectation(level, len(rows), used, left_out, dict(zip(used, weights, strict=True)))


def _takes_part(name: str, own: HubFacts, others: Sequence[HubFacts]) -> bool:
    there = [row.predictors.get(name) for row in others if row.predictors.get(name)]
    return bool(own.predictors.get(name)) and len(there) >= MIN_HUBS and len(set(there)) > 1


@lru_cache(maxsize=4_096)
def _ln(value: int) -> Decimal:
    """Logarithms are most of the cost of a fit, and the fits of all hubs share them."""
    return Decimal(value).ln(_CONTEXT)


@lru_cache(maxsize=1_024)
def expected_level(own: tuple[int, ...], rows: tuple[tuple[int, ...], ...]) -> tuple[int, Row]:
    """Level and weights for one hub from the others: result first, then the predictors.

    All figures are positive whole numbers. The level is exp(prediction + s2 / 2), half up. Kept in
    memory: a list of 47 plans asks for the same 188 fits each time it is opened.
    """
    with localcontext(_CONTEXT):
        logs = [[_ln(value) for value in column] for column in zip(*rows, strict=True)]
        return _fitted([_ln(value) for value in own], logs[0], logs[1:])


def _fitted(own: Row, y: Row, logs: Sequence[Row]) -> tuple[int, Row]:
    scales = [_scale(column) for column in logs]
    columns = [
        [(value - mean) / width for value in column]
        for column, (mean, width) in zip(logs, scales, strict=True)
    ]
    middle = sum(y, Decimal(0)) / len(y)
    centred = [value - middle for value in y]
    gram = [[_dot(one, other) for other in columns] for one in columns]
    for index in range(len(columns)):
        gram[index][index] += RIDGE
    weights = solve(gram, [_dot(column, centred) for column in columns])
    fitted = [_dot(weights, row) for row in zip(*columns, strict=True)]
    rest = sum(((a - b) ** 2 for a, b in zip(centred, fitted, strict=True)), Decimal(0))
    variance = rest / max(1, len(y) - len(columns) - 1)
    mine = [(value - mean) / width for value, (mean, width) in zip(own, scales, strict=True)]
    level = (middle + _dot(weights, mine) + variance / 2).exp()
    shown = [weight.quantize(Decimal("0.0001")) for weight in weights]
    return int(level.quantize(Decimal(1))), shown


def _scale(column: Row) -> tuple[Decimal, Decimal]:
    """Mean and standard deviation (over n) of a predictor."""
    mean = sum(column, Decimal(0)) / len(column)
    spread = sum(((value - mean) ** 2 for value in column), Decimal(0)) / len(column)
    return mean, spread.sqrt() or Decimal(1)


def _dot(one: Row, other: Row) -> Decimal:
    return sum((a * b for a, b in zip(one, other, strict=True)), Decimal(0))


def solve(matrix: Sequence[Row], right: Row) -> list[Decimal]:
    """Solve a small positive definite system by Cholesky; deterministic, no pivoting needed."""
    size = len(right)
    low = [[Decimal(0)] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = matrix[i][j] - _dot(low[i][:j], low[j][:j])
            low[i][j] = rest.sqrt() if i == j else rest / low[j][j]
    down: list[Decimal] = []
    for i in range(size):
        down.append((right[i] - _dot(low[i][:i], down)) / low[i][i])
    up = [Decimal(0)] * size
    for i in reversed(range(size)):
        below = [low[k][i] for k in range(i + 1, size)]
        up[i] = (down[i] - _dot(below, up[i + 1 :])) / low[i][i]
    return up
