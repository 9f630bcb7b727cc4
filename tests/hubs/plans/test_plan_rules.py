"""Targets, weights, challenge factors: the tables of evaluation.md 1.2-1.3."""

from decimal import Decimal

import pytest

from hubs.plans.rules import AreaDraft, focus_problems, is_small_target, read_plan, weight_problems
from hubs.plans.tables.figures import figure_table

CODES = ["CONS", "VISIT", "SOLVE", "NETW"]


def weights(*texts):
    return [Decimal(text) if text else None for text in texts]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (weights(""), ""),
        (weights("", "", ""), ""),
        (weights("1"), ""),
        (weights("0.6", "0.4"), ""),
        (weights("0.6", "0.3", "0.1"), ""),
        (weights("0.2", "0.2", "0.2", "0.2", "0.2"), ""),
        (weights("0.6", ""), "全部に入力するか"),
        (weights("0.7", "0.3"), "0.1から0.6"),
        (weights("0.95", "0.05"), "0.1から0.6"),
        (weights("0.5", "0.4"), "合計が1"),
        (weights("0.5"), "合計が1"),
    ],
)
def test_weights_of_focus_areas(given, said):
    problems = weight_problems(given)
    assert bool(problems) == bool(said)
    assert said in "".join(problems)


@pytest.mark.parametrize(("target", "small"), [(None, False), (0, True), (29, True), (30, False)])
def test_a_focus_target_below_thirty_is_small(target, small):
    assert is_small_target(target) is small


def test_one_to_five_areas_each_with_name_and_number():
    assert "1つもありません" in focus_problems([])[0]
    assert "1つもありません" in focus_problems([AreaDraft(1, "承継")])[0]
    areas = [AreaDraft(1, "", target=60), AreaDraft(2, "販路")]
    assert focus_problems(areas) == [
        "重点分野1の名称がありません。",
        "重点分野2の数値目標がありません。",
    ]
    six = [AreaDraft(slot, "分野", target=60) for slot in range(1, 7)]
    assert "5つまで" in focus_problems(six)[0]


@pytest.mark.parametrize(
    ("typed", "value"),
    [("1,200", 1200), ("１，２００", 1200), ("0", 0), ("", None)],
)
def test_targets_as_offices_type_them(typed, value):
    draft = read_plan({"target_CONS": typed}, CODES)
    assert not draft.problems
    assert [target.value for target in draft.targets] == ([] if value is None else [value])


@pytest.mark.parametrize("typed", ["12.9", "1e3", "-5", "▲5", "①", "－", "百", "10000000"])
def test_targets_that_are_no_targets(typed):
    draft = read_plan({"target_CONS": typed}, CODES)
    assert list(draft.problems) == ["target_CONS"]
    assert not draft.targets


@pytest.mark.parametrize(
    ("challenge", "reason", "ok"),
    [
        ("", "", True),
        ("1.00", "", True),
        ("1.05", "新市場", True),
        ("1.1", "新市場", True),
        ("1.10", "", False),
        ("1.07", "新市場", False),
        ("0.9", "新市場", False),
    ],
)
def test_challenge_is_one_of_three_and_has_a_reason(challenge, reason, ok):
    texts = {"target_CONS": "10", "challenge_CONS": challenge, "reason_CONS": reason}
    assert bool(read_plan(texts, CODES).problems) is not ok


def test_a_challenge_without_a_target_is_asked_back():
    draft = read_plan({"challenge_CONS": "1.05", "reason_CONS": "理由"}, CODES)
    assert set(draft.problems) == {"target_CONS", "challenge_CONS", "reason_CONS"}


def figure(name, year, before):
    return {
        "industry": "",
        "label": name,
        "value": 100,
        "unit": "者",
        "as_of": "",
        "year": year,
        "previous_value": None if before is None else 110,
        "previous_year": before,
        "nation": 1000,
        "survey": "調査",
        "source": "",
        "is_sample": False,
    }


@pytest.mark.parametrize(
    ("years", "head", "notes"),
    [
        ((2024, 2024), "令和6年比", ["", ""]),
        ((2024, None), "令和6年比", ["", None]),
        ((2024, 2018), "", ["令和6年比", "平成30年比"]),
        ((None, None), "", [None, None]),
    ],
)
def test_the_year_of_comparison_stands_once_where_all_figures_share_it(years, head, notes):
    table = figure_table([figure("中小企業数", 2025, year) for year in years], "2026-04-01")
    change = next(column for column in table.columns if column.key == "change")
    assert change.unit == head
    assert [getattr(row["change"], "note", None) for row in table.rows] == notes
    assert table.rows[0]["year"] == "令和7年"
