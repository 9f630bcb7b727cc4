"""Locking and unlocking accounts; an account is never deleted, because the trail names it."""

from django.db import transaction

from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.accounts.models import User
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, Problem, Refused

OWN_ACCOUNT = "自分の利用者は停止できません。ほかのシステム管理者に依頼してください。"
NO_REASON = "理由を入力してください。"


def lock_account(actor: Scope, *, user: User, reason: str) -> User:
    """Stop an account, end its sessions. Refused for one's own, Conflict when already stopped."""
    require(actor, "core.accounts.lock")
    if user.pk == actor.user_id:
        raise Refused(OWN_ACCOUNT)
    return _set_active(actor, user, active=False, reason=reason)


def unlock_account(actor: Scope, *, user: User, reason: str) -> User:
    """Let an account sign in again; its old sessions stay ended."""
    require(actor, "core.accounts.lock")
    return _set_active(actor, user, active=True, reason=reason)


def _set_active(actor: Scope, user: User, *, active: bool, reason: str) -> User:
    if not reason.strip():
        raise InvalidInput([Problem(None, "理由", NO_REASON)])
    values: dict[str, object] = {"is_active": active}
    if not active:
        values["sessions_ended_at"] = clock.now()
    with transaction.atomic():
        if not User.objects.filter(pk=user.pk, is_active=not active).update(**values):
            state = "有効" if active else "停止中"
            raise Conflict(f"この利用者はすでに「{state}」です。")
        record(
            actor,
            "core.accounts.lock",
            user,
            before={"is_active": not active},
            after={"is_active": active},
            reason=reason.strip(),
        )
    user.refresh_from_db()
    return user
