"""Sending and reading notices."""

from collections.abc import Iterable

from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.notices.models import Notice


def notify(user_ids: Iterable[int], *, key: str, text: str, url: str = "") -> int:
    """Write one notice per account in the caller's transaction; a repeated key is ignored.

    Returns the accounts.
    """
    rows = [
        Notice(user_id=user_id, key=key, text=text, url=url) for user_id in sorted(set(user_ids))
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def mark_read(actor: Scope, *, notice_id: int | None = None) -> int:
    """Mark one notice, or all of the actor's notices, as read. Returns how many changed."""
    rows = Notice.objects.visible_to(actor).unread()
    if notice_id is not None:
        rows = rows.filter(pk=notice_id)
    return rows.update(read_at=clock.now())
