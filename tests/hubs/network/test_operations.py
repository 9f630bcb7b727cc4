"""Contracts and memberships: audit, refusals, the same thing twice, the effect on rights."""

from datetime import date
from typing import Any

import pytest

from hubs.network.models import CommissionContract, Hub, ImplementingBody, Membership
from hubs.network.operations import (
    ContractTerms,
    Place,
    grant_membership,
    revoke_membership,
    set_commission_contract,
)
from hubs.network.scope import resolve
from yorozu.core.access import Role
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import Conflict, InvalidInput, Refused

TERMS = ContractTerms("公益財団法人見本", 60_000_000, date(2026, 4, 1), date(2027, 3, 31))


def test_a_contract_is_created_refreshed_and_left_alone(cast: Any) -> None:
    hub, actor = Hub.objects.get(code="01"), cast.hq.scope
    contract = set_commission_contract(actor, hub=hub, fiscal_year=2026, terms=TERMS)
    again = set_commission_contract(actor, hub=hub, fiscal_year=2026, terms=TERMS)
    assert contract.pk == again.pk
    assert AuditEvent.objects.filter(action="hubs.network.import").count() == 1
    new = ContractTerms("一般社団法人例示", 70_000_000, date(2026, 4, 1), date(2027, 3, 31))
    set_commission_contract(actor, hub=hub, fiscal_year=2026, terms=new)
    contract.refresh_from_db()
    assert (contract.implementing_body.name, contract.amount_yen) == (
        "一般社団法人例示",
        70_000_000,
    )
    last = AuditEvent.objects.order_by("sequence").last()
    assert last is not None
    assert "60000000" in last.before
    assert "70000000" in last.after
    assert last.hub_id == hub.pk
    assert ImplementingBody.objects.filter(name="公益財団法人見本").exists()


@pytest.mark.parametrize(
    "terms",
    [
        ContractTerms("", 1, date(2026, 4, 1), date(2027, 3, 31)),
        ContractTerms("見本", -1, date(2026, 4, 1), date(2027, 3, 31)),
        ContractTerms("見本", 1, date(2027, 4, 1), date(2027, 3, 31)),
    ],
)
def test_impossible_contracts_are_refused(cast: Any, terms: ContractTerms) -> None:
    before = CommissionContract.objects.count()
    with pytest.raises(InvalidInput):
        set_commission_contract(
            cast.hq.scope, hub=Hub.objects.get(code="01"), fiscal_year=2026, terms=terms
        )
    assert CommissionContract.objects.count() == before


def test_roles_outside_may_not_set_contracts(cast: Any) -> None:
    for key in ("agency", "bureau_kanto", "cc_tokyo", "body_tokyo", "auditor", "nobody"):
        with pytest.raises(Refused):
            set_commission_contract(
                getattr(cast, key).scope,
                hub=Hub.objects.get(code="13"),
                fiscal_year=2026,
                terms=TERMS,
            )


def test_a_membership_gives_rights_once_and_its_end_takes_them(cast: Any) -> None:
    hub, user = Hub.objects.get(code="13"), cast.nobody.user
    admin, today = cast.admin.scope, date(2026, 4, 1)
    first = grant_membership(
        admin, user=user, role=Role.COORDINATOR, valid_from=today, place=Place(hub=hub)
    )
    again = grant_membership(
        admin, user=user, role=Role.COORDINATOR, valid_from=today, place=Place(hub=hub)
    )
    assert first.pk == again.pk
    assert resolve(user).hub_ids == {hub.pk}
    revoke_membership(admin, membership=first, valid_to=date(2026, 5, 31), reason="退任")
    assert resolve(user).role is None
    with pytest.raises(Conflict):
        revoke_membership(admin, membership=first, valid_to=date(2026, 5, 31), reason="退任")
    assert AuditEvent.objects.filter(action="hubs.network.grant").count() == 2


def test_a_project_manager_sees_the_assigned_hubs(cast: Any) -> None:
    hubs = list(Hub.objects.filter(code__in=["01", "47"]))
    grant_membership(
        cast.admin.scope,
        user=cast.nobody.user,
        role=Role.PROJECT_MANAGER,
        valid_from=date(2026, 4, 1),
        place=Place(assigned_hubs=hubs),
    )
    assert resolve(cast.nobody.user).hub_ids == {hub.pk for hub in hubs}


@pytest.mark.parametrize(
    ("role", "valid_to"),
    [
        (Role.BUREAU, None),
        (Role.COORDINATOR, None),
        (Role.IMPLEMENTING_BODY, None),
        (Role.NATIONAL_HQ, date(2026, 3, 31)),
    ],
)
def test_a_membership_without_its_organisation_or_backwards_is_refused(
    cast: Any, role: Role, valid_to: date | None
) -> None:
    before = Membership.objects.count()
    with pytest.raises(InvalidInput):
        grant_membership(
            cast.admin.scope,
            user=cast.nobody.user,
            role=role,
            valid_from=date(2026, 4, 1),
            valid_to=valid_to,
        )
    assert Membership.objects.count() == before


def test_only_the_administrator_grants(cast: Any) -> None:
    for actor in cast.all():
        if actor.key != "admin":
            with pytest.raises(Refused):
                grant_membership(
                    actor.scope,
                    user=cast.nobody.user,
                    role=Role.NATIONAL_HQ,
                    valid_from=date(2026, 4, 1),
                )
    membership = cast.cc_tokyo.membership
    with pytest.raises(InvalidInput):
        revoke_membership(
            cast.admin.scope, membership=membership, valid_to=date(2026, 4, 1), reason=" "
        )
