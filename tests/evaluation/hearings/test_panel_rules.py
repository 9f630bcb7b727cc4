"""Composition of panels, clashes of times, and how hubs hang together (evaluation.md 1.6, 1.7)."""

from datetime import UTC, datetime, timedelta

import pytest

from evaluation.hearings.rules.panel import Seat, Slot, clashes, linked_groups, panel_faults
from evaluation.hearings.rules.portfolio import portfolio_faults
from evaluation.hearings.rules.scoring import (
    ItemFacts,
    lacking_second,
    open_items,
    read_score,
    to_reconcile,
)
from evaluation.hearings.rules.versions import differences, moved, whole_faults

CHAIR = Seat("甲", "全国本部", outside=True, is_chair=True)
LOCAL = Seat("乙", "東北経済産業局", outside=False)
BOARD = Seat("丙", "大学", outside=True)


def test_a_complete_panel_has_no_faults():
    assert panel_faults([CHAIR, LOCAL, BOARD]) == []


@pytest.mark.parametrize(
    ("seats", "word"),
    [
        ([], "3人以上"),
        ([CHAIR, LOCAL], "3人以上必要です（現在2人）"),
        ([CHAIR, LOCAL, Seat("丁", "大学", True, barred="親族")], "3人以上必要です（現在2人）"),
        ([CHAIR, Seat("丁", "全国本部", True), Seat("戊", "全国本部", True)], "所属が2つ以上"),
        (
            [Seat("丁", "局", False, is_chair=True), LOCAL, Seat("戊", "会議所", False)],
            "つなぎの評価者",
        ),
        ([LOCAL, BOARD, Seat("丁", "全国本部", True)], "主査を1人決めてください（現在0人）"),
        ([CHAIR, LOCAL, Seat("丁", "大学", True, is_chair=True)], "現在2人"),
        (
            [Seat("甲", "本部", True, True, "実施機関"), LOCAL, BOARD, BOARD],
            "現在0人",
        ),
    ],
)
def test_each_gap_is_named(seats, word):
    assert any(word in fault for fault in panel_faults(seats)), panel_faults(seats)


def test_a_barred_member_is_named_with_the_reason():
    faults = panel_faults([CHAIR, LOCAL, BOARD, Seat("丁", "大学", True, barred="親族など")])
    assert faults == ["丁さんは評価できません（親族など）。"]


def slot(number, start, minutes):
    begins = datetime(2026, 11, 20, 9, 0, tzinfo=UTC) + timedelta(minutes=start)
    return Slot(number, f"{number}", begins, begins + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("slots", "pairs"),
    [
        ([slot(1, 0, 60), slot(2, 60, 60)], []),
        ([slot(1, 0, 61), slot(2, 60, 60)], [(1, 2)]),
        ([slot(1, 0, 240), slot(2, 30, 30), slot(3, 120, 30)], [(1, 2), (1, 3)]),
        ([slot(1, 0, 60), slot(1, 0, 60)], []),
    ],
)
def test_clashes_of_one_person(slots, pairs):
    assert [(a.hearing, b.hearing) for a, b in clashes(slots)] == pairs


@pytest.mark.parametrize(
    ("panels", "groups"),
    [
        ({}, []),
        ({1: [], 2: []}, []),
        ({1: [7], 2: [8]}, [[1], [2]]),
        ({1: [7], 2: [8], 3: [7, 8]}, [[1, 2, 3]]),
        ({1: [7], 2: [7], 3: [8], 4: [9], 5: [9, 8]}, [[3, 4, 5], [1, 2]]),
        ({1: [7], 2: [], 3: [7]}, [[1, 3]]),
    ],
)
def test_hubs_hang_together_through_evaluators(panels, groups):
    assert linked_groups(panels) == groups


def test_four_panels_that_never_mix_are_linked_by_one_evaluator_each():
    apart = {hub: [hub % 4 * 10 + place for place in range(3)] for hub in range(1, 48)}
    assert [len(group) for group in linked_groups(apart)] == [12, 12, 12, 11]
    linked = {hub: [*rows[:2], 90 + hub % 3] for hub, rows in apart.items()}
    assert [len(group) for group in linked_groups(linked)] == [47]


@pytest.mark.parametrize(("text", "score"), [("", None), (" ", None), ("0", 0), ("４", 4)])
def test_scores_that_are_read(text, score):
    assert read_score(text) == score


@pytest.mark.parametrize("text", ["5", "-1", "3.0", "3点", "１０", "３．５", "true"])
def test_scores_that_are_refused(text):
    with pytest.raises(ValueError, match="0から4"):
        read_score(text)


def test_what_stops_the_lock():
    items = [ItemFacts("C1"), ItemFacts("C2", True), ItemFacts("C3", False, True), ItemFacts("C4")]
    assert open_items(items, {"C1"}) == ["C3", "C4"]
    assert open_items(items, {"C1", "C3", "C4"}) == []


def test_what_is_talked_about_again_and_who_owes_a_second_score():
    first = {"C1": {1: 4, 2: 2}, "C2": {1: 3, 2: 2, 3: 4}, "C3": {1: 1, 2: 2}, "C4": {}}
    assert to_reconcile(first) == ["C1", "C2"]
    owed = lacking_second(["C1", "C2"], {1, 2}, {"C1": {1: 3, 2: 3}, "C2": {1: 3}})
    assert owed == {"C2": {2}}


OLD = [
    {"code": "C1", "text": "甲", "weight": "1.00"},
    {"code": "C2", "text": "乙", "weight": "1.00"},
]
NEW = [
    {"code": "C3", "text": "丙", "weight": "1.00"},
    {"code": "C1", "text": "甲", "weight": "2.00"},
]
NAMES = {"text": "項目", "weight": "重み"}


def test_two_versions_side_by_side():
    found = differences(OLD, NEW, NAMES)
    assert [(row.code, row.word) for row in found] == [
        ("C3", "追加"),
        ("C1", "変更"),
        ("C2", "削除"),
    ]
    assert found[1].fields == (("重み", "1.00", "2.00"),)
    assert differences(OLD, OLD, NAMES) == []


def test_moving_an_item_stops_at_the_ends():
    assert moved(["a", "b", "c"], "b", -1) == ["b", "a", "c"]
    assert moved(["a", "b", "c"], "c", 1) == ["a", "b", "c"]
    assert moved(["a", "b", "c"], "a", -1) == ["a", "b", "c"]


def test_a_draft_needs_both_components_and_distinct_codes():
    rows = [{"code": "C1", "component": "CHK"}, {"code": "C1", "component": "CHK"}]
    faults = whole_faults(rows)
    assert any("独自の取組" in fault for fault in faults)
    assert any("C1" in fault for fault in faults)
    assert whole_faults([{"code": f"C{n}", "component": "CHK"} for n in range(41)])[-1] == (
        "項目は40までです。"
    )


def test_texts_of_a_portfolio_have_their_length():
    assert portfolio_faults({"title": "あ" * 100, "what": "い"}) == []
    assert portfolio_faults({"title": "あ" * 101}) == [
        ("取組の名称", "取組の名称は100文字までです。")
    ]
