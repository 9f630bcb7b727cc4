"""Who may do what: roles, the scope of a signed-in person, and one policy table per app.

A view names an action with ``@allow("hubs.plans.submit")``; an operation repeats the question with
``require(actor, action, hub_id=...)``, so that no door stands open beside the screen.
Bans always win over grants; an unknown action name raises instead of refusing silently.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Self, TypeVar

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.db import models
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

from yorozu.core.errors import Refused


class Role(models.TextChoices):
    """The roles of product.md 1; a person holds one at a time, by an own dated membership."""

    SME_AGENCY = "sme_agency", "中小企業庁"
    BUREAU = "bureau", "経済産業局"
    NATIONAL_HQ = "national_hq", "全国本部"
    PROJECT_MANAGER = "project_manager", "プロジェクトマネージャー"
    HQ_SUPPORTER = "hq_supporter", "サポーター"
    LIAISON_EXPERT = "liaison_expert", "連携専任の専門家"
    BOARD_MEMBER = "board_member", "アドバイザリーボード委員"
    CHIEF_COORDINATOR = "chief_coordinator", "チーフコーディネーター"
    COORDINATOR = "coordinator", "コーディネーター"
    IMPLEMENTING_BODY = "implementing_body", "実施機関"
    SYSTEM_ADMIN = "system_admin", "システム管理者"
    AUDITOR = "auditor", "監査"


@dataclass(frozen=True)
class Scope:
    """What a person sees in the active role. ``hub_ids`` None means the whole nation."""

    user_id: int | None
    name: str
    role: Role | None
    hub_ids: frozenset[int] | None
    organization: str = ""
    membership_id: int | None = None
    is_system: bool = False

    def covers(self, hub_id: int | None) -> bool:
        """True when records of this hub lie in the scope (a national record has hub_id None)."""
        return self.hub_ids is None or (hub_id is not None and hub_id in self.hub_ids)

    @property
    def label(self) -> str:
        """Name and organisation as audit and screens show them."""
        return f"{self.name}（{self.organization}）" if self.organization else self.name


NOBODY = Scope(user_id=None, name="未登録", role=None, hub_ids=frozenset())


def system_scope(name: str) -> Scope:
    """The scope of a command or nightly task; its name stands in the audit trail."""
    return Scope(user_id=None, name=name, role=None, hub_ids=None, is_system=True)


@dataclass(frozen=True)
class Rule:
    """One row of a policy table: the action, its Japanese label and the roles that may do it."""

    action: str
    label: str
    roles: frozenset[Role]
    writes: bool = False
    open_to_all: bool = False


@dataclass(frozen=True)
class Decision:
    """Answer of the policy: allowed, or refused with the sentence shown to the user."""

    allowed: bool
    reason: str = ""


ALL_ROLES = frozenset(Role)
_RULES: dict[str, Rule] = {}


def rule(action: str, label: str, roles: Iterable[Role], *, writes: bool = False) -> Rule:
    """Build one row of a policy table."""
    return Rule(action, label, frozenset(roles), writes)


def public(action: str, label: str) -> Rule:
    """A row that needs no sign-in at all (health checks, the sign-in page)."""
    return Rule(action, label, ALL_ROLES, open_to_all=True)


def declare(*rules: Rule) -> None:
    """Enter a policy table; an action may be declared once only."""
    for row in rules:
        if row.action in _RULES and _RULES[row.action] != row:
            raise ValueError(f"action declared twice: {row.action}")
        _RULES[row.action] = row


def rules() -> list[Rule]:
    """All declared rules, ordered by action (used by the matrix test and ROLES.md)."""
    return sorted(_RULES.values(), key=lambda row: row.action)


def find_rule(action: str) -> Rule:
    """The rule of an action; KeyError for a name nobody declared."""
    try:
        return _RULES[action]
    except KeyError:
        raise KeyError(f"unknown action: {action}") from None


def decide(scope: Scope, action: str, *, hub_id: int | None = None) -> Decision:
    """May this scope do this action (on records of this hub, when one is given)?"""
    row = find_rule(action)
    if row.open_to_all or scope.is_system:
        return Decision(True)
    if scope.role is None:
        return Decision(
            False, "この操作には有効な役割が必要です。システム管理者に連絡してください。"
        )
    if scope.role not in row.roles:
        who = "、".join(role.label for role in Role if role in row.roles)
        return Decision(
            False, f"「{row.label}」は{who}だけが行えます（現在の役割：{scope.role.label}）。"
        )
    if hub_id is not None and not scope.covers(hub_id):
        return Decision(False, f"「{row.label}」は担当する拠点についてだけ行えます。")
    return Decision(True)


def require(scope: Scope, action: str, *, hub_id: int | None = None) -> None:
    """Raise Refused with the reason unless the action is allowed."""
    decision = decide(scope, action, hub_id=hub_id)
    if not decision.allowed:
        raise Refused(decision.reason)


View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def allow(action: str) -> Callable[[View], View]:
    """View decorator: name the policy row; a scope without it gets 403 with the reason."""
    find_rule(action)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            require(scope_of(request), action)
            return view(request, *args, **kwargs)

        guarded.policy_action = action  # type: ignore[attr-defined]
        if find_rule(action).open_to_all:
            guarded.login_required = False  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def scope_for_user(user: Any, membership_id: int | None = None) -> Scope:
    """The scope of an account, now. Settings name the resolver, because core never imports hubs.

    ``membership_id`` picks one of several roles; a membership no longer valid is ignored.
    """
    if user is None or not user.is_active:
        return NOBODY
    resolve = import_string(settings.SCOPE_RESOLVER)
    scope: Scope = resolve(user, membership_id)
    return scope


def scope_of(request: HttpRequest) -> Scope:
    """The scope that the middleware put on the request; NOBODY before sign-in."""
    scope = getattr(request, "scope", None)
    return scope if isinstance(scope, Scope) else NOBODY


Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)


class ScopedQuerySet(models.QuerySet[Row_co]):
    """Base of every queryset with a door: ``hub_path`` is the lookup that leads to the hub's id."""

    hub_path = "hub_id"

    def visible_to(self, scope: Scope) -> Self:
        """Rows of the hubs in the scope; the whole table for a national scope."""
        if scope.hub_ids is None:
            return self
        return self.filter(**{f"{self.hub_path}__in": scope.hub_ids})


class PolicyBackend(BaseBackend):
    """Offers the policy table to Django: ``user.has_perm("hubs.plans.submit", plan)``."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """True when the user's active scope may do the action on the object's hub."""
        scope = getattr(user_obj, "scope", None)
        if not isinstance(scope, Scope) or perm not in _RULES:
            return False
        hub_id = getattr(obj, "hub_id", None)
        return decide(scope, perm, hub_id=hub_id).allowed
