"""Reads of notices beyond the rows themselves."""

from typing import NamedTuple

from django.db.models import Count, Max
from django.http import HttpRequest

from yorozu.core.access import Scope, scope_of
from yorozu.core.notices.models import Notice, NoticeSetting


class Unread(NamedTuple):
    """The number of notices a person has not read, and the key of the newest of them (0: none)."""

    total: int
    newest: int


def unread(request: HttpRequest) -> Unread:
    """Of the signed-in person; the frame of the page takes the number from here."""
    rows = Notice.objects.visible_to(scope_of(request)).unread().order_by()
    sums = rows.aggregate(total=Count("pk"), newest=Max("pk"))
    found = Unread(sums["total"], sums["newest"] or 0)
    request.unread_notices = found  # type: ignore[attr-defined]
    return found


def unread_count(request: HttpRequest) -> int:
    """Only the number, which every page shows; not asked again where it is known."""
    found: Unread | None = getattr(request, "unread_notices", None)
    if found is not None:
        return found.total
    return Notice.objects.visible_to(scope_of(request)).unread().order_by().count()


def wants_mail(scope: Scope) -> bool:
    """Whether the person's notices also go out by mail; on until the person switches it off."""
    if scope.user_id is None:
        return False
    return not NoticeSetting.objects.filter(user_id=scope.user_id, wants_mail=False).exists()
