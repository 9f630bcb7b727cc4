"""Business days of offices: pure rules over a set of statutory holidays (domain.md 4.1).

The holidays are data (fixtures/facts/holidays.csv, table ``Holiday``); what follows from them by
law (substitute holidays, the day between two holidays) and the closed days of the year's end are
computed here. Every function takes the whole set of closed holidays that ``closed_holidays`` made.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta
from enum import StrEnum

ONE_DAY = timedelta(days=1)
SUBSTITUTE = "振替休日"
BETWEEN = "国民の休日"
# The substitute is the next day that is no holiday itself: the rule since 2007.
RULES_HOLD_FROM = date(2007, 1, 1)


class Shift(StrEnum):
    """What happens to a deadline that falls on a closed day."""

    NEXT = "next"
    PREVIOUS = "previous"
    NONE = "none"


def derived_holidays(holidays: Iterable[date]) -> dict[date, str]:
    """Days that are closed by law because of the holidays around them, with their names.

    Act on National Holidays, article 3: a holiday on a Sunday moves to the next day that is none
    (para. 2); a day whose eve and morrow are holidays is a holiday (para. 3).
    """
    named = set(holidays)
    derived: dict[date, str] = {}
    for day in sorted(named):
        if day < RULES_HOLD_FROM:
            continue
        if day.weekday() == 6:
            derived[_first_free(day, named)] = SUBSTITUTE
        between = day + ONE_DAY
        if between not in named and between + ONE_DAY in named:
            derived.setdefault(between, BETWEEN)
    return derived


def _first_free(day: date, named: Collection[date]) -> date:
    while day in named:
        day += ONE_DAY
    return day


def closed_holidays(holidays: Iterable[date]) -> frozenset[date]:
    """Statutory holidays with the days that follow from them: the set the functions below take."""
    named = frozenset(holidays)
    return named | frozenset(derived_holidays(named))


def is_year_end(day: date) -> bool:
    """29 December to 3 January: government offices are closed."""
    return (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)


def is_business_day(day: date, holidays: Collection[date]) -> bool:
    """No Saturday, Sunday, holiday, or day of the year's end."""
    return day.weekday() < 5 and not is_year_end(day) and day not in holidays


def next_business_day(day: date, holidays: Collection[date]) -> date:
    """The day itself when offices are open, else the first open day after it."""
    return _walk(day, ONE_DAY, holidays)


def previous_business_day(day: date, holidays: Collection[date]) -> date:
    """The day itself when offices are open, else the last open day before it."""
    return _walk(day, -ONE_DAY, holidays)


def _walk(day: date, step: timedelta, holidays: Collection[date]) -> date:
    while not is_business_day(day, holidays):
        day += step
    return day


def shift(day: date, rule: Shift, holidays: Collection[date]) -> date:
    """The day a deadline falls on by its shift rule."""
    move: dict[Shift, Callable[[date, Collection[date]], date]] = {
        Shift.NEXT: next_business_day,
        Shift.PREVIOUS: previous_business_day,
    }
    return move[rule](day, holidays) if rule in move else day


def add_business_days(day: date, count: int, holidays: Collection[date]) -> date:
    """The count-th business day after ``day`` (before it when negative); the day itself is not one.

    ``count`` 0 gives the day itself, open or closed. "10 working days from the notice" of a Monday
    is Monday two weeks later when no holiday lies between.
    """
    step = ONE_DAY if count > 0 else -ONE_DAY
    for _ in range(abs(count)):
        day = _walk(day + step, step, holidays)
    return day


def business_days_between(start: date, end: date, holidays: Collection[date]) -> int:
    """Business days after ``start`` up to and with ``end``; negative when ``end`` lies before.

    It is the inverse of ``add_business_days`` between two business days.
    """
    if end < start:
        return -business_days_between(end, start, holidays)
    days = (start + ONE_DAY * place for place in range(1, (end - start).days + 1))
    return sum(is_business_day(day, holidays) for day in days)


def nth_business_day(year: int, month: int, number: int, holidays: Collection[date]) -> date:
    """The number-th business day of a month, counted from its first day."""
    return add_business_days(date(year, month, 1) - ONE_DAY, number, holidays)
