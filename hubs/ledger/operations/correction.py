"""Correcting a record: a new version with a reason; the old one stays as it was."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db import transaction

from hubs.ledger.models import IndividualConsultation
from hubs.ledger.operations.dirty import mark_dirty
from hubs.ledger.operations.entry import Doubtful, checked_values, require_open_year
from hubs.ledger.operations.versions import (
    VersionConflict,
    build_version,
    store_version,
    trail_of,
    trail_of_doubts,
)
from hubs.ledger.queries import Doubts, current_of, values_of
from hubs.ledger.rules import RecordValues, differences, personal_data_in
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import NotReady
from yorozu.core.fiscal import fiscal_year_of

RESOLVED = "課題解決の記録"
CONFIRMED = "相談者の確認の記録"
TAKEN_BACK = "課題解決の取消"


class RecordConflict(VersionConflict):
    """Somebody else corrected the record meanwhile; ``current`` is None when it was withdrawn."""

    def __init__(self, row: IndividualConsultation) -> None:
        self.current = current_of(row)
        super().__init__(row.record_no, self.current)


def correct_consultation(
    *,
    actor: Scope,
    row: IndividualConsultation,
    values: RecordValues,
    reason: str,
    confirmed: str = "",
) -> IndividualConsultation:
    """Put a corrected version in the place of ``row``, which must be the one in force.

    Raises InvalidInput, Doubtful (personal data that the old text did not have), NotReady (no
    reason, no change, closed term) and RecordConflict.
    """
    require(actor, "hubs.ledger.correct", hub_id=row.hub_id)
    reason = _reason(reason)
    values = checked_values(row.hub, values)
    if not differences(values_of(row), values):
        raise NotReady("変更された項目がありません。")
    known = {one.text for one in personal_data_in(row.note)}
    found = [*personal_data_in(values.note), *personal_data_in(reason)]
    doubts = Doubts(tuple(one for one in found if one.text not in known))
    if doubts.token and doubts.token != confirmed:
        raise Doubtful(doubts)
    act = _Act("hubs.ledger.correct", reason, trail=trail_of_doubts(doubts))
    return _replace(actor, row, values, act)


def withdraw_consultation(
    *, actor: Scope, row: IndividualConsultation, reason: str
) -> IndividualConsultation:
    """Take a record out of all counts; its versions and the reason stay to be read."""
    require(actor, "hubs.ledger.correct", hub_id=row.hub_id)
    reason = _reason(reason)
    if personal_data_in(reason):
        raise NotReady("理由に個人情報らしい記載があります。取り除いてください。")
    act = _Act("hubs.ledger.correct", reason, is_withdrawn=True)
    return _replace(actor, row, values_of(row), act)


def record_outcome(
    *,
    actor: Scope,
    row: IndividualConsultation,
    resolved_on: date | None,
    client_confirmed_on: date | None,
) -> IndividualConsultation:
    """Record that the issue is resolved and, as the second layer, that the client said so.

    Both are known later than the consultation, so each is a new version with its own reason.
    """
    require(actor, "hubs.ledger.enter", hub_id=row.hub_id)
    values = checked_values(
        row.hub,
        replace(values_of(row), resolved_on=resolved_on, client_confirmed_on=client_confirmed_on),
    )
    changed = differences(values_of(row), values)
    if not changed:
        raise NotReady("変更された項目がありません。")
    if resolved_on is None:
        reason = TAKEN_BACK
    else:
        reason = RESOLVED if "resolved_on" in changed else CONFIRMED
    return _replace(actor, row, values, _Act("hubs.ledger.enter", reason))


def _reason(typed: str) -> str:
    reason = typed.strip()
    if not reason:
        raise NotReady("理由を入力してください。")
    return reason[:200]


@dataclass(frozen=True)
class _Act:
    """What is done to a record, for the trail."""

    action: str
    reason: str
    is_withdrawn: bool = False
    trail: Mapping[str, Any] = field(default_factory=dict)


def _replace(
    actor: Scope, row: IndividualConsultation, values: RecordValues, act: _Act
) -> IndividualConsultation:
    """The old version falls, the new one stands: both or neither."""
    require_open_year(fiscal_year_of(row.held_on))
    before = values_of(row)
    with transaction.atomic():
        in_force = IndividualConsultation.objects.filter(pk=row.pk, is_current=True)
        if in_force.update(is_current=False) != 1:
            raise RecordConflict(row)
        new = build_version(
            actor,
            row.hub,
            row.record_no,
            values,
            revision=row.revision + 1,
            correction_reason=act.reason,
            is_current=not act.is_withdrawn,
            is_withdrawn=act.is_withdrawn,
        )
        store_version(new)
        mark_dirty([(row.hub_id, before.held_on), (row.hub_id, before.resolved_on)])
        changed = differences(before, values)
        record(
            actor,
            act.action,
            new,
            before={"revision": row.revision, **_only(trail_of(before), changed)},
            after={
                "revision": new.revision,
                "is_withdrawn": act.is_withdrawn,
                **_only(trail_of(values), changed),
                **act.trail,
            },
            reason=act.reason,
        )
    return new


def _only(trail: dict[str, Any], changed: list[str]) -> dict[str, Any]:
    names = {"note_length" if name == "note" else name for name in changed}
    return {name: value for name, value in trail.items() if name in names}
