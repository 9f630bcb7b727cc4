"""Which months a hub answers for, and when."""

import calendar
from datetime import date

from yorozu.core.fiscal import fiscal_year_of, months_of, nendo, wareki_month

MIN_DAYS = 15


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
