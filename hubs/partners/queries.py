"""Reading the register of support organisations."""

from django.db.models import Q, QuerySet

from hubs.network.models import Hub
from hubs.partners.models import SupportOrganization
from yorozu.core.access import Scope
from yorozu.core.sheets import match_key


def organizations(
    scope: Scope, *, kind: str = "", words: str = "", everywhere: bool = False
) -> QuerySet[SupportOrganization]:
    """The register: of the prefectures and ties of one's hubs, or of the whole nation."""
    rows = SupportOrganization.objects.select_related("prefecture")
    if not everywhere and scope.hub_ids is not None:
        near = Q(prefecture__hub__in=scope.hub_ids) | Q(hubs__in=scope.hub_ids)
        rows = rows.filter(near).distinct()
    if kind:
        rows = rows.filter(kind=kind)
    if words:
        rows = rows.filter(name_key__contains=match_key(words))
    return rows


def of_hub(hub: Hub) -> QuerySet[SupportOrganization]:
    """The organisations a hub works with, as its entry forms offer them."""
    return SupportOrganization.objects.filter(hubs=hub)


def tied_ids(scope: Scope) -> set[int]:
    """Organisations that one's hubs work with."""
    ties = SupportOrganization.hubs.through.objects.all()
    if scope.hub_ids is not None:
        ties = ties.filter(hub_id__in=scope.hub_ids)
    return set(ties.values_list("supportorganization_id", flat=True))
