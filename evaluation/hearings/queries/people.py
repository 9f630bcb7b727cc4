"""Who may rate, and whom a hearing concerns."""

from collections.abc import Iterable

from django.db.models import Q

from evaluation.hearings.models import Hearing, PanelMember, PanelRole
from evaluation.policy import RATERS
from hubs.network.models import Membership
from yorozu.core import clock
from yorozu.core.access import Role


def _valid() -> Q:
    today = clock.today()
    return Q(valid_from__lte=today, user__is_active=True) & (
        Q(valid_to=None) | Q(valid_to__gte=today)
    )


def eligible_memberships(user_ids: Iterable[int] | None = None) -> list[Membership]:
    """Roles that may rate, valid today; of these accounts, or of all."""
    rows = Membership.objects.filter(_valid(), role__in=RATERS)
    if user_ids is not None:
        rows = rows.filter(user_id__in=list(user_ids))
    return list(
        rows.select_related("user", "bureau").order_by("role", "bureau__order", "user__name", "pk")
    )


def hq_people() -> set[int]:
    """Accounts of the national HQ."""
    rows = Membership.objects.filter(_valid(), role=Role.NATIONAL_HQ)
    return set(rows.values_list("user_id", flat=True))


def chairs_of(hearing: Hearing) -> set[int]:
    """The chair of a hearing, as a set of accounts."""
    chairs = PanelMember.objects.filter(hearing=hearing, role=PanelRole.CHAIR)
    return set(chairs.values_list("evaluator__user_id", flat=True))


def hub_people(hearing: Hearing) -> set[int]:
    """Chief coordinators of the hub."""
    rows = Membership.objects.filter(_valid(), role=Role.CHIEF_COORDINATOR, hub=hearing.hub_id)
    return set(rows.values_list("user_id", flat=True))
