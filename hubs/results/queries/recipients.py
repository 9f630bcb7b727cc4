"""Whom a hub's month concerns: chief coordinators, implementing body, bureau; in sets."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from hubs.network.models import CommissionContract, Hub, Membership
from yorozu.core import clock
from yorozu.core.access import Role


@dataclass(frozen=True)
class Recipient:
    """A person to write to, in the role in which the hub is theirs."""

    user_id: int
    name: str
    email: str
    role: Role

    @property
    def label(self) -> str:
        """Name and role, as lists show them."""
        return f"{self.name}（{self.role.label}）"


def _valid(role: Role) -> QuerySet[Membership]:
    today = clock.today()
    rows = Membership.objects.filter(role=role, valid_from__lte=today, user__is_active=True)
    return rows.filter(Q(valid_to=None) | Q(valid_to__gte=today)).select_related("user")


def _people(rows: Iterable[Membership]) -> list[Recipient]:
    found = {
        row.user_id: Recipient(row.user_id, row.user.name, row.user.email, Role(row.role))
        for row in rows
    }
    return [found[pk] for pk in sorted(found)]


def chiefs_of(hub: Hub) -> list[Recipient]:
    """The chief coordinators of a hub."""
    return _people(_valid(Role.CHIEF_COORDINATOR).filter(hub=hub))


def body_of(hub: Hub, fiscal_year: int) -> list[Recipient]:
    """The people of the body that is commissioned in the year."""
    bodies = CommissionContract.objects.filter(hub=hub, fiscal_year=fiscal_year)
    own = bodies.values_list("implementing_body_id", flat=True)
    return _people(_valid(Role.IMPLEMENTING_BODY).filter(implementing_body__in=own))


def bureau_of(hub: Hub) -> list[Recipient]:
    """The officers of the bureau whose area the hub lies in."""
    return _people(_valid(Role.BUREAU).filter(bureau=hub.bureau_id))


def asked_for(hub_ids: Collection[int], fiscal_year: int) -> dict[int, list[Recipient]]:
    """Chief coordinators and bodies by hub: those who owe a late month. Three queries."""
    by_hub: dict[int, list[Membership]] = defaultdict(list)
    for row in _valid(Role.CHIEF_COORDINATOR).filter(hub__in=hub_ids):
        by_hub[row.hub_id or 0].append(row)
    contracts = CommissionContract.objects.filter(hub__in=hub_ids, fiscal_year=fiscal_year)
    bodies = defaultdict(list)
    for row in _valid(Role.IMPLEMENTING_BODY):
        bodies[row.implementing_body_id].append(row)
    for hub_id, body_id in contracts.values_list("hub_id", "implementing_body_id").distinct():
        by_hub[hub_id] += bodies[body_id]
    return {hub_id: _people(by_hub[hub_id]) for hub_id in hub_ids}
