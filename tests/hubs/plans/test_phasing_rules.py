"""Months of a target: exact sums, seasons, months out of operation, what may be typed."""

from fractions import Fraction

import pytest

from hubs.plans.rules.phasing import (
    ALL_OPEN,
    PhasingError,
    joint_season,
    months_text,
    read_months,
    season,
    share_out,
    split_months,
    spread,
    sum_problem,
)

FLAT = [1] * 12
LATE = (False,) * 5 + (True,) * 7


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (12, FLAT, (1,) * 12),
        (14, FLAT, (2, 2) + (1,) * 10),
        (0, FLAT, (0,) * 12),
        (10, [1, 2, 1], (3, 5, 2)),
        (100, [1, 1, 1], (34, 33, 33)),
        (7, [0, 0, 0], (3, 2, 2)),
        (5, [Fraction(1, 3), Fraction(2, 3)], (2, 3)),
    ],
)
def test_shares_add_up_and_the_largest_remainder_takes_the_rest(total, weights, shares):
    assert share_out(total, weights) == shares
    assert sum(shares) == total


@pytest.mark.parametrize("total", [1, 59, 997, 3_600, 9_999_999])
def test_no_unit_is_lost_whatever_the_season(total):
    weights = [92, 96, 104, 103, 90, 102, 110, 108, 94, 96, 101, 104]
    found = share_out(total, weights)
    assert sum(found) == total
    assert min(found) >= 0


def test_negative_amounts_are_no_shares():
    with pytest.raises(ValueError, match="from 0"):
        share_out(-1, FLAT)


def test_a_season_needs_six_months_and_fills_the_others_with_their_average():
    assert season([10] * 5 + [None] * 7) is None
    assert season([0] * 12) is None
    assert season([]) is None
    found = season([10] * 3 + [20] * 3 + [None] * 6)
    assert found == (Fraction(10),) * 3 + (Fraction(20),) * 3 + (Fraction(15),) * 6


def test_a_joint_season_leaves_out_hubs_that_say_too_little():
    assert joint_season([[5] * 12, [None] * 12, [1] * 12]) == (Fraction(6),) * 12
    assert joint_season([[None] * 12]) is None


@pytest.mark.parametrize(
    ("sources", "method"),
    [
        ([("own", [2] * 12), ("nation", [1] * 12)], "own"),
        ([("own", None), ("bureau", [1] * 12)], "bureau"),
        ([("own", None), ("bureau", None), ("nation", [1] * 12)], "nation"),
        ([("own", None)], "equal"),
        ([], "equal"),
    ],
)
def test_the_first_source_with_a_season_decides(sources, method):
    found = spread(24, sources)
    assert (found.method, sum(found.values)) == (method, 24)


def test_months_out_of_operation_get_nothing():
    found = spread(100, [("own", [3] * 6 + [1] * 6)], LATE)
    assert found.values[:5] == (0,) * 5
    assert sum(found.values) == 100
    # a season that lies wholly outside says nothing about the open months
    assert spread(70, [("own", [1] * 5 + [0] * 7)], LATE).method == "equal"
    assert spread(24, [], (False,) * 12).values == (2,) * 12


@pytest.mark.parametrize("text", ["", "///////////", "  /  /", "　"])
def test_blank_months_are_to_be_spread(text):
    assert read_months(text) is None


@pytest.mark.parametrize(
    "text",
    ["1/2/3/4/5/6/7/8/9/10/11/12", "１／2/3/4/5/6/7/8/9/10/11/12", "1/2/3/4/5/6/7/8/9/10/1１/12"],
)
def test_months_as_offices_type_them(text):
    assert read_months(text) == tuple(range(1, 13))


@pytest.mark.parametrize(
    ("text", "is_open", "said"),
    [
        ("1/2/3", ALL_OPEN, "7月が空欄"),
        ("1/2/3/4/5/6/7/8/9/10/11/12/13", ALL_OPEN, "13個"),
        ("1/2/3/4/5/6/7/8/9/10/11/x", ALL_OPEN, "3月："),
        ("1/2/3/4/5/6/7/8/9/10/11/-1", ALL_OPEN, "負の数"),
        ("1/2/3/4/5/6/7/8/9/10/11/－", ALL_OPEN, "空欄"),
        ("1/0/0/0/0/6/7/8/9/10/11/12", LATE, "4月は拠点が開いていない月"),
    ],
)
def test_months_that_cannot_be_taken(text, is_open, said):
    with pytest.raises(PhasingError, match=said):
        read_months(text, is_open)


def test_the_sum_must_be_the_target():
    assert sum_problem([1] * 12, 12) == ""
    assert "1足りません" in sum_problem([1] * 12, 13)
    assert "2多すぎます" in sum_problem([1] * 12, 10)


def test_months_travel_as_one_text():
    assert split_months(months_text(range(12))) == [str(value) for value in range(12)]
