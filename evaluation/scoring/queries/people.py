"""Who is told of what happens to a run."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import QuerySet

from hubs.network.models import CommissionContract, Membership
from yorozu.core import clock
from yorozu.core.access import Role
from yorozu.core.fiscal import fiscal_year_of


def members(*roles: Role) -> QuerySet[Membership]:
    """Memberships in these roles that are valid today."""
    today = clock.today()
    rows = Membership.objects.filter(role__in=roles, valid_from__lte=today)
    return rows.exclude(valid_to__lt=today).order_by("pk")


def people_of(*roles: Role) -> list[int]:
    """Accounts that hold one of these roles today."""
    return sorted(set(members(*roles).values_list("user_id", flat=True)))


def hub_people(hub_ids: Iterable[int]) -> dict[int, set[int]]:
    """Accounts that answer for these hubs (chief coordinator, body), each with its hubs."""
    wanted = set(hub_ids)
    found: dict[int, set[int]] = defaultdict(set)
    chiefs = members(Role.CHIEF_COORDINATOR).filter(hub_id__in=wanted)
    for user_id, hub_id in chiefs.values_list("user_id", "hub_id"):
        found[user_id].add(hub_id or 0)
    bodies: dict[int, set[int]] = defaultdict(set)
    year = fiscal_year_of(clock.today())
    contracts = CommissionContract.objects.filter(hub_id__in=wanted, fiscal_year=year)
    for body_id, hub_id in contracts.values_list("implementing_body_id", "hub_id"):
        bodies[body_id].add(hub_id)
    people = members(Role.IMPLEMENTING_BODY).filter(implementing_body_id__in=list(bodies))
    for user_id, body_id in people.values_list("user_id", "implementing_body_id"):
        found[user_id] |= bodies[body_id or 0]
    return found
