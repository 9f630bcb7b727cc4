"""Spreading a target over the twelve months, April to March (peers.md D 19).

Default: the seasonality of the hub's own last year, else of its bureau, else of the nation, else
equal months; whole numbers by largest remainder, so that the months add up to the target exactly.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from yorozu.core import figures
from yorozu.core.figures import Blank

MONTHS = 12
# Product default: with fewer accepted months a year says nothing about its seasons.
MIN_SEASON_MONTHS = 6
SEPARATOR = "/"
MONTH_NAMES = tuple(f"{(index + 3) % 12 + 1}月" for index in range(MONTHS))
OWN, BUREAU, NATION, EQUAL, ENTERED = "own", "bureau", "nation", "equal", "entered"
ALL_OPEN = (True,) * MONTHS
Months = Sequence[int | None]


class PhasingError(ValueError):
    """The months cannot be taken; the message is the Japanese reason."""


@dataclass(frozen=True)
class Phasing:
    """Twelve whole numbers, April to March, and where they come from."""

    values: tuple[int, ...]
    method: str


def share_out(total: int, weights: Sequence[Fraction | int]) -> tuple[int, ...]:
    """Whole numbers in the proportion of the weights that add up to ``total`` exactly.

    Largest remainder; an equal remainder goes to the earlier month. All weights 0 count as equal.
    ValueError for a negative total or weight.
    """
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError("only whole amounts from 0 and weights from 0 can be shared out")
    whole = sum(weights)
    if whole == 0:
        weights, whole = [1] * len(weights), len(weights)
    exact = [Fraction(total) * weight / whole for weight in weights]
    shares = [int(part) for part in exact]
    left = total - sum(shares)
    order = sorted(range(len(shares)), key=lambda index: (shares[index] - exact[index], index))
    for index in order[:left]:
        shares[index] += 1
    return tuple(shares)


def season(months: Months) -> tuple[Fraction, ...] | None:
    """The weight of each month from accepted results; None when they say too little.

    A month without an accepted figure stands at the average of the others.
    """
    known = [value for value in months if value is not None]
    if len(known) < MIN_SEASON_MONTHS or sum(known) == 0:
        return None
    average = Fraction(sum(known), len(known))
    return tuple(average if value is None else Fraction(value) for value in months)


def joint_season(hubs: Iterable[Months]) -> tuple[Fraction, ...] | None:
    """The same of several hubs together; hubs that say too little are left out."""
    found = [one for months in hubs if (one := season(months)) is not None]
    if not found:
        return None
    return tuple(sum((one[index] for one in found), Fraction(0)) for index in range(MONTHS))


def spread(
    total: int,
    sources: Iterable[tuple[str, Sequence[Fraction] | None]],
    is_open: Sequence[bool] = ALL_OPEN,
) -> Phasing:
    """The default months of a target: by the first source that has a season, else equal.

    Months in which the hub is not in operation get 0; a hub that is open in no month counts as
    open all year, because its target must stand somewhere.
    """
    works = is_open if any(is_open) else ALL_OPEN
    for method, weights in sources:
        if weights is None:
            continue
        inside = [weight if open_ else 0 for weight, open_ in zip(weights, works, strict=True)]
        if any(inside):
            return Phasing(share_out(total, inside), method)
    return Phasing(share_out(total, [1 if open_ else 0 for open_ in works]), EQUAL)


def months_text(values: Sequence[int]) -> str:
    """Twelve numbers as the form and the file carry them: 300/310/..."""
    return SEPARATOR.join(str(value) for value in values)


def split_months(text: str) -> list[str]:
    """The twelve cells of a text as they were typed; all blank for a blank text."""
    if not text.strip(f"{SEPARATOR} 　"):
        return [""] * MONTHS
    cells = [cell.strip() for cell in text.replace("／", SEPARATOR).split(SEPARATOR)]
    return [*cells, *[""] * MONTHS][: max(MONTHS, len(cells))]


def read_months(text: str, is_open: Sequence[bool] = ALL_OPEN) -> tuple[int, ...] | None:
    """Typed months; None when all are blank (then they are spread). PhasingError with the reason.

    A month outside the operation of the hub takes 0 only.
    """
    cells = split_months(text)
    if not any(cells):
        return None
    if len(cells) != MONTHS:
        raise PhasingError(f"4月から3月までの12個の数を入力してください（{len(cells)}個）。")
    values = []
    for name, cell, open_ in zip(MONTH_NAMES, cells, is_open, strict=True):
        value = _month(name, cell)
        if value and not open_:
            raise PhasingError(f"{name}は拠点が開いていない月のため、0を入力してください。")
        values.append(value)
    return tuple(values)


def _month(name: str, cell: str) -> int:
    try:
        value = figures.parse_count(cell)
    except figures.FigureError as error:
        raise PhasingError(f"{name}：{error}") from error
    if isinstance(value, Blank):
        raise PhasingError(f"{name}が空欄です。目標がない月は0を入力してください。")
    if value < 0:
        raise PhasingError(f"{name}：負の数は入力できません。")
    return value


def sum_problem(values: Sequence[int], total: int) -> str:
    """Why the months do not make the target; empty when they add up."""
    added = sum(values)
    if added == total:
        return ""
    gap = f"{abs(total - added):,}{'足りません' if added < total else '多すぎます'}"
    return f"月別の合計（{added:,}）が目標値（{total:,}）と一致しません。{gap}。"
