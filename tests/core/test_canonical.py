"""Canonical text: one spelling per value, floats refused (evaluation.md 5)."""

from decimal import Decimal

import pytest

from yorozu.core.canonical import canonical_hash, canonical_json, parse_canonical, sha256_text


def test_keys_are_sorted_and_no_space_is_written():
    assert canonical_json({"b": [1, True, None], "B": "x"}) == '{"B":"x","b":[1,true,null]}'


def test_decimals_become_plain_strings():
    assert canonical_json([Decimal("1.20"), Decimal("1E+3")]) == '["1.20","1000"]'


def test_composed_and_decomposed_text_are_equal():
    assert canonical_hash({"t": "\u304c"}) == canonical_hash({"t": "\u304b\u3099"})


def test_reading_and_writing_again_gives_the_same_text():
    text = canonical_json({"name": "富山", "n": 3})
    assert canonical_json(parse_canonical(text)) == text


@pytest.mark.parametrize("value", [1.2, {"x": [0.5]}, {1: "x"}, {"x": {1, 2}}, b"x"])
def test_values_without_one_spelling_are_refused(value):
    with pytest.raises(TypeError):
        canonical_json(value)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), {"名": 1}])
def test_unreadable_decimals_and_foreign_keys_are_refused(value):
    with pytest.raises(ValueError, match=r"数値ではない|半角"):
        canonical_json(value)


@pytest.mark.parametrize("text", ['{"x":1.5}', '{"x":NaN}'])
def test_a_float_in_a_stored_text_is_refused(text):
    with pytest.raises(TypeError):
        parse_canonical(text)


def test_the_hash_is_taken_over_utf8():
    assert sha256_text("富山") == (
        "eead0dafb3629859911c8c16738efc1b236a0e48637ecb6580b406a2ff89fa18"
    )
