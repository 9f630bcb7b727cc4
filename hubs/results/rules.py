"""What a monthly figure may be: reading, plausibility, logic, months in operation."""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from yorozu.core import figures
from yorozu.core.figures import Blank
from yorozu.core.fiscal import fiscal_year_of, months_of, nendo, wareki_month

REPORTED, NOT_REPORTED, NOT_APPLICABLE = "reported", "not_reported", "not_applicable"
MAX_VALUE = 9_999_999
MIN_DAYS = 15
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


def last_day_of(month: date) -> date:
    """Last day of the month."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def open_days(opened_on: date, closed_on: date | None, month: date) -> int:
    """Calendar days of the month on which the hub existed (opening and closing day included)."""
    first = max(opened_on, month)
    last = min(closed_on or last_day_of(month), last_day_of(month))
    return max(0, (last - first).days + 1)


def months_in_operation(opened_on: date, closed_on: date | None, fiscal_year: int) -> int:
    """Whole months in operation: a month counts from 15 calendar days on (evaluation.md 1.2)."""
    return sum(
        open_days(opened_on, closed_on, month) >= MIN_DAYS for month in months_of(fiscal_year)
    )


def month_problem(month: date, fiscal_year: int, today: date) -> str:
    """Why nothing may be entered for this month; empty when it may."""
    if month.day != 1 or fiscal_year_of(month) != fiscal_year:
        return f"{wareki_month(month)}は{nendo(fiscal_year)}の月ではありません。"
    if month > today:
        return f"{wareki_month(month)}はまだ始まっていないため、入力できません。"
    return ""


def hub_problem(opened_on: date, closed_on: date | None, month: date) -> str:
    """Why the hub has nothing to report for this month; empty when it existed in it."""
    if open_days(opened_on, closed_on, month) > 0:
        return ""
    return f"{wareki_month(month)}は拠点の開設前か廃止後のため、入力できません。"


def is_over(month: date, today: date) -> bool:
    """A month may be submitted from its last day on."""
    return today >= last_day_of(month)
