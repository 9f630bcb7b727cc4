"""Marked words and changed numbers: nothing lost, nothing invented."""

from decimal import Decimal

import pytest

from hubs.plans.rules.agreed import (
    Agreed,
    AgreedArea,
    AgreedTarget,
    effective_problem,
    in_force,
    kept_count,
    retroactive_months,
)
from hubs.plans.rules.differences import (
    MAX_PAIRS,
    aligned,
    compare_areas,
    compare_months,
    compare_targets,
    compare_texts,
)
from tests.hubs.year import month

TEXTS = [
    ("", ""),
    ("", "新しい文。"),
    ("製造業が多い。", "製造業が多く、観光も伸びる。"),
    ("1行目。\r\n2行目。", "1行目。\n3行目。"),
    ("<b>太字</b>", "<i>斜体</i>"),
    ("目標は3,600件。", "目標は4,000件。"),
    ("同じ。" * 900, "同じ。" * 900 + "違う。"),
    ("長い" * 4000, "別の" * 4000),
]


@pytest.mark.parametrize(("old", "new"), TEXTS)
def test_the_pieces_of_a_side_are_its_text(old, new):
    found = compare_texts(old, new)
    plain = [text.replace("\r\n", "\n") for text in (old, new)]
    sides = ["".join(piece.text for piece in side) for side in (found.old, found.new)]
    assert [side.replace("\r\n", "\n") for side in sides] == plain
    kept = ["".join(p.text for p in side if p.kind == "same") for side in (found.old, found.new)]
    assert kept[0] == kept[1]
    assert found.is_same == (plain[0] == plain[1])


def test_a_changed_number_is_marked_as_one_word():
    found = compare_texts("目標は3,600件です。", "目標は4,000件です。")
    assert [piece.text for piece in found.old if piece.kind == "removed"] == ["3,600"]
    assert [piece.text for piece in found.new if piece.kind == "added"] == ["4,000"]


def test_texts_too_long_to_compare_are_shown_as_replaced():
    old = "あ。" * (MAX_PAIRS // 500)
    found = compare_texts(old, "い。" * 900)
    assert [(piece.kind, len(piece.text)) for piece in found.old] == [("removed", len(old))]


def agreed(cons=3600, months=(300,) * 12, area=60, name="事業承継", weight="0.60"):
    areas = (AgreedArea("F1", name, "件", area, (), Decimal(weight)),) if area else ()
    return Agreed((AgreedTarget("CONS", "相談対応件数", "件", cons, months),), areas)


def test_targets_are_old_new_and_difference():
    rows = compare_targets(agreed(), agreed(cons=4200, area=None))
    assert [(r.key, r.old, r.new, r.change, r.is_same) for r in rows] == [
        ("CONS", 3600, 4200, 600, False),
        ("F1", 60, None, None, False),
    ]


def test_months_are_compared_one_by_one():
    later = (300,) * 6 + (400,) * 6
    ((label, unit, months),) = compare_months(agreed(), agreed(months=later))
    assert (label, unit) == ("相談対応件数", "件")
    assert [row.change for row in months] == [0] * 6 + [100] * 6
    # A content without months is not a content with zeros.
    ((_, _, months),) = compare_months(agreed(months=()), agreed())
    assert {(row.old, row.new, row.change) for row in months} == {(None, 300, None)}


def test_only_changed_entries_of_an_area_are_named():
    ((name, words),) = compare_areas(agreed(), agreed(name="承継と創業", weight="0.50"))
    assert name == "承継と創業"
    assert [(row.label, row.old, row.new) for row in words] == [
        ("名称", "事業承継", "承継と創業"),
        ("重み", "0.60", "0.50"),
    ]


def test_areas_of_two_years_are_matched_by_name_not_by_place():
    last = Agreed((), (AgreedArea("F1", "観光", "件", 40), AgreedArea("F2", "承継", "件", 60)))
    this = Agreed((), (AgreedArea("F1", "承継", "件", 80), AgreedArea("F2", "創業", "件", 30)))
    rows = compare_targets(aligned(last, this), this)
    assert {(row.label, row.old, row.new) for row in rows} == {
        ("承継", 60, 80),
        ("創業", None, 30),
        ("観光", 40, None),
    }


APRIL, OCTOBER, DECEMBER = month(2026, 4), month(2026, 10), month(2026, 12)
FORCE = [
    ([(1, APRIL)], month(2026, 11), 1),
    ([(1, APRIL), (2, OCTOBER)], month(2026, 9), 1),
    ([(1, APRIL), (2, OCTOBER)], OCTOBER, 2),
    # A later version may begin earlier than the one before; it then holds from there on.
    ([(1, APRIL), (2, DECEMBER), (3, OCTOBER)], month(2026, 11), 3),
    ([(1, APRIL), (2, DECEMBER), (3, OCTOBER)], DECEMBER, 3),
    ([(1, APRIL), (2, DECEMBER), (3, OCTOBER)], month(2026, 9), 1),
    ([(1, APRIL), (2, OCTOBER)], None, 2),
    ([], APRIL, None),
    ([(1, APRIL)], month(2026, 3), None),
]


@pytest.mark.parametrize(("versions", "at", "number"), FORCE)
def test_the_highest_number_that_has_begun_is_in_force(versions, at, number):
    assert in_force(versions, at) == number


@pytest.mark.parametrize(
    ("at", "kept"), [(APRIL, 0), (month(2026, 5), 1), (OCTOBER, 6), (month(2027, 3), 11)]
)
def test_months_before_the_effective_month_are_kept(at, kept):
    assert kept_count(at, 2026) == kept


def test_an_effective_month_is_the_first_of_a_month_of_the_year():
    assert effective_problem(OCTOBER, 2026) == effective_problem(month(2027, 3), 2026) == ""
    assert "初日" in effective_problem(OCTOBER.replace(day=2), 2026)
    assert "2026年4月から" in effective_problem(month(2027, 4), 2026)
    assert "2026年4月から" in effective_problem(month(2026, 3), 2026)


def test_reaching_back_names_the_accepted_months():
    accepted = [month(2026, 6), APRIL, month(2026, 5)]
    assert retroactive_months(month(2026, 7), accepted) == []
    assert retroactive_months(month(2026, 5), accepted) == [month(2026, 5), month(2026, 6)]
