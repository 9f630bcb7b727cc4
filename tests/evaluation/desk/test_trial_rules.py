"""What is typed in a what-if, and the engine's input made of it."""

from decimal import Decimal
from typing import Any

import pytest

from evaluation.desk.rules import trial
from evaluation.desk.rules.trial import Counted, count_field
from evaluation.scoring.rules.scheme import points, read_scheme
from evaluation.scoring.rules.v1 import score

SCHEME = read_scheme()
PARTS = {part.code: part for part in SCHEME.components}


def solved(months: int = 12) -> trial.Field:
    counted = Counted("IND", "SOLVE", "課題解決件数", "件", 260, months, 12)
    return count_field(counted, Decimal(200), "確認済の6か月の計")


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("210", 210),
        ("２１０", 210),
        ("1,210", 1210),
        ("0", 0),
        (" 7 ", 7),
        ("9,999,999", 9_999_999),
    ],
)
def test_counts_are_read_as_they_are_typed(typed: str, value: int) -> None:
    (one,) = trial.read([solved()], {"IND.SOLVE": typed})
    assert (one.value, one.problem, one.text) == (Decimal(value), "", typed)


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("", "数を入力"),
        ("－", "数を入力"),
        ("x", "数として読めません"),
        ("1.5", "小数は使えません"),
        ("-1", "0から9,999,999まで"),
        ("10000000", "0から9,999,999まで"),
        ("12件", "単位"),
    ],
)
def test_unreadable_counts_say_why_and_keep_what_was_typed(typed: str, word: str) -> None:
    (one,) = trial.read([solved()], {"IND.SOLVE": typed})
    assert word in one.problem
    assert (one.text, one.value) == (typed, Decimal(200))


def test_missing_field_keeps_its_base() -> None:
    (one,) = trial.read([solved()], {"IND.CONS": "5"})
    assert (one.value, one.problem, one.text) == (Decimal(200), "", "200")


@pytest.mark.parametrize(
    ("code", "typed", "problem"),
    [
        ("SAT", "4.25", ""),
        ("SAT", "4.255", "小数は第2位まで"),
        ("SAT", "5.01", "1から5まで"),
        ("SAT", "0.99", "1から5まで"),
    ],
)
def test_means_stay_on_their_scale(code: str, typed: str, problem: str) -> None:
    fields = trial.opinion_fields(PARTS[code], 50, Decimal("4.00"), "標準")
    tried = trial.read(fields, {f"{code}.mean": typed})
    assert problem in tried[1].problem
    assert bool(tried[1].problem) == bool(problem)


def test_checklist_is_read_in_tenths() -> None:
    field = trial.check_field(PARTS["CHK"], Decimal("2.8"), "標準")
    assert trial.read([field], {"CHK.mean": "3.4"})[0].problem == ""
    assert "第1位まで" in trial.read([field], {"CHK.mean": "3.45"})[0].problem
    assert "0から4まで" in trial.read([field], {"CHK.mean": "4.1"})[0].problem


def test_target_of_part_of_a_year_is_told_and_ends_the_slider() -> None:
    whole, half = solved(), solved(months=6)
    assert (whole.asked, whole.slider) == (None, Decimal(390))
    assert (half.asked, half.slider) == (Decimal(130), Decimal(300))


@pytest.mark.parametrize(
    ("n", "mean", "counts"),
    [
        (0, "4.00", [0, 0, 0, 0, 0]),
        (10, "4.00", [0, 0, 0, 10, 0]),
        (10, "4.25", [0, 0, 0, 7, 3]),
        (3, "1.00", [3, 0, 0, 0, 0]),
        (3, "5.00", [0, 0, 0, 0, 3]),
        (4, "3.50", [0, 0, 2, 2, 0]),
        (3, "4.17", [0, 0, 0, 2, 1]),
    ],
)
def test_histogram_comes_closest_to_the_mean(n: int, mean: str, counts: list[int]) -> None:
    found = trial.histogram(n, Decimal(mean))
    assert found == counts
    assert sum(found) == n


@pytest.mark.parametrize("mean", ["0.0", "0.1", "2.8", "3.0", "4.0"])
def test_ten_raters_have_the_mean_exactly(mean: str) -> None:
    scores = trial.ratings(Decimal(mean))
    assert Decimal(sum(scores.values())) / len(scores) == Decimal(mean)
    assert max(scores.values()) - min(scores.values()) <= 1


@pytest.mark.parametrize("code", ["CHK", "SAT", "IND"])
@pytest.mark.parametrize("value", ["0", "12.3456", "80", "80.0000", "93.1", "100"])
def test_inverse_leads_back_to_the_points(code: str, value: str) -> None:
    anchors = PARTS[code].anchors
    back = trial.inverse(Decimal(value), anchors, 4)
    assert abs(points(back, anchors) - Decimal(value)) < Decimal("0.02")


def skeleton() -> dict[str, Any]:
    return {
        "code": "13",
        "months": 12,
        "indicators": {
            name: {"target": 100, "actual": None, "challenge": "1.00"}
            for name in ("CONS", "VISIT", "SOLVE", "NETW")
        },
        "focus": [{"code": "F1", "target": 50, "actual": None, "challenge": "1.00"}],
    }


def fields() -> list[trial.Field]:
    counted = [
        count_field(Counted("IND", name, name, "件", 100, 12, 12), Decimal(100), "")
        for name in ("CONS", "VISIT", "SOLVE", "NETW")
    ]
    focus = count_field(Counted("FOC", "F1", "F1", "件", 50, 12, 12), Decimal(50), "")
    return [
        *counted,
        focus,
        *trial.opinion_fields(PARTS["SAT"], 30, Decimal("4.00"), ""),
        *trial.opinion_fields(PARTS["PAR"], 5, Decimal("4.00"), ""),
        trial.check_field(PARTS["CHK"], Decimal("3.0"), ""),
        trial.check_field(PARTS["UNQ"], Decimal("3.0"), ""),
    ]


def scored(**given: str) -> dict[str, Any]:
    named = {name.replace("_", "."): value for name, value in given.items()}
    hub = trial.hub_of(skeleton(), trial.read(fields(), named))
    (result,) = score({"hubs": [hub]})["hubs"]
    return dict(result)


def test_everything_as_agreed_is_80() -> None:
    result = scored()
    assert (result["final"], result["grade"]) == ("80.00", "A")


@pytest.mark.parametrize(
    ("given", "final"),
    [
        ({"IND_SOLVE": "110"}, "81.40"),
        ({"FOC_F1": "60"}, "83.00"),
        ({"SAT_mean": "5"}, "83.00"),
        ({"PAR_mean": "4.5"}, "81.00"),
        ({"CHK_mean": "4"}, "82.40"),
        ({"UNQ_mean": "0"}, "73.60"),
        ({"SAT_n": "0"}, "68.00"),
    ],
)
def test_each_field_moves_the_score_as_the_scheme_says(given: dict[str, str], final: str) -> None:
    """14/100 of 10 points, 15/100 of 20 (one hub alone is its own prior), and so on."""
    assert scored(**given)["final"] == final
