"""Figures, plausibility, logic, months in operation."""

from datetime import date

import pytest

from hubs.results.rules import (
    Entry,
    entry_text,
    hub_problem,
    is_improbable,
    is_over,
    logic_problems,
    month_problem,
    months_in_operation,
    read_entry,
)
from yorozu.core.figures import FigureError

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("typed", "entry"),
    [
        ("", Entry("not_reported")),
        ("　", Entry("not_reported")),
        ("0", Entry("reported", 0)),
        ("－", Entry("not_applicable")),
        ("-", Entry("not_applicable")),
        ("１，２３４", Entry("reported", 1234)),
        ("1,234", Entry("reported", 1234)),
        ("9999999", Entry("reported", 9_999_999)),
    ],
)
def test_blank_zero_and_not_applicable_stay_three(typed, entry):
    assert read_entry(typed) == entry
    assert read_entry(entry_text(entry)) == entry


@pytest.mark.parametrize("typed", ["-1", "▲5", "12.9", "1e3", "①", "10000000", "=1", "5件", "1 2"])
def test_what_is_no_count(typed):
    with pytest.raises(FigureError):
        read_entry(typed)


@pytest.mark.parametrize(
    ("value", "others", "improbable"),
    [
        (150, [100, 100], False),
        (151, [100, 100], True),
        (50, [100, 100], False),
        (49, [100, 100], True),
        (1000, [100], False),
        (None, [100, 100], False),
        (0, [0, 0], False),
        (1, [0, 0], True),
    ],
)
def test_improbable_is_more_than_half_off_the_own_average(value, others, improbable):
    assert is_improbable(value, others) is improbable


NAMES = {"CONS": "相談対応件数", "VISIT": "来訪相談者数", "SOLVE": "課題解決件数"}


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ({"CONS": 10, "VISIT": 10, "SOLVE": 10}, []),
        ({"CONS": 10, "VISIT": 11, "SOLVE": 10}, ["VISIT"]),
        ({"CONS": 10, "VISIT": 11, "SOLVE": 12}, ["VISIT", "SOLVE"]),
        ({"CONS": None, "VISIT": 11}, []),
        ({"CONS": 0, "VISIT": None, "SOLVE": 1}, ["SOLVE"]),
    ],
)
def test_what_cannot_be_true(values, codes):
    assert [code for code, _ in logic_problems(values, NAMES)] == codes


@pytest.mark.parametrize(
    ("opened", "closed", "months"),
    [
        (date(2014, 6, 2), None, 12),
        (date(2026, 10, 1), None, 6),
        (date(2026, 10, 17), None, 6),
        (date(2026, 10, 18), None, 5),
        (date(2027, 2, 14), None, 2),
        (date(2027, 2, 15), None, 1),
        (date(2014, 6, 2), date(2026, 6, 15), 3),
        (date(2014, 6, 2), date(2026, 6, 14), 2),
        (date(2027, 4, 1), None, 0),
    ],
)
def test_a_month_counts_from_fifteen_days_on(opened, closed, months):
    assert months_in_operation(opened, closed, 2026) == months


@pytest.mark.parametrize(
    ("month", "said"),
    [
        (date(2026, 4, 1), ""),
        (date(2026, 11, 1), ""),
        (date(2026, 12, 1), "まだ始まっていない"),
        (date(2026, 3, 1), "令和8年度の月ではありません"),
        (date(2027, 4, 1), "令和8年度の月ではありません"),
    ],
)
def test_months_that_take_no_figures(month, said):
    problem = month_problem(month, 2026, TODAY)
    assert bool(problem) == bool(said)
    assert said in problem


def test_a_hub_reports_only_while_it_exists():
    assert hub_problem(date(2026, 10, 31), None, date(2026, 9, 1))
    assert not hub_problem(date(2026, 10, 31), None, date(2026, 10, 1))
    assert hub_problem(date(2014, 6, 2), date(2026, 9, 30), date(2026, 10, 1))


def test_a_month_is_over_on_its_last_day():
    assert not is_over(date(2026, 11, 1), date(2026, 11, 29))
    assert is_over(date(2026, 11, 1), date(2026, 11, 30))
