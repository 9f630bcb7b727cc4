"""Which months a hub answers for, and when."""

from datetime import date

from hubs.network.rules import last_day_of, open_days, works_in_months
from yorozu.core.fiscal import fiscal_year_of, months_of, nendo, wareki_month


def operated_months(opened_on: date, closed_on: date | None, fiscal_year: int) -> list[date]:
    """The months that count: open on 15 calendar days or more (evaluation.md 1.2)."""
    works = works_in_months(opened_on, closed_on, fiscal_year)
    months = zip(months_of(fiscal_year), works, strict=True)
    return [month for month, is_worked in months if is_worked]


def months_in_operation(opened_on: date, closed_on: date | None, fiscal_year: int) -> int:
    """How many months of the year count."""
    return len(operated_months(opened_on, closed_on, fiscal_year))


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
