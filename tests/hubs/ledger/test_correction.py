"""Corrections: a new version with a reason, the old one stays; withdrawal; outcome; conflicts."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from hubs.ledger.models import DirtyMonth, IndividualConsultation
from hubs.ledger.operations import (
    Doubtful,
    RecordConflict,
    correct_consultation,
    record_outcome,
    withdraw_consultation,
)
from hubs.ledger.queries import history, values_of
from hubs.results.models import MonthlyReport
from hubs.terms.operations import close_term
from tests.hubs.ledger_ground import entered
from tests.hubs.year import NOW, SYSTEM, hub, open_year
from tests.hubs.year import entered as entered_month
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import InvalidInput, NotReady, Refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]


def dirty():
    """Months noted for the roll-up."""
    return sorted({str(row.month)[:7] for row in DirtyMonth.objects.all()})


def test_a_correction_is_a_new_version_beside_the_old_one(cast):
    row = entered(cast.co_tokyo.scope, held_on=date(2026, 10, 5), resolved_on=date(2026, 11, 1))
    DirtyMonth.objects.all().delete()
    wanted = replace(values_of(row), held_on=date(2026, 9, 30), minutes=90)
    new = correct_consultation(
        actor=cast.cc_tokyo.scope, row=row, values=wanted, reason=" 相談日の誤り "
    )
    row.refresh_from_db()
    assert (row.is_current, row.minutes, row.held_on) == (False, 60, date(2026, 10, 5))
    assert (new.revision, new.is_current, new.minutes) == (2, True, 90)
    assert (new.record_no, new.correction_reason) == (row.record_no, "相談日の誤り")
    assert new.created_by_name == cast.cc_tokyo.user.name
    assert [one.pk for one in history(row)] == [new.pk, row.pk]
    assert dirty() == ["2026-09", "2026-10", "2026-11"], "old and new months, and the resolution's"
    event = AuditEvent.objects.get(action="hubs.ledger.correct")
    assert event.reason == "相談日の誤り"
    assert '"minutes":60' in event.before
    assert '"minutes":90' in event.after
    assert "theme" not in event.after, "only what differs"


def test_the_page_shows_what_changed_and_who_did_it(cast, sign_in):
    row = entered(cast.co_tokyo.scope, note="はじめの概要")
    client = sign_in(cast.cc_tokyo)
    url = reverse("ledger_correct", args=[row.pk])
    form = client.get(url).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields} | {"theme": "03"}
    assert client.post(url, sent).status_code == 422, "a reason is needed"
    assert client.post(url, sent | {"theme": "01", "reason": "誤り"}).status_code == 422
    done = client.post(url, sent | {"reason": "テーマの誤り"}, follow=True)
    assert done.status_code == 200
    assert "訂正しました。前の版は履歴に残ります。" in done.text
    for words in ("第1版", "第2版", "理由：テーマの誤り", "<del>売上拡大</del>", "<ins>創業</ins>"):
        assert words in done.text
    assert "はじめの概要</del>" in done.text, "the old version is struck through"
    old = client.get(reverse("ledger_record", args=[row.pk]))
    assert old.context["row"].revision == 2, "an old address leads to the version in force"
    assert client.get(url).status_code == 409


def test_two_who_correct_at_once_both_see_both_texts(cast, sign_in):
    row = entered(cast.co_tokyo.scope)
    client = sign_in(cast.co_tokyo)
    url = reverse("ledger_correct", args=[row.pk])
    form = client.get(url).context["form"]
    mine = {name: form[name].value() or "" for name in form.fields}
    mine |= {"minutes": "45", "reason": "時間の誤り"}
    theirs = correct_consultation(
        actor=cast.cc_tokyo.scope,
        row=row,
        values=replace(values_of(row), theme="05"),
        reason="テーマの誤り",
    )
    answer = client.post(url, mine)
    assert answer.status_code == 409
    assert "他の人が先に訂正しました" in answer.text
    assert "いまの内容「資金繰り」　あなたの入力「売上拡大」" in answer.text
    assert "いまの内容「60」　あなたの入力「45」" in answer.text
    assert answer.context["form"]["minutes"].value() == "45"
    again = reverse("ledger_correct", args=[theirs.pk])
    assert f'action="{again}"' in answer.text
    assert client.post(again, mine | {"theme": "05"}).status_code == 302
    newest = IndividualConsultation.objects.get(is_current=True)
    assert (newest.revision, newest.theme, newest.minutes) == (3, "05", 45)


def test_a_withdrawn_record_stays_to_be_read_and_counts_no_more(cast, sign_in):
    row = entered(cast.co_tokyo.scope, note="概要の文")
    client = sign_in(cast.co_tokyo)
    url = reverse("ledger_withdraw", args=[row.pk])
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "090-1234-5678の件"}).status_code == 422
    done = client.post(url, {"reason": "二重に入力したため"}, follow=True)
    assert "取り消しました。件数には数えません。" in done.text
    assert "この記録は取り消されています" in done.text
    assert not IndividualConsultation.objects.filter(is_current=True).exists()
    withdrawn = IndividualConsultation.objects.get(is_withdrawn=True)
    assert withdrawn.correction_reason == "二重に入力したため"
    assert client.get("/ledger/13/").context["figures"].records == 0
    assert client.post(url, {"reason": "もう一度"}).status_code == 409
    with pytest.raises(RecordConflict, match="すでに取り消されています"):
        withdraw_consultation(actor=cast.co_tokyo.scope, row=row, reason="もう一度")


def test_the_client_confirms_later_than_the_hub_reports(cast, sign_in):
    row = entered(cast.co_tokyo.scope, held_on=date(2026, 9, 1))
    DirtyMonth.objects.all().delete()
    client = sign_in(cast.co_tokyo)
    url = reverse("ledger_outcome", args=[row.pk])
    only = {"resolved_on": "", "client_confirmed_on": "2026-11-01"}
    assert "課題解決日も入力" in client.post(url, only).text
    assert client.post(url, {}).status_code == 422, "nothing changed"
    done = client.post(url, {"resolved_on": "令和8年10月1日"}, follow=True)
    assert "課題解決を記録しました" in done.text
    assert dirty() == ["2026-09", "2026-10"]
    second = IndividualConsultation.objects.get(is_current=True)
    assert (second.resolved_on, second.correction_reason) == (date(2026, 10, 1), "課題解決の記録")
    third = record_outcome(
        actor=cast.cc_tokyo.scope,
        row=second,
        resolved_on=second.resolved_on,
        client_confirmed_on=date(2026, 11, 5),
    )
    assert (third.revision, third.correction_reason) == (3, "相談者の確認の記録")
    back = record_outcome(
        actor=cast.cc_tokyo.scope, row=third, resolved_on=None, client_confirmed_on=None
    )
    assert (back.resolved_on, back.correction_reason) == (None, "課題解決の取消")
    with pytest.raises(InvalidInput):
        record_outcome(
            actor=cast.cc_tokyo.scope,
            row=back,
            resolved_on=date(2026, 8, 1),
            client_confirmed_on=None,
        )


def test_refusals_by_role_reason_content_and_year(cast):
    row = entered(cast.co_tokyo.scope, note="電話の相談")
    other = replace(values_of(row), minutes=90)
    for actor in cast.all():
        if actor.key in {"cc_tokyo", "co_tokyo"}:
            continue
        with pytest.raises(Refused):
            correct_consultation(actor=actor.scope, row=row, values=other, reason="誤り")
        with pytest.raises(Refused):
            withdraw_consultation(actor=actor.scope, row=row, reason="誤り")
        with pytest.raises(Refused):
            record_outcome(
                actor=actor.scope,
                row=row,
                resolved_on=date(2026, 11, 21),
                client_confirmed_on=None,
            )
    scope = cast.cc_tokyo.scope
    with pytest.raises(NotReady, match="理由"):
        correct_consultation(actor=scope, row=row, values=other, reason="　")
    with pytest.raises(NotReady, match="変更された項目"):
        correct_consultation(actor=scope, row=row, values=values_of(row), reason="誤り")
    spoken = replace(other, note="03-1234-5678")
    late = replace(other, held_on=date(2026, 12, 1))
    with pytest.raises(Doubtful):
        correct_consultation(actor=scope, row=row, values=spoken, reason="誤り")
    with pytest.raises(InvalidInput, match="先の日付"):
        correct_consultation(actor=scope, row=row, values=late, reason="誤り")
    assert IndividualConsultation.objects.count() == 1


def test_personal_data_that_was_confirmed_before_is_not_asked_again(cast, sign_in, typed):
    client = sign_in(cast.co_tokyo)
    typed["note"] = "03-1234-5678"
    token = client.post("/ledger/13/new/", typed).context["doubts"].token
    client.post("/ledger/13/new/", typed | {"confirmed": token})
    row = IndividualConsultation.objects.get()
    done = correct_consultation(
        actor=cast.co_tokyo.scope, row=row, values=replace(values_of(row), minutes=5), reason="誤り"
    )
    assert done.revision == 2


def test_a_closed_year_is_not_corrected(cast):
    row = entered(cast.co_tokyo.scope, held_on=date(2026, 3, 1))
    close_term(actor=SYSTEM, term=open_year(2025))
    for values in (values_of(row), replace(values_of(row), held_on=date(2026, 4, 1))):
        with pytest.raises(NotReady, match="令和7年度の期は終了"):
            correct_consultation(
                actor=cast.cc_tokyo.scope,
                row=row,
                values=replace(values, minutes=5),
                reason="誤り",
            )


def _imported(held_on, number, **more):
    """A row as a file brings it."""
    return IndividualConsultation.objects.create(
        hub=hub("13"),
        record_no=number,
        held_on=held_on,
        channel="1",
        theme="01",
        industry="E",
        employees_band="2",
        coordinator_name="A",
        client_key="C",
        minutes=10,
        import_batch_id=7,
        import_line=2,
        created_by_name="取込",
        created_at="2026-11-20T00:00:00+09:00",
        **more,
    )


def _may_delete(row):
    try:
        with transaction.atomic():
            IndividualConsultation.objects.filter(pk=row.pk).delete()
    except DatabaseError:
        return False
    return True


def _accepted(month):
    """The month of Tokyo as an accepted report, whatever its figures say."""
    report = entered_month(month)
    MonthlyReport.objects.filter(pk=report.pk).update(state="accepted", accepted_at=NOW)


def test_only_rows_of_a_file_in_open_months_can_be_undone(cast):
    open_year()
    _accepted(date(2026, 4, 1))
    assert not _may_delete(_imported(date(2026, 4, 30), "A-1"))
    assert not _may_delete(_imported(date(2026, 3, 1), "A-2", resolved_on=date(2026, 4, 1)))
    assert _may_delete(_imported(date(2026, 5, 1), "A-3"))
    assert _may_delete(_imported(date(2026, 3, 31), "A-4"))
    corrected = _imported(date(2026, 5, 2), "A-5")
    correct_consultation(
        actor=cast.cc_tokyo.scope,
        row=corrected,
        values=replace(values_of(corrected), minutes=20),
        reason="誤り",
    )
    assert not _may_delete(corrected), "what somebody corrected by hand stays"
    assert not _may_delete(entered(cast.cc_tokyo.scope)), "a record typed by hand stays"


def test_an_accepted_month_may_still_be_corrected_by_a_new_version(cast):
    open_year()
    row = entered(cast.cc_tokyo.scope, held_on=date(2026, 4, 10))
    _accepted(date(2026, 4, 1))
    DirtyMonth.objects.all().delete()
    new = correct_consultation(
        actor=cast.cc_tokyo.scope,
        row=row,
        values=replace(values_of(row), minutes=20),
        reason="誤り",
    )
    assert (new.revision, dirty()) == (2, ["2026-04"])
