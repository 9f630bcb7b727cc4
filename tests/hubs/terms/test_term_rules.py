"""The calendar: default deadlines on open days."""

from datetime import date, time

import pytest

from hubs.terms.rules import default_calendar
from tests.core.test_business_days import CLOSED
from yorozu.core.business_days import is_business_day


@pytest.mark.parametrize("year", range(2024, 2028))
def test_every_default_deadline_is_at_noon_on_an_open_day_in_order(year):
    lines = default_calendar(year, CLOSED)
    assert len(lines) == 18
    assert all(line.at == time(12, 0) and is_business_day(line.day, CLOSED) for line in lines)
    assert [line.day for line in lines] == sorted(line.day for line in lines)
    assert len({line.code for line in lines}) == 18


def test_deadlines_pass_holidays_and_the_year_end():
    days = {line.code: line.day for line in default_calendar(2026, CLOSED)}
    assert days["month-09"] == date(2026, 10, 13)
    assert days["month-12"] == date(2027, 1, 12)
