"""The check of a target: regression without the hub itself, bounds, missing data."""

import math
from decimal import Decimal

import pytest

from hubs.plans.rules.adequacy import adequacy, expectation, year_level
from yorozu.core.regression import HubFacts, solve


def nation(count=20, **change):
    """Hubs whose results follow 2 * SMEs ** 0.8 exactly."""
    facts = {}
    for number in range(1, count + 1):
        smes = 10_000 + 7_000 * number
        facts[f"{number:02d}"] = HubFacts(round(2 * smes**0.8), {"smes": smes})
    return facts | change


@pytest.mark.parametrize(
    ("target", "actual", "expected", "flag", "basis"),
    [
        (90, 100, None, "", 100),
        (89, 100, None, "low", 100),
        (150, 100, 80, "", 100),
        (151, 100, 80, "high", 100),
        (100, 80, 112, "low", 112),
        (101, 80, 112, "", 112),
        (5, None, None, "", None),
        (5, None, 0, "", None),
        (0, 10, None, "low", 10),
    ],
)
def test_a_target_lies_between_nine_tenths_and_one_and_a_half(
    target, actual, expected, flag, basis
):
    found = adequacy(target, actual, expected)
    assert (found.flag, found.basis) == (flag, basis)
    assert bool(found.word) == bool(flag)


@pytest.mark.parametrize(
    ("months", "level"),
    [
        ([10] * 12, (120, 12)),
        ([10] * 6 + [None] * 6, (120, 6)),
        ([1] * 7 + [None] * 5, (12, 7)),
        ([1, 1, 1, 1, 1, 1, 2] + [None] * 5, (14, 7)),
        ([10] * 5 + [None] * 7, (None, 5)),
        ([0] * 12, (0, 12)),
        ([], (None, 0)),
    ],
)
def test_a_year_is_raised_to_twelve_months_from_six_on(months, level):
    assert year_level(months) == level


def test_the_expectation_is_that_of_the_others():
    facts = nation()
    found = expectation("10", facts)
    assert (found.hubs, found.used, found.left_out) == (19, ("smes",), ("days", "area"))
    assert abs(found.value - facts["10"].actual) < facts["10"].actual * 0.05
    # what the hub itself reached has no part in it
    own = HubFacts(1, facts["10"].predictors)
    assert expectation("10", facts | {"10": own}).value == found.value


def test_the_figures_agree_with_the_same_formula_in_floats():
    facts = nation()
    xs = [math.log(row.predictors["smes"]) for code, row in facts.items() if code != "05"]
    ys = [math.log(row.actual) for code, row in facts.items() if code != "05"]
    mean, middle = sum(xs) / len(xs), sum(ys) / len(ys)
    width = math.sqrt(sum((x - mean) ** 2 for x in xs) / len(xs))
    zs = [(x - mean) / width for x in xs]
    weight = sum(z * (y - middle) for z, y in zip(zs, ys, strict=True))
    weight /= sum(z * z for z in zs) + 1
    rest = sum((y - middle - weight * z) ** 2 for z, y in zip(zs, ys, strict=True))
    own = (math.log(facts["05"].predictors["smes"]) - mean) / width
    expected = math.exp(middle + weight * own + rest / (len(xs) - 2) / 2)
    assert expectation("05", facts).value == int(expected + 0.5)


def test_too_few_hubs_or_figures_leave_only_last_year():
    assert expectation("01", nation(10)).value is None
    assert expectation("01", nation(11)).value is not None
    assert expectation("21", nation() | {"21": HubFacts(100)}).value is None
    assert expectation("99", nation()).value is None
    equal = {f"{n:02d}": HubFacts(100 + n, {"smes": 5}) for n in range(20)}
    assert expectation("01", equal).used == ()


def test_a_hub_without_a_predictor_is_left_out_of_the_fit():
    facts = nation() | {"30": HubFacts(500, {}), "31": HubFacts(None, {"smes": 9})}
    assert expectation("01", facts).hubs == 19


def test_small_systems_are_solved():
    found = solve([[Decimal(4), Decimal(2)], [Decimal(2), Decimal(3)]], [Decimal(2), Decimal(5)])
    assert [round(value, 20) for value in found] == [Decimal("-0.5"), Decimal(2)]
