"""Triggers, levels, run-rates, exit, escalation and effect: the rules of evaluation.md 4."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.guidance.rules import (
    CURRENT,
    Earlier,
    Judged,
    Outcome,
    Point,
    Rate,
    Scored,
    Step,
    TriggerKind,
    done_share,
    effect_lines,
    effect_summary,
    exit_met,
    level_of,
    level_sentence,
    meets,
    overall_rate,
    proposed_outcome,
    run_rate,
    steps_reached,
    triggers_of,
    watched_items,
)

D = Decimal
GRADES = [("S", D(90)), ("A", D(80)), ("B", D(65)), ("C", D(50)), ("D", D(0))]
NOW = Judged(
    is_graded=True,
    final=D("82.00"),
    grade="A",
    grades=GRADES,
    scheme_hash="s1",
    limit=D(40),
    names={"FOC": "重点分野", "CHK": "チェックリスト"},
)
LAST = Earlier("令和6年度", is_graded=True, final=D("82.00"), grade="A", scheme_hash="s1")


def found(now: Judged = NOW, before: Earlier | None = LAST, **changed: Any) -> list[TriggerKind]:
    return [row.kind for row in triggers_of(replace(now, **changed), before, CURRENT)]


def test_a_good_hub_has_no_trigger() -> None:
    assert found() == []
    assert found(before=None) == []


@pytest.mark.parametrize(
    ("grade", "before", "kinds"),
    [
        ("D", None, [TriggerKind.LOWEST]),
        ("D", "A", [TriggerKind.LOWEST]),
        ("D", "D", [TriggerKind.LOWEST]),
        ("C", None, []),
        ("C", "B", []),
        ("C", "C", [TriggerKind.LOW_TWICE]),
        ("C", "D", [TriggerKind.LOW_TWICE]),
        ("B", "C", []),
        ("B", "D", []),
        ("S", "S", []),
    ],
)
def test_grades(grade: str, before: str | None, kinds: list[TriggerKind]) -> None:
    earlier = None if before is None else replace(LAST, grade=before)
    assert found(before=earlier, grade=grade) == kinds


def test_an_ungraded_term_before_is_no_low_term() -> None:
    assert found(before=replace(LAST, grade="C", is_graded=False), grade="C") == []


@pytest.mark.parametrize(
    ("before", "now", "falls"),
    [
        ("82.00", "67.00", True),
        ("82.00", "67.01", False),
        ("82.00", "66.99", True),
        ("82.00", "82.00", False),
        ("60.00", "82.00", False),
    ],
)
def test_a_fall_of_fifteen_points(before: str, now: str, falls: bool) -> None:
    kinds = found(before=replace(LAST, final=D(before)), final=D(now))
    assert (TriggerKind.FALL in kinds) == falls


def test_a_fall_under_another_scheme_or_from_an_ungraded_term_is_none() -> None:
    fallen = {"final": D("60.00")}
    assert found(before=replace(LAST, scheme_hash="s2"), **fallen) == []
    assert found(before=replace(LAST, is_graded=False), **fallen) == []
    assert found(before=replace(LAST, final=None), **fallen) == []
    assert found(before=LAST, **fallen) == [TriggerKind.FALL]


@pytest.mark.parametrize(
    ("chance", "is_one"), [(None, False), ("0.49", False), ("0.50", True), ("1", True)]
)
def test_the_chance_of_a_low_score(chance: str | None, is_one: bool) -> None:
    given = None if chance is None else D(chance)
    assert (TriggerKind.CHANCE in found(chance=given)) == is_one


def test_every_low_component_is_one_trigger_with_its_numbers() -> None:
    now = replace(NOW, low={"FOC": D("39.3120"), "CHK": D("37.7777")})
    triggers = triggers_of(now, None, CURRENT)
    assert [row.kind for row in triggers] == [TriggerKind.COMPONENT] * 2
    assert triggers[0].sentence == "「重点分野」が39.31点で、下限の40点を下回っています。"
    assert triggers[0].numbers == {"component": "FOC", "points": "39.3120", "limit": "40"}


def test_rounding_never_says_that_the_limit_was_reached() -> None:
    now = replace(NOW, low={"FOC": D("39.9961")})
    (trigger,) = triggers_of(now, None, CURRENT)
    assert "39.9961点で、下限の40点を下回っています" in trigger.sentence


def test_an_ungraded_hub_is_guided_for_a_finding_only() -> None:
    low = replace(NOW, is_graded=False, grade="", low={"FOC": D(10)}, final=D("20.00"))
    assert found(low) == []
    assert found(low, findings=("急な変化",)) == [TriggerKind.FINDING]


def test_sentences_say_the_numbers() -> None:
    now = replace(NOW, grade="D", final=D("46.87"), chance=D("0.91"), findings=("急な変化",))
    said = "".join(row.sentence for row in triggers_of(now, LAST, CURRENT))
    for words in (
        "総合点46.87点、評語Cの下限は50点",
        "82.00点から46.87点へ、35.13点",
        "0.91",
        "急な変化",
    ):
        assert words in said


@pytest.mark.parametrize(
    ("kinds", "before", "level"),
    [
        ([], 0, 0),
        ([], 2, 0),
        ([TriggerKind.COMPONENT], 0, 1),
        ([TriggerKind.COMPONENT, TriggerKind.COMPONENT], 2, 1),
        ([TriggerKind.FALL], 0, 1),
        ([TriggerKind.CHANCE], 3, 1),
        ([TriggerKind.FINDING], 0, 1),
        ([TriggerKind.LOWEST], 0, 2),
        ([TriggerKind.LOWEST], 1, 2),
        ([TriggerKind.LOW_TWICE, TriggerKind.COMPONENT], 0, 2),
        ([TriggerKind.LOWEST], 2, 3),
        ([TriggerKind.LOW_TWICE], 3, 3),
    ],
)
def test_levels(kinds: list[TriggerKind], before: int, level: int) -> None:
    changes: dict[TriggerKind, dict[str, Any]] = {
        TriggerKind.COMPONENT: {"low": {"FOC": D(30)}},
        TriggerKind.FALL: {"final": D("60.00")},
        TriggerKind.CHANCE: {"chance": D("0.7")},
        TriggerKind.FINDING: {"findings": ("急な変化",)},
        TriggerKind.LOWEST: {"grade": "D"},
        TriggerKind.LOW_TWICE: {"grade": "C"},
    }
    twice = TriggerKind.LOW_TWICE in kinds
    earlier = replace(LAST, level=before, grade="C" if twice else "A")
    changed: dict[str, Any] = {}
    for kind in kinds:
        changed |= changes[kind]
    triggers = triggers_of(replace(NOW, **changed), earlier, CURRENT)
    assert {row.kind for row in triggers} == set(kinds)
    assert level_of(triggers, earlier) == level
    assert level_sentence(level, earlier)


def test_without_a_term_before_nobody_is_special() -> None:
    triggers = triggers_of(replace(NOW, grade="D"), None, CURRENT)
    assert level_of(triggers, None) == 2


def test_the_watched_items_are_the_weak_ones() -> None:
    items = [
        ("IND", "CONS", D("79.9999")),
        ("IND", "VISIT", D(80)),
        ("IND", "SOLVE", None),
        ("FOC", "F1", D(10)),
        ("FOC", "F2", D(100)),
        ("CHK", "C1", D(0)),
    ]
    assert watched_items(items, CURRENT.standard) == ("CONS", "FOC")


def test_nothing_weak_means_all_indicators() -> None:
    items = [("IND", code, D(90)) for code in ("CONS", "VISIT")] + [("FOC", "F1", D(85))]
    assert watched_items(items, CURRENT.standard) == ("CONS", "VISIT")


# --- Checkpoints and exit -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actual", "expected", "rate"),
    [
        (90, "100", "0.9000"),
        (1, "3", "0.3333"),
        (2, "3", "0.6667"),
        (0, "10", "0.0000"),
        (None, "10", None),
        (5, None, None),
        (5, "0", None),
    ],
)
def test_run_rate(actual: int | None, expected: str | None, rate: str | None) -> None:
    got = run_rate(actual, None if expected is None else D(expected))
    assert got == (None if rate is None else D(rate))


def rate(actual: int | None, expected: int = 100) -> Rate:
    return Rate("CONS", "相談対応件数", "件", actual, D(expected), 7)


def test_a_strong_item_does_not_cover_a_weak_one() -> None:
    assert overall_rate([rate(200), rate(80)]) == D("0.9000")
    assert overall_rate([rate(80), rate(None)]) == D("0.8000")
    assert overall_rate([rate(None)]) is None
    assert overall_rate([]) is None


def test_the_share_of_due_actions() -> None:
    assert done_share(0, 0) is None
    assert done_share(3, 2) == D("0.6667")
    assert done_share(5, 4) == D("0.8000")


@pytest.mark.parametrize(
    ("share", "pace", "holds"),
    [
        ("0.8000", "0.9000", True),
        ("0.7999", "0.9000", False),
        ("0.8000", "0.8999", False),
        ("1", "1", True),
        (None, "1", False),
        ("1", None, False),
    ],
)
def test_one_checkpoint(share: str | None, pace: str | None, holds: bool) -> None:
    point = Point(*(None if value is None else D(value) for value in (share, pace)))
    assert meets(point, CURRENT) == holds


GOOD, BAD = Point(D(1), D(1)), Point(D("0.5"), D(1))


@pytest.mark.parametrize(
    ("points", "ends"),
    [
        ([], False),
        ([GOOD], False),
        ([GOOD, GOOD], True),
        ([GOOD, BAD], False),
        ([GOOD, BAD, GOOD], False),
        ([BAD, GOOD, GOOD], True),
        ([GOOD, GOOD, BAD], False),
    ],
)
def test_two_successive_checkpoints_end_it(points: list[Point], ends: bool) -> None:
    assert exit_met(points, CURRENT) == ends


@pytest.mark.parametrize(
    ("points", "level", "next_level", "outcome"),
    [
        ([], 2, None, Outcome.WAIT),
        ([GOOD], 2, None, Outcome.WAIT),
        ([GOOD, GOOD], 2, None, Outcome.RELEASE),
        ([GOOD, GOOD], 2, 3, Outcome.RELEASE),
        ([BAD], 2, 0, Outcome.RELEASE),
        ([BAD], 2, 2, Outcome.CONTINUE),
        ([BAD], 2, 1, Outcome.CONTINUE),
        ([BAD], 1, 2, Outcome.RAISE),
        ([BAD], 2, 3, Outcome.RAISE),
        ([BAD], 3, 3, Outcome.CONTINUE),
    ],
)
def test_the_proposal(
    points: list[Point], level: int, next_level: int | None, outcome: Outcome
) -> None:
    assert proposed_outcome(points, level, next_level, CURRENT) == outcome


# --- Escalation -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "steps"),
    [
        (-1, []),
        (0, []),
        (1, [Step.OWNER]),
        (6, [Step.OWNER]),
        (7, [Step.OWNER, Step.CHIEF]),
        (13, [Step.OWNER, Step.CHIEF]),
        (14, [Step.OWNER, Step.CHIEF, Step.BUREAU]),
        (20, [Step.OWNER, Step.CHIEF, Step.BUREAU]),
        (21, list(Step)),
        (400, list(Step)),
    ],
)
def test_steps(days: int, steps: list[Step]) -> None:
    due = date(2026, 9, 1)
    assert steps_reached(due, due + timedelta(days=days), CURRENT) == steps


# --- Effect ---------------------------------------------------------------------------------------


def scored(code: str, before: str, after: str, level: int = 0, grade: str = "C") -> Scored:
    return Scored(code, f"拠点{code}", grade, D(before), D(after), level)


def test_guided_hubs_stand_beside_similar_ones_without_guidance() -> None:
    hubs = [
        scored("01", "60.00", "70.00", level=2),
        scored("02", "62.00", "66.00"),
        scored("03", "55.00", "61.00"),
        scored("04", "54.99", "99.00"),
        scored("05", "60.00", "99.00", grade="B"),
        scored("06", "61.00", "99.00", level=1),
    ]
    first, second = effect_lines(hubs, CURRENT)
    assert (first.hub.code, first.peers, first.peer_change) == ("01", 2, D("5.00"))
    assert first.difference == D("5.00")
    assert (second.hub.code, second.peers, second.difference) == ("06", 1, D("34.00"))
    summary = effect_summary([first, second])
    assert (summary.guided, summary.compared) == (2, 2)
    assert summary.mean_change == D("24.00")
    assert summary.mean_difference == D("19.50")


def test_without_similar_hubs_nothing_is_compared() -> None:
    lines = effect_lines([scored("01", "30.00", "50.00", level=2)], CURRENT)
    assert (lines[0].peers, lines[0].peer_change, lines[0].difference) == (0, None, None)
    summary = effect_summary(lines)
    assert (summary.mean_change, summary.mean_difference) == (D("20.00"), None)
    assert effect_summary([]).mean_change is None


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 3)), max_size=30))
def test_hubs_that_all_move_alike_show_no_effect(rows: list[tuple[int, int]]) -> None:
    """Pure regression to the mean is no effect: where peers move as far, the difference is 0."""
    hubs = [
        scored(f"{place:02d}", str(before), str(before + 7), level)
        for place, (before, level) in enumerate(rows)
    ]
    for line in effect_lines(hubs, CURRENT):
        assert line.difference in {None, D(0)}
