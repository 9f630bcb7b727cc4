"""The submission matrix with its filters, and one reminder for all late hubs."""

import csv
import io
from datetime import date, datetime

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from hubs.network.models import Hub
from hubs.results import operations
from hubs.results.models import MonthlyReport, Reminder
from hubs.results.queries import Need, late_months, submission_matrix
from tests.hubs.year import NOW, SYSTEM, accepted, entered, hub, open_year
from yorozu.core import clock
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import NotReady, Refused
from yorozu.core.notices.models import Notice, NoticeMail

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]
APRIL, OCTOBER = date(2026, 4, 1), date(2026, 10, 1)


@pytest.fixture
def year(cast):
    """Tokyo has only October left, Kanagawa has sent nothing, Miyagi's April waits."""
    term = open_year()
    for number in range(4, 10):
        accepted(date(2026, number, 1))
    report = entered(APRIL, "04")
    operations.submit_month(actor=SYSTEM, report=report)
    return term


def keys(scope, term):
    return [row.key for row in late_months(scope, term)]


def test_the_matrix_knows_what_each_month_waits_for(cast, year):
    rows = {row.hub.code: row for row in submission_matrix(cast.hq.scope, year)}
    assert len(rows) == 47
    tokyo, miyagi = rows["13"], rows["04"]
    assert [cell.month for cell in tokyo.waits_for(Need.OVERDUE)] == [OCTOBER]
    assert (tokyo.due, tokyo.in_time, tokyo.timeliness) == (7, 0, "0.0%")
    assert [cell.month for cell in miyagi.waits_for(Need.WAITING)] == [APRIL]
    assert len(miyagi.waits_for(Need.OVERDUE)) == 6
    april = tokyo.cells[0]
    # Due on 11 May 2026 at noon, sent on 22 November.
    assert (april.days_late, april.note) == (195, "195日遅れ")
    november, december = tokyo.cells[7], tokyo.cells[8]
    assert (november.needs, december.is_future) == (frozenset(), True)


def test_a_month_sent_in_time_is_in_time(cast, monkeypatch):
    term = open_year()
    monkeypatch.setattr(clock, "now", lambda: NOW.replace(month=5, day=1))
    operations.submit_month(actor=SYSTEM, report=entered(APRIL))
    monkeypatch.setattr(clock, "now", lambda: NOW)
    report = MonthlyReport.objects.get()
    operations.return_month(actor=SYSTEM, report=report, reason="確認")
    operations.submit_month(actor=SYSTEM, report=report)
    row = next(row for row in submission_matrix(SYSTEM, term) if row.hub.code == "13")
    # The first sending counts: a month sent back is not late for it.
    assert (row.in_time, row.cells[0].days_late) == (1, 0)


def test_the_matrix_costs_the_same_for_any_number_of_hubs(cast, year, django_assert_num_queries):
    with django_assert_num_queries(6):
        assert len(submission_matrix(cast.hq.scope, year)) == 47
    with django_assert_num_queries(6):
        assert len(submission_matrix(cast.cc_tokyo.scope, year)) == 1


def test_filters_count_and_leave_hubs(cast, sign_in, year):
    client = sign_in(cast.bureau_kanto)
    url = reverse("results_list", args=[year.pk])
    page = client.get(url, {"show": "overdue"}).text
    hubs = Hub.objects.visible_to(cast.bureau_kanto.scope).count()
    assert f"期限超過（{hubs}拠点）" in page
    assert f"督促（{hubs}拠点）" in page
    page = client.get(url, {"show": "returned"}).text
    assert "該当する拠点はありません。" in page
    assert client.get(url, {"show": "unknown"}).status_code == 200
    waiting = sign_in(cast.bureau_tohoku).get(
        reverse("results_matrix_csv", args=[year.pk]), {"show": "waiting"}
    )
    rows = list(csv.reader(io.StringIO(waiting.content.decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == ["宮城県よろず支援拠点"]
    assert "提出済" in rows[1][6]


def test_one_act_reminds_everybody_once_a_working_day(cast, year, monkeypatch):
    scope = cast.bureau_kanto.scope
    wanted = keys(scope, year)
    sent = operations.send_reminders(actor=scope, term=year, keys=wanted)
    # Chief and body of Tokyo for October, the chief of Kanagawa for seven months; others have
    # nobody to write to.
    people = {(row.hub.code, row.recipient_id) for row in sent}
    assert people == {
        ("13", cast.cc_tokyo.user.pk),
        ("13", cast.body_tokyo.user.pk),
        ("14", cast.cc_kanagawa.user.pk),
    }
    assert len(sent) == 2 + 7
    # 22 November 2026 is a Sunday, the 23rd a holiday.
    assert {row.working_day for row in sent} == {date(2026, 11, 24)}
    told = Notice.objects.filter(user=cast.cc_kanagawa.user).get()
    assert "4月分、5月分、6月分、7月分、8月分、9月分、10月分" in told.text
    assert NoticeMail.objects.filter(notice=told).count() == 1
    assert AuditEvent.objects.filter(action="hubs.results.remind").count() == 1
    with pytest.raises(NotReady, match="本日すでに督促"):
        operations.send_reminders(actor=cast.hq.scope, term=year, keys=wanted)
    monkeypatch.setattr(clock, "now", lambda: NOW.replace(day=25))
    assert len(operations.send_reminders(actor=scope, term=year, keys=wanted)) == 9
    cells = {row.hub.code: row for row in submission_matrix(scope, year)}["13"].cells
    assert cells[6].note == "督促 11/25"


def test_what_is_not_late_or_not_ones_own_is_left_out(cast, year):
    tokyo = hub("13")
    with pytest.raises(NotReady):
        operations.send_reminders(
            actor=cast.bureau_kanto.scope, term=year, keys=[f"{tokyo.pk}-202604", "x"]
        )
    with pytest.raises(NotReady):
        operations.send_reminders(
            actor=cast.bureau_tohoku.scope, term=year, keys=[f"{tokyo.pk}-202610"]
        )
    assert not Reminder.objects.exists()


def test_reminding_is_for_bureau_and_hq(cast, year):
    for actor in cast.all():
        if actor.key in {"bureau_kanto", "bureau_tohoku", "hq", "hq_second"}:
            continue
        with pytest.raises(Refused):
            operations.send_reminders(actor=actor.scope, term=year, keys=["1-202604"])


def test_reminders_stay(cast, year):
    scope = cast.bureau_kanto.scope
    operations.send_reminders(actor=scope, term=year, keys=keys(scope, year))
    for act in (
        lambda: Reminder.objects.update(recipient_name="別人"),
        lambda: Reminder.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_the_page_lists_whom_and_sends(cast, sign_in, year):
    client = sign_in(cast.bureau_kanto)
    url = reverse("results_remind", args=[year.pk])
    page = client.get(url).text
    assert cast.cc_tokyo.user.name in page
    assert "督促を送る利用者が登録されていません" in page
    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"months": [f"{hub('04').pk}-202604"]}).status_code == 422
    done = client.post(url, {"months": keys(cast.bureau_kanto.scope, year)}, follow=True)
    assert "2拠点の3人に督促を送りました" in done.text
    assert "督促 11/22" in done.text
    again = client.get(url).text
    assert "本日は督促済みです" in again
    assert sign_in(cast.bureau_tohoku).get(url).status_code == 200


def test_nothing_late_says_so(cast, sign_in, monkeypatch):
    term = open_year()
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 4, 15, 9, tzinfo=NOW.tzinfo))
    page = sign_in(cast.hq).get(reverse("results_remind", args=[term.pk])).text
    assert "期限を過ぎた月次実績はありません。" in page
