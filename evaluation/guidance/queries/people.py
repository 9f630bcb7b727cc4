"""Who answers for actions and who is told: by role and hub, as memberships stand today."""

from django.db.models import QuerySet

from evaluation.guidance.models import GuidanceAction, OwnerRole
from evaluation.scoring.queries.people import members as of_role
from evaluation.scoring.queries.people import people_of
from hubs.integrity.queries.people import bureau_people as _bureaus
from hubs.integrity.queries.people import hub_people as _hubs
from hubs.network.models import CommissionContract, Hub, Membership
from yorozu.core import clock
from yorozu.core.access import Role
from yorozu.core.fiscal import fiscal_year_of


def hub_people(hub_id: int) -> list[int]:
    """Accounts of chief coordinator and implementing body."""
    return sorted(_hubs([hub_id]))


def bureau_people(hub_id: int) -> list[int]:
    """Accounts of the hub's bureau."""
    return sorted(_bureaus([hub_id]))


def chief_people(hub_id: int) -> list[int]:
    """Accounts of the chief coordinator."""
    return _ids(of_role(Role.CHIEF_COORDINATOR).filter(hub_id=hub_id))


def hq_people() -> list[int]:
    """Accounts of the national HQ."""
    return people_of(Role.NATIONAL_HQ)


def members(hub: Hub, role: str) -> QuerySet[Membership]:
    """Memberships of a role that answer for this hub."""
    rows = of_role(Role(role)).select_related("user")
    if role in {OwnerRole.CHIEF, OwnerRole.COORDINATOR}:
        return rows.filter(hub=hub)
    if role == OwnerRole.BUREAU:
        return rows.filter(bureau_id=hub.bureau_id)
    if role == OwnerRole.BODY:
        contracts = CommissionContract.objects.filter(
            hub=hub, fiscal_year=fiscal_year_of(clock.today())
        )
        return rows.filter(implementing_body__in=contracts.values("implementing_body_id"))
    return rows


def action_people(action: GuidanceAction) -> list[int]:
    """The owner's account, or all of the owner's role at this hub."""
    if action.owner_id is not None:
        return [action.owner_id]
    return _ids(members(action.case.hub, action.owner_role))


def _ids(rows: QuerySet[Membership]) -> list[int]:
    return sorted(set(rows.values_list("user_id", flat=True)))


def owner_choices(hub: Hub) -> list[tuple[str, list[tuple[str, str]]]]:
    """Owners to choose from: by role, as a whole or one account (value role or role:account)."""
    found = []
    for role in OwnerRole:
        people: dict[int, str] = {row.user_id: row.user.name for row in members(hub, role)}
        rows = [(role.value, f"{role.label}（役割として）")]
        rows += [(f"{role.value}:{pk}", f"{role.label}　{name}") for pk, name in people.items()]
        found.append((str(role.label), rows))
    return found


def owner_of(hub: Hub, chosen: str) -> tuple[OwnerRole, int | None, str]:
    """Role, account and name of a choice; ValueError for what was not offered."""
    role, _, number = chosen.partition(":")
    if role not in OwnerRole.values:
        raise ValueError(chosen)
    if not number:
        return OwnerRole(role), None, ""
    names = {str(row.user_id): row.user.name for row in members(hub, role)}
    if number not in names:
        raise ValueError(chosen)
    return OwnerRole(role), int(number), names[number]
