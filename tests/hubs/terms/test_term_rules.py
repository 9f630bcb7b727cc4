"""The calendar: closed days, shift, default deadlines."""

from datetime import date, time

import pytest

from hubs.terms.rules import default_calendar, is_closed_day, next_business_day


@pytest.mark.parametrize(
    ("day", "open_day"),
    [
        (date(2026, 4, 10), date(2026, 4, 10)),
        (date(2026, 10, 10), date(2026, 10, 13)),
        (date(2026, 5, 3), date(2026, 5, 7)),
        (date(2026, 12, 29), date(2027, 1, 4)),
        (date(2026, 1, 1), date(2026, 1, 5)),
        (date(2026, 9, 22), date(2026, 9, 24)),
        (date(2025, 12, 28), date(2026, 1, 5)),
    ],
)
def test_a_deadline_on_a_closed_day_moves_to_the_next_open_day(day, open_day):
    assert next_business_day(day) == open_day


def test_the_shift_is_a_pure_rule_over_any_table_of_holidays():
    assert next_business_day(date(2026, 4, 10), lambda day: day.day == 10) == date(2026, 4, 13)
    assert not is_closed_day(date(2026, 4, 10), lambda day: False)


@pytest.mark.parametrize("year", range(2024, 2029))
def test_every_default_deadline_is_at_noon_on_an_open_day_in_order(year):
    lines = default_calendar(year)
    assert len(lines) == 18
    assert all(line.at == time(12, 0) and not is_closed_day(line.day) for line in lines)
    assert [line.day for line in lines] == sorted(line.day for line in lines)
    assert len({line.code for line in lines}) == 18
