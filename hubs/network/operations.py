"""Writes of the network: commission contracts and memberships, each with its audit event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from hubs.network.models import Bureau, CommissionContract, Hub, ImplementingBody, Membership
from yorozu.core.access import Role, Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, Problem
from yorozu.core.flow import lock


@dataclass(frozen=True)
class ContractTerms:
    """What a commission contract says besides hub and year (S24)."""

    body: str
    amount_yen: int
    starts_on: date
    ends_on: date
    funding_line: str = "当初予算"
    document_number: str = ""
    is_sample: bool = False


def set_commission_contract(
    actor: Scope, *, hub: Hub, fiscal_year: int, terms: ContractTerms
) -> CommissionContract:
    """Create or refresh the contract of a hub, year and funding line (S24).

    A contract that already says the same is returned without a new audit event. InvalidInput when
    the amount is negative or the period runs backwards.
    """
    require(actor, "hubs.network.import", hub_id=hub.pk)
    _check_terms(terms)
    with transaction.atomic():
        body, _ = ImplementingBody.objects.get_or_create(
            name=terms.body, defaults={"is_sample": terms.is_sample}
        )
        key = {"hub": hub, "fiscal_year": fiscal_year, "funding_line": terms.funding_line}
        found = CommissionContract.objects.select_for_update().filter(**key).first()
        contract = found or CommissionContract(**key)
        before = _contract_facts(contract) if found else None
        contract.implementing_body = body
        for name in ("amount_yen", "starts_on", "ends_on", "document_number", "is_sample"):
            setattr(contract, name, getattr(terms, name))
        after = _contract_facts(contract)
        if before != after:
            contract.save()
            record(actor, "hubs.network.import", contract, before=before, after=after)
    return contract


def _check_terms(terms: ContractTerms) -> None:
    problems = []
    if not terms.body.strip():
        problems.append(Problem(None, "実施機関", "必須です。値を入力してください。"))
    if terms.amount_yen < 0:
        problems.append(Problem(None, "契約額（円）", "負の数は入力できません。"))
    if terms.ends_on < terms.starts_on:
        problems.append(Problem(None, "終了日", "開始日以後の日付を入力してください。"))
    if problems:
        raise InvalidInput(problems)


def _contract_facts(contract: CommissionContract) -> dict[str, Any]:
    return {
        "implementing_body": contract.implementing_body.name,
        "amount_yen": contract.amount_yen,
        "document_number": contract.document_number,
        "starts_on": contract.starts_on.isoformat(),
        "ends_on": contract.ends_on.isoformat(),
        "is_sample": contract.is_sample,
    }


@dataclass(frozen=True)
class Place:
    """For whom a membership acts: exactly the organisation its role needs."""

    bureau: Bureau | None = None
    hub: Hub | None = None
    implementing_body: ImplementingBody | None = None
    assigned_hubs: Sequence[Hub] = ()


_NEEDED = {
    Role.BUREAU: ("bureau", "経済産業局"),
    Role.CHIEF_COORDINATOR: ("hub", "拠点"),
    Role.COORDINATOR: ("hub", "拠点"),
    Role.IMPLEMENTING_BODY: ("implementing_body", "実施機関"),
}
_NOWHERE = Place()


def grant_membership(
    actor: Scope,
    *,
    user: Any,
    role: Role,
    valid_from: date,
    place: Place = _NOWHERE,
    valid_to: date | None = None,
) -> Membership:
    """Give an account a role for a period (product.md hubs/network).

    The same membership still running is returned as it is. InvalidInput when the organisation that
    the role needs is lacking or the period runs backwards.
    """
    require(actor, "hubs.network.grant")
    _check_place(role, place, valid_from, valid_to)
    with transaction.atomic():
        same = Membership.objects.filter(
            user=user,
            role=role,
            bureau=place.bureau,
            hub=place.hub,
            implementing_body=place.implementing_body,
            valid_to=None,
        ).first()
        if same is not None:
            return same
        membership = Membership.objects.create(
            user=user,
            role=role,
            bureau=place.bureau,
            hub=place.hub,
            implementing_body=place.implementing_body,
            valid_from=valid_from,
            valid_to=valid_to,
        )
        membership.assigned_hubs.set(place.assigned_hubs)
        record(
            actor,
            "hubs.network.grant",
            membership,
            after={
                "role": role.value,
                "valid_from": valid_from.isoformat(),
                "valid_to": valid_to.isoformat() if valid_to else None,
                "assigned_hubs": sorted(hub.code for hub in place.assigned_hubs),
            },
            hub_id=place.hub.pk if place.hub else None,
        )
    return membership


def _check_place(role: Role, place: Place, valid_from: date, valid_to: date | None) -> None:
    problems = []
    needed = _NEEDED.get(role)
    if needed and getattr(place, needed[0]) is None:
        problems.append(
            Problem(None, needed[1], f"「{role.label}」には{needed[1]}の指定が必要です。")
        )
    if valid_to is not None and valid_to < valid_from:
        problems.append(Problem(None, "終了日", "開始日以後の日付を入力してください。"))
    if problems:
        raise InvalidInput(problems)


def revoke_membership(
    actor: Scope, *, membership: Membership, valid_to: date, reason: str
) -> Membership:
    """End a membership on a day, with the reason; Conflict when it has ended before."""
    require(actor, "hubs.network.grant")
    if not reason.strip():
        raise InvalidInput([Problem(None, "理由", "必須です。値を入力してください。")])
    with transaction.atomic():
        row: Membership = lock(membership)
        if row.valid_to is not None and row.valid_to <= valid_to:
            raise Conflict("この役割はすでに終了しています。")
        before = {"valid_to": row.valid_to.isoformat() if row.valid_to else None}
        # A role that never began ends on its first day: the period may not run backwards.
        row.valid_to = max(valid_to, row.valid_from)
        row.save(update_fields=["valid_to"])
        after = {"valid_to": row.valid_to.isoformat()}
        record(
            actor,
            "hubs.network.grant",
            row,
            before=before,
            after=after,
            reason=reason,
            hub_id=row.hub_id,
        )
    return row
