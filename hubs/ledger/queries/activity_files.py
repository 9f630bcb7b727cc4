"""What a file of network activities is held against, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from hubs.ledger.models import NetworkActivity, NetworkParticipation
from hubs.partners.models import SupportOrganization
from yorozu.core.sheets import match_key

# Hub id and receipt number.
Number = tuple[int, str]


@dataclass(frozen=True)
class StoredActivity:
    """A current activity of any hub, as far as a row of a file can be the same one."""

    hub_id: int
    record_no: str
    held_on: date
    kind: str
    title: str
    coordinator_name: str
    organization_ids: frozenset[int]
    attended_by: frozenset[int] = frozenset()

    @property
    def number(self) -> Number:
        """What tells it from every other."""
        return self.hub_id, self.record_no


class Organizations:
    """The register, as hubs spell it: by name, or by prefecture and name where names are shared.

    The name of a merged entry means the organisation that is kept.
    """

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self._by_name: defaultdict[str, set[int]] = defaultdict(set)
        self._of_hub: defaultdict[int, set[int]] = defaultdict(set)
        for row in SupportOrganization.objects.select_related("prefecture").order_by("pk"):
            self.names[row.pk] = row.name
            for spelling in (row.name, f"{row.prefecture.name}{row.name}"):
                self._by_name[match_key(spelling)].add(row.merged_into_id or row.pk)
        links = SupportOrganization.hubs.through.objects.order_by("pk")
        for hub_id, organization_id in links.values_list("hub_id", "supportorganization_id"):
            self._of_hub[hub_id].add(organization_id)

    def find(self, hub_id: int, name: str) -> tuple[set[int], bool]:
        """The organisations of the hub with this name; does any hub work with such a one?"""
        found = self._by_name.get(match_key(name), set())
        return found & self._of_hub[hub_id], bool(found)


def stored_activities(days: Iterable[date], hub_ids: Iterable[int]) -> list[StoredActivity]:
    """All current activities of these hubs, and those of every hub between these days."""
    wanted, concerned = sorted(days), Q(hub_id__in=list(hub_ids))
    if wanted:
        concerned |= Q(held_on__gte=wanted[0], held_on__lte=wanted[-1])
    rows = NetworkActivity.objects.filter(concerned, is_current=True)
    of_rows = {"activity__in": rows.order_by().values("pk")}
    attended = _pairs(NetworkParticipation.objects.filter(**of_rows), "activity_id", "hub_id")
    links = NetworkActivity.organizations.through.objects.filter(
        networkactivity__in=rows.order_by().values("pk")
    )
    kept = Coalesce("supportorganization__merged_into_id", "supportorganization_id")
    with_whom = _pairs(links.annotate(kept_id=kept), "networkactivity_id", "kept_id")
    names = ("hub_id", "record_no", "held_on", "kind", "title", "coordinator_name")
    return [
        StoredActivity(
            **row,
            organization_ids=frozenset(with_whom[pk]),
            attended_by=frozenset(attended[pk]),
        )
        for row in rows.order_by("pk").values("pk", *names)
        if (pk := row.pop("pk"))
    ]


def _pairs(rows: QuerySet[Any], of: str, name: str) -> dict[int, set[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    for key, value in rows.order_by("pk").values_list(of, name):
        found[key].add(value)
    return found


def past_numbers(hub_ids: Iterable[int]) -> set[Number]:
    """Numbers of activities of these hubs that only versions of the past bear."""
    rows = NetworkActivity.objects.filter(hub_id__in=list(hub_ids)).order_by()
    current = set(rows.filter(is_current=True).values_list("hub_id", "record_no"))
    return set(rows.filter(is_current=False).values_list("hub_id", "record_no")) - current
