"""Sending and reading notices, and the person's switch for mails."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.notices import delivery, letters
from yorozu.core.notices.models import Notice, NoticeSetting


@dataclass(frozen=True)
class Message:
    """One notice to one account: ``key`` makes it unique for the person, ``url`` is a path."""

    user_id: int
    key: str
    text: str
    url: str = ""


def notify(
    user_ids: Iterable[int], *, key: str, text: str, url: str = "", mail: bool = False
) -> int:
    """Write one notice per account in the caller's transaction; a repeated key is ignored.

    With ``mail`` it also goes out by mail after the commit. Returns the accounts.
    """
    messages = [Message(user_id, key, text, url) for user_id in sorted(set(user_ids))]
    return notify_all(messages, act=key, mail=mail)


def notify_all(messages: Iterable[Message], *, act: str, mail: bool = False) -> int:
    """Write many notices of one act in a fixed number of queries, in the caller's transaction.

    A notice whose key the person already has is ignored. With ``mail`` the new ones go out by mail
    after the commit, all of one act to one person in one mail; ValueError when a text names a
    score, rank, share or amount, which may not leave the portal. Returns the messages.
    """
    wanted = {(message.user_id, message.key): message for message in messages}
    if not wanted:
        return 0
    if mail:
        for message in wanted.values():
            letters.refuse_figures(message.text)
    with transaction.atomic():
        fresh = [wanted[pair] for pair in sorted(set(wanted) - _known(wanted))]
        Notice.objects.bulk_create(
            [Notice(user_id=row.user_id, key=row.key, text=row.text, url=row.url) for row in fresh],
            ignore_conflicts=True,
        )
        if mail and fresh:
            keys = {(row.user_id, row.key) for row in fresh}
            mine = [notice for notice in _rows(keys) if (notice.user_id, notice.key) in keys]
            delivery.post(mine, act=act)
    return len(wanted)


def _rows(pairs: Iterable[tuple[int, str]]) -> list[Notice]:
    """Notices of these people with these keys (more than the pairs, when people share keys)."""
    users, keys = zip(*pairs, strict=True)
    return list(Notice.objects.filter(user_id__in=set(users), key__in=set(keys)))


def _known(pairs: Iterable[tuple[int, str]]) -> set[tuple[int, str]]:
    return {(notice.user_id, notice.key) for notice in _rows(pairs)}


def mark_read(actor: Scope, *, notice_id: int | None = None) -> int:
    """Mark one notice, or all of the actor's notices, as read. Returns how many changed."""
    rows = Notice.objects.visible_to(actor).unread()
    if notice_id is not None:
        rows = rows.filter(pk=notice_id)
    return rows.update(read_at=clock.now())


def choose_mail(actor: Scope, *, wants_mail: bool) -> NoticeSetting:
    """Switch the mails of one's own notices on or off; the notices themselves stay."""
    require(actor, "core.notices.settings")
    with transaction.atomic():
        setting, _ = NoticeSetting.objects.select_for_update().get_or_create(user_id=actor.user_id)
        if setting.wants_mail != wants_mail:
            before = {"wants_mail": setting.wants_mail}
            setting.wants_mail = wants_mail
            setting.save(update_fields=["wants_mail"])
            after = {"wants_mail": wants_mail}
            record(actor, "core.notices.settings", setting, before=before, after=after)
    return setting
