"""The pure rules that ask a question about a figure, as tables."""

from decimal import Decimal
from fractions import Fraction

import pytest

from hubs.results.rules.plausibility import (
    binomial_tail,
    heaping_p,
    is_heaped,
    is_jump,
    is_same_run,
    mad,
    median,
    robust_z,
)

STEADY = [100, 102, 98, 101, 99, 103]


@pytest.mark.parametrize(
    ("values", "middle"),
    [([3], 3), ([4, 1], Fraction(5, 2)), ([9, 1, 5], 5), ([1, 2, 3, 4], Fraction(5, 2))],
)
def test_median_is_exact(values, middle):
    assert median(values) == middle


def test_median_of_nothing_is_refused():
    with pytest.raises(ValueError, match="nothing"):
        median([])


def test_mad_of_a_steady_history():
    assert mad(STEADY) == Fraction(3, 2)


@pytest.mark.parametrize(
    ("value", "history", "expected"),
    [
        (100, STEADY, Fraction(6745, 10_000) * Fraction(-1, 2) / Fraction(3, 2)),
        (100, STEADY[:5], None),  # five months say nothing
        (100, [7] * 12, None),  # no spread, no score
        (8, [7, 7, 7, 7, 9, 1], None),  # more than half are equal
    ],
)
def test_robust_z_is_exact_or_not_said(value, history, expected):
    assert robust_z(value, history) == expected


@pytest.mark.parametrize(
    ("value", "is_one"),
    # limit: |x - 100.5| > 3.5 * 1.5 / 0.6745 = 7.78...
    [(108, False), (109, True), (93, False), (92, True), (None, False), (0, True)],
)
def test_jump_begins_right_above_the_limit(value, is_one):
    assert is_jump(value, STEADY) is is_one


def test_jump_looks_at_the_last_24_months_only():
    old, new = [1000, 1010] * 12, [100, 102, 98, 101] * 6
    assert is_jump(1000, old + new)
    assert not is_jump(101, old + new)


@pytest.mark.parametrize(
    ("values", "is_run"),
    [
        ([5, 5, 5], True),
        ([0, 0, 0], True),
        ([4, 5, 5], False),
        ([5, 5], False),
        ([5, None, 5, 5], False),
        ([None, None, None], False),
        ([4, 5, 5, 5], True),
        ([5, 5, 5, 4], False),
    ],
)
def test_same_value_three_months_running(values, is_run):
    assert is_same_run(values) is is_run


def test_binomial_tail_sums_to_one():
    assert binomial_tail(0, 12, Fraction(1, 5)) == 1
    assert binomial_tail(2, 2, Fraction(1, 5)) == Fraction(1, 25)


@pytest.mark.parametrize(
    ("values", "chance", "is_one"),
    [
        ([], None, False),
        ([5], Decimal("0.200000"), False),
        ([5, 10, 15, 20], Decimal("0.001600"), False),
        ([5, 10, 15, 20, 25], Decimal("0.000320"), True),
        ([1, 2, 3], Decimal("1.000000"), False),
    ],
)
def test_heaping_is_a_binomial_tail_against_a_fifth(values, chance, is_one):
    assert heaping_p(values) == chance
    assert is_heaped(values) is is_one
