"""Random panels through the database: no interested rater's score ever counts, nor enters a book.

The pure rule is asked 5,000 times in test_interest_rules; here a seeded walk takes the same
question through operations, triggers and the evidence book.
"""

import random
from datetime import date

import pytest
from django.db import DatabaseError, transaction

from evaluation.evidence.hearing_part import hearing_part
from evaluation.evidence.stock import Facts
from evaluation.hearings import operations
from evaluation.hearings.flow.scores import board_of
from evaluation.hearings.models import (
    ChecklistResponse,
    ConflictBlock,
    HearingState,
    PanelRating,
)
from evaluation.hearings.operations import DeclaredInterest
from tests.evaluation.hearings.panel_ground import PANEL, scoring
from yorozu.core.errors import UserError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hearing_day")]
WALKS, STEPS = 25, 14


def step(dice, stand, barred):
    """One random act of one random member; what is refused is refused with a reason."""
    key = dice.choice(PANEL)
    actor = stand.actor(key).scope
    act = dice.choices(("mark", "lock", "declare", "waive", "settle"), (8, 4, 1, 1, 1))[0]
    try:
        if act == "mark":
            held = PanelRating.objects.filter(member=stand.members[key]).order_by("-round").first()
            version = held.version if held is not None else 0
            stand.mark(key, dice.choice(("C1", "U1")), dice.randrange(5), version=version)
        elif act == "lock":
            operations.lock_scores(actor, hearing=stand.fresh())
        elif act == "declare":
            said = DeclaredInterest(stand.hearing.hub_id, dice.choice(("relative", "other")), "縁")
            made = operations.declare_interest(actor, term=stand.term, said=[said])
            barred[key] |= {block.kind for block in made}
        elif act == "waive" and barred[key]:
            kind = min(barred[key])
            operations.waive_block(
                stand.cast.hq.scope,
                evaluator=stand.evaluators[key],
                hub=stand.hearing.hub,
                kind=kind,
                reason="誤りと確認",
            )
            barred[key] -= {kind}
        elif act == "settle":
            operations.settle_hearing(actor, hearing=stand.fresh())
    except UserError:
        return f"{act}-"
    return act


def check(stand, barred):
    """Nothing of a barred member counts anywhere, and the table takes nothing more from one."""
    board = board_of(stand.fresh())
    out = {stand.members[key].pk for key in PANEL if barred[key]}
    assert not {pk for scores in board.final.values() for pk in scores} & out
    facts = Facts(stand.term, [stand.hearing.hub], date(2027, 3, 31))
    part = hearing_part(facts.hearings[stand.hearing.hub_id], facts)
    names = {stand.evaluators[key].name for key in PANEL if barred[key]}
    told = {row["evaluator"] for item in part["items"] for row in item["ratings"]}
    assert not told & names
    for key in PANEL:
        if barred[key]:
            response = ChecklistResponse.objects.filter(hearing=stand.hearing).first()
            with pytest.raises(DatabaseError), transaction.atomic():
                PanelRating.objects.create(
                    member=stand.members[key], response=response, round=2, score=4
                )
    return bool(told)


def test_random_walks_never_count_an_interested_rater(cast):
    stand = scoring(cast)
    met: dict[str, int] = {}
    told = set_aside = 0
    for seed in range(WALKS):
        dice = random.Random(seed)  # noqa: S311 (a generator with a seed, no secret)
        point = transaction.savepoint()
        barred: dict[str, set[str]] = {key: set() for key in PANEL}
        if seed % 2:
            # Half of the walks begin where everybody has given and locked the first scores.
            for key in PANEL:
                stand.give(key, {"C1": dice.randrange(5), "U1": dice.randrange(5)})
        for _ in range(STEPS):
            name = step(dice, stand, barred)
            met[name] = met.get(name, 0) + 1
        told += check(stand, barred)
        set_aside += any(barred.values())
        transaction.savepoint_rollback(point)
    assert ConflictBlock.objects.count() == 0, "a walk was not taken back"
    assert stand.fresh().state == HearingState.SCORING
    assert min(met.get(name, 0) for name in ("mark", "lock", "declare", "waive")) > 3, met
    assert set_aside > WALKS // 3
    assert told >= 0
