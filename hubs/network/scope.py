"""From an account and its active membership to the scope: which hubs, for which organisation."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from hubs.network.models import CommissionContract, Hub, Membership
from yorozu.core import clock
from yorozu.core.access import NOBODY, Role, Scope
from yorozu.core.fiscal import fiscal_year_of

NATIONAL = {
    Role.SME_AGENCY: "中小企業庁",
    Role.NATIONAL_HQ: "全国本部",
    Role.SYSTEM_ADMIN: "システム管理",
    Role.AUDITOR: "監査",
}


def memberships(user_id: int | None) -> QuerySet[Membership]:
    """The memberships of an account that are valid today, in a fixed order."""
    return Membership.objects.none() if user_id is None else _valid_today().filter(user_id=user_id)


def _valid_today() -> QuerySet[Membership]:
    today = clock.today()
    return (
        Membership.objects.filter(valid_from__lte=today)
        .filter(Q(valid_to=None) | Q(valid_to__gte=today))
        .select_related("bureau", "hub", "implementing_body")
        .order_by("role", "pk")
    )


def memberships_by_user(user_ids: Iterable[int]) -> dict[int, list[Membership]]:
    """The memberships valid today of many accounts, in one query (for the list of accounts)."""
    found: dict[int, list[Membership]] = {}
    for row in _valid_today().filter(user_id__in=list(user_ids)):
        found.setdefault(row.user_id, []).append(row)
    return found


def hub_choices(actor: Scope) -> list[tuple[int, str]]:
    """Hubs of the scope by code, for the filters of the ground floor."""
    hubs = Hub.objects.all()
    if actor.hub_ids is not None:
        hubs = hubs.filter(pk__in=actor.hub_ids)
    return [(hub.pk, str(hub)) for hub in hubs.order_by("code")]


def resolve(user: Any, membership_id: int | None = None) -> Scope:
    """The scope in the chosen membership, or in the first one when that is not valid."""
    rows = list(memberships(user.pk))
    # The header asks for the same rows again on every page.
    user.memberships_of_today = rows
    if not rows:
        return (
            Scope(user.pk, user.name, None, frozenset(), organization="役割なし")
            if user.pk
            else NOBODY
        )
    active = next((row for row in rows if row.pk == membership_id), rows[0])
    role = Role(active.role)
    return Scope(
        user_id=user.pk,
        name=user.name,
        role=role,
        hub_ids=_hub_ids(active, role),
        organization=_organization(active, role),
        membership_id=active.pk,
    )


def _hub_ids(membership: Membership, role: Role) -> frozenset[int] | None:
    if role in NATIONAL:
        return None
    if role == Role.BUREAU:
        return frozenset(Hub.objects.filter(bureau=membership.bureau).values_list("pk", flat=True))
    if role == Role.IMPLEMENTING_BODY:
        contracts = CommissionContract.objects.filter(
            implementing_body=membership.implementing_body,
            fiscal_year__gte=fiscal_year_of(clock.today()) - 1,
        )
        return frozenset(contracts.values_list("hub_id", flat=True))
    if membership.hub_id is not None:
        return frozenset({membership.hub_id})
    return frozenset(membership.assigned_hubs.values_list("pk", flat=True))


def _organization(membership: Membership, role: Role) -> str:
    if role in NATIONAL:
        return NATIONAL[role]
    owner = membership.bureau or membership.hub or membership.implementing_body
    return str(owner) if owner else role.label
