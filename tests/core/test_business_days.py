"""Business days: holidays that follow by law, shifts, counting across holidays and the year end."""

import csv
from datetime import date, timedelta

import jpholiday
import pytest
from django.conf import settings

from yorozu.core.business_days import (
    BETWEEN,
    SUBSTITUTE,
    Shift,
    add_business_days,
    business_days_between,
    closed_holidays,
    derived_holidays,
    is_business_day,
    next_business_day,
    nth_business_day,
    previous_business_day,
    shift,
)


def _facts() -> list[dict[str, str]]:
    path = settings.BASE_DIR / "fixtures/facts/holidays.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


NAMED = [date.fromisoformat(row["day"]) for row in _facts()]
CLOSED = closed_holidays(NAMED)


def test_each_shipped_holiday_has_a_name_and_a_basis_and_stands_once():
    rows = _facts()
    assert len({row["day"] for row in rows}) == len(rows)
    assert all(row["name"] and row["basis"] for row in rows)
    assert {row["status"] for row in rows if row["day"] < "2028"} == {"確定"}
    assert {row["status"] for row in rows if row["day"] >= "2028"} == {"見込み"}


@pytest.mark.parametrize("year", range(2014, 2029))
def test_rows_and_rule_give_the_days_that_a_second_source_names(year):
    first = date(year, 1, 1)
    days = [first + timedelta(days=place) for place in range(365 + (year % 4 == 0))]
    assert [day for day in days if day in CLOSED] == [
        day for day in days if jpholiday.is_holiday(day)
    ]


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2015, 5, 6), SUBSTITUTE),  # 3 May was a Sunday: over two holidays to the 6th
        (date(2015, 9, 22), BETWEEN),
        (date(2016, 3, 21), SUBSTITUTE),
        (date(2019, 4, 30), BETWEEN),  # the ten days around the accession
        (date(2019, 5, 2), BETWEEN),
        (date(2019, 5, 6), SUBSTITUTE),
        (date(2020, 5, 6), SUBSTITUTE),
        (date(2021, 8, 9), SUBSTITUTE),  # the moved 山の日
        (date(2024, 2, 12), SUBSTITUTE),
        (date(2026, 5, 6), SUBSTITUTE),
        (date(2026, 9, 22), BETWEEN),
        (date(2027, 3, 22), SUBSTITUTE),
    ],
)
def test_known_days_that_follow_by_law(day, name):
    assert derived_holidays(NAMED)[day] == name


def test_a_holiday_on_saturday_has_no_substitute_and_a_sunday_between_is_named_too():
    assert derived_holidays([date(2026, 5, 2)]) == {}
    assert derived_holidays([date(2026, 8, 8), date(2026, 8, 10)]) == {date(2026, 8, 9): BETWEEN}
    assert derived_holidays([date(2006, 1, 1)]) == {}


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2026, 4, 10), True),
        (date(2026, 4, 11), False),
        (date(2026, 4, 12), False),
        (date(2026, 4, 29), False),
        (date(2026, 12, 28), True),
        (date(2026, 12, 29), False),
        (date(2026, 12, 31), False),
        (date(2027, 1, 3), False),
        (date(2027, 1, 4), True),
        (date(2026, 3, 31), True),
    ],
)
def test_open_and_closed_days(day, is_open):
    assert is_business_day(day, CLOSED) is is_open


@pytest.mark.parametrize(
    ("day", "later", "earlier"),
    [
        (date(2026, 4, 10), date(2026, 4, 10), date(2026, 4, 10)),
        (date(2026, 10, 10), date(2026, 10, 13), date(2026, 10, 9)),
        (date(2026, 5, 3), date(2026, 5, 7), date(2026, 5, 1)),
        (date(2026, 12, 29), date(2027, 1, 4), date(2026, 12, 28)),
        (date(2026, 1, 1), date(2026, 1, 5), date(2025, 12, 26)),
        (date(2026, 9, 22), date(2026, 9, 24), date(2026, 9, 18)),
        (date(2019, 4, 28), date(2019, 5, 7), date(2019, 4, 26)),
    ],
)
def test_a_deadline_moves_by_its_rule(day, later, earlier):
    assert next_business_day(day, CLOSED) == shift(day, Shift.NEXT, CLOSED) == later
    assert previous_business_day(day, CLOSED) == shift(day, Shift.PREVIOUS, CLOSED) == earlier
    assert shift(day, Shift.NONE, CLOSED) == day


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 4, 6), 10, date(2026, 4, 20)),
        (date(2026, 4, 24), 10, date(2026, 5, 14)),  # over 29 April and 3-6 May
        (date(2026, 12, 21), 10, date(2027, 1, 8)),  # over the year's end
        (date(2026, 12, 29), 1, date(2027, 1, 4)),  # from a closed day
        (date(2027, 1, 4), -1, date(2026, 12, 28)),
        (date(2026, 4, 12), 0, date(2026, 4, 12)),
    ],
)
def test_counting_business_days(start, count, end):
    assert add_business_days(start, count, CLOSED) == end


def test_the_distance_is_the_inverse_of_the_addition_on_every_open_day_of_three_years():
    day = date(2025, 4, 1)
    while day < date(2028, 4, 1):
        if is_business_day(day, CLOSED):
            for count in (-7, -1, 1, 10):
                end = add_business_days(day, count, CLOSED)
                assert business_days_between(day, end, CLOSED) == count
        day += timedelta(days=1)
    assert business_days_between(date(2026, 4, 11), date(2026, 4, 12), CLOSED) == 0


def test_the_nth_business_day_of_a_month():
    assert nth_business_day(2027, 1, 1, CLOSED) == date(2027, 1, 4)
    assert nth_business_day(2026, 5, 3, CLOSED) == date(2026, 5, 8)
    assert nth_business_day(2026, 5, 1, ()) == date(2026, 5, 1)
