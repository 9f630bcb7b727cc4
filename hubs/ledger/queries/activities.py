"""Network activities of a hub: its own, those it joined, and those it might have in common."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from hubs.ledger.models import NetworkActivity, NetworkParticipation
from hubs.ledger.rules import COUNTING
from hubs.network.models import Hub
from hubs.partners.models import SupportOrganization
from yorozu.core.access import Scope


@dataclass(frozen=True)
class ActivityValues:
    """The content of one version of an activity."""

    held_on: date
    kind: str
    title: str
    coordinator_name: str
    organization_ids: tuple[int, ...]


REPORTED, ATTENDED = "reported", "attended"
PARTS = {
    REPORTED: "報告した活動（件数に数えます）",
    ATTENDED: "参加した活動（報告した拠点で数えます）",
}
ACTIVITY_LABELS = {
    "held_on": "実施日",
    "kind": "種類",
    "title": "件名",
    "coordinator_name": "担当",
    "organization_ids": "支援機関",
}


def _with_names(rows: QuerySet[NetworkActivity]) -> QuerySet[NetworkActivity]:
    return rows.select_related("hub").prefetch_related(
        "organizations__merged_into", "participations__hub"
    )


def activities(
    scope: Scope, hub: Hub, first: date, last: date, *, kind: str = "", part: str = ""
) -> QuerySet[NetworkActivity]:
    """The current activities a hub reported or attended; one ``part`` (``PARTS``) when asked."""
    rows = NetworkActivity.objects.visible_to(scope).filter(**COUNTING["NETW"].lookups(first, last))
    joined = NetworkParticipation.objects.filter(hub=hub).values("activity_id")
    reported, attended = Q(hub=hub), Q(pk__in=joined)
    rows = rows.filter({REPORTED: reported, ATTENDED: attended}.get(part, reported | attended))
    return _with_names(rows.filter(kind=kind) if kind else rows)


def joinable(hub: Hub, first: date, last: date) -> QuerySet[NetworkActivity]:
    """Current activities of other hubs with an organisation that this hub works with too."""
    named = NetworkActivity.organizations.through.objects
    shared = named.filter(
        Q(supportorganization__hubs=hub) | Q(supportorganization__merged_into__hubs=hub)
    )
    attended = NetworkParticipation.objects.filter(hub=hub)
    rows = NetworkActivity.objects.filter(is_current=True, held_on__gte=first, held_on__lte=last)
    return _with_names(
        rows.exclude(hub=hub)
        .exclude(pk__in=attended.values("activity_id"))
        .filter(pk__in=shared.values("networkactivity_id"))
    )


def alike(hub: Hub, values: ActivityValues) -> tuple[NetworkActivity, ...]:
    """Activities of any hub on the same day, of the same kind, with one of the organisations."""
    ids = values.organization_ids
    shared = NetworkActivity.organizations.through.objects.filter(
        Q(supportorganization_id__in=ids) | Q(supportorganization__merged_into__in=ids)
    )
    rows = NetworkActivity.objects.filter(
        is_current=True,
        held_on=values.held_on,
        kind=values.kind,
        pk__in=shared.values("networkactivity_id"),
    )
    attended = NetworkParticipation.objects.filter(hub=hub).values("activity_id")
    return tuple(_with_names(rows.exclude(pk__in=attended)).order_by("pk"))


def activity_history(row: NetworkActivity) -> list[NetworkActivity]:
    """Every version of an activity, the newest first."""
    rows = NetworkActivity.objects.filter(hub_id=row.hub_id, record_no=row.record_no)
    return list(_with_names(rows).order_by("-pk"))


def current_activity(row: NetworkActivity) -> NetworkActivity | None:
    """The version in force, None for a withdrawn activity."""
    rows = NetworkActivity.objects.filter(
        hub_id=row.hub_id, record_no=row.record_no, is_current=True
    )
    return _with_names(rows).first()


def activity_values(row: NetworkActivity) -> ActivityValues:
    """The content of a version."""
    return ActivityValues(
        held_on=row.held_on,
        kind=row.kind,
        title=row.title,
        coordinator_name=row.coordinator_name,
        organization_ids=tuple(sorted(one.pk for one in row.partners)),
    )


def organization_names(ids: Iterable[int]) -> dict[int, str]:
    """Names of organisations by id."""
    return dict(SupportOrganization.objects.filter(pk__in=list(ids)).values_list("pk", "name"))


def offered_organizations(hub: Hub, row: NetworkActivity | None = None) -> QuerySet:
    """The organisations a form offers: those of the hub and those of the activity itself."""
    wanted = Q(hubs=hub)
    if row is not None:
        wanted |= Q(pk__in=[one.pk for one in row.partners])
    return SupportOrganization.objects.filter(wanted).distinct()
