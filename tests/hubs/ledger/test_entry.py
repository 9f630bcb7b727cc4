"""Entering a record: by keyboard form, by operation, refused, doubted, and by two at once."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from hubs.ledger.models import DirtyMonth, IndividualConsultation
from hubs.ledger.operations import Doubtful, NumberTaken, enter_consultation, withdraw_consultation
from hubs.people.models import Engagement, Person
from hubs.terms.operations import close_term
from tests.hubs.ledger_ground import GOOD, entered
from tests.hubs.year import NOW, SYSTEM, hub, open_year
from yorozu.core import clock
from yorozu.core.access import decide
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import InvalidInput, NotReady, Refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]
ENTRY = "/ledger/13/new/"


def test_the_screen_opens_for_the_own_desk_only(cast, sign_in):
    for actor in cast.all():
        got = sign_in(actor).get(ENTRY).status_code
        may = decide(actor.scope, "hubs.ledger.enter").allowed
        expected = 403 if not may else 200 if actor.scope.covers(hub("13").pk) else 404
        assert got == expected, actor.key


def test_a_record_is_saved_and_a_fresh_form_stands(cast, sign_in, typed):
    client = sign_in(cast.co_tokyo)
    fresh = client.get(ENTRY)
    assert fresh.context["form"]["record_no"].value() == "2026-00001"
    assert fresh.context["form"]["held_on"].value() == "2026-11-22"
    assert fresh.context["form"]["coordinator_name"].value() == cast.co_tokyo.user.name
    assert "autofocus" in str(fresh.context["form"]["client_key"])
    answer = client.post(ENTRY, typed, follow=True)
    assert answer.redirect_chain == [(ENTRY, 302)]
    assert "保存しました（受付番号2026-00001）" in answer.text
    form = answer.context["form"]
    assert form["record_no"].value() == "2026-00002"
    assert (form["coordinator_name"].value(), form["channel"].value()) == ("見本太郎", "1")
    assert form["client_key"].value() is None
    assert answer.context["entered_count"] == 1
    row = IndividualConsultation.objects.get()
    assert (row.hub.code, row.held_on, row.minutes, row.revision) == (
        "13",
        date(2026, 11, 20),
        60,
        1,
    )
    assert (row.created_by_name, row.created_at) == (cast.co_tokyo.user.name, NOW)
    event = AuditEvent.objects.get(action="hubs.ledger.enter")
    assert event.hub_id == hub("13").pk
    assert "C-1" in event.after
    assert [(d.hub.code, d.month) for d in DirtyMonth.objects.all()] == [("13", date(2026, 11, 1))]


def test_dates_are_read_as_people_write_them(cast, sign_in, typed):
    client = sign_in(cast.cc_tokyo)
    for day in ("令和8年11月20日", "R8.11.20", "2026/11/20", "２０２６－１１－２０"):
        sent = {**typed, "held_on": day, "minutes": "９０", "entry_key": day}
        sent["client_key"] = f"C-{IndividualConsultation.objects.count()}"
        assert client.post(ENTRY, sent).status_code == 302, day
    rows = IndividualConsultation.objects.values_list("held_on", "minutes")
    assert set(rows) == {(date(2026, 11, 20), 90)}
    assert len(rows) == 4


FAULTS = [
    ("held_on", "2026-11-23", "先の日付"),
    ("held_on", "11/20", "年がありません"),
    ("held_on", "", "相談日を入力してください"),
    ("channel", "", "相談方法を選んでください"),
    ("channel", "8", "正しく選択"),
    ("theme", "", "相談テーマを選んでください"),
    ("client_key", "山田商店", "氏名や企業名は入力できません"),
    ("minutes", "0", "1分から600分"),
    ("minutes", "601", "0から600まで"),
    ("minutes", "1.5", "小数は使えません"),
    ("resolved_on", "2026-11-01", "相談日より前"),
    ("client_confirmed_on", "2026-11-21", "課題解決日も入力"),
    ("record_no", "受付1", "半角の英数字"),
    ("note", "あ" * 2001, "2000"),
]


def test_a_fault_keeps_everything_typed(cast, sign_in, typed):
    client = sign_in(cast.co_tokyo)
    typed["note"] = "覚え書き"
    for field, value, words in FAULTS:
        sent = {**typed, field: value}
        answer = client.post(ENTRY, sent)
        assert answer.status_code == 422, field
        assert words in answer.text, field
        form = answer.context["form"]
        assert {name: form[name].value() for name in typed} == sent
    assert not IndividualConsultation.objects.exists()


def test_personal_data_is_stored_only_after_the_writer_has_looked(cast, sign_in, typed):
    client = sign_in(cast.co_tokyo)
    sent = {**typed, "note": "０９０－１２３４－５６７８に連絡"}
    first = client.post(ENTRY, sent)
    assert first.status_code == 422
    assert "０９０－１２３４－５６７８" in first.text
    assert "まだ保存していません" in first.text
    assert not IndividualConsultation.objects.exists()
    token = first.context["doubts"].token
    other = client.post(ENTRY, {**sent, "note": "03-1234-5678に連絡", "confirmed": token})
    assert other.status_code == 422, "another number needs another look"
    assert client.post(ENTRY, {**sent, "confirmed": token}).status_code == 302
    assert IndividualConsultation.objects.get().note == "０９０－１２３４－５６７８に連絡"
    event = AuditEvent.objects.get(action="hubs.ledger.enter")
    assert "電話番号" in event.after
    assert "５６７８" not in event.after


def test_the_same_consultation_twice_is_asked_back(cast, sign_in, typed):
    client = sign_in(cast.co_tokyo)
    client.post(ENTRY, typed)
    again = {**typed, "record_no": "2026-00002", "proposed_no": "2026-00002", "entry_key": "b" * 32}
    asked = client.post(ENTRY, again)
    assert asked.status_code == 422
    assert "二重の入力" in asked.text
    assert "受付番号2026-00001" in asked.text
    token = asked.context["doubts"].token
    assert client.post(ENTRY, {**again, "confirmed": token}).status_code == 302
    assert IndividualConsultation.objects.count() == 2


def test_an_answer_lost_on_the_way_makes_no_second_record(cast, sign_in, typed):
    client = sign_in(cast.co_tokyo)
    client.post(ENTRY, typed)
    again = client.post(ENTRY, typed, follow=True)
    assert "受付番号2026-00001として、すでに保存されています" in again.text
    assert IndividualConsultation.objects.count() == 1


def test_a_known_client_brings_industry_and_size(cast, sign_in, typed):
    client = sign_in(cast.co_tokyo)
    first = {"industry": "M", "employees_band": "3", "held_on": date(2026, 10, 1)}
    entered(cast.cc_tokyo.scope, client_key="C-1", **first)
    left = {**typed, "industry": "", "employees_band": "", "channel": "2"}
    answer = client.post(ENTRY, left, follow=True)
    assert "前回の記録（受付番号2026-00001）から引き継ぎました" in answer.text
    row = IndividualConsultation.objects.get(record_no="2026-00002")
    assert (row.industry, row.employees_band) == ("M", "3")
    unknown = client.post(ENTRY, {**left, "client_key": "C-9", "entry_key": "b" * 32})
    assert unknown.status_code == 422
    assert "業種を選んでください" in unknown.text


def test_a_coordinator_is_spelled_as_registered(cast):
    person = Person.objects.create(name="見本　太郎", name_key="見本太郎")
    Engagement.objects.create(person=person, hub=hub("13"), role="CO", starts_on=date(2020, 4, 1))
    assert entered(cast.co_tokyo.scope).coordinator_name == "見本　太郎"


def test_a_number_of_ones_own_is_kept_and_a_taken_one_refused(cast, sign_in, typed):
    client = sign_in(cast.co_tokyo)
    own = {**typed, "record_no": "Ｔ－１"}
    assert client.post(ENTRY, own).status_code == 302
    row = IndividualConsultation.objects.get()
    assert row.record_no == "T-1"
    taken = client.post(ENTRY, {**own, "client_key": "C-2", "entry_key": "b" * 32})
    assert taken.status_code == 422
    assert "受付番号T-1は別の記録に使われています" in taken.text
    withdraw_consultation(actor=cast.cc_tokyo.scope, row=row, reason="誤り")
    with pytest.raises(NumberTaken, match="取り消された記録"):
        entered(cast.co_tokyo.scope, record_no="T-1")


def test_the_proposed_number_goes_on_when_it_was_taken_meanwhile(cast, sign_in, typed):
    entered(cast.cc_tokyo.scope)
    sent = {**typed, "client_key": "C-2"}
    assert sign_in(cast.co_tokyo).post(ENTRY, sent).status_code == 302
    numbers = IndividualConsultation.objects.values_list("record_no", flat=True)
    assert sorted(numbers) == ["2026-00001", "2026-00002"]


def test_numbers_run_by_hub_and_year_and_pass_over_strange_ones(cast):
    scope = cast.cc_tokyo.scope
    entered(scope, record_no="2026-ABCDE")
    entered(scope, record_no="2026-00041")
    assert entered(scope).record_no == "2026-00042"
    assert entered(scope, held_on=date(2026, 3, 31)).record_no == "2025-00001"
    assert entered(cast.cc_kanagawa.scope, "14").record_no == "2026-00001"
    entered(scope, record_no="2026-99999")
    with pytest.raises(NotReady, match="使い切りました"):
        entered(scope)


def test_nobody_writes_for_another_hub_or_without_the_role(cast):
    values = replace(GOOD, client_key="C-1")
    for actor in cast.all():
        if actor.key in {"cc_tokyo", "co_tokyo"}:
            continue
        with pytest.raises(Refused):
            enter_consultation(actor=actor.scope, hub=hub("13"), values=values)
    assert not IndividualConsultation.objects.exists()


def test_the_operation_checks_what_a_form_would(cast):
    for wrong, words in [
        ({"theme": "77"}, "相談テーマのコードが令和8年度のコード表にありません"),
        ({"held_on": date(2026, 11, 23)}, "先の日付"),
        ({"client_key": "山田"}, "氏名"),
        ({"record_no": "x" * 21}, "20文字まで"),
    ]:
        with pytest.raises(InvalidInput, match=words):
            entered(cast.cc_tokyo.scope, **wrong)
    with pytest.raises(Doubtful):
        entered(cast.cc_tokyo.scope, note="電話03-1234-5678")


def test_a_closed_year_takes_no_record(cast):
    term = open_year(2025)
    close_term(actor=SYSTEM, term=term)
    with pytest.raises(NotReady, match="令和7年度の期は終了"):
        entered(cast.cc_tokyo.scope, held_on=date(2026, 3, 31))


def test_only_todays_own_records_stand_below_the_form(cast, sign_in, monkeypatch):
    entered(cast.cc_tokyo.scope)
    entered(cast.co_tokyo.scope)
    page = sign_in(cast.co_tokyo).get(ENTRY)
    assert page.context["entered_count"] == 1
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=1))
    assert sign_in(cast.co_tokyo).get(ENTRY).context["entered_count"] == 0


def test_the_database_keeps_a_record_as_it_is(cast):
    row = entered(cast.cc_tokyo.scope)
    rows = IndividualConsultation.objects.filter(pk=row.pk)
    for change in ({"minutes": 5}, {"held_on": date(2026, 11, 1)}, {"record_no": "X"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.delete()
    rows.update(is_current=False)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(is_current=True)
