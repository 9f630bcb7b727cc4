"""Preparing, starting and closing a term; nothing of last year comes by itself; who may do what."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from evaluation.hearings.queries import checklist_of
from evaluation.scoring.queries import current_scheme
from hubs.network.models import BlockAssignment
from hubs.plans.operations import open_plan
from hubs.results.operations import enter_month, submit_month
from hubs.terms import operations
from hubs.terms.flow import TERM_FLOW
from hubs.terms.models import DecisionKind, PartDecision, Term, TermState
from hubs.terms.parts import parts
from hubs.terms.queries import current_term, opening, term_for, undecided
from tests.hubs.year import SYSTEM, entered, fixed_plan, hub, open_year
from yorozu.core.audit.models import AuditEvent
from yorozu.core.audit.operations import verify_chain
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]
REQUIRED = ["calendar", "indicators", "scheme", "checklist", "blocks"]
STRANGERS = ["agency", "bureau_kanto", "pm_kanto", "cc_tokyo", "body_tokyo", "auditor", "nobody"]


def test_opening_a_term_lays_calendar_and_the_four_indicators(cast):
    term = operations.open_term(actor=cast.hq.scope, fiscal_year=2026)
    assert term.state == TermState.OPEN
    assert [row.code for row in term.indicators.all()] == ["CONS", "VISIT", "SOLVE", "NETW"]
    due = term.deadlines.get(code="month-09").due_at
    assert due == datetime(2026, 10, 13, 12, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert term_for(2026) == term == current_term()
    assert AuditEvent.objects.filter(action="hubs.terms.open").count() == 1
    assert AuditEvent.objects.filter(action="hubs.terms.start").count() == 1
    assert verify_chain() == []


def test_a_prepared_term_holds_nothing_until_each_part_is_decided(cast):
    open_year(2025)
    term = operations.prepare_term(actor=cast.admin.scope, fiscal_year=2026)
    assert (term.state, term.deadlines.count(), term.indicators.count()) == ("preparing", 0, 0)
    assert (current_scheme(term), checklist_of(term)) == (None, None)
    assert [part.code for part in undecided(term)] == REQUIRED
    for code in REQUIRED:
        with pytest.raises(NotReady) as refusal:
            operations.start_term(actor=cast.admin.scope, term=term)
        assert len(refusal.value.missing) == len(undecided(term))
        assert refusal.value.missing[0].link_args == (term.pk,)
        operations.take_over(actor=cast.admin.scope, term=term, codes=[code])
    assert operations.start_term(actor=cast.admin.scope, term=term).state == TermState.OPEN
    assert (term.deadlines.count(), term.indicators.count()) == (18, 4)
    assert BlockAssignment.objects.filter(fiscal_year=2026).count() == 47
    assert current_scheme(term).content == current_scheme(term_for(2025)).content
    assert checklist_of(term).is_locked


def test_each_part_is_an_own_act_with_person_and_moment(cast):
    open_year(2025)
    term = operations.prepare_term(actor=cast.hq.scope, fiscal_year=2026)
    codes = [view.part.code for view in opening(term) if view.may_take_over]
    assert codes == [part.code for part in parts()]
    operations.take_over(actor=cast.hq.scope, term=term, codes=codes)
    rows = PartDecision.objects.filter(term=term)
    assert {row.part for row in rows} == set(codes)
    assert {(row.kind, row.decided_by_name) for row in rows} == {
        (DecisionKind.TAKEN_OVER, cast.hq.scope.label)
    }
    events = AuditEvent.objects.filter(action="hubs.terms.decide", actor_id=cast.hq.user.pk)
    assert events.count() == len(codes)
    assert "令和8年度 暦・期限 引継ぎ" in set(events.values_list("object_label", flat=True))


def test_a_part_is_taken_over_once_and_only_as_it_was_read(cast):
    term = operations.prepare_term(actor=cast.hq.scope, fiscal_year=2026)
    with pytest.raises(Conflict, match="案が変わりました"):
        operations.take_over(
            actor=cast.hq.scope, term=term, codes=["scheme"], seen={"scheme": "old"}
        )
    operations.take_over(actor=cast.hq.scope, term=term, codes=["scheme"])
    with pytest.raises(Conflict, match="すでに決まっています"):
        operations.take_over(actor=cast.hq.scope, term=term, codes=["calendar", "scheme"])
    # All or nothing: the calendar beside it was not taken over either.
    assert term.deadlines.count() == 0
    with pytest.raises(NotReady, match="引き継ぐ内容がありません"):
        operations.take_over(actor=cast.hq.scope, term=term, codes=["policy"])


def test_nothing_is_entered_in_a_term_that_is_being_prepared(cast):
    term = operations.prepare_term(actor=cast.hq.scope, fiscal_year=2026)
    with pytest.raises(NotReady):
        open_plan(actor=cast.cc_tokyo.scope, hub=hub("13"), term=term)
    with pytest.raises(NotReady):
        enter_month(
            actor=cast.cc_tokyo.scope,
            hub=hub("13"),
            month=date(2026, 4, 1),
            values={"CONS": "1"},
            version=0,
        )
    assert term.plans.count() == term.monthly_reports.count() == 0


def test_a_year_is_prepared_once_and_only_a_sensible_one(cast):
    operations.open_term(actor=cast.admin.scope, fiscal_year=2026)
    with pytest.raises(Conflict, match="令和8年度の期は、すでにあります"):
        operations.open_term(actor=cast.admin.scope, fiscal_year=2026)
    for year in (1999, 2028):
        with pytest.raises(InvalidInput, match="2014から2027までの年度"):
            operations.prepare_term(actor=cast.admin.scope, fiscal_year=year)


def test_a_preparation_is_given_up_only_while_nothing_is_decided(cast):
    term = operations.prepare_term(actor=cast.admin.scope, fiscal_year=2027)
    operations.take_over(actor=cast.admin.scope, term=term, codes=["blocks"])
    with pytest.raises(Conflict):
        operations.discard_term(actor=cast.admin.scope, term=term)
    other = operations.prepare_term(actor=cast.admin.scope, fiscal_year=2026)
    operations.discard_term(actor=cast.admin.scope, term=other)
    assert list(Term.objects.values_list("fiscal_year", flat=True)) == [2027]


@pytest.mark.once
@pytest.mark.parametrize("key", STRANGERS)
def test_others_do_not_open_decide_start_or_close_a_term(cast, key):
    actor = cast.actors[key].scope
    with pytest.raises(Refused):
        operations.open_term(actor=actor, fiscal_year=2026)
    assert not Term.objects.exists()
    term = operations.prepare_term(actor=SYSTEM, fiscal_year=2026)
    calendar = parts()[0]
    for act in (
        lambda: operations.take_over(actor=actor, term=term, codes=["scheme"]),
        lambda: operations.change_part(actor=actor, term=term, part=calendar, content=[]),
        lambda: operations.start_term(actor=actor, term=term),
        lambda: operations.discard_term(actor=actor, term=term),
        lambda: operations.close_term(actor=actor, term=term),
    ):
        with pytest.raises(Refused):
            act()
    assert not PartDecision.objects.exists()


@pytest.mark.parametrize("state", list(TermState))
@pytest.mark.parametrize("action", list(TERM_FLOW.by_action))
def test_every_step_of_a_term_is_refused_in_every_other_state(cast, state, action):
    term = open_year()
    Term.objects.filter(pk=term.pk).update(state=state)
    if state in TERM_FLOW.by_action[action].sources:
        TERM_FLOW.apply(term, action, actor=cast.hq.scope)
        return
    with pytest.raises(Conflict):
        TERM_FLOW.apply(term, action, actor=cast.hq.scope)
    term.refresh_from_db()
    assert term.state == state


def test_a_term_closes_only_when_no_month_is_on_its_way(cast):
    term = open_year()
    report = entered(date(2026, 4, 1))
    submit_month(actor=SYSTEM, report=report)
    with pytest.raises(NotReady) as refusal:
        operations.close_term(actor=cast.hq.scope, term=term)
    assert "1件" in refusal.value.missing[0].text
    with pytest.raises(NotReady):
        # nothing was written by the refused closing
        operations.close_term(actor=cast.hq.scope, term=Term.objects.get())


def test_a_closed_term_takes_no_policy_and_no_change(cast):
    term = open_year()
    fixed_plan(term)
    operations.close_term(actor=cast.hq.scope, term=term)
    with pytest.raises(NotReady):
        operations.draft_policy(actor=cast.hq.scope, term=term, title="x", body="y")
    with pytest.raises(NotReady, match="終了している"):
        operations.change_part(actor=cast.hq.scope, term=term, part=parts()[0], content=[])
    with pytest.raises(Conflict):
        operations.close_term(actor=cast.hq.scope, term=term)
