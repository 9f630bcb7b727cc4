"""Where a year is heading: expected to date, and the estimate of its end with its method named."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from yorozu.core.fiscal import month_index

MIN_MONTHS = 3
YEAR = 12


class Method(Enum):
    """How the end of the year is estimated; the label is printed beside every estimate."""

    COMPLETE = "全ての月が確認済のため実績の計"
    SEASON = "前年度の季節性による推計"
    RUN_RATE = "月平均による推計"
    NONE = "推計できません"

    @property
    def label(self) -> str:
        """The method as the page names it."""
        return self.value


@dataclass(frozen=True)
class Forecast:
    """The estimate, its method, and why this method was taken."""

    value: Decimal | None
    method: Method
    why: str


def expected_to_date(
    target: int | None, months: Collection[date], phasing: Sequence[int] = ()
) -> Decimal | None:
    """What the target asks of these months: by its phasing, else a twelfth a month.

    Months in which the hub was not in operation are not among ``months``, so that a hub opened
    during the year is asked for its part only (evaluation.md 1.2). Whole number, half up.
    """
    if target is None:
        return None
    total = sum(phasing)
    if len(phasing) == YEAR and total > 0:
        share = Fraction(sum(phasing[month_index(month) - 1] for month in months), total)
    else:
        share = Fraction(len(months), YEAR)
    return _whole(target * share)


def effective_target(
    target: int | None, operated: Collection[date], phasing: Sequence[int] = ()
) -> Decimal | None:
    """The year's target for the months in operation: what the estimate is held against."""
    return expected_to_date(target, operated, phasing)


def seasonal_share(months: Collection[date], last_year: Mapping[int, int]) -> Fraction | None:
    """Share of last year's total that fell into the same months; ``last_year`` by month index.

    None unless all twelve months of last year are there and the share is not zero.
    """
    total = sum(last_year.values())
    if len(last_year) != YEAR or total == 0:
        return None
    part = sum(last_year[month_index(month)] for month in months)
    return Fraction(part, total) or None


def forecast(
    actual: int | None,
    months: Collection[date],
    operated: Collection[date],
    last_year: Mapping[int, int],
) -> Forecast:
    """Estimate of the year's end from the accepted months that have a figure.

    ``operated``: the months of the year the hub answers for. Last year's season is used when both
    years are whole; otherwise the mean of the months so far. Under three months nothing is said.
    """
    if actual is None or not months:
        return Forecast(None, Method.NONE, "確認済の実績がありません。")
    if set(operated) <= set(months):
        return Forecast(Decimal(actual), Method.COMPLETE, "")
    if len(months) < MIN_MONTHS:
        return Forecast(None, Method.NONE, f"確認済の月が{MIN_MONTHS}か月に満たないためです。")
    share = seasonal_share(months, last_year)
    if share is not None and len(operated) == YEAR:
        return Forecast(_whole(actual / share), Method.SEASON, "")
    why = (
        "当年度に運営しない月があるためです。"
        if len(operated) != YEAR
        else "前年度の確認済の実績が12か月そろわないためです。"
    )
    return Forecast(_whole(Fraction(actual * len(operated), len(months))), Method.RUN_RATE, why)


def _whole(value: Fraction) -> Decimal:
    """Half up to a whole number."""
    return Decimal((2 * value.numerator + value.denominator) // (2 * value.denominator))
