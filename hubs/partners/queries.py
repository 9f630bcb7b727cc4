"""Reading the register of support organisations."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from hubs.network.models import Hub
from hubs.partners.models import SupportOrganization
from yorozu.core.access import Scope
from yorozu.core.sheets import match_key


def organizations(
    scope: Scope, *, kind: str = "", words: str = "", everywhere: bool = False
) -> QuerySet[SupportOrganization]:
    """The register without aliases: of the prefectures and ties of one's hubs, or of the nation.

    The words are looked for in the names of aliases too.
    """
    rows = SupportOrganization.objects.filter(merged_into=None).select_related("prefecture")
    if not everywhere and scope.hub_ids is not None:
        near = Q(prefecture__hub__in=scope.hub_ids) | Q(hubs__in=scope.hub_ids)
        rows = rows.filter(near).distinct()
    if kind:
        rows = rows.filter(kind=kind)
    if words:
        key = match_key(words)
        named = SupportOrganization.objects.filter(name_key__contains=key)
        rows = rows.filter(
            Q(name_key__contains=key)
            | Q(pk__in=named.exclude(merged_into=None).values("merged_into"))
        )
    return rows.prefetch_related("aliases")


def of_hub(hub: Hub) -> QuerySet[SupportOrganization]:
    """The organisations a hub works with, as its entry forms offer them."""
    return SupportOrganization.objects.filter(hubs=hub)


def tied_ids(scope: Scope) -> set[int]:
    """Organisations that one's hubs work with."""
    ties = SupportOrganization.hubs.through.objects.all()
    if scope.hub_ids is not None:
        ties = ties.filter(hub_id__in=scope.hub_ids)
    return set(ties.values_list("supportorganization_id", flat=True))


def edit_problem(scope: Scope, row: SupportOrganization) -> str:
    """Why this person may not put the entry right; empty when it may be."""
    if row.merged_into_id:
        return f"この登録は{row.kept.name}に統合されています。統合先を直してください。"
    if scope.hub_ids is None:
        return ""
    tied = set(row.hubs.values_list("pk", flat=True))
    if not tied & scope.hub_ids:
        return "拠点が連携していない支援機関です。連携する支援機関に加えてから直してください。"
    if tied - scope.hub_ids:
        return "ほかの拠点も連携している支援機関です。名称などの訂正は全国本部に連絡してください。"
    return ""


def editable_ids(scope: Scope, ids: Collection[int]) -> set[int]:
    """Of these organisations those that this person may put right, in one query."""
    if scope.hub_ids is None:
        return set(ids)
    ties = SupportOrganization.hubs.through.objects.filter(supportorganization__in=ids)
    own: set[int] = set()
    others: set[int] = set()
    for pk, hub_id in ties.values_list("supportorganization_id", "hub_id"):
        (own if hub_id in scope.hub_ids else others).add(pk)
    return own - others


def merge_choices(row: SupportOrganization) -> QuerySet[SupportOrganization]:
    """What an entry may be merged into: the others of its prefecture, or of the same name."""
    rows = SupportOrganization.objects.filter(merged_into=None).exclude(pk=row.pk)
    near = Q(prefecture=row.prefecture) | Q(name_key=row.name_key)
    return rows.filter(near).select_related("prefecture")
