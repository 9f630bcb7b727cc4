"""The yearly walk towards the formula: how many allocations until a hub stands there (3.3)."""

from collections.abc import Sequence
from fractions import Fraction

from evaluation.budget.rules.params import Params
from yorozu.core import exact

# Further than this nobody plans; a hub that is not there by then has no year at all.
HORIZON = 30


def years_to_formula(
    structure: Sequence[Fraction], formula: Sequence[Fraction], params: Params
) -> list[int | None]:
    """Return for each hub the fewest further allocations until its structure is the formula.

    Each year the structural amount, in whole yen, moves as far towards the formula amount as the
    limits of stage 1 allow, in whole units; total and need figures stay as they are, and no other
    hub's limit stands in the way. A hub can recompute it by hand. 0: it stands there now (within
    one unit); None: not within HORIZON years, as when the absolute floor lies above the formula.
    """
    return [
        _years(_yen(amount), wanted, params)
        for amount, wanted in zip(structure, formula, strict=True)
    ]


def _years(amount: int, wanted: Fraction, params: Params) -> int | None:
    for year in range(HORIZON + 1):
        if abs(amount - wanted) < params.unit:
            return year
        unit = params.unit
        low = max(params.floor, -(-((1 - params.loss) * amount) // unit) * unit)
        high = max(low, ((1 + params.gain) * amount) // unit * unit)
        amount = _yen(min(max(wanted, Fraction(low)), Fraction(high)))
    return None


def _yen(amount: Fraction) -> int:
    return int(exact.fraction_rounded(amount, 0))
