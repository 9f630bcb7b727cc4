"""Notices by mail: one mail per person and act, tried again, never a figure, never twice."""

import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client

from tests.cast import Cast
from yorozu.core import clock
from yorozu.core.audit.models import AuditEvent
from yorozu.core.jobs.models import Job, JobState
from yorozu.core.jobs.operations import retry
from yorozu.core.jobs.runner import run
from yorozu.core.notices import delivery, letters
from yorozu.core.notices.models import MailState, Notice, NoticeMail
from yorozu.core.notices.operations import Message, choose_mail, notify, notify_all
from yorozu.core.notices.tasks import send_due_mails

TEXT = "令和8年9月の月次実績の提出期限を過ぎています。"
LATE = {"key": "late-9", "text": TEXT, "url": "/results/9/", "mail": True}


class Refusing(EmailBackend):
    """A mail server that takes nothing for the addresses in ``bad``."""

    bad: frozenset[str] = frozenset()

    def send_messages(self, messages: Any) -> int:
        for message in messages:
            if set(message.to) & self.bad:
                raise smtplib.SMTPServerDisconnected("connection closed")
        return super().send_messages(messages)


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> type[Refusing]:
    settings.PORTAL_ADDRESS = "https://portal.example.jp"
    monkeypatch.setattr(delivery, "get_connection", Refusing)
    monkeypatch.setattr(Refusing, "bad", frozenset())
    return Refusing


def states() -> list[str]:
    return list(NoticeMail.objects.order_by("notice_id").values_list("state", flat=True))


