"""Is a target too low or too high? The check at the interview (evaluation.md 1.2).

Expected level of a hub by a ridge regression over the other hubs (leave one out), all in Decimal,
so that every machine prints the same figure:

    ln A = b0 + b1 ln SMEs + b2 ln coordinator days + b3 ln area + e     ridge 1 on standardised x
    E = exp(prediction + s2 / 2), rounded half up to a whole number

Flag when T < 0.9 max(E, A) or T > 1.5 max(E, A), A the last year's result. It never blocks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from yorozu.core.regression import Expectation, HubFacts, expectation_of

TOO_LOW, TOO_HIGH = Decimal("0.9"), Decimal("1.5")
LOW, HIGH, FINE = "low", "high", ""
WORDS = {LOW: "低すぎる可能性", HIGH: "高すぎる可能性", FINE: ""}
MONTHS = 12
# The same as for a season: fewer months are no year to compare with.
MIN_MONTHS = 6
PREDICTORS = {"smes": "中小企業数", "days": "コーディネーターの契約日数", "area": "面積"}


@dataclass(frozen=True)
class Adequacy:
    """A target beside its basis. ``flag`` is low, high or blank; ``ratio`` is T / basis."""

    target: int
    actual: int | None
    expected: int | None
    basis: int | None
    ratio: Decimal | None
    flag: str

    @property
    def word(self) -> str:
        """The flag as both sides read it."""
        return WORDS[self.flag]


def year_level(months: Sequence[int | None]) -> tuple[int | None, int]:
    """Result of a year and the number of accepted months it comes from.

    Six to eleven months are raised to twelve, half up; with fewer there is no level (None).
    """
    known = [value for value in months if value is not None]
    if len(known) < MIN_MONTHS:
        return None, len(known)
    total = sum(known) * MONTHS
    return (2 * total + len(known)) // (2 * len(known)), len(known)


def expectation(hub: str, facts: Mapping[str, HubFacts]) -> Expectation:
    """The expected level of a hub's results from the other hubs and the three predictors."""
    return expectation_of(hub, facts, tuple(PREDICTORS))


def adequacy(target: int, actual: int | None, expected: int | None) -> Adequacy:
    """Compare a target with the larger of expectation and last year's result."""
    known = [value for value in (actual, expected) if value]
    if not known:
        return Adequacy(target, actual, expected, None, None, FINE)
    basis = max(known)
    flag = LOW if target < TOO_LOW * basis else HIGH if target > TOO_HIGH * basis else FINE
    ratio = (Decimal(target) / basis).quantize(Decimal("0.001"), ROUND_HALF_UP)
    return Adequacy(target, actual, expected, basis, ratio, flag)
