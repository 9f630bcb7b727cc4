"""The two stages of the formula: structure without scores, then performance (3.1, 3.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from evaluation.budget.rules.params import POOL, Params
from evaluation.budget.rules.redistribute import Claim, Outcome, redistribute
from yorozu.core import exact


@dataclass(frozen=True)
class HubInput:
    """One hub as the allocation sees it; `prior` is annualised yen, None for a new hub."""

    code: str
    prior: int | None
    prior_structure: int | None
    score: Decimal | None
    need: dict[str, Fraction]


@dataclass(frozen=True)
class Computed:
    """All exact intermediate amounts of an allocation, one entry per hub in the same order."""

    base: Fraction
    formula: tuple[Fraction, ...]
    structure: Outcome
    multipliers: tuple[Decimal, ...]
    performed: tuple[Fraction, ...]
    final: Outcome


def compute(hubs: Sequence[HubInput], pool: int, params: Params) -> Computed:
    """Run both stages over a pool of whole units."""
    base = params.base * pool / len(hubs)
    formula = tuple(base + share for share in need_shares(hubs, pool, params))
    first = _limited(
        formula,
        [hub.prior_structure for hub in hubs],
        Fraction(pool),
        params,
        (params.loss, params.gain),
    )
    multipliers = tuple(multiplier(hub.score, params) for hub in hubs)
    performed = performance(first.amounts, multipliers, params.rate)
    second = _limited(
        performed,
        [hub.prior for hub in hubs],
        sum(first.amounts, Fraction(0)),
        params,
        (params.loss_total, params.gain_total),
    )
    return Computed(base, formula, first, multipliers, performed, second)


def need_shares(hubs: Sequence[HubInput], pool: int, params: Params) -> list[Fraction]:
    """Return each hub's yen by need: its share of the national sum of every factor."""
    shares = [Fraction(0)] * len(hubs)
    for factor, weight in params.need_factors.items():
        if weight == 0:
            continue
        total = sum((hub.need[factor] for hub in hubs), Fraction(0))
        if total == 0:
            message = f"必要度の要素 {factor} の全国の合計が0です。"
            raise ValueError(message)
        for place, hub in enumerate(hubs):
            shares[place] += params.need * pool * weight * hub.need[factor] / total
    return shares


@exact.exactly
def multiplier(score: Decimal | None, params: Params) -> Decimal:
    """Return the performance multiplier, 6 decimals; an ungraded hub has the neutral one."""
    if score is None:
        return exact.rounded(params.multiplier_ungraded, 6)
    slope = params.multiplier_slope
    raw = exact.quotient(slope + score - params.multiplier_centre, slope, 6)
    return exact.rounded(min(max(raw, params.multiplier_min), params.multiplier_max), 6)


def performance(
    structure: Sequence[Fraction], multipliers: Sequence[Decimal], rate: Fraction
) -> tuple[Fraction, ...]:
    """Return stage 2 before limits: a fixed part of every amount comes back by x times m."""
    total = sum(structure, Fraction(0))
    sizes = [x * Fraction(m) for x, m in zip(structure, multipliers, strict=True)]
    whole = sum(sizes, Fraction(0))
    return tuple(
        (1 - rate) * x + rate * total * size / whole
        for x, size in zip(structure, sizes, strict=True)
    )


def _limited(
    wanted: Sequence[Fraction],
    priors: Sequence[int | None],
    total: Fraction,
    params: Params,
    change: tuple[Fraction, Fraction],
) -> Outcome:
    """Hold amounts within the allowed loss and gain against last year."""
    factor = pool_factor(wanted, priors, total, params)
    claims = []
    for amount, prior in zip(wanted, priors, strict=True):
        low, high = _limits(prior, factor, total, params, change)
        # A hub whose formula amount is zero cannot be raised by any common factor.
        claims.append(Claim(amount, low, high if amount else low))
    return redistribute(claims, total, params.floor)


def pool_factor(
    wanted: Sequence[Fraction], priors: Sequence[int | None], total: Fraction, params: Params
) -> Fraction:
    """Return the equal across-the-board change that limits are measured against (3.3)."""
    old = sum(prior for prior in priors if prior is not None)
    if params.limit_basis != POOL or old == 0:
        return Fraction(1)
    new = sum(
        (amount for amount, prior in zip(wanted, priors, strict=True) if prior is None),
        Fraction(0),
    )
    return (total - new) / old


def _limits(
    prior: int | None,
    factor: Fraction,
    total: Fraction,
    params: Params,
    change: tuple[Fraction, Fraction],
) -> tuple[Fraction, Fraction]:
    if prior is None:
        return Fraction(params.floor), total
    loss, gain = change
    unit = params.unit
    low = max(params.floor, -(-((1 - loss) * factor * prior) // unit) * unit)
    high = max(low, ((1 + gain) * factor * prior) // unit * unit)
    return Fraction(low), Fraction(high)
