"""What the rules refuse, the database refuses too: ways around the operations, table by table."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from evaluation.hearings import operations
from evaluation.hearings.models import (
    ChecklistResponse,
    ConflictBlock,
    ConflictDeclaration,
    ConflictWaiver,
    Hearing,
    HearingEvidence,
    InitiativeFile,
    NotApplicableProposal,
    OwnInitiative,
    PanelMember,
    PanelRating,
    Rating,
)
from evaluation.hearings.operations import DeclaredInterest
from hubs.network.models import Hub
from tests.evaluation.hearings.panel_ground import (
    compared,
    enter,
    prepared,
    scheduled,
    scoring,
    seat,
    settled,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hearing_day")]


def refused(word, act):
    """The act is refused by the database with these words, and leaves the transaction usable."""
    with pytest.raises(DatabaseError, match=word), transaction.atomic():
        act()


def sql(statement, *params):
    """Raw SQL, past every guard of Python."""

    def run():
        with connection.cursor() as cursor:
            cursor.execute(statement, params)

    return run


def rating(stand, key, **more):
    """A score not yet stored."""
    response = ChecklistResponse.objects.filter(hearing=stand.hearing).order_by("pk").first()
    values = {"member": stand.members[key], "response": response, "round": 1, "score": 3}
    return PanelRating(**{**values, **more})


def declare(stand, key):
    operations.declare_interest(
        stand.cast.actors[key].scope,
        term=stand.term,
        said=[DeclaredInterest(stand.hearing.hub_id, "relative", "親族")],
    )


def test_no_way_writes_a_score_of_a_barred_member(cast):
    stand = scoring(cast)
    kept = stand.mark("board", "C1", 3)
    declare(stand, "board")
    word = "利益相反のある評価者"
    refused(word, lambda: rating(stand, "board", response=_item(stand, "U1")).save())
    refused(
        word,
        lambda: PanelRating.objects.bulk_create(
            [rating(stand, "board", response=_item(stand, "U1"))]
        ),
    )
    refused(word, lambda: PanelRating.objects.filter(pk=kept.pk).update(score=4))
    refused(word, sql("UPDATE evaluation_panelrating SET score = 4 WHERE id = %s", kept.pk))
    refused(
        word,
        lambda: PanelRating.objects.update_or_create(
            pk=kept.pk, defaults={"score": 0, "comment": "x"}
        ),
    )
    # Nor does moving another member's score to him, or his to another.
    other = stand.mark("hq_second", "C1", 2)
    refused(
        f"{word}|この段階",
        lambda: PanelRating.objects.filter(pk=other.pk).update(
            member=stand.members["board"], response=_item(stand, "U1")
        ),
    )
    refused("削除できません", kept.delete)
    refused("削除できません", sql("DELETE FROM evaluation_panelrating WHERE id = %s", kept.pk))
    kept.refresh_from_db()
    assert kept.score == 3


def _item(stand, code):
    return ChecklistResponse.objects.get(hearing=stand.hearing, item__code=code)


def test_no_score_without_a_declaration(cast):
    stand = scoring(cast)
    enter(stand, "hq", signed=False)
    seat(stand, "hq")
    refused("宣誓をしていない", lambda: rating(stand, "hq").save())
    operations.sign_declaration(cast.hq.scope, term=stand.term)
    rating(stand, "hq").save()


def test_no_seat_for_a_barred_person(cast):
    stand = prepared(cast)
    one = enter(stand, "hq")
    ConflictBlock.objects.create(
        evaluator=one, hub=stand.hearing.hub, kind="other", found_by_name="試験"
    )
    refused(
        "パネルに加えられません",
        lambda: PanelMember.objects.create(
            hearing=stand.hearing, evaluator=one, seated_by_name="試験"
        ),
    )
    # A block of another hub does not matter, and a waived one no more.
    ConflictWaiver.objects.create(
        block=ConflictBlock.objects.get(evaluator=one), reason="別人", waived_by_name="試験"
    )
    PanelMember.objects.create(hearing=stand.hearing, evaluator=one, seated_by_name="試験")


def test_first_scores_are_closed_before_scoring_after_the_lock_and_across_hearings(cast):
    early = scheduled(cast)
    response = ChecklistResponse.objects.create(
        hearing=early.hearing, item=early.checklist.items.first()
    )
    refused("この段階では", lambda: rating(early, "board", response=response).save())
    response.delete()
    operations.open_scoring(cast.hq_second.scope, hearing=early.fresh())
    early.give("board", {"C1": 3, "U1": 2})
    mine = PanelRating.objects.filter(member=early.members["board"]).first()
    refused("この段階では", lambda: PanelRating.objects.filter(pk=mine.pk).update(score=0))
    refused("この段階では", lambda: rating(early, "board", round=2).save())
    refused(
        "変更できません",
        lambda: PanelMember.objects.filter(locked_at__isnull=False).update(locked_at=None),
    )
    other = Hearing.objects.get(term=early.term, hub__code="05")
    foreign = ChecklistResponse.objects.create(hearing=other, item=early.checklist.items.first())
    refused("この段階では", lambda: rating(early, "hq_second", response=foreign).save())


def test_second_scores_only_while_the_panel_talks(cast):
    stand = compared(cast)
    refused("この段階では", lambda: rating(stand, "board", round=1, score=0).save())
    assert rating(stand, "board", round=2).save() is None


def test_a_settled_hearing_stands(cast):
    stand = compared(cast)
    operations.add_evidence(
        cast.board.scope,
        hearing=stand.fresh(),
        item="C1",
        proof=operations.Proof("同席", sat_in_on=stand.fresh().held_on),
    )
    proposal = operations.propose_not_applicable(
        cast.board.scope, hearing=stand.fresh(), item="U1", reason="なし"
    )
    operations.decide_not_applicable(cast.hq.scope, proposal=proposal, approve=False)
    operations.settle_hearing(cast.hq_second.scope, hearing=stand.fresh())
    done = "確定したヒアリング"
    pk = stand.hearing.pk
    for name, value in (("state", "scoring"), ("place", "別"), ("held_on", None), ("version", 9)):
        refused(done, lambda n=name, v=value: Hearing.objects.filter(pk=pk).update(**{n: v}))
    refused(done, sql("UPDATE evaluation_hearing SET settled_by_name = 'x' WHERE id = %s", pk))
    refused("削除できません", sql("DELETE FROM evaluation_hearing WHERE id = %s", pk))
    response = _item(stand, "C1")
    refused(
        done, lambda: ChecklistResponse.objects.filter(pk=response.pk).update(has_evidence=False)
    )
    refused(done, sql("DELETE FROM evaluation_checklistresponse WHERE id = %s", response.pk))
    refused("この段階では", lambda: rating(stand, "board", round=2).save())
    refused(
        "この段階では",
        sql("UPDATE evaluation_panelrating SET comment = 'x' WHERE response_id = %s", response.pk),
    )
    refused(done, lambda: PanelMember.objects.filter(hearing=pk).update(role="member"))
    refused(done, lambda: HearingEvidence.objects.filter(response=response).delete())
    refused(done, lambda: HearingEvidence.objects.filter(response=response).update(title="x"))
    refused(
        done,
        lambda: HearingEvidence.objects.create(
            response=response, kind="sit_in", title="後", sat_in_on=stand.fresh().held_on
        ),
    )
    refused(
        f"{done}|判断した",
        lambda: NotApplicableProposal.objects.filter(pk=proposal.pk).update(reason="x"),
    )
    refused(
        done,
        lambda: NotApplicableProposal.objects.create(
            response=response, reason="後", proposed_by_name="x"
        ),
    )


def test_a_hearing_does_not_go_forward_with_too_few_who_count(cast):
    stand = compared(cast)
    declare(stand, "board")
    word = "3人以上そろっていない"
    refused(word, lambda: Hearing.objects.filter(pk=stand.hearing.pk).update(state="settled"))
    other = prepared(cast, "05", term=stand.term, panel=("hq_second", "bureau_tohoku"))
    refused(word, lambda: Hearing.objects.filter(pk=other.hearing.pk).update(state="scoring"))


def test_declarations_blocks_and_waivers_are_only_added(cast):
    stand = prepared(cast)
    block = ConflictBlock.objects.create(
        evaluator=stand.evaluators["board"],
        hub=Hub.objects.get(code="13"),
        kind="other",
        found_by_name="試験",
    )
    waiver = ConflictWaiver.objects.create(block=block, reason="別人", waived_by_name="試験")
    signed = ConflictDeclaration.objects.get(evaluator=stand.evaluators["board"])
    for model, pk, column in (
        (ConflictDeclaration, signed.pk, "text"),
        (ConflictBlock, block.pk, "detail"),
        (ConflictWaiver, waiver.pk, "reason"),
    ):
        rows = model.objects.filter(pk=pk)
        table = model._meta.db_table
        refused("できません", lambda r=rows, c=column: r.update(**{c: "x"}))
        refused("できません", sql(f"DELETE FROM {table} WHERE id = %s", pk))  # noqa: S608
        refused("できません", sql(f"UPDATE {table} SET {column} = 'x' WHERE id = %s", pk))  # noqa: S608


def test_own_initiatives_stand_once_scoring_has_begun(cast):
    stand = scheduled(cast)
    row = OwnInitiative.objects.create(
        hub=stand.hearing.hub, term=stand.term, order=1, title="夜間相談"
    )
    file = InitiativeFile.objects.create(
        initiative=row, name="a.txt", path="x", sha256="0" * 64, size=1, added_by_name="x"
    )
    operations.open_scoring(cast.hq_second.scope, hearing=stand.fresh())
    word = "独自の取組は変更できません"
    refused(word, lambda: OwnInitiative.objects.filter(pk=row.pk).update(title="後"))
    refused(word, sql("DELETE FROM evaluation_initiativefile WHERE id = %s", file.pk))
    refused(word, lambda: InitiativeFile.objects.filter(pk=file.pk).update(name="後"))
    refused(word, lambda: OwnInitiative.objects.create(hub=row.hub, term=row.term, order=2))
    refused(
        word,
        lambda: InitiativeFile.objects.create(
            initiative=row, name="b", path="y", sha256="0" * 64, size=1, added_by_name="x"
        ),
    )


def test_the_fourth_initiative_and_a_score_of_five_are_refused(cast):
    stand = scoring(cast)
    refused(
        "three_initiatives_at_most|CHECK",
        lambda: OwnInitiative.objects.create(
            hub=Hub.objects.get(code="13"), term=stand.term, order=4
        ),
    )
    refused("panel_score_0_to_4|CHECK", lambda: rating(stand, "board", score=5).save())
    refused("panel_round_1_or_2|CHECK|この段階", lambda: rating(stand, "board", round=3).save())


def test_a_proposal_is_never_decided_by_its_author(cast):
    stand = scoring(cast)
    proposal = operations.propose_not_applicable(
        cast.board.scope, hearing=stand.fresh(), item="C1", reason="なし"
    )
    rows = NotApplicableProposal.objects.filter(pk=proposal.pk)
    refused(
        "proposal_decided_by_another|CHECK",
        lambda: rows.update(state="approved", decided_by=cast.board.user),
    )
    operations.decide_not_applicable(cast.hq.scope, proposal=proposal, approve=False)
    refused("判断した", lambda: rows.update(state="approved"))
    refused("削除できません", rows.delete)


def test_a_file_brings_no_scores_into_a_panel(cast):
    stand = scoring(cast)
    refused(
        "取り込めません",
        lambda: Rating.objects.create(
            response=_item(stand, "C1"),
            evaluator_name="誰か",
            evaluator_organization="どこか",
            score=4,
        ),
    )


@pytest.mark.parametrize("make", [scheduled, scoring, compared, settled])
def test_one_chair_and_one_seat_a_person(cast, make):
    stand = make(cast)
    members = PanelMember.objects.filter(hearing=stand.hearing)
    assert members.filter(role="chair").count() == 1
    refused(
        "one_chair|one_seat|UNIQUE|確定した",
        lambda: PanelMember.objects.create(
            hearing=stand.hearing, evaluator=stand.evaluators["board"], seated_by_name="x"
        ),
    )
    refused("one_chair|UNIQUE|確定した", lambda: members.update(role="chair"))


def test_times_run_forward_in_the_table_too(cast):
    stand = scheduled(cast)
    refused(
        "hearing_ends_after_start|CHECK",
        lambda: Hearing.objects.filter(pk=stand.hearing.pk).update(
            ends_at=stand.fresh().starts_at - timedelta(minutes=1)
        ),
    )
