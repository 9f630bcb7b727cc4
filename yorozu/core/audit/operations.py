"""Writing and verifying the trail."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.audit.models import AuditEvent
from yorozu.core.canonical import canonical_json, sha256_text
from yorozu.core.locks import Turn, take_turn

GENESIS = "0" * 64


def lock_chain() -> None:
    """Serialise appends."""
    take_turn(Turn.AUDIT_CHAIN)


def _content(event: AuditEvent) -> dict[str, Any]:
    return {
        "sequence": event.sequence,
        "at": event.at.astimezone(clock.now().tzinfo).isoformat(timespec="microseconds"),
        "actor_id": event.actor_id,
        "actor_label": event.actor_label,
        "role": event.role,
        "action": event.action,
        "object_type": event.object_type,
        "object_id": event.object_id,
        "object_label": event.object_label,
        "hub_id": event.hub_id,
        "before": event.before,
        "after": event.after,
        "reason": event.reason,
        "previous_hash": event.previous_hash,
    }


def _hash_of(event: AuditEvent) -> str:
    """Hash over the stored characters exactly: a swap of two forms of one kanji must show too."""
    text = json.dumps(_content(event), ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return sha256_text(text)


def _as_text(values: Mapping[str, Any] | None) -> str:
    return canonical_json(dict(values)) if values else ""


# PLR0913: who, what and on what by place; the four optional ones by name only.
def record(  # noqa: PLR0913
    actor: Scope,
    action: str,
    obj: Any,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    hub_id: int | None = None,
) -> AuditEvent:
    """Append one event in the caller's transaction (called inside ``transaction.atomic`` only).

    ``obj`` is the record acted on; its ``hub_id`` is taken unless given. Values of before/after are
    JSON-able without floats. Raises TransactionManagementError outside a transaction.
    """
    given = Act(obj, before, after, reason, hub_id)
    return _append(actor, action, [given])[0]


@dataclass(frozen=True)
class Act:
    """One line of an act on many records, as ``record`` takes it."""

    obj: Any
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    reason: str = ""
    hub_id: int | None = None


def record_many(actor: Scope, action: str, acts: Sequence[Act]) -> list[AuditEvent]:
    """Append one event per record in the order given; the statements do not grow with them."""
    return _append(actor, action, acts) if acts else []


def _append(actor: Scope, action: str, acts: Sequence[Act]) -> list[AuditEvent]:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "audit events belong inside the operation's transaction"
        )
    lock_chain()
    last = AuditEvent.objects.order_by("-sequence").first()
    events: list[AuditEvent] = []
    for act in acts:
        last = _event(actor, action, act, last)
        events.append(last)
    AuditEvent.objects.bulk_create(events, batch_size=500)
    return events


def _event(actor: Scope, action: str, act: Act, last: AuditEvent | None) -> AuditEvent:
    """The next link of the chain, not yet stored."""
    obj = act.obj
    event = AuditEvent(
        sequence=last.sequence + 1 if last else 1,
        at=clock.now(),
        actor_id=actor.user_id,
        actor_label=actor.label[:200],
        role=actor.role.value if actor.role else "",
        action=action,
        object_type=obj._meta.label,
        object_id=str(obj.pk),
        object_label=str(obj)[:255],
        hub_id=act.hub_id if act.hub_id is not None else getattr(obj, "hub_id", None),
        before=_as_text(act.before),
        after=_as_text(act.after),
        reason=act.reason,
        previous_hash=last.event_hash if last else GENESIS,
    )
    event.event_hash = _hash_of(event)
    return event


def head() -> tuple[int, str]:
    """Number of events and the end of the chain (連番:ハッシュ), to be noted elsewhere too."""
    last = AuditEvent.objects.order_by("-sequence").first()
    if last is None:
        return 0, f"0:{GENESIS}"
    return AuditEvent.objects.count(), f"{last.sequence}:{last.event_hash}"


def verify_chain(*, known_head: str = "") -> list[str]:
    """Recompute the whole chain; returns one Japanese sentence per broken row (empty = intact).

    ``known_head`` is an end noted earlier: a chain cut off at its end is intact in itself, and only
    that note shows the cut.
    """
    broken = []
    previous, expected = GENESIS, 1
    for event in AuditEvent.objects.order_by("sequence").iterator():
        if event.sequence != expected:
            broken.append(f"連番{expected}の記録がありません（次は{event.sequence}）。")
            expected = event.sequence
        if event.previous_hash != previous:
            broken.append(f"連番{event.sequence}の前のハッシュがつながりません。")
        if event.event_hash != _hash_of(event):
            broken.append(f"連番{event.sequence}の内容が記録後に変わっています。")
        previous, expected = event.event_hash, expected + 1
    return broken + _missing_head(known_head)


def _missing_head(known_head: str) -> list[str]:
    if not known_head:
        return []
    sequence, _, event_hash = known_head.partition(":")
    if event_hash == GENESIS:
        return []
    if not sequence.isascii() or not sequence.isdigit():
        return [f"末尾の指定「{known_head}」は「連番:ハッシュ」の形ではありません。"]
    if AuditEvent.objects.filter(sequence=int(sequence), event_hash=event_hash).exists():
        return []
    return [f"以前の末尾だった連番{sequence}の記録がないか、変わっています。"]
