"""Who may not rate whom: a table, and 5,000 cases against a second way of counting (1.7)."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from evaluation.hearings.rules.interests import (
    ADVISER,
    AUTOMATIC,
    BODY,
    CONTRACTED,
    PREFECTURE,
    GivenScore,
    HubFacts,
    Tie,
    counting,
    interests,
    years_before,
)

HUB = HubFacts(hub_id=4, prefecture="04", body_ids=frozenset({40}))
FIRST, ON = date(2026, 4, 1), date(2026, 11, 20)


CO, ADV = "coordinator", "adviser"


def tie(kind, starts_on, ends_on=None, **more):
    return Tie(kind, starts_on, ends_on, **more)


def day(text):
    return date.fromisoformat(text)


OLD = day("2020-04-01")
TABLE = [
    ("own body, still there", tie("body", OLD, body_id=40), [BODY]),
    ("another body", tie("body", OLD, body_id=41), []),
    ("left the body before", tie("body", OLD, day("2026-03-31"), body_id=40), []),
    ("left it on the first day", tie("body", OLD, FIRST, body_id=40), [BODY]),
    ("joins the body later", tie("body", day("2026-11-21"), body_id=40), []),
    ("ended 3 years ago", tie(CO, OLD, day("2023-11-20"), hub_id=4), [CONTRACTED]),
    ("ended a day earlier", tie(CO, OLD, day("2023-11-19"), hub_id=4), []),
    ("begins after the hearing", tie(CO, day("2026-11-21"), hub_id=4), []),
    ("adviser in the term", tie(ADV, day("2026-05-01"), day("2026-05-31"), hub_id=4), [ADVISER]),
    ("adviser last term", tie(ADV, day("2025-05-01"), day("2026-03-31"), hub_id=4), []),
    ("adviser elsewhere", tie(ADV, day("2026-05-01"), hub_id=5, prefecture="05"), []),
    ("same prefecture", tie(CO, FIRST, hub_id=9, prefecture="04"), [PREFECTURE]),
    ("but last term", tie(CO, OLD, day("2026-03-31"), hub_id=9, prefecture="04"), []),
    ("CC elsewhere", tie(CO, FIRST, hub_id=9, prefecture="05"), []),
]


@pytest.mark.parametrize(("label", "given", "expected"), TABLE, ids=[row[0] for row in TABLE])
def test_what_a_tie_blocks(label, given, expected):
    assert [row.kind for row in interests([given], HUB, first=FIRST, on=ON)] == expected


def test_each_kind_is_named_once_in_the_order_of_the_method():
    ties = [
        tie("adviser", date(2026, 5, 1), hub_id=4),
        tie("coordinator", date(2024, 5, 1), date(2024, 6, 1), hub_id=4, detail="CO"),
        tie("coordinator", date(2025, 5, 1), hub_id=4, detail="CC"),
        tie("body", date(2020, 4, 1), body_id=40),
    ]
    found = interests(ties, HUB, first=FIRST, on=ON)
    assert [(row.kind, row.detail) for row in found] == [
        (BODY, ""),
        (CONTRACTED, "CO"),
        (ADVISER, ""),
    ]


def test_an_unknown_tie_is_a_fault_of_the_caller():
    with pytest.raises(ValueError, match="friend"):
        interests([tie("friend", FIRST)], HUB, first=FIRST, on=ON)


def test_three_years_before_the_leap_day():
    assert years_before(date(2028, 2, 29), 3) == date(2025, 2, 28)
    assert years_before(date(2028, 2, 29), 4) == date(2024, 2, 29)


def test_the_second_score_counts_and_a_blank_is_no_score():
    given = [
        GivenScore(1, 10, 2, 3),
        GivenScore(1, 10, 1, 0),
        GivenScore(2, 10, 1, 4),
        GivenScore(2, 10, 2, None),
        GivenScore(3, 10, 1, None),
    ]
    assert counting(given, interested=set(), signed={1, 2, 3}) == {10: {1: 3, 2: 4}}


def test_nothing_counts_without_a_declaration():
    given = [GivenScore(1, 10, 1, 3), GivenScore(2, 10, 1, 2)]
    assert counting(given, interested=set(), signed={2}) == {10: {2: 2}}


# --- 5,000 cases -----------------------------------------------------------------------------


@dataclass
class Case:
    """Random people with ties and declarations around one hub, and what they scored."""

    ties: dict[int, list[Tie]]
    signed: set[int]
    declared_at: dict[int, int]
    scores: list[tuple[int, GivenScore]]


def _day(dice: random.Random) -> date:
    return date(2022, 1, 1) + timedelta(days=dice.randrange(1_900))


def _tie(dice: random.Random) -> Tie:
    starts = _day(dice)
    ends = None if dice.random() < 0.3 else starts + timedelta(days=dice.randrange(900))
    kind = dice.choice(("body", "coordinator", "adviser"))
    return Tie(
        kind,
        starts,
        ends,
        hub_id=dice.choice((4, 5, 9)) if kind != "body" else None,
        body_id=dice.choice((40, 41)) if kind == "body" else None,
        prefecture=dice.choice(("04", "05")),
    )


def make_case(seed: int) -> Case:
    dice = random.Random(seed)  # noqa: S311 (a generator with a seed, no secret)
    people = range(1, dice.randrange(2, 7))
    ties = {one: [_tie(dice) for _ in range(dice.randrange(3))] for one in people}
    signed = {one for one in people if dice.random() < 0.9}
    # The moment of a declared interest: before, between and after the scores (moments 0 to 99).
    declared = {one: dice.randrange(100) for one in people if dice.random() < 0.35}
    scores = [
        (
            dice.randrange(100),
            GivenScore(one, item, turn, dice.choice((None, 0, 1, 2, 3, 4))),
        )
        for one in people
        for item in range(3)
        for turn in (1, 2)
        if dice.random() < 0.6
    ]
    return Case(ties, signed, declared, scores)


def has_interest(case: Case, one: int) -> bool:
    """A second way to say it, day by day instead of by periods."""
    if one in case.declared_at:
        return True
    for row in case.ties[one]:
        held = {
            day
            for offset in range(4 * 366)
            if (day := ON - timedelta(days=offset)) >= row.starts_on
            and (row.ends_on is None or day <= row.ends_on)
        }
        in_term = any(FIRST <= day <= ON for day in held)
        if row.kind == "body" and row.body_id == 40 and in_term:
            return True
        if row.kind == "adviser" and row.hub_id == 4 and in_term:
            return True
        if (
            row.kind == "coordinator"
            and row.hub_id == 4
            and any(d >= date(2023, 11, 20) for d in held)
        ):
            return True
        if row.kind == "coordinator" and row.hub_id != 4 and row.prefecture == "04" and in_term:
            return True
    return False


def barred_at(case: Case, moment: int) -> set[int]:
    """Whom the rules bar once everything up to a moment is known."""
    found = {one for one, ties in case.ties.items() if interests(ties, HUB, first=FIRST, on=ON)}
    return found | {one for one, at in case.declared_at.items() if at <= moment}


@pytest.mark.once
def test_no_interested_raters_score_ever_counts_in_5000_cases():
    met = dict.fromkeys(("interested", "declared later", "unsigned", "counted"), 0)
    kinds = dict.fromkeys(AUTOMATIC, 0)
    for seed in range(5_000):
        case = make_case(seed)
        truth = {one for one in case.ties if has_interest(case, one)}
        assert barred_at(case, 100) == truth, seed
        for ties in case.ties.values():
            for row in interests(ties, HUB, first=FIRST, on=ON):
                kinds[row.kind] += 1
        given = [score for _, score in case.scores]
        found = counting(given, interested=barred_at(case, 100), signed=case.signed)
        raters = {one for scores in found.values() for one in scores}
        assert not raters & truth, seed
        assert raters <= case.signed, seed
        # Everybody else's last score is there: setting one aside takes nothing from the others.
        for one in case.signed - truth:
            for item in range(3):
                own = sorted(
                    (score.round, score.score)
                    for score in given
                    if score.evaluator == one and score.item == item and score.score is not None
                )
                assert found.get(item, {}).get(one) == (own[-1][1] if own else None), seed
        later = {
            score.evaluator
            for at, score in case.scores
            if case.declared_at.get(score.evaluator, -1) > at
        }
        met["interested"] += len(truth)
        met["declared later"] += len(later)
        met["unsigned"] += len(set(case.ties) - case.signed)
        met["counted"] += sum(map(len, found.values()))
    assert min(met.values()) > 1_000, met
    assert min(kinds.values()) > 100, kinds
