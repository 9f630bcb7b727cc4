"""What a typed figure may be: reading, plausibility, logic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yorozu.core import figures
from yorozu.core.figures import Blank

REPORTED, NOT_REPORTED, NOT_APPLICABLE = "reported", "not_reported", "not_applicable"
MAX_VALUE = 9_999_999
MIN_MONTHS_FOR_AVERAGE = 2


@dataclass(frozen=True)
class Entry:
    """One read figure: blank, 0 and － stay three answers (domain.md 4.3)."""

    state: str
    value: int | None = None


BLANK = Entry(NOT_REPORTED)


def read_entry(text: str) -> Entry:
    """Read a typed figure; FigureError carries the Japanese reason (12.9, 1e3, negative ...)."""
    value = figures.parse_count(text)
    if isinstance(value, Blank):
        return BLANK if value is Blank.NOT_REPORTED else Entry(NOT_APPLICABLE)
    if value < 0:
        raise figures.FigureError("負の数は入力できません。")
    if value > MAX_VALUE:
        raise figures.FigureError(f"{MAX_VALUE:,}までの整数で入力してください。")
    return Entry(REPORTED, value)


def entry_text(entry: Entry) -> str:
    """The figure as a field shows it."""
    if entry.state == NOT_APPLICABLE:
        return Blank.NOT_APPLICABLE.value
    return "" if entry.value is None else str(entry.value)


def is_improbable(value: int | None, others: Sequence[int]) -> bool:
    """More than 50 % above or below the average of the hub's other reported months.

    In whole numbers: |v - S/n| > S/2n is |vn - S| * 2 > S. Needs two months to compare with.
    """
    if value is None or len(others) < MIN_MONTHS_FOR_AVERAGE:
        return False
    total = sum(others)
    return abs(value * len(others) - total) * 2 > total


def logic_problems(
    values: Mapping[str, int | None], names: Mapping[str, str]
) -> list[tuple[str, str]]:
    """(code, sentence) of what cannot be true (evaluation.md 6, logic): it blocks."""
    consultations = values.get("CONS")
    if consultations is None:
        return []
    return [
        (
            code,
            f"{names[code]}（{value:,}）が{names['CONS']}（{consultations:,}）を超えています。",
        )
        for code in ("VISIT", "SOLVE")
        if (value := values.get(code)) is not None and value > consultations
    ]
