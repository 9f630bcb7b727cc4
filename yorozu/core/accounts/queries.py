"""Accounts with the memberships that are valid today, for the administrator's list."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from yorozu.core.accounts.models import User


@dataclass(frozen=True)
class AccountRow:
    """One account and its memberships."""

    user: User
    memberships: list[Any] = field(default_factory=list)


def find_accounts(words: str, state: str) -> QuerySet[User]:
    """Accounts whose name or address contains the words; state: active, locked, empty for all."""
    users = User.objects.all()
    if words:
        users = users.filter(Q(name__icontains=words) | Q(email__icontains=words))
    if state in {"active", "locked"}:
        users = users.filter(is_active=state == "active")
    return users.order_by("email")


def with_memberships(users: Iterable[User]) -> list[AccountRow]:
    """The accounts with their memberships of today, in one query more."""
    rows = list(users)
    by_user = import_string(settings.MEMBERSHIPS_BY_USER)(user.pk for user in rows)
    return [AccountRow(user, by_user.get(user.pk, [])) for user in rows]
