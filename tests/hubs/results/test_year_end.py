"""Expected to date and the estimate of the year's end, as tables; every method is named."""

from decimal import Decimal

import pytest

from hubs.results.rules import Method, effective_target, expected_to_date, forecast
from hubs.results.rules.doubts import JUMP, OFF_AVERAGE, SAME_RUN, Surroundings, doubts_of
from yorozu.core.fiscal import months_of

YEAR = months_of(2026)
PHASING = (5, 5, 10, 10, 10, 10, 10, 10, 10, 10, 5, 5)
FLAT = dict.fromkeys(range(1, 13), 100)
# Half of last year fell into the first three months.
EARLY = {1: 200, 2: 200, 3: 200} | dict.fromkeys(range(4, 13), 0) | {12: 600}


def first(count):
    return YEAR[:count]


@pytest.mark.parametrize(
    ("target", "months", "phasing", "expected"),
    [
        (None, first(3), (), None),
        (1200, [], (), Decimal(0)),
        (1200, first(3), (), Decimal(300)),
        (100, first(1), (), Decimal(8)),  # 8.33
        (100, first(3), (), Decimal(25)),
        (6, first(1), (), Decimal(1)),  # 0.5 goes up
        (0, first(3), (), Decimal(0)),
        (100, first(2), PHASING, Decimal(10)),
        (100, first(12), PHASING, Decimal(100)),
        # The phasing is a shape: a target changed by an amendment keeps it.
        (200, first(2), PHASING, Decimal(20)),
        (1200, first(3), (0,) * 12, Decimal(300)),  # a phasing of nothing is none
        (1200, first(3), (1, 2, 3), Decimal(300)),  # not twelve months
        # A hub that opened in October answers for its months only.
        (1200, YEAR[6:9], (), Decimal(300)),
    ],
)
def test_expected_to_date(target, months, phasing, expected):
    assert expected_to_date(target, months, phasing) == expected


@pytest.mark.parametrize(
    ("target", "months", "expected"),
    [(1200, YEAR, 1200), (1200, YEAR[6:], 600), (100, YEAR[:7], 58), (None, YEAR, None)],
)
def test_the_target_of_the_months_in_operation(target, months, expected):
    assert effective_target(target, months) == expected


@pytest.mark.parametrize(
    ("actual", "months", "operated", "last_year", "value", "method"),
    [
        # nothing accepted, or no figure
        (None, first(5), YEAR, FLAT, None, Method.NONE),
        (0, [], YEAR, FLAT, None, Method.NONE),
        # too few months
        (200, first(2), YEAR, FLAT, None, Method.NONE),
        # the whole year stands
        (1100, YEAR, YEAR, FLAT, Decimal(1100), Method.COMPLETE),
        (500, YEAR[6:], YEAR[6:], {}, Decimal(500), Method.COMPLETE),
        # last year's season: a quarter of the year in three months of twelve
        (330, first(3), YEAR, FLAT, Decimal(1320), Method.SEASON),
        # half of the year in three months
        (330, first(3), YEAR, EARLY, Decimal(660), Method.SEASON),
        # 100 / (3/12 of 1200) rounds half up: 10 / (300/1200) = 40; 7 months of flat: 58.33 %
        (1001, first(7), YEAR, FLAT, Decimal(1716), Method.SEASON),
        (0, first(3), YEAR, FLAT, Decimal(0), Method.SEASON),
        # last year is not whole, or says nothing of these months: the mean of the months
        (330, first(3), YEAR, {1: 100, 2: 100}, Decimal(1320), Method.RUN_RATE),
        (330, first(3), YEAR, dict.fromkeys(range(1, 13), 0), Decimal(1320), Method.RUN_RATE),
        (
            330,
            YEAR[3:6],
            YEAR,
            EARLY,
            Decimal(1320),
            Method.RUN_RATE,
        ),
        (100, first(7), YEAR, {}, Decimal(171), Method.RUN_RATE),  # 171.43
        # opened during the year: the mean over the months in operation
        (90, YEAR[6:9], YEAR[6:], FLAT, Decimal(180), Method.RUN_RATE),
    ],
)
def test_forecast_takes_the_method_by_rule(actual, months, operated, last_year, value, method):
    found = forecast(actual, months, operated, last_year)
    assert (found.value, found.method) == (value, method)
    assert bool(found.why) is (method in {Method.NONE, Method.RUN_RATE})


def test_methods_are_named_as_printed():
    assert Method.SEASON.label == "前年度の季節性による推計"
    assert Method.RUN_RATE.label == "月平均による推計"


@pytest.mark.parametrize(
    ("value", "around", "said"),
    [
        (None, Surroundings(others=[1, 1], two_before=[None, None]), []),
        (100, Surroundings(), []),
        (100, Surroundings(others=[100, 102]), []),
        (151, Surroundings(others=[100, 100]), [OFF_AVERAGE]),
        (109, Surroundings(history=[100, 102, 98, 101, 99, 103]), [JUMP]),
        (100, Surroundings(two_before=[100, 100]), [SAME_RUN]),
        (100, Surroundings(two_before=[None, 100]), []),
        (
            300,
            Surroundings([100, 100], [100, 102, 98, 101, 99, 103], [300, 300]),
            [OFF_AVERAGE, JUMP, SAME_RUN],
        ),
    ],
)
def test_every_doubt_has_its_sentence(value, around, said):
    assert doubts_of(value, around) == said
