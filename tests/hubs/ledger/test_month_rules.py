"""Pure rules of the months: what counts for an indicator, and which spans hold given months."""

from datetime import date

import pytest

from hubs.ledger.rules import COUNTING, FIGURE_OF, MonthFigures, Source, spans

APRIL, MAY, JUNE, DECEMBER, JANUARY = (
    date(2026, 4, 1),
    date(2026, 5, 1),
    date(2026, 6, 1),
    date(2026, 12, 1),
    date(2027, 1, 1),
)


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({}, (None, None, None, None)),
        ({"consultations": 9, "visiting_clients": 4, "issues_resolved": 2}, (9, 4, 2, None)),
        ({"consultations": 9}, (9, 0, 0, None)),
        # Resolved in this month, visited in an earlier one.
        ({"issues_resolved": 1}, (0, 0, 1, None)),
        ({"network_activities": 3}, (None, None, None, 3)),
        # Took part only: the hub keeps the book, and counts nothing.
        ({"network_joined": 1}, (None, None, None, 0)),
    ],
)
def test_a_month_answers_for_the_records_that_are_kept(figures, expected):
    month = MonthFigures(**figures)
    assert tuple(month.counted(code) for code in ("CONS", "VISIT", "SOLVE", "NETW")) == expected
    assert month.counted("OTHER") is None


def test_the_roll_up_counts_the_kinds_and_dates_of_the_rules():
    assert set(FIGURE_OF) == set(COUNTING)
    assert {code: (rule.source, rule.month_field) for code, rule in COUNTING.items()} == {
        "CONS": (Source.CONSULTATION, "held_on"),
        "VISIT": (Source.CONSULTATION, "held_on"),
        "SOLVE": (Source.CONSULTATION, "resolved_on"),
        "NETW": (Source.ACTIVITY, "held_on"),
    }


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], []),
        ([(1, APRIL), (1, APRIL)], [(APRIL, date(2026, 4, 30), (1,))]),
        ([(1, APRIL), (1, MAY), (2, APRIL), (2, MAY)], [(APRIL, date(2026, 5, 31), (1, 2))]),
        (
            [(2, JUNE), (1, APRIL), (1, JUNE)],
            [(APRIL, date(2026, 4, 30), (1,)), (JUNE, date(2026, 6, 30), (1, 2))],
        ),
        ([(3, JANUARY), (3, DECEMBER)], [(DECEMBER, date(2027, 1, 31), (3,))]),
    ],
)
def test_spans_hold_exactly_the_months_asked_for(pairs, expected):
    assert [(span.first, span.last, span.hub_ids) for span in spans(pairs)] == expected


def test_a_year_of_all_hubs_is_one_span():
    months = [date(2026 + (month < 4), month, 1) for month in range(1, 13)]
    assert len(spans((hub, month) for hub in range(4_700) for month in months)) == 1
