"""Who is told: people of a hub's side, of its bureau, of headquarters, of the Agency."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import QuerySet

from hubs.network.models import CommissionContract, Hub, Membership
from yorozu.core import clock
from yorozu.core.access import Role
from yorozu.core.fiscal import fiscal_year_of

People = dict[int, set[int]]


def _valid(*roles: Role) -> QuerySet[Membership]:
    today = clock.today()
    rows = Membership.objects.filter(role__in=roles, valid_from__lte=today)
    return rows.exclude(valid_to__lt=today).order_by("pk")


def hub_people(hub_ids: Iterable[int]) -> People:
    """Accounts that answer for these hubs (chief coordinator, body), each with its hubs."""
    wanted = set(hub_ids)
    found: People = defaultdict(set)
    chiefs = _valid(Role.CHIEF_COORDINATOR).filter(hub_id__in=wanted)
    for user_id, hub_id in chiefs.values_list("user_id", "hub_id"):
        if hub_id is not None:
            found[user_id].add(hub_id)
    bodies: dict[int, set[int]] = defaultdict(set)
    contracts = CommissionContract.objects.filter(
        hub_id__in=wanted, fiscal_year=fiscal_year_of(clock.today())
    )
    for body_id, hub_id in contracts.values_list("implementing_body_id", "hub_id"):
        bodies[body_id].add(hub_id)
    members = _valid(Role.IMPLEMENTING_BODY).filter(implementing_body_id__in=list(bodies))
    for user_id, body_id in members.values_list("user_id", "implementing_body_id"):
        found[user_id] |= bodies.get(body_id or 0, set())
    return found


def bureau_people(hub_ids: Iterable[int]) -> People:
    """Accounts of the bureaus of these hubs, each with its hubs."""
    found: People = defaultdict(set)
    bureaus: dict[int, set[int]] = defaultdict(set)
    for hub_id, bureau_id in Hub.objects.filter(pk__in=set(hub_ids)).values_list("pk", "bureau_id"):
        bureaus[bureau_id].add(hub_id)
    members = _valid(Role.BUREAU).filter(bureau_id__in=list(bureaus))
    for user_id, bureau_id in members.values_list("user_id", "bureau_id"):
        found[user_id] |= bureaus.get(bureau_id or 0, set())
    return found


def headquarters_people() -> list[int]:
    """Accounts of national headquarters."""
    return list(_valid(Role.NATIONAL_HQ).values_list("user_id", flat=True))


def agency_people() -> list[int]:
    """Accounts of the SME Agency."""
    return list(_valid(Role.SME_AGENCY).values_list("user_id", flat=True))
