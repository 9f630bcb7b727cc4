"""Rounding, percent, sums with gaps, strict reading and printing of figures."""

from decimal import ROUND_DOWN, Decimal, getcontext, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yorozu.core import figures
from yorozu.core.figures import Blank, FigureError, parse_count, parse_decimal, q


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        ("0.5", 0, "1"),
        ("-0.5", 0, "-1"),
        ("2.5", 0, "3"),
        ("1.005", 2, "1.01"),
        ("1.00499999999999999999999999999999999999", 2, "1.00"),
        ("-0.04", 1, "0.0"),
        ("1234567890123456789012345.675", 2, "1234567890123456789012345.68"),
        ("7", 3, "7.000"),
    ],
)
def test_half_goes_up_whatever_the_size(value: str, places: int, expected: str) -> None:
    assert str(q(Decimal(value), places)) == expected


def test_rounding_ignores_the_callers_context_and_leaves_it_alone() -> None:
    with localcontext() as context:
        context.prec, context.rounding = 3, ROUND_DOWN
        assert q(Decimal("12345.675"), 2) == Decimal("12345.68")
        assert getcontext().prec == 3


@pytest.mark.parametrize("value", [1.5, True, "1", None])
def test_only_exact_numbers_are_rounded(value: Any) -> None:
    with pytest.raises(TypeError):
        q(value, 1)


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(1, 3, "33.3"), (2, 3, "66.7"), (1, 8, "12.5"), (0, 5, "0.0"), (5, 4, "125.0")],
)
def test_percent_has_one_decimal(part: int, whole: int, expected: str) -> None:
    assert str(figures.percent(part, whole)) == expected


@pytest.mark.parametrize(("part", "whole"), [(1, 0), (0, 0), (None, 5), (5, None)])
def test_percent_that_cannot_be_said_is_none(part: int | None, whole: int | None) -> None:
    assert figures.percent(part, whole) is None


def test_sum_keeps_nothing_reported_apart_from_zero() -> None:
    assert figures.total([None, Blank.NOT_REPORTED, Blank.NOT_APPLICABLE]) is None
    assert figures.total([]) is None
    assert figures.total([None, 0]) == 0
    assert figures.total([1, None, 2, Blank.NOT_APPLICABLE]) == 3
    assert figures.total([Decimal("0.1")] * 3) == Decimal("0.3")
    assert figures.count_missing([None, Blank.NOT_REPORTED, Blank.NOT_APPLICABLE, 0]) == 2


def test_blank_zero_and_dash_are_three_answers() -> None:
    answers = [parse_count(""), parse_count("0"), parse_count("－")]
    assert answers == [Blank.NOT_REPORTED, 0, Blank.NOT_APPLICABLE]
    assert len(set(answers)) == 3


@pytest.mark.parametrize("text", ["▲1,234", "△1234", "-1234", "－１，２３４", "−1234", "▲ 1,234"])
def test_every_minus_is_read(text: str) -> None:
    assert parse_count(text) == -1234


def test_each_refusal_has_its_own_reason() -> None:
    texts = ["12.9", "1e3", "1_000", "①", "١٢", "True", "1" * 16, "1,23", "十", "+1", "5%", "約1"]
    reasons = []
    for text in texts:
        with pytest.raises(FigureError) as refusal:
            parse_count(text)
        reasons.append(str(refusal.value))
    assert len(set(reasons)) == len(texts)
    assert all(reason.endswith(("。", "）。")) for reason in reasons)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("１２．５", "12.5"), ("▲1,234.50", "-1234.50"), ("0", "0"), ("-0.0", "0.0"), ("12", "12")],
)
def test_decimals_are_read_exactly(text: str, expected: str) -> None:
    assert str(parse_decimal(text)) == expected


@pytest.mark.parametrize("text", [".5", "5.", "1.2.3", "1e3", "12.345", "1,23.4", "nan", "∞", "½"])
def test_loose_decimals_are_refused(text: str) -> None:
    with pytest.raises(FigureError):
        parse_decimal(text, places=2)


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_a_printed_count_reads_back(number: int) -> None:
    assert parse_count(figures.format_count(number)) == number
    assert parse_count(str(number)) == number


@given(st.text(max_size=80))
def test_any_text_is_a_figure_or_is_refused_with_a_reason(text: str) -> None:
    for parse in (parse_count, parse_decimal):
        try:
            value = parse(text)
        except FigureError as error:
            reason = str(error)
            assert reason.endswith("。")
        else:
            assert isinstance(value, int | Decimal | Blank)


def test_printing() -> None:
    assert figures.format_count(1234567) == "1,234,567"
    assert figures.format_count(-1234) == "▲1,234"
    assert figures.format_count(None) == ""
    assert figures.format_count(Blank.NOT_REPORTED) == ""
    assert figures.format_count(Blank.NOT_APPLICABLE) == "－"
    assert figures.format_decimal(Decimal("1234.55"), 1) == "1,234.6"
    assert figures.format_decimal(Decimal("-0.04"), 1) == "0.0"
    assert figures.format_percent(Decimal("85.04")) == "85.0%"
    assert figures.format_percent(None) == "－"
    assert figures.format_thousand_yen(1_240_500) == "1,241"
    assert figures.format_thousand_yen(-1_240_000, unit=True) == "▲1,240千円"
    assert figures.format_thousand_yen(None) == "－"
    assert figures.format_yen(1234567) == "1,234,567円"
