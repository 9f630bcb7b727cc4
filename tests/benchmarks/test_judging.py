"""When a benchmark may say pass or fail, and when it must hold its tongue."""

import pytest

from benchmarks.judging import Target, at_least, at_most, doubts, exponent, ratio, spread, verdict


@pytest.mark.parametrize(
    ("value", "target", "reasons", "said"),
    [
        (0.80, at_least(0.45, 0.75), [], "goal"),
        (0.50, at_least(0.45, 0.75), [], "pass"),
        (0.45, at_least(0.45, 0.75), [], "pass"),
        (0.44, at_least(0.45, 0.75), [], "fail"),
        (1.10, at_most(1.5, 1.15), [], "goal"),
        (1.50, at_most(1.5, 1.15), [], "pass"),
        (1.51, at_most(1.5, 1.15), [], "fail"),
        (0.10, at_least(0.45, 0.75), ["load 3.00"], "not judged"),
        (9.00, at_least(0.45, 0.75), ["load 3.00"], "not judged"),
        (9.00, at_least(1.2), [], "pass"),
        (9.00, at_most(None, None), [], "report"),
    ],
)
def test_verdict(value: float, target: Target, reasons: list[str], said: str) -> None:
    assert verdict(value, target, reasons) == said


def test_a_busy_machine_or_a_wavering_baseline_is_not_judged() -> None:
    assert doubts(0.5, {"raw": [1.0, 1.5, 1.2]}) == []
    assert doubts(0.51, {"raw": [1.0]}) == ["load 0.51 at the start, over 0.5"]
    assert doubts(0.0, {"raw": [1.0, 1.51]}) == ["raw wavered by 1.51, over 1.5"]


def test_a_ratio_is_taken_round_by_round() -> None:
    # One slow moment that hit both sides of the second round alike does not move it.
    assert ratio([10, 30, 10], [20, 60, 20]) == pytest.approx(0.5)


def test_ten_times_the_time_for_ten_times_the_rows_is_linear() -> None:
    assert exponent([1, 1, 1], [10, 10, 10], 10) == pytest.approx(1)
    assert exponent([1], [100], 10) == pytest.approx(2)


def test_spread_keeps_the_middle_one() -> None:
    assert spread([3.0, 1.0, 2.0]) == {"min": 1.0, "median": 2.0, "max": 3.0}
