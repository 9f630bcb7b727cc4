"""Opening a term, writing and publishing its policy, closing it; who may and who may not."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction

from hubs.results.operations import submit_month
from hubs.terms import operations
from hubs.terms.models import ActivityPolicy, Term, TermState
from hubs.terms.queries import current_term, published_policy, term_for
from tests.hubs.year import SYSTEM, entered, fixed_plan, open_year
from yorozu.core.audit.models import AuditEvent
from yorozu.core.audit.operations import verify_chain
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]


def test_opening_a_term_lays_calendar_and_the_four_indicators(cast):
    term = operations.open_term(actor=cast.hq.scope, fiscal_year=2026)
    assert term.state == TermState.OPEN
    assert [row.code for row in term.indicators.all()] == ["CONS", "VISIT", "SOLVE", "NETW"]
    due = term.deadlines.get(code="month-09").due_at
    assert due == datetime(2026, 10, 13, 12, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert term_for(2026) == term == current_term()
    assert AuditEvent.objects.filter(action="hubs.terms.open").count() == 1


def test_a_year_is_opened_once_and_only_a_sensible_one(cast):
    operations.open_term(actor=cast.admin.scope, fiscal_year=2026)
    with pytest.raises(Conflict, match="令和8年度の期は、すでに開始されています"):
        operations.open_term(actor=cast.admin.scope, fiscal_year=2026)
    with pytest.raises(InvalidInput):
        operations.open_term(actor=cast.admin.scope, fiscal_year=1999)


@pytest.mark.parametrize("key", ["agency", "bureau_kanto", "cc_tokyo", "auditor", "nobody"])
def test_others_do_not_open_a_term(cast, key):
    with pytest.raises(Refused):
        operations.open_term(actor=cast.actors[key].scope, fiscal_year=2026)
    assert not Term.objects.exists()


def test_hq_drafts_and_only_the_agency_publishes(cast):
    term = open_year(published=False)
    draft = operations.draft_policy(actor=cast.hq.scope, term=term, title="方針", body="本文")
    with pytest.raises(Refused):
        operations.publish_policy(actor=cast.hq.scope, policy=draft)
    done = operations.publish_policy(actor=cast.agency.scope, policy=draft)
    assert done.content_hash == operations.policy_hash(done)
    assert done.published_at
    with pytest.raises(Conflict):
        operations.publish_policy(actor=cast.agency.scope, policy=done)
    second = operations.draft_policy(actor=cast.hq.scope, term=term, title="方針", body="改訂")
    assert (second.version, published_policy(term)) == (2, done)
    assert verify_chain() == []


def test_two_writers_of_a_draft_meet_and_a_changed_draft_is_not_published_unseen(cast):
    term = open_year(published=False)
    draft = operations.draft_policy(actor=cast.hq.scope, term=term, title="方針", body="一")
    seen = operations.text_hash("方針", "一")
    digest = operations.policy_hash(draft)
    operations.draft_policy(actor=cast.hq.scope, term=term, title="方針", body="二", seen=seen)
    with pytest.raises(Conflict):
        operations.draft_policy(
            actor=cast.agency.scope, term=term, title="方針", body="三", seen=seen
        )
    with pytest.raises(Conflict):
        operations.publish_policy(actor=cast.agency.scope, policy=draft, seen=digest)
    assert ActivityPolicy.objects.get().body == "二"


def test_an_empty_policy_is_not_published(cast):
    term = open_year(published=False)
    draft = operations.draft_policy(actor=cast.hq.scope, term=term, title="方針", body=" ")
    with pytest.raises(NotReady) as refusal:
        operations.publish_policy(actor=cast.agency.scope, policy=draft)
    assert [item.text for item in refusal.value.missing] == ["本文を入力してください。"]


BYPASSES = {
    "update": lambda pk: ActivityPolicy.objects.filter(pk=pk).update(body="x"),
    "delete": lambda pk: ActivityPolicy.objects.filter(pk=pk).delete(),
    "raw": lambda pk: connection.cursor().execute(
        "UPDATE hubs_activitypolicy SET title = 'x' WHERE id = %s", [pk]
    ),
}


@pytest.mark.parametrize("way", sorted(BYPASSES))
def test_a_published_policy_is_held_by_the_database(cast, way):
    policy = published_policy(open_year())
    with (
        pytest.raises(DatabaseError, match="公表した活動方針は変更できません"),
        transaction.atomic(),
    ):
        BYPASSES[way](policy.pk)
    policy.refresh_from_db()
    assert (policy.title, policy.body) == ("方針", "本文")


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


def test_a_closed_term_takes_no_policy(cast):
    term = open_year()
    fixed_plan(term)
    operations.close_term(actor=cast.hq.scope, term=term)
    with pytest.raises(NotReady):
        operations.draft_policy(actor=cast.hq.scope, term=term, title="x", body="y")
    with pytest.raises(Conflict):
        operations.close_term(actor=cast.hq.scope, term=term)
