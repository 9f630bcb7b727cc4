"""Agreement of raters against published worked examples, and rater severity."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from evaluation.scoring.rules import severity as severe
from evaluation.scoring.rules.reliability import (
    icc_agreement,
    krippendorff_alpha,
    mean_squares,
    reliability,
    verdict,
)
from evaluation.scoring.rules.severity import Score, corrected_mean, linked_groups, severity

pytestmark = pytest.mark.once

# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, the reliability data of section
# B onwards: four observers, twelve units, missing scores. Published ordinal alpha: 0.815.
KRIPPENDORFF = """
1 2 3 3 2 1 4 1 2 . . .
1 2 3 3 2 2 4 1 2 5 . 3
. 3 3 3 2 3 4 2 2 5 1 .
1 2 3 3 2 4 4 1 2 5 1 .
"""
# Shrout & Fleiss (1979), Intraclass Correlations, table 2: six targets, four judges.
# Published: BMS 11.24, JMS 32.49, EMS 1.02, ICC(2,4) = .62.
SHROUT_FLEISS = [
    [9, 2, 5, 8],
    [6, 1, 3, 2],
    [8, 4, 6, 8],
    [7, 1, 2, 6],
    [10, 5, 6, 9],
    [6, 2, 4, 7],
]


def units_of(text: str) -> list[dict[str, int]]:
    """Columns of a table of observers by units; a dot is missing."""
    rows = [line.split() for line in text.strip().splitlines()]
    return [
        {f"R{place}": int(score) for place, score in enumerate(column) if score != "."}
        for column in zip(*rows, strict=True)
    ]


def table(rows: list[list[int]], names: str = "abcdef") -> list[dict[str, int]]:
    """Rows of a complete table as units."""
    return [dict(zip(names, row, strict=False)) for row in rows]


def test_alpha_of_krippendorffs_example() -> None:
    alpha = krippendorff_alpha(units_of(KRIPPENDORFF))
    assert alpha is not None
    assert round(float(alpha), 3) == 0.815


def test_alpha_of_full_and_of_no_agreement() -> None:
    assert krippendorff_alpha(table([[1, 1], [2, 2], [4, 4]])) == 1
    # Two units crossed: observed 2 of 2 pairs differ, expected 2/3 of the pairs: 1 - 3/2.
    assert krippendorff_alpha(table([[1, 2], [2, 1]])) == Fraction(-1, 2)


def test_alpha_by_hand() -> None:
    # Values 0,0 / 0,1 / 1,1 give n0 = 3, n1 = 3 and o01 = 1; one distance only, so it drops out:
    # alpha = 1 - (6 - 1) * 1 / (3 * 3) = 4/9.
    assert krippendorff_alpha(table([[0, 0], [0, 1], [1, 1]])) == Fraction(4, 9)


def test_alpha_cannot_be_told_where_all_scores_are_equal() -> None:
    assert krippendorff_alpha(table([[3, 3], [3, 3]])) is None
    assert krippendorff_alpha(table([[3], [4]])) is None
    assert krippendorff_alpha([]) is None


def test_icc_of_shrout_and_fleiss() -> None:
    units = table(SHROUT_FLEISS)
    squares = mean_squares(units)
    assert squares is not None
    assert round(float(squares.units), 2) == 11.24
    assert round(float(squares.rest), 2) == 1.02
    # judges is rest + (JMS - rest) / n with n = 6.
    assert round(float((squares.judges - squares.rest) * 6 + squares.rest), 2) == 32.49
    icc = icc_agreement(units)
    assert icc is not None
    assert round(float(icc), 2) == 0.62


def test_icc_of_panels_that_are_copies_is_that_of_one() -> None:
    other = table(SHROUT_FLEISS, "uvwx")
    one, both = icc_agreement(table(SHROUT_FLEISS)), icc_agreement([*table(SHROUT_FLEISS), *other])
    assert one is not None
    assert one == both


def test_icc_needs_a_panel_with_two_units_and_two_raters() -> None:
    assert icc_agreement(table([[1, 2]])) is None
    assert icc_agreement(table([[1], [2], [3]])) is None
    assert icc_agreement([{"a": 1, "b": 2}, {"a": 2, "c": 2}]) is None
    assert icc_agreement(table([[3, 3], [3, 3]])) is None


@pytest.mark.parametrize(
    ("alpha", "word"),
    [
        (None, "unknown"),
        ("0.6669", "unreliable"),
        ("0.667", "tentative"),
        ("0.7999", "tentative"),
        ("0.80", "reliable"),
    ],
)
def test_what_alpha_allows_to_say(alpha: str | None, word: str) -> None:
    assert verdict(None if alpha is None else Decimal(alpha)) == word


def hub(code: str, scores: dict[str, dict[str, int]], **more: Any) -> dict[str, Any]:
    """A hub with scores by item."""
    return {
        "code": code,
        "checks": {
            "CHK": [{"code": item, "scores": held, **more} for item, held in scores.items()]
        },
    }


def test_reliability_counts_what_it_rests_on() -> None:
    hubs = [
        hub("01", {"C1": {"a": 1, "b": 1}, "C2": {"a": 4, "b": 4}}),
        hub("02", {"C1": {"a": 2, "c": 2}, "C2": {"a": 3}}),
        hub("03", {"C1": {"a": 0, "b": 4}}, na=True),
        {"code": "04"},
    ]
    found = reliability(hubs, "CHK")
    assert found == {
        "alpha": "1.0000",
        "icc": "1.0000",
        "verdict": "reliable",
        "units": 3,
        "raters": 3,
        "scores": 6,
        "panels": 2,
    }
    assert reliability(hubs, "UNQ")["verdict"] == "unknown"


def panel(hubs: list[str], raters: dict[str, int], level: dict[str, int]) -> list[Score]:
    """Scores that follow hub + item + rater exactly."""
    return [
        Score(code, f"CHK.C{item}", rater, level[code] + item + shift)
        for code in hubs
        for item in range(6)
        for rater, shift in raters.items()
    ]


def test_a_strict_rater_is_found_and_held_within_half_a_step() -> None:
    level = {"01": 0, "02": 3, "03": 1, "04": 2}
    scores = panel(["01", "02", "03", "04"], {"kind": 1, "even": 0, "strict": -1}, level)
    # A little noise, so that the ridge has something to weigh.
    scores[0] = Score("01", "CHK.C0", "kind", 2)
    found = severity(scores)
    assert found.state == severe.TOLD
    assert found.corrections["kind"] == Decimal("0.5000")
    assert found.corrections["strict"] == Decimal("-0.5000")
    assert abs(found.corrections["even"]) < Decimal("0.05")
    assert found.printed()["raters"]["even"]["scores"] == 24


def test_the_corrections_add_up_to_nothing() -> None:
    scores = [
        Score(str(code), f"i{item}", rater, (code + item * 2 + ord(rater)) % 5)
        for code in range(8)
        for item in range(5)
        for rater in "abcd"
    ]
    found = severity(scores)
    assert abs(sum(found.corrections.values())) <= Decimal("0.0002")


def test_raters_who_do_not_differ_are_left_alone() -> None:
    scores = [
        Score(str(code), f"i{item}", rater, (code * item + (rater == "a") * (item % 2)) % 5)
        for code in range(6)
        for item in range(6)
        for rater in "ab"
    ]
    balanced = [
        *scores,
        *(
            Score(f"x{one.hub}", one.item, {"a": "b", "b": "a"}[one.rater], one.value)
            for one in scores
        ),
    ]
    found = severity(balanced)
    assert found.state == severe.ALIKE
    assert set(found.corrections.values()) == {Decimal("0.0000")}


def test_panels_that_never_meet_cannot_be_compared() -> None:
    level = {"01": 0, "02": 3}
    scores = [*panel(["01"], {"a": 0, "b": 1}, level), *panel(["02"], {"c": 0, "d": 1}, level)]
    found = severity(scores)
    assert (found.state, found.groups, found.is_told) == (severe.APART, 2, False)
    assert found.corrections == {}
    assert found.printed()["raters"]["a"]["correction"] is None
    linked = [*scores, Score("02", "CHK.C0", "a", 2)]
    assert len(linked_groups(linked)) == 1
    assert severity(linked).is_told


def test_one_rater_or_too_few_scores_tell_nothing() -> None:
    assert severity([]).state == severe.FEW
    assert severity(panel(["01"], {"a": 0}, {"01": 2})).state == severe.FEW
    assert severity([Score("01", "i", "a", 2), Score("01", "i", "b", 3)]).state == severe.FEW


def test_severity_does_not_depend_on_the_order_of_the_scores() -> None:
    scores = [
        Score(str(code), f"i{item}", rater, (code * 3 + item * 2 + ord(rater)) % 5)
        for code in range(5)
        for item in range(4)
        for rater in "abc"
    ]
    assert severity(scores).corrections == severity(scores[::-1]).corrections


@pytest.mark.parametrize(
    ("mean", "raters", "moved"),
    [
        ("3.0000", ["a", "b"], "2.8000"),
        ("3.9000", ["b"], "4.0000"),
        ("0.2000", ["a"], "0.0000"),
        ("2.0000", ["a", "b", "c"], "1.8667"),
    ],
)
def test_a_mean_is_corrected_within_the_scale(mean: str, raters: list[str], moved: str) -> None:
    found = severe.Severity(
        severe.TOLD, {"a": Decimal("0.5"), "b": Decimal("-0.1"), "c": Decimal(0)}, {}
    )
    assert corrected_mean(Decimal(mean), raters, found, 4) == Decimal(moved)