def tomorrow(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_a_mail_goes_out_at_the_commit_with_a_link_and_its_state_is_kept(
    cast: Cast, server: type[Refusing], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assert notify([cast.cc_tokyo.user.pk], **LATE) == 1
        assert mail.outbox == []
    [letter] = mail.outbox
    assert letter.to == [cast.cc_tokyo.user.email]
    assert letter.subject == f"【よろず支援拠点ポータル】{TEXT[:-1]}"
    assert letter.body.startswith("配役 cc_tokyo 様\n")
    assert f"■ {TEXT}\n   https://portal.example.jp/results/9/\n" in letter.body
    assert "https://portal.example.jp/notices/" in letter.body
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"
    row = NoticeMail.objects.get()
    assert (row.state, row.attempts, row.token) == (MailState.SENT, 1, "")
    assert row.sent_at is not None


def test_the_same_notice_is_mailed_once_however_often_it_is_sent(
    cast: Cast, server: type[Refusing], django_capture_on_commit_callbacks: Any
) -> None:
    for _ in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            notify([cast.cc_tokyo.user.pk], **LATE)
    assert len(mail.outbox) == Notice.objects.count() == 1


def test_one_act_brings_one_mail_per_person_in_a_fixed_number_of_queries(
    cast: Cast,
    server: type[Refusing],
    django_capture_on_commit_callbacks: Any,
    django_assert_num_queries: Any,
) -> None:
    people = [actor.user.pk for actor in cast.all()]
    few = [Message(pk, f"a-{n}", f"お知らせ{n}。", f"/a/{n}/") for pk in people[:2] for n in (1, 2)]
    many = [Message(pk, f"b-{n}", f"お知らせ{n}。") for pk in people for n in range(5)]
    # Savepoint twice, known, notices, their rows, mails, and the job: looked up and entered.
    with django_capture_on_commit_callbacks(execute=True), django_assert_num_queries(10):
        notify_all(few, act="few", mail=True)
    assert [letter.subject for letter in mail.outbox] == [
        "【よろず支援拠点ポータル】お知らせが2件あります"
    ] * 2
    assert mail.outbox[0].body.count("■") == 2
    with django_assert_num_queries(10):
        notify_all(many, act="many", mail=True)
    assert NoticeMail.objects.filter(act="many").count() == 5 * len(people)
    assert Job.objects.filter(kind=delivery.KIND).count() == 2


@pytest.mark.parametrize(
    "text", ["総合点は82.5点です。", "３位でした。", "配分案は1,200千円です。", "達成率は98%です。"]
)
def test_a_text_with_a_figure_of_the_judgement_or_money_is_refused(cast: Cast, text: str) -> None:
    with pytest.raises(ValueError, match="may not leave by mail"):
        notify([cast.hq.user.pk], key="x", text=text, mail=True)
    assert Notice.objects.count() == 0
    assert notify([cast.hq.user.pk], key="x", text=text) == 1


@pytest.mark.parametrize(
    "text", [TEXT, "提出していない月が3か月あります。", "11月10日が期限です。"]
)
def test_dates_and_numbers_of_tasks_may_be_mailed(text: str) -> None:
    assert letters.refuse_figures(text) == text


def test_a_subject_stays_one_line_of_sixty_characters() -> None:
    subject = letters.subject(["あ" * 50 + "\r\nBcc: x@example.jp " + "い" * 50])
    assert "\n" not in subject
    assert len(subject) == len(letters.SUBJECT) + letters.SUBJECT_LENGTH
    assert subject.endswith("…")


def test_no_mail_for_a_person_who_switched_it_off_was_stopped_or_has_read_it(
    cast: Cast, server: type[Refusing], django_capture_on_commit_callbacks: Any
) -> None:
    choose_mail(cast.cc_tokyo.scope, wants_mail=False)
    cast.cc_miyagi.user.is_active = False
    cast.cc_miyagi.user.save()
    people = [cast.cc_tokyo, cast.cc_miyagi, cast.hq]
    with django_capture_on_commit_callbacks(execute=True):
        notify([actor.user.pk for actor in people], **LATE)
        Notice.objects.filter(user=cast.hq.user).update(read_at=clock.now())
    assert mail.outbox == []
    assert sorted(states()) == [MailState.OFF, MailState.OFF, MailState.READ]


def test_a_refused_mail_is_tried_again_and_the_others_go_out(
    cast: Cast,
    server: type[Refusing],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    server.bad = frozenset({cast.cc_tokyo.user.email})
    with django_capture_on_commit_callbacks(execute=True):
        notify([cast.cc_tokyo.user.pk, cast.hq.user.pk], **LATE)
    assert [letter.to for letter in mail.outbox] == [[cast.hq.user.email]]
    row = NoticeMail.objects.get(notice__user=cast.cc_tokyo.user)
    assert (row.state, row.attempts) == (MailState.WAITING, 1)
    assert row.error == "SMTPServerDisconnected: connection closed"
    assert row.due_at > clock.now()
    assert send_due_mails() == []
    server.bad = frozenset()
    tomorrow(monkeypatch)
    with django_capture_on_commit_callbacks(execute=True):
        assert send_due_mails() == ["late-9"]
    assert [letter.to for letter in mail.outbox[1:]] == [[cast.cc_tokyo.user.email]]
    assert set(states()) == {MailState.SENT}


def test_after_the_last_attempt_the_job_says_so_and_can_be_done_anew(
    cast: Cast,
    server: type[Refusing],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    server.bad = frozenset({cast.cc_tokyo.user.email})
    with django_capture_on_commit_callbacks(execute=True):
        notify([cast.cc_tokyo.user.pk], **LATE)
    for _ in delivery.PAUSES:
        tomorrow(monkeypatch)
        with django_capture_on_commit_callbacks(execute=True):
            send_due_mails()
    assert states() == [MailState.FAILED]
    job = Job.objects.filter(kind=delivery.KIND).latest("pk")
    assert job.state == JobState.FAILED
    assert "1件の通知メールを送信できませんでした" in job.error
    assert send_due_mails() == []
    server.bad = frozenset()
    with django_capture_on_commit_callbacks(execute=True):
        retry(cast.admin.scope, job=job)
    assert len(mail.outbox) == 1
    assert states() == [MailState.SENT]


def test_a_worker_that_holds_a_mail_keeps_others_from_it_until_it_is_lost(
    cast: Cast, server: type[Refusing], monkeypatch: pytest.MonkeyPatch
) -> None:
    notify([cast.hq.user.pk], **LATE)
    rows = list(NoticeMail.objects.all())
    # A worker takes the row and dies before sending.
    assert delivery._claim(rows, "dead").count() == 1
    assert delivery._claim(rows, "second").count() == 0
    job = Job.objects.get(kind=delivery.KIND)
    assert run(job.pk) == JobState.SUCCEEDED
    assert mail.outbox == []
    tomorrow(monkeypatch)
    assert delivery.deliver("late-9", lambda done, total: None) == {
        "sent": 1,
        "later": 0,
        "failed": 0,
    }
    assert len(mail.outbox) == 1


def test_the_switch_on_the_page_of_notices_works_and_is_in_the_trail(
    cast: Cast, sign_in: Any
) -> None:
    client: Client = sign_in(cast.co_tokyo)
    page = client.get("/notices/").content.decode()
    assert "メールでの通知を停止する" in page
    assert cast.co_tokyo.user.email in page
    answer = client.post("/notices/settings/", {"mail": "off"}, follow=True)
    assert "通知メールを停止しました。" in answer.content.decode()
    assert "メールでも通知を受け取る" in answer.content.decode()
    # The same wish twice is one act.
    client.post("/notices/settings/", {"mail": "off"})
    assert AuditEvent.objects.filter(action="core.notices.settings").count() == 1
    client.post("/notices/settings/", {"mail": "on"})
    assert "メールでの通知を停止する" in client.get("/notices/").content.decode()


def test_the_list_shows_how_far_the_mail_is(cast: Cast, sign_in: Any) -> None:
    notify([cast.hq.user.pk], **LATE)
    notify([cast.hq.user.pk], key="plain", text="メールのない通知です。")
    page = sign_in(cast.hq).get("/notices/").content.decode()
    assert page.count(MailState.WAITING.label) == 1
