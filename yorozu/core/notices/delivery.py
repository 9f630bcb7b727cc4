"""Bringing notices out by mail: one mail per person and act, tried again, with its state kept."""

import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.db.models import F, Q, QuerySet

from yorozu.core import clock
from yorozu.core.access import system_scope
from yorozu.core.jobs.models import Job
from yorozu.core.jobs.operations import enqueue
from yorozu.core.notices import letters
from yorozu.core.notices.models import MailState, Notice, NoticeMail, NoticeSetting

logger = logging.getLogger("yorozu.notices")
KIND = "notices.mail"
SENDER = "通知メールの送信"
# Pauses after the first, second ... attempt; after the last one the mail has failed.
PAUSES = (
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)
# Longer than one mail takes; a worker that dies inside leaves the row due again.
HOLD = timedelta(minutes=10)


def post(notices: Iterable[Notice], *, act: str) -> None:
    """Enter new notices for delivery and ask for the job, in the caller's transaction."""
    now = clock.now()
    rows = [NoticeMail(notice=notice, act=act, due_at=now) for notice in notices]
    if not rows:
        return
    NoticeMail.objects.bulk_create(rows, ignore_conflicts=True)
    _ask(act, f"mail:{act}")


def post_due() -> list[str]:
    """Ask for the mails whose next attempt has come; returns their acts."""
    acts = list(
        NoticeMail.objects.filter(_is_due())
        .order_by("act")
        .values_list("act", flat=True)
        .distinct()
    )
    for act in acts:
        _ask(act, f"mail:{act}:{clock.now():%Y%m%d%H%M}")
    return acts


def _ask(act: str, key: str) -> Job:
    actor = system_scope(SENDER)
    return enqueue(actor, kind=KIND, key=key, label=SENDER, params={"act": act})


def _is_due() -> Q:
    return Q(state=MailState.WAITING, due_at__lte=clock.now())


def deliver(act: str, progress: Callable[[int, int], None]) -> dict[str, int]:
    """Send what is due of one act, and again what had failed (a job tried anew by hand).

    Returns how many mails went out, will be tried again, and were given up.
    """
    people = _by_person(NoticeMail.objects.filter(act=act))
    counts = {"sent": 0, "later": 0, "failed": 0}
    connection = get_connection()
    try:
        for number, (user_id, rows) in enumerate(people.items()):
            progress(number, len(people))
            outcome = _send(connection, user_id, rows)
            if outcome:
                counts[outcome] += 1
    finally:
        connection.close()
    return counts


def _by_person(rows: QuerySet[NoticeMail]) -> dict[int, list[NoticeMail]]:
    found: dict[int, list[NoticeMail]] = defaultdict(list)
    open_rows = rows.filter(_is_due() | Q(state=MailState.FAILED))
    for row in open_rows.select_related("notice__user").order_by("notice__user_id", "notice_id"):
        found[row.notice.user_id].append(row)
    return _sort_out(found)


def _sort_out(found: dict[int, list[NoticeMail]]) -> dict[int, list[NoticeMail]]:
    """Close what needs no mail: switched off, account stopped, read in the meantime."""
    refusing = NoticeSetting.objects.filter(user_id__in=list(found), wants_mail=False)
    silent = set(refusing.values_list("user_id", flat=True))
    wanted: dict[int, list[NoticeMail]] = {}
    closed: dict[MailState, list[int]] = defaultdict(list)
    for user_id, rows in found.items():
        for row in rows:
            if user_id in silent or not row.notice.user.is_active:
                closed[MailState.OFF].append(row.pk)
            elif row.notice.read_at is not None:
                closed[MailState.READ].append(row.pk)
            else:
                wanted.setdefault(user_id, []).append(row)
    for state, pks in closed.items():
        NoticeMail.objects.filter(pk__in=pks).update(state=state, token="")
    return wanted


def _send(connection: Any, user_id: int, rows: list[NoticeMail]) -> str:
    """One mail to one person; "" when another worker holds it."""
    token = str(uuid.uuid4())
    held = _claim(rows, token)
    mine = list(held.select_related("notice__user").order_by("notice_id"))
    if not mine:
        return ""
    try:
        _message(connection, mine).send()
    except (OSError, ValueError) as error:
        # The next one gets a fresh connection: this one may be dead.
        connection.close()
        return _put_back(held, mine, error)
    held.update(state=MailState.SENT, sent_at=clock.now(), token="", error="")
    return "sent"


def _claim(rows: list[NoticeMail], token: str) -> QuerySet[NoticeMail]:
    """Take the rows that are still due; one conditional UPDATE decides between workers."""
    pks = [row.pk for row in rows]
    free = NoticeMail.objects.filter(pk__in=pks).filter(_is_due() | Q(state=MailState.FAILED))
    free.update(
        state=MailState.WAITING,
        token=token,
        due_at=clock.now() + HOLD,
        attempts=F("attempts") + 1,
    )
    return NoticeMail.objects.filter(token=token)


def _message(connection: Any, rows: list[NoticeMail]) -> EmailMessage:
    user = rows[0].notice.user
    texts = [row.notice.text for row in rows]
    host = letters.link("").split("//")[-1].split("/")[0].split(":")[0]
    return EmailMessage(
        subject=letters.subject(texts),
        body=letters.body(user.name, [(row.notice.text, row.notice.url) for row in rows]),
        to=[user.email],
        connection=connection,
        headers={
            "Auto-Submitted": "auto-generated",
            # The same mail sent twice (a worker killed in between) is seen as one.
            "Message-ID": f"<notice-{rows[0].notice_id}-{len(rows)}@{host}>",
        },
    )


def _put_back(held: QuerySet[NoticeMail], rows: list[NoticeMail], error: Exception) -> str:
    attempts = max(row.attempts for row in rows)
    said = f"{type(error).__name__}: {error}"[:200]
    logger.warning("mail of act %s not sent: %s", rows[0].act, type(error).__name__)
    if attempts > len(PAUSES):
        held.update(state=MailState.FAILED, token="", error=said)
        return "failed"
    due = clock.now() + PAUSES[attempts - 1]
    held.update(token="", error=said, due_at=due)
    return "later"
