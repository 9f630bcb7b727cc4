"""Every write to the register of support organisations."""

from django.db import transaction

from hubs.network.models import Hub, Prefecture
from hubs.partners.models import OrganizationType, SupportOrganization
from hubs.partners.queries import edit_problem
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.canonical import canonical_hash
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Problem
from yorozu.core.sheets import match_key

ACTION = "hubs.partners.enter"
EDIT, MERGE = "hubs.partners.edit", "hubs.partners.merge"
MAX_NAME = 80


def register_organization(
    *, actor: Scope, hub: Hub, name: str, kind: str, prefecture: Prefecture | None = None
) -> SupportOrganization:
    """Enter an organisation and tie it to the hub; one that stands already is only tied.

    The prefecture is the hub's own unless given. A name that differs by spaces or width only is the
    same organisation, and the name of an alias means the one it was merged into. Raises
    InvalidInput for an empty or too long name or an unknown kind.
    """
    require(actor, ACTION, hub_id=hub.pk)
    name = _checked(name, kind)
    with transaction.atomic():
        row, created = SupportOrganization.objects.get_or_create(
            prefecture=prefecture or hub.prefecture,
            name_key=match_key(name),
            defaults={"name": name, "kind": kind},
        )
        tie_organization(actor=actor, hub=hub, organization=row.kept, is_new=created)
    return row.kept


def tie_organization(
    *, actor: Scope, hub: Hub, organization: SupportOrganization, is_new: bool = False
) -> bool:
    """Note that the hub works with the organisation; False when that was noted before."""
    require(actor, ACTION, hub_id=hub.pk)
    organization = organization.kept
    with transaction.atomic():
        if not is_new and organization.hubs.filter(pk=hub.pk).exists():
            return False
        organization.hubs.add(hub)
        after = {"name": organization.name, "kind": organization.kind, "is_new": is_new}
        record(actor, ACTION, organization, after=after, hub_id=hub.pk)
    return True


def edit_organization(
    *,
    actor: Scope,
    organization: SupportOrganization,
    name: str,
    kind: str,
    prefecture: Prefecture,
    seen: str,
) -> SupportOrganization:
    """Put name, kind and prefecture right; ``seen`` is what the form was drawn from (``state_of``).

    National HQ edits every organisation, a hub those that no other hub works with. Raises Conflict
    when somebody else was faster, InvalidInput when the name stands in the prefecture already,
    NotReady for an alias and for an organisation of other hubs.
    """
    require(actor, EDIT)
    name = _checked(name, kind)
    with transaction.atomic():
        row = _locked(organization.pk)
        if problem := edit_problem(actor, row):
            raise NotReady(problem)
        if state_of(row) != seen:
            said = f"{row.name}・{row.get_kind_display()}・{row.prefecture}"
            raise Conflict(
                f"他の人が先に直しました（いまの内容：{said}）。見比べて直してください。"
            )
        key = match_key(name)
        same = SupportOrganization.objects.filter(prefecture=prefecture, name_key=key)
        if other := same.exclude(pk=row.pk).first():
            raise InvalidInput([Problem(None, "名称", _taken(other))])
        before = _content(row)
        row.name, row.name_key, row.kind, row.prefecture = name, key, kind, prefecture
        row.save(update_fields=["name", "name_key", "kind", "prefecture"])
        record(actor, EDIT, row, before=before, after=_content(row))
    return row


def merge_organization(
    *, actor: Scope, organization: SupportOrganization, kept: SupportOrganization, reason: str
) -> SupportOrganization:
    """Make one of two entries of the same organisation an alias of the other.

    Ties of hubs go over, activities that name the alias are shown and counted under the kept one;
    its own aliases follow. Raises NotReady for a missing reason, the same entry twice, or an entry
    that is an alias already.
    """
    require(actor, MERGE)
    reason = reason.strip()[:200]
    if not reason:
        raise NotReady("統合の理由を入力してください。")
    if organization.pk == kept.pk:
        raise NotReady("同じ登録どうしは統合できません。")
    with transaction.atomic():
        # In the order of their keys, so that two merges the other way round do not wait in a ring.
        rows = {pk: _locked(pk) for pk in sorted({organization.pk, kept.pk})}
        alias, kept = rows[organization.pk], rows[kept.pk]
        if alias.merged_into_id or kept.merged_into_id:
            raise NotReady("すでに統合された登録です。支援機関の一覧から選び直してください。")
        hubs = list(alias.hubs.order_by("code"))
        kept.hubs.add(*hubs)
        alias.hubs.clear()
        alias.aliases.update(merged_into=kept)
        alias.merged_into = kept
        alias.save(update_fields=["merged_into"])
        after = {"merged_into": kept.pk, "name": kept.name, "hubs": [hub.code for hub in hubs]}
        record(actor, MERGE, alias, before=_content(alias), after=after, reason=reason)
    return kept


def state_of(row: SupportOrganization) -> str:
    """What a form of the organisation was drawn from, short enough for a hidden field."""
    return canonical_hash(_content(row))[:16]


def _locked(pk: int) -> SupportOrganization:
    return SupportOrganization.objects.select_for_update().get(pk=pk)


def _checked(name: str, kind: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= MAX_NAME:
        raise InvalidInput([Problem(None, "支援機関", "名称を80文字までで入力してください。")])
    if kind not in OrganizationType.values:
        raise InvalidInput([Problem(None, "種別", "種別を選んでください。")])
    return name


def _content(row: SupportOrganization) -> dict[str, str]:
    return {"name": row.name, "kind": row.kind, "prefecture": row.prefecture.name}


def _taken(other: SupportOrganization) -> str:
    if other.merged_into_id:
        return f"この名称は、{other.kept.name}に統合した登録の名称です。"
    return (
        "同じ都道府県に同じ名称の支援機関が登録されています。"
        "同じ支援機関であれば、全国本部が統合します。"
    )
