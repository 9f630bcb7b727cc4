"""Three people score one hearing in the same moment and lose nothing (PostgreSQL)."""

import pytest

from evaluation.hearings import operations
from evaluation.hearings.models import HearingState, PanelMember, PanelRating
from evaluation.hearings.operations import Mark, RatingConflict
from tests.at_once import at_once
from tests.evaluation.hearings.panel_ground import PANEL, scoring
from yorozu.core.audit.operations import verify_chain
from yorozu.core.errors import Conflict

pytestmark = [
    pytest.mark.services,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("hearing_day"),
]
ROUNDS = 12


def test_three_members_autosave_at_once_and_every_text_is_kept(cast):
    stand = scoring(cast)

    def write(key):
        actor = stand.actor(key).scope

        def go():
            for item in ("C1", "U1"):
                for number in range(ROUNDS):
                    mark = Mark(item, str(number % 5), f"{key}の{number}", number)
                    operations.save_mark(actor, hearing=stand.fresh(), mark=mark)

        return go

    assert at_once(*(write(key) for key in PANEL)) == []
    rows = PanelRating.objects.filter(member__hearing=stand.hearing)
    assert rows.count() == 6
    for key in PANEL:
        own = rows.filter(member=stand.members[key])
        assert {(row.comment, row.version) for row in own} == {(f"{key}の{ROUNDS - 1}", ROUNDS)}
    assert verify_chain() == []


def test_two_windows_of_one_member_one_is_told(cast):
    stand = scoring(cast)
    actor = cast.board.scope

    def write(text):
        def go():
            mark = Mark("C1", "3", text, 0)
            operations.save_mark(actor, hearing=stand.fresh(), mark=mark)

        return go

    raised = at_once(*(write(f"窓{number}") for number in range(4)))
    assert [type(error) for error in raised] == [RatingConflict] * 3
    (kept,) = PanelRating.objects.filter(member=stand.members["board"])
    assert {error.rating.comment for error in raised} == {kept.comment}


def test_three_locks_at_once_open_the_scores_exactly_once(cast):
    stand = scoring(cast)
    for key in PANEL:
        for item in ("C1", "U1"):
            stand.mark(key, item, 2)

    def lock(key):
        actor = stand.actor(key).scope
        return lambda: (operations.lock_scores(actor, hearing=stand.fresh()), None)[1]

    assert at_once(*(lock(key) for key in PANEL)) == []
    assert stand.fresh().state == HearingState.RECONCILING
    assert not PanelMember.objects.filter(hearing=stand.hearing, locked_at=None).exists()


def test_a_second_lock_at_the_same_moment_is_told(cast):
    stand = scoring(cast)
    for item in ("C1", "U1"):
        stand.mark("board", item, 2)
    actor = cast.board.scope

    def lock():
        operations.lock_scores(actor, hearing=stand.fresh())

    assert [type(error) for error in at_once(lock, lock)] == [Conflict]
