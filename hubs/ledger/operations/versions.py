"""A version of a record: built, stored, and its months noted as stale."""

from dataclasses import asdict
from typing import Any

from hubs.ledger.models import IndividualConsultation, NetworkActivity
from hubs.ledger.operations.dirty import mark_dirty
from hubs.ledger.queries import Doubts
from hubs.ledger.rules import RecordValues
from hubs.network.models import Hub
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.errors import Conflict


class VersionConflict(Conflict):
    """Somebody else replaced the version meanwhile, or withdrew it (``current`` is None)."""

    def __init__(
        self, record_no: str, current: IndividualConsultation | NetworkActivity | None
    ) -> None:
        if current is None:
            text = f"受付番号{record_no}はすでに取り消されています。"
        else:
            text = f"{current.created_by_name}が先に訂正しました。"
        super().__init__(f"{text}最新の内容を確認してください。")


def build_version(
    actor: Scope, hub: Hub, record_no: str, values: RecordValues, **history: Any
) -> IndividualConsultation:
    """A version as this person writes it now, not yet stored."""
    return IndividualConsultation(
        hub=hub,
        record_no=record_no,
        created_by_name=actor.name,
        created_at=clock.now(),
        **asdict(values),
        **history,
    )


def store_version(row: IndividualConsultation) -> None:
    """Insert it in the caller's transaction."""
    row.save(force_insert=True)
    mark_dirty([(row.hub_id, row.held_on), (row.hub_id, row.resolved_on)])


def trail_of(values: RecordValues) -> dict[str, Any]:
    """The content as the trail keeps it: of the free text only that there is one."""
    kept = {name: _plain(value) for name, value in asdict(values).items() if name != "note"}
    return {**kept, "note_length": len(values.note)}


def trail_of_doubts(doubts: Doubts) -> dict[str, Any]:
    """What was confirmed: kinds and numbers, never the words themselves."""
    found: dict[str, Any] = {}
    if doubts.findings:
        found["personal_data_confirmed"] = sorted({one.kind for one in doubts.findings})
    if doubts.duplicates:
        found["alike_confirmed"] = [row.record_no for row in doubts.duplicates]
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
