"""A hearing from its planning to its closing, through the operations (evaluation.md 1.6, 1.7)."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from evaluation.evidence.hearing_part import hearing_part
from evaluation.evidence.queries import collect
from evaluation.evidence.stock import Facts
from evaluation.hearings import operations
from evaluation.hearings.flow.scores import board_of
from evaluation.hearings.models import (
    ChecklistResponse,
    ConflictBlock,
    Hearing,
    HearingState,
    PanelMember,
    PanelRating,
    PanelRole,
)
from evaluation.hearings.operations import (
    Appointment,
    DeclaredInterest,
    Mark,
    Proof,
    RatingConflict,
)
from evaluation.hearings.queries.scoring import score_page
from hubs.network.models import Hub, ImplementingBody, Membership
from hubs.people.models import Engagement, Person
from hubs.people.rules import name_key
from tests.evaluation.hearings.panel_ground import (
    AGREED,
    END,
    PANEL,
    START,
    TOKYO,
    compared,
    enter,
    prepared,
    scheduled,
    scoring,
    seat,
    settled,
)
from yorozu.core.access import Role
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Refused
from yorozu.core.notices.models import Notice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hearing_day")]


def texts(error):
    return "／".join(item.text for item in error.value.missing)


# --- planning ---------------------------------------------------------------------------------


def test_every_hub_gets_one_hearing_and_only_once(cast):
    stand = prepared(cast)
    assert Hearing.objects.filter(term=stand.term).count() == 47
    assert operations.prepare_hearings(cast.hq.scope, term=stand.term) == 0


@pytest.mark.parametrize("key", ["agency", "bureau_kanto", "board", "cc_tokyo", "admin", "auditor"])
def test_only_hq_plans(cast, key):
    stand = prepared(cast)
    actor = cast.actors[key].scope
    with pytest.raises(Refused):
        operations.prepare_hearings(actor, term=stand.term)
    with pytest.raises(Refused):
        operations.schedule_hearing(actor, hearing=stand.fresh())
    with pytest.raises(Refused):
        operations.seat_evaluator(
            actor, hearing=stand.fresh(), evaluator=stand.evaluators["board"], role="member"
        )


def test_scheduling_names_everything_that_is_lacking(cast):
    stand = prepared(cast, panel=("hq_second", "bureau_tohoku"))
    with pytest.raises(NotReady) as error:
        operations.schedule_hearing(cast.hq.scope, hearing=stand.fresh())
    assert "日時" in texts(error)
    assert "場所" in texts(error)
    assert "3人以上" in texts(error)


def test_scheduling_tells_members_and_hub(cast):
    stand = scheduled(cast)
    assert stand.fresh().state == HearingState.SCHEDULED
    told = set(Notice.objects.filter(key__contains=":schedule:").values_list("user_id", flat=True))
    assert told == {cast.actors[key].user.pk for key in PANEL}
    hub = Notice.objects.get(key__startswith="hearings:hub:")
    assert hub.user_id == cast.cc_miyagi.user.pk
    assert "独自の取組を令和8年11月13日までに" in hub.text


def test_times_must_run_forward_and_a_late_writer_is_told(cast):
    stand = prepared(cast)
    hq = cast.hq.scope
    with pytest.raises(InvalidInput, match="終了時刻"):
        operations.set_appointment(
            hq, hearing=stand.hearing, wanted=Appointment(END, START, "仙台"), version=0
        )
    with pytest.raises(InvalidInput, match="提出期限"):
        operations.set_appointment(
            hq,
            hearing=stand.hearing,
            wanted=Appointment(START, END, "仙台", START + timedelta(days=1)),
            version=0,
        )
    operations.set_appointment(
        hq, hearing=stand.hearing, wanted=Appointment(START, END, "仙台"), version=0
    )
    with pytest.raises(Conflict, match="先に"):
        operations.set_appointment(
            hq, hearing=stand.hearing, wanted=Appointment(START, END, "盛岡"), version=0
        )


def test_nobody_sits_in_two_hearings_at_the_same_time(cast):
    stand = scheduled(cast)
    other = prepared(cast, "05", term=stand.term)
    operations.set_appointment(
        cast.hq.scope,
        hearing=other.fresh(),
        wanted=Appointment(END - timedelta(minutes=1), END + timedelta(hours=1), "秋田"),
        version=0,
    )
    with pytest.raises(NotReady) as error:
        operations.schedule_hearing(cast.hq.scope, hearing=other.fresh())
    assert "同じ時間に宮城県よろず支援拠点" in texts(error).replace("宮城よろず", "宮城県よろず")
    operations.set_appointment(
        cast.hq.scope,
        hearing=other.fresh(),
        wanted=Appointment(END, END + timedelta(hours=1), "秋田"),
        version=1,
    )
    assert operations.schedule_hearing(cast.hq.scope, hearing=other.fresh()).state == "scheduled"


def test_going_back_needs_a_reason_and_opens_the_plan_again(cast):
    stand = scheduled(cast)
    with pytest.raises(NotReady, match="理由"):
        operations.unschedule_hearing(cast.hq.scope, hearing=stand.fresh(), reason=" ")
    moved = operations.unschedule_hearing(cast.hq.scope, hearing=stand.fresh(), reason="大雪のため")
    assert moved.state == HearingState.PREPARING
    told = dict(Notice.objects.filter(key__contains=":unschedule:").values_list("user_id", "url"))
    assert told[cast.board.user.pk] == reverse("hearing_desk")
    hub_page = reverse("initiatives", args=[2026, "04"])
    assert {url for user, url in told.items() if user not in _panel_users(stand)} == {hub_page}


def _panel_users(stand):
    return {member.evaluator.user_id for member in stand.members.values()}


def test_a_chair_from_the_board_is_led_to_the_seat(cast):
    stand = scoring(cast)
    operations.appoint_chair(cast.hq.scope, member=stand.members["board"])
    operations.declare_interest(
        stand.actor("bureau_tohoku").scope,
        term=stand.term,
        said=[DeclaredInterest(stand.hearing.hub_id, "relative", "親族が転職してきた")],
    )
    told = dict(Notice.objects.filter(key__contains=":block:").values_list("user_id", "url"))
    assert told[cast.board.user.pk] == reverse("hearing_score", args=[stand.hearing.pk])
    assert told[cast.hq.user.pk] == reverse("hearing_hub", args=[2026, "04"])


# --- interests --------------------------------------------------------------------------------


def _body_member(cast, user):
    body = ImplementingBody.objects.get(contracts__hub__code="04", contracts__fiscal_year=2026)
    Membership.objects.create(
        user=user, role=Role.IMPLEMENTING_BODY, implementing_body=body, valid_from=date(2026, 4, 1)
    )


def _contracted(cast, user):
    person = Person.objects.create(name=user.name, name_key=name_key(user.name))
    Engagement.objects.create(
        person=person,
        hub=Hub.objects.get(code="04"),
        role="CO",
        starts_on=date(2022, 4, 1),
        ends_on=date(2024, 3, 31),
    )


def _adviser(cast, user):
    row = Membership.objects.create(
        user=user, role=Role.PROJECT_MANAGER, valid_from=date(2026, 4, 1), valid_to=date(2026, 6, 1)
    )
    row.assigned_hubs.set([Hub.objects.get(code="04")])


@pytest.mark.parametrize(
    ("tie", "word"),
    [
        (_body_member, "実施機関の役職員"),
        (_contracted, "過去3年以内の契約"),
        (_adviser, "期中の助言"),
    ],
)
def test_a_person_with_an_interest_gets_no_seat_and_the_block_stays(cast, tie, word):
    stand = prepared(cast, panel=("hq_second", "bureau_tohoku"))
    tie(cast, cast.board.user)
    enter(stand, "board")
    with pytest.raises(Refused, match=word):
        seat(stand, "board")
    block = ConflictBlock.objects.get(evaluator=stand.evaluators["board"])
    assert word in block.reason
    assert AuditEvent.objects.filter(action="evaluation.hearings.block").count() == 1
    assert not PanelMember.objects.filter(evaluator=stand.evaluators["board"]).exists()


def test_hq_waives_a_block_with_a_reason_but_never_its_own(cast):
    stand = prepared(cast, panel=("hq_second", "bureau_tohoku"))
    _contracted(cast, cast.board.user)
    enter(stand, "board")
    with pytest.raises(Refused):
        seat(stand, "board")
    hub = stand.hearing.hub
    given = {"evaluator": stand.evaluators["board"], "hub": hub, "kind": "contracted"}
    for key in ("agency", "board", "bureau_tohoku", "admin"):
        with pytest.raises(Refused):
            operations.waive_block(cast.actors[key].scope, **given, reason="同姓同名の別人")
    with pytest.raises(InvalidInput, match="理由"):
        operations.waive_block(cast.hq.scope, **given, reason=" ")
    operations.waive_block(cast.hq.scope, **given, reason="同姓同名の別人と確認したため")
    with pytest.raises(Conflict, match="すでに"):
        operations.waive_block(cast.hq.scope, **given, reason="もう一度")
    assert seat(stand, "board").pk
    _contracted(cast, cast.hq.user)
    enter(stand, "hq")
    with pytest.raises(Refused):
        seat(stand, "hq")
    with pytest.raises(Refused, match="自分の制限"):
        operations.waive_block(
            cast.hq.scope,
            evaluator=stand.evaluators["hq"],
            hub=hub,
            kind="contracted",
            reason="よい",
        )


def test_the_declaration_is_signed_once_and_its_interests_block(cast):
    stand = prepared(cast, panel=("hq_second", "bureau_tohoku"))
    enter(stand, "board", signed=False)
    said = [DeclaredInterest(stand.hearing.hub_id, "relative", "三親等の親族が勤務")]
    with pytest.raises(InvalidInput, match="関係"):
        operations.sign_declaration(
            cast.board.scope,
            term=stand.term,
            said=[DeclaredInterest(stand.hearing.hub_id, "contracted", "x")],
        )
    operations.sign_declaration(cast.board.scope, term=stand.term, said=said)
    with pytest.raises(Conflict, match="済んで"):
        operations.sign_declaration(cast.board.scope, term=stand.term)
    with pytest.raises(Refused, match="親族"):
        seat(stand, "board")


def test_who_is_not_on_the_list_cannot_sign(cast):
    stand = prepared(cast)
    with pytest.raises(Refused, match="登録されていません"):
        operations.sign_declaration(cast.pm_kanto.scope, term=stand.term)
    with pytest.raises(InvalidInput, match="役割"):
        operations.add_evaluator(cast.hq.scope, term=stand.term, user_id=cast.cc_tokyo.user.pk)


# --- scoring ----------------------------------------------------------------------------------


def test_scoring_begins_on_the_day_by_chair_or_hq(cast, monkeypatch):
    stand = scheduled(cast)
    with pytest.raises(NotReady) as error:
        operations.open_scoring(cast.board.scope, hearing=stand.fresh())
    assert "主査" in texts(error)
    before = datetime(2026, 11, 19, 23, 59, tzinfo=TOKYO)
    with monkeypatch.context() as patch:
        patch.setattr("yorozu.core.clock.now", lambda: before)
        with pytest.raises(NotReady) as error:
            operations.open_scoring(cast.hq_second.scope, hearing=stand.fresh())
    assert "日より前" in texts(error)
    # The day is the one in the table, also for a caller who holds the hearing as it was before.
    monkeypatch.setattr("yorozu.core.clock.now", lambda: before + timedelta(days=3))
    moved = operations.open_scoring(cast.hq_second.scope, hearing=stand.hearing)
    assert moved.state == HearingState.SCORING
    assert moved.held_on == date(2026, 11, 20)
    assert ChecklistResponse.objects.filter(hearing=moved).count() == 2


def test_scoring_waits_for_every_declaration(cast):
    stand = prepared(cast, panel=("hq_second", "bureau_tohoku"))
    enter(stand, "board", signed=False)
    seat(stand, "board")
    operations.set_appointment(
        cast.hq.scope, hearing=stand.fresh(), wanted=Appointment(START, END, "仙台"), version=0
    )
    operations.schedule_hearing(cast.hq.scope, hearing=stand.fresh())
    with pytest.raises(NotReady) as error:
        operations.open_scoring(cast.hq_second.scope, hearing=stand.fresh())
    assert "宣誓" in texts(error)
    with pytest.raises(NotReady, match="宣誓"):
        operations.save_mark(cast.board.scope, hearing=stand.fresh(), mark=Mark("C1", "3"))


def test_nobody_without_a_seat_scores(cast):
    stand = scoring(cast)
    for key in ("hq", "bureau_kanto", "pm_kanto"):
        with pytest.raises(Refused, match="評価者ではない"):
            stand.mark(key, "C1", 3)
    for key in ("agency", "cc_miyagi", "admin", "auditor", "supporter"):
        with pytest.raises(Refused, match="だけが行えます"):
            stand.mark(key, "C1", 3)


@pytest.mark.parametrize("score", ["5", "-1", "三", "2.5"])
def test_a_score_outside_the_scale_is_refused(cast, score):
    stand = scoring(cast)
    with pytest.raises(InvalidInput, match="0から4"):
        stand.mark("board", "C1", score)
    assert not PanelRating.objects.exists()


def test_an_item_that_is_not_on_the_checklist_is_refused(cast):
    stand = scoring(cast)
    with pytest.raises(InvalidInput, match="チェックリストにありません"):
        stand.mark("board", "X9", 3)


def test_two_windows_of_one_person_show_both_texts(cast):
    stand = scoring(cast)
    first = stand.mark("board", "C1", 3, comment="よい")
    assert first.version == 1
    with pytest.raises(RatingConflict) as error:
        stand.mark("board", "C1", 2, comment="別の窓", version=0)
    assert error.value.rating.comment == "よい"
    assert error.value.mark.comment == "別の窓"
    assert stand.mark("board", "C1", 2, comment="直した", version=1).version == 2
    # The same once more is no change and no conflict, whatever version it names.
    assert stand.mark("board", "C1", 2, comment="直した", version=0).version == 2


def test_others_scores_are_hidden_until_everybody_has_locked(cast):
    stand = scoring(cast)
    stand.give("hq_second", AGREED)
    stand.give("bureau_tohoku", {"C1": 1, "U1": 2})
    for key in PANEL:
        page = score_page(stand.fresh(), PanelMember.objects.get(pk=stand.members[key].pk))
        assert not page.may_see_others
        assert all(item.others == [] or item.others == () for item in page.items)
        assert page.flagged == []
    onlooker = score_page(stand.fresh(), None)
    assert all(item.own is None and not item.others for item in onlooker.items)
    events = AuditEvent.objects.filter(action__startswith="evaluation.hearings")
    for event in events:
        assert '"C1":{' not in event.after, "the trail tells scores that nobody may know yet"
    stand.give("board", AGREED)
    page = score_page(stand.fresh(), PanelMember.objects.get(pk=stand.members["board"].pk))
    assert page.may_see_others
    assert [item.code for item in page.flagged] == ["C1"]
    moved = AuditEvent.objects.filter(action="evaluation.hearings.lock").latest("sequence")
    assert '"C1":{' in moved.after


def test_the_lock_names_open_items_and_is_final(cast):
    stand = scoring(cast)
    stand.mark("board", "C1", 3)
    with pytest.raises(NotReady) as error:
        operations.lock_scores(cast.board.scope, hearing=stand.fresh())
    assert texts(error) == "U1：評点がありません。"
    stand.mark("board", "U1", 2)
    operations.lock_scores(cast.board.scope, hearing=stand.fresh())
    with pytest.raises(Conflict, match="確定しています"):
        stand.mark("board", "C1", 4, version=1)
    with pytest.raises(Conflict, match="すでに"):
        operations.lock_scores(cast.board.scope, hearing=stand.fresh())


def test_raters_two_steps_apart_score_again_and_the_second_counts(cast):
    stand = compared(cast, {"board": {"C1": 1, "U1": 2}})
    board = board_of(stand.fresh())
    assert board.flagged == ["C1"]
    with pytest.raises(NotReady) as error:
        operations.settle_hearing(cast.hq_second.scope, hearing=stand.fresh())
    assert "C1：再協議後の評点がありません" in texts(error)
    with pytest.raises(Conflict, match="再協議の対象ではありません"):
        stand.mark("board", "U1", 3)
    for key, score in (("hq_second", 3), ("bureau_tohoku", 3), ("board", 2)):
        stand.mark(key, "C1", score, comment="話し合った")
    with pytest.raises(NotReady) as error:
        operations.settle_hearing(cast.board.scope, hearing=stand.fresh())
    assert "主査" in texts(error)
    operations.settle_hearing(cast.hq_second.scope, hearing=stand.fresh())
    board = board_of(stand.fresh())
    response = next(row for row in board.responses if row.item.code == "C1")
    assert sorted(board.final[response.pk].values()) == [2, 3, 3]
    assert sorted(board.first[response.pk].values()) == [1, 3, 3]
    with pytest.raises(Conflict):
        stand.mark("board", "C1", 4, version=1)


# --- N/A and evidence -------------------------------------------------------------------------


def test_not_applicable_needs_a_second_person(cast):
    stand = scoring(cast)
    proposal = operations.propose_not_applicable(
        cast.board.scope, hearing=stand.fresh(), item="C1", reason="対象の団体がない"
    )
    with pytest.raises(Conflict, match="承認待ち"):
        operations.propose_not_applicable(
            cast.hq_second.scope, hearing=stand.fresh(), item="C1", reason="同じく"
        )
    with pytest.raises(Refused, match="本人は承認できません"):
        operations.decide_not_applicable(cast.board.scope, proposal=proposal, approve=True)
    for key in ("bureau_kanto", "pm_kanto"):
        with pytest.raises(Refused, match="評価者ではない"):
            operations.decide_not_applicable(
                cast.actors[key].scope, proposal=proposal, approve=True
            )
    stand.mark("board", "U1", 2)
    with pytest.raises(NotReady) as error:
        operations.lock_scores(cast.board.scope, hearing=stand.fresh())
    assert "承認待ち" in texts(error)
    operations.decide_not_applicable(cast.hq.scope, proposal=proposal, approve=True, note="確認")
    operations.lock_scores(cast.board.scope, hearing=stand.fresh())
    with pytest.raises(Conflict, match="該当なしと承認"):
        stand.mark("hq_second", "C1", 3)
    with pytest.raises(Conflict, match="すでに"):
        operations.decide_not_applicable(cast.hq.scope, proposal=proposal, approve=False)


def test_a_refused_proposal_leaves_the_item(cast):
    stand = scoring(cast)
    proposal = operations.propose_not_applicable(
        cast.board.scope, hearing=stand.fresh(), item="C1", reason="対象の団体がない"
    )
    operations.decide_not_applicable(
        cast.bureau_tohoku.scope, proposal=proposal, approve=False, note="団体はある"
    )
    assert stand.mark("board", "C1", 2).score == 2


def test_a_sit_in_record_is_evidence_and_only_its_author_takes_it_away(cast):
    stand = scoring(cast)
    with pytest.raises(InvalidInput, match="同席日"):
        operations.add_evidence(
            cast.board.scope,
            hearing=stand.fresh(),
            item="C1",
            proof=Proof("同席", sat_in_on=date(2026, 11, 21)),
        )
    row = operations.add_evidence(
        cast.board.scope,
        hearing=stand.fresh(),
        item="C1",
        proof=Proof("創業相談への同席", sat_in_on=date(2026, 9, 3)),
    )
    response = ChecklistResponse.objects.get(pk=row.response_id)
    assert response.has_evidence
    assert "創業相談への同席" in response.evidence_note
    with pytest.raises(Refused, match="本人だけ"):
        operations.remove_evidence(cast.hq_second.scope, evidence=row)
    operations.remove_evidence(cast.board.scope, evidence=row)
    response.refresh_from_db()
    assert not response.has_evidence


# --- an interest that becomes known later -----------------------------------------------------


@pytest.mark.parametrize("state", ["scoring", "reconciling", "settled"])
def test_an_interest_declared_later_sets_the_scores_aside(cast, state):
    stand = {"scoring": scoring, "reconciling": compared, "settled": settled}[state](cast)
    if state == "scoring":
        stand.mark("board", "C1", 3)
    (block,) = operations.declare_interest(
        cast.board.scope,
        term=stand.term,
        said=[DeclaredInterest(stand.hearing.hub_id, "relative", "親族が転職してきた")],
    )
    board = board_of(stand.fresh())
    mine = stand.members["board"].pk
    assert PanelRating.objects.filter(member=mine).exists(), "the scores stay on record"
    assert all(mine not in scores for scores in board.final.values())
    event = AuditEvent.objects.get(action="evaluation.hearings.set_aside")
    assert "親族" in event.reason
    told = Notice.objects.filter(key=f"hearings:block:{block.pk}")
    assert cast.hq_second.user.pk in set(told.values_list("user_id", flat=True))
    assert cast.board.user.pk not in set(told.values_list("user_id", flat=True))
    with pytest.raises(Refused, match="利益相反のため"):
        stand.mark("board", "C1", 4)
    if state == "reconciling":
        with pytest.raises(NotReady) as error:
            operations.settle_hearing(cast.hq_second.scope, hearing=stand.fresh())
        assert "3人以上" in texts(error)


def test_the_others_go_on_when_the_one_they_wait_for_leaves(cast):
    stand = scoring(cast)
    stand.give("hq_second", AGREED)
    stand.give("bureau_tohoku", AGREED)
    operations.declare_interest(
        cast.board.scope,
        term=stand.term,
        said=[DeclaredInterest(stand.hearing.hub_id, "other", "取引先")],
    )
    assert stand.fresh().state == HearingState.RECONCILING
    # HQ goes back to fill the seat: the locked scores stay, the new member scores unseen.
    enter(stand, "hq")
    operations.reopen_scoring(cast.hq.scope, hearing=stand.fresh(), reason="委員の補充")
    seat(stand, "hq")
    page = score_page(stand.fresh(), PanelMember.objects.get(pk=stand.members["hq"].pk))
    assert not page.may_see_others
    stand.give("hq", AGREED)
    assert stand.fresh().state == HearingState.RECONCILING
    operations.settle_hearing(cast.hq_second.scope, hearing=stand.fresh())


def test_a_chair_with_an_interest_leaves_the_chair(cast):
    stand = compared(cast)
    operations.declare_interest(
        cast.hq_second.scope,
        term=stand.term,
        said=[DeclaredInterest(stand.hearing.hub_id, "other", "取引先")],
    )
    with pytest.raises(Refused, match="利益相反のため"):
        operations.settle_hearing(cast.hq_second.scope, hearing=stand.fresh())
    with pytest.raises(Refused, match="主査になれません"):
        operations.appoint_chair(cast.hq.scope, member=stand.members["hq_second"])
    member = operations.appoint_chair(cast.hq.scope, member=stand.members["board"])
    assert member.role == PanelRole.CHAIR
    assert PanelMember.objects.filter(hearing=stand.hearing, role="chair").count() == 1


# --- the book ---------------------------------------------------------------------------------


def _hearing_part(stand):
    facts = Facts(stand.term, [stand.hearing.hub], date(2027, 3, 31))
    return hearing_part(facts.hearings[stand.hearing.hub_id], facts)


def test_an_unsettled_hearing_is_a_gap_of_the_book(cast):
    stand = compared(cast)
    (found,) = collect(stand.term, date(2027, 3, 31), [stand.hearing.hub])
    assert any("ヒアリングが確定していません（現在：協議中）" in gap.text for gap in found.gaps)


def test_the_book_reads_what_counts_of_a_settled_panel(cast):
    stand = compared(cast, {"board": {"C1": 1, "U1": 2}})
    for key, score in (("hq_second", 3), ("bureau_tohoku", 3), ("board", 2)):
        stand.mark(key, "C1", score)
    operations.settle_hearing(cast.hq_second.scope, hearing=stand.fresh())
    part = _hearing_part(stand)
    c1 = part["items"][0]
    assert [(row["evaluator"], row["score"], row.get("first_score")) for row in c1["ratings"]] == [
        ("配役 hq_second", 3, 3),
        ("配役 bureau_tohoku", 3, 3),
        ("配役 board", 2, 1),
    ]
    assert {row["source"]["table"] for row in c1["ratings"]} == {"evaluation_panelrating"}
    assert [row["counts"] for row in part["panel"]] == [True, True, True]
    operations.declare_interest(
        cast.board.scope,
        term=stand.term,
        said=[DeclaredInterest(stand.hearing.hub_id, "relative", "親族")],
    )
    later = _hearing_part(stand)
    for item in later["items"]:
        assert [row["evaluator"] for row in item["ratings"]] == [
            "配役 hq_second",
            "配役 bureau_tohoku",
        ]
    left = next(row for row in later["panel"] if row["evaluator"] == "配役 board")
    assert (left["counts"], left["scores_given"]) == (False, 3)
    assert "親族" in left["conflicts"]
