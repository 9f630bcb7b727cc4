"""Network activities: counted once, joined by a second hub, warned about, corrected, withdrawn."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from hubs.ledger.models import DirtyMonth, NetworkActivity, NetworkParticipation
from hubs.ledger.operations import (
    Doubtful,
    correct_activity,
    enter_activity,
    join_activity,
    leave_activity,
    withdraw_activity,
)
from hubs.ledger.queries import ActivityValues, activity_values
from hubs.ledger.rules import COUNTING
from hubs.partners.models import SupportOrganization
from hubs.partners.operations import register_organization
from tests.hubs.year import hub
from yorozu.core.access import decide
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]
DAY = date(2026, 10, 8)
ENTRY, LIST = "/ledger/13/network/new/", "/ledger/13/network/"


@pytest.fixture
def chamber(cast):
    """A chamber that Tokyo and Kanagawa work with."""
    row = register_organization(
        actor=cast.cc_tokyo.scope, hub=hub("13"), name="見本商工会議所", kind="chamber_of_commerce"
    )
    row.hubs.add(hub("14"))
    return row


def activity(actor, chamber, code="13", **changes):
    """An activity with the chamber, unless changed."""
    values = ActivityValues(DAY, "2", "合同相談会", "見本太郎", (chamber.pk,))
    return enter_activity(actor=actor, hub=hub(code), values=replace(values, **changes))


def counted(code):
    """What the rule counts at a hub in October."""
    lookups = COUNTING["NETW"].lookups(date(2026, 10, 1), date(2026, 10, 31))
    return NetworkActivity.objects.filter(hub__code=code, **lookups).count()


def test_an_activity_is_entered_on_the_screen(cast, sign_in, chamber):
    client = sign_in(cast.co_tokyo)
    assert client.get(ENTRY).status_code == 200
    sent = {
        "held_on": "令和8年10月8日",
        "kind": "2",
        "title": "合同相談会",
        "coordinator_name": "見本太郎",
        "organizations": [chamber.pk],
    }
    for field, words in [("organizations", "支援機関を1つ以上"), ("kind", "種類を選んで")]:
        assert words in client.post(ENTRY, {**sent, field: []}).text
    assert "先の日付" in client.post(ENTRY, {**sent, "held_on": "2026-12-01"}).text
    done = client.post(ENTRY, sent, follow=True)
    assert "保存しました（受付番号N2026-00001）" in done.text
    row = NetworkActivity.objects.get()
    assert list(row.organizations.all()) == [chamber]
    assert (done.context["counted"], done.context["attended"]) == (1, 0)
    assert DirtyMonth.objects.get().month == date(2026, 10, 1)
    again = client.post(ENTRY, sent)
    assert again.status_code == 422
    assert "すでに入力しています" in again.text
    confirmed = {**sent, "confirmed": again.context["doubts"].token}
    assert client.post(ENTRY, confirmed).status_code == 302
    assert counted("13") == 2


def test_a_second_hub_joins_and_the_activity_counts_once(cast, sign_in, chamber):
    row = activity(cast.cc_tokyo.scope, chamber, title="機密の件名")
    client = sign_in(cast.cc_kanagawa)
    page = client.get("/ledger/14/network/")
    assert "参加を記録する" in page.text
    assert "機密の件名" not in page.text, "of another hub's activity only what is needed"
    sent = {
        "held_on": "2026-10-08",
        "kind": "2",
        "title": "相談会",
        "coordinator_name": "A",
        "organizations": [chamber.pk],
    }
    asked = client.post("/ledger/14/network/new/", sent)
    assert asked.status_code == 422
    assert "同じ活動かもしれません" in asked.text
    assert hub("13").name in asked.text
    join = reverse("activity_join", args=["14", row.pk])
    assert join in asked.text
    for shown in (page, asked):
        form = shown.text[shown.text.index(f'action="{join}"') :].partition("</form>")[0]
        assert "csrfmiddlewaretoken" in form, "the button works"
    done = client.post(join, follow=True)
    assert "東京都よろず支援拠点で1件に数えます" in done.text
    assert (done.context["counted"], done.context["attended"]) == (0, 1)
    assert (counted("13"), counted("14")) == (1, 0)
    assert "機密の件名" in done.text
    joined = client.get(reverse("activity_detail", args=[row.pk]))
    assert f'action="{reverse("activity_leave", args=[row.pk])}"' in joined.text
    assert "csrfmiddlewaretoken" in joined.text
    only = client.get("/ledger/14/", {"month": "2026-10", "indicator": "NETW"}, follow=True)
    assert only.context["table"].rows == []
    own = sign_in(cast.cc_tokyo).get("/ledger/13/?month=2026-10&indicator=NETW", follow=True)
    assert len(own.context["table"].rows) == 1
    assert COUNTING["NETW"].sentence in own.text
    assert hub("14").name in own.text
    assert client.post(join).status_code == 409


def test_joining_needs_an_organization_in_common_and_can_be_taken_back(cast, sign_in, chamber):
    row = activity(cast.cc_tokyo.scope, chamber)
    with pytest.raises(Conflict):
        join_activity(actor=cast.cc_miyagi.scope, hub=hub("04"), row=row)
    with pytest.raises(Conflict):
        join_activity(actor=cast.cc_tokyo.scope, hub=hub("13"), row=row)
    with pytest.raises(Refused):
        join_activity(actor=cast.cc_tokyo.scope, hub=hub("14"), row=row)
    join_activity(actor=cast.cc_kanagawa.scope, hub=hub("14"), row=row)
    leave = reverse("activity_leave", args=[row.pk])
    assert sign_in(cast.cc_tokyo).post(leave).status_code == 409
    assert sign_in(cast.cc_miyagi).post(leave).status_code == 404
    assert sign_in(cast.cc_kanagawa).post(leave).status_code == 302
    assert not NetworkParticipation.objects.exists()
    with pytest.raises(Conflict):
        leave_activity(actor=cast.cc_kanagawa.scope, hub=hub("14"), row=row)


def test_a_correction_keeps_the_old_version_and_the_hubs_that_joined(cast, sign_in, chamber):
    row = activity(cast.cc_tokyo.scope, chamber)
    join_activity(actor=cast.cc_kanagawa.scope, hub=hub("14"), row=row)
    DirtyMonth.objects.all().delete()
    client = sign_in(cast.co_tokyo)
    url = reverse("activity_correct", args=[row.pk])
    sent = {
        "held_on": "2026-09-08",
        "kind": "2",
        "title": "合同相談会",
        "coordinator_name": "見本太郎",
        "organizations": [chamber.pk],
        "reason": "実施日の誤り",
    }
    assert client.get(url).status_code == 200
    assert client.post(url, {**sent, "reason": ""}).status_code == 422
    assert client.post(url, {**sent, "held_on": "2026-10-08"}).status_code == 422
    assert client.post(url, {**sent, "title": "電話03-1234-5678"}).status_code == 422
    done = client.post(url, sent, follow=True)
    assert "第2版" in done.text
    assert "理由：実施日の誤り" in done.text
    assert "<del>令和8年10月8日" in done.text
    new = NetworkActivity.objects.get(is_current=True)
    assert (new.revision, new.held_on) == (2, date(2026, 9, 8))
    assert [one.hub.code for one in new.participations.all()] == ["14"]
    noted = {(note.hub.code, note.month.month) for note in DirtyMonth.objects.all()}
    assert noted == {("13", 9), ("13", 10), ("14", 9), ("14", 10)}
    assert client.get(url).status_code == 409
    values = replace(activity_values(row), title="別")
    with pytest.raises(Conflict):
        correct_activity(actor=cast.cc_tokyo.scope, row=row, values=values, reason="誤り")


def test_two_corrections_of_one_activity_show_both_texts(cast, sign_in, chamber):
    row = activity(cast.cc_tokyo.scope, chamber)
    bank = register_organization(
        actor=cast.cc_tokyo.scope, hub=hub("13"), name="見本銀行", kind="financial_institution"
    )
    theirs = replace(activity_values(row), title="先に直した件名", organization_ids=(bank.pk,))
    first = correct_activity(actor=cast.cc_tokyo.scope, row=row, values=theirs, reason="誤り")
    client = sign_in(cast.co_tokyo)
    sent = {
        "held_on": "2026-10-08",
        "kind": "2",
        "title": "後から直した件名",
        "coordinator_name": "見本太郎",
        "organizations": [chamber.pk],
        "reason": "件名の誤り",
    }
    answer = client.post(reverse("activity_correct", args=[row.pk]), sent)
    assert answer.status_code == 409
    assert {line["label"]: (line["old"], line["new"]) for line in answer.context["theirs"]} == {
        "件名": ("先に直した件名", "後から直した件名"),
        "支援機関": ("見本銀行", "見本商工会議所"),
    }
    assert f"{cast.cc_tokyo.user.name}が先に訂正しました。" in answer.text
    assert 'value="後から直した件名"' in answer.text
    # The form now stands on the version in force: sent again, it takes its place.
    again = reverse("activity_correct", args=[first.pk])
    assert f'action="{again}"' in answer.text
    assert client.post(again, sent).status_code == 302
    assert NetworkActivity.objects.get(is_current=True).title == "後から直した件名"
    withdraw_activity(
        actor=cast.cc_tokyo.scope, row=NetworkActivity.objects.get(is_current=True), reason="誤り"
    )
    gone = client.post(again, {**sent, "title": "三度目"})
    assert gone.status_code == 409
    assert "すでに取り消されています" in gone.text


def test_a_withdrawn_activity_counts_no_more(cast, sign_in, chamber):
    row = activity(cast.cc_tokyo.scope, chamber)
    client = sign_in(cast.cc_tokyo)
    url = reverse("activity_withdraw", args=[row.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": "090-1234-5678"}).status_code == 422
    assert client.post(url, {"reason": "誤り"}).status_code == 302
    assert counted("13") == 0
    assert client.post(url, {"reason": "誤り"}).status_code == 409


def test_refusals_by_role_and_content(cast, chamber):
    values = ActivityValues(DAY, "2", "合同相談会", "見本太郎", (chamber.pk,))
    row = activity(cast.cc_tokyo.scope, chamber)
    for actor in cast.all():
        if actor.key in {"cc_tokyo", "co_tokyo"}:
            continue
        with pytest.raises(Refused):
            enter_activity(actor=actor.scope, hub=hub("13"), values=values)
        with pytest.raises(Refused):
            withdraw_activity(actor=actor.scope, row=row, reason="誤り")
    scope = cast.cc_tokyo.scope
    for wrong in (
        {"held_on": date(2026, 12, 1)},
        {"held_on": date(2014, 4, 1)},
        {"kind": "8"},
        {"title": " "},
        {"organization_ids": ()},
    ):
        with pytest.raises(InvalidInput):
            activity(scope, chamber, **wrong)
    with pytest.raises(Doubtful):
        activity(scope, chamber, held_on=date(2026, 10, 9), title="a@example.jpへ連絡")
    with pytest.raises(NotReady, match="理由"):
        withdraw_activity(actor=scope, row=row, reason=" ")


def test_the_database_keeps_activities_and_their_organizations(cast, chamber):
    row = activity(cast.cc_tokyo.scope, chamber)
    rows = NetworkActivity.objects.filter(pk=row.pk)
    for act in (
        lambda: rows.update(title="別"),
        row.organizations.clear,
        rows.delete,
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    assert list(row.organizations.all()) == [chamber]


@pytest.mark.once
def test_screens_answer_the_whole_cast(cast, sign_in, chamber):
    row = activity(cast.cc_tokyo.scope, chamber)
    tokyo = hub("13").pk
    for actor in cast.all():
        client, scope = sign_in(actor), actor.scope
        may = decide(scope, "hubs.ledger.view").allowed
        expected = 403 if not may else 200 if scope.covers(tokyo) else 404
        for url in (LIST, reverse("activity_detail", args=[row.pk])):
            assert client.get(url).status_code == expected, (actor.key, url)


def test_the_register_holds_an_organization_once(cast, sign_in):
    client = sign_in(cast.co_tokyo)
    new = reverse("partner_new")
    sent = {"name": "見本信用金庫", "kind": "financial_institution"}
    sent["prefecture"] = hub("13").prefecture_id
    assert client.get(new).status_code == 200
    assert client.post(new, {**sent, "name": ""}).status_code == 422
    assert client.post(new, sent).status_code == 302
    other = sign_in(cast.cc_kanagawa)
    wide = {**sent, "name": "見本信用金庫　", "kind": "financial_institution"}
    assert other.post(new, wide).status_code == 302
    row = SupportOrganization.objects.get()
    assert sorted(row.hubs.values_list("code", flat=True)) == ["13", "14"]
    miyagi = sign_in(cast.cc_miyagi)
    assert "見本信用金庫" not in miyagi.get(reverse("partner_list")).text
    assert "見本信用金庫" in miyagi.get(reverse("partner_list"), {"area": "all", "q": "信用"}).text
    assert miyagi.post(reverse("partner_tie", args=[row.pk])).status_code == 302
    assert row.hubs.count() == 3
    for actor in cast.all():
        may = decide(actor.scope, "hubs.partners.view").allowed
        got = sign_in(actor).get(reverse("partner_list")).status_code
        assert got == (200 if may else 403), actor.key
