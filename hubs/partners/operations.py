"""Every write to the register of support organisations."""

from django.db import transaction

from hubs.network.models import Hub, Prefecture
from hubs.partners.models import OrganizationType, SupportOrganization
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import InvalidInput, Problem
from yorozu.core.sheets import match_key

ACTION = "hubs.partners.enter"


def register_organization(
    *, actor: Scope, hub: Hub, name: str, kind: str, prefecture: Prefecture | None = None
) -> SupportOrganization:
    """Enter an organisation and tie it to the hub; one that stands already is only tied.

    The prefecture is the hub's own unless given. A name that differs by spaces or width only is the
    same organisation. Raises InvalidInput for an empty or too long name or an unknown kind.
    """
    require(actor, ACTION, hub_id=hub.pk)
    name = name.strip()
    if not 0 < len(name) <= 80:
        raise InvalidInput([Problem(None, "支援機関", "名称を80文字までで入力してください。")])
    if kind not in OrganizationType.values:
        raise InvalidInput([Problem(None, "種別", "種別を選んでください。")])
    with transaction.atomic():
        row, created = SupportOrganization.objects.get_or_create(
            prefecture=prefecture or hub.prefecture,
            name_key=match_key(name),
            defaults={"name": name, "kind": kind},
        )
        tie_organization(actor=actor, hub=hub, organization=row, is_new=created)
    return row


def tie_organization(
    *, actor: Scope, hub: Hub, organization: SupportOrganization, is_new: bool = False
) -> bool:
    """Note that the hub works with the organisation; False when that was noted before."""
    require(actor, ACTION, hub_id=hub.pk)
    with transaction.atomic():
        if not is_new and organization.hubs.filter(pk=hub.pk).exists():
            return False
        organization.hubs.add(hub)
        after = {"name": organization.name, "kind": organization.kind, "is_new": is_new}
        record(actor, ACTION, organization, after=after, hub_id=hub.pk)
    return True
