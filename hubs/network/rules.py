"""When a hub is in operation: opened, not closed, and commissioned. Pure."""

import calendar
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from yorozu.core.fiscal import months_of

Span = tuple[date, date | None]
MIN_DAYS = 15


def operation_span(opened_on: date, closed_on: date | None, contracts: Iterable[Span]) -> Span:
    """First and last day of operation as far as a fiscal year's contracts tell (evaluation.md 1.2).

    A hub whose commission began late or ended early (a change of body, S24) answers only for the
    days between; without a contract on record its opening and closing dates alone count.
    """
    spans = list(contracts)
    if not spans:
        return opened_on, closed_on
    first = max(opened_on, min(start for start, _ in spans))
    ends = [end for _, end in spans if end is not None]
    last = max(ends) if len(ends) == len(spans) else None
    if closed_on is not None:
        last = closed_on if last is None else min(last, closed_on)
    return first, last


@lru_cache(maxsize=8_192)
def last_day_of(month: date) -> date:
    """Last day of the month."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


@lru_cache(maxsize=8_192)
def open_days(opened_on: date, closed_on: date | None, month: date) -> int:
    """Calendar days of the month on which the hub existed (opening and closing day included)."""
    first = max(opened_on, month)
    last = min(closed_on or last_day_of(month), last_day_of(month))
    return max(0, (last - first).days + 1)


def works_in_months(opened_on: date, closed_on: date | None, fiscal_year: int) -> tuple[bool, ...]:
    """Per month, April first: in operation on 15 calendar days or more (evaluation.md 1.2)."""
    return tuple(
        open_days(opened_on, closed_on, month) >= MIN_DAYS for month in months_of(fiscal_year)
    )
