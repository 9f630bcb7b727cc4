"""The acts on an import: upload, check, apply, undo. Whole file or nothing."""

from typing import Any

from django.db import transaction

from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.canonical import canonical_hash
from yorozu.core.errors import Conflict, InvalidInput, Problem
from yorozu.core.flow import lock
from yorozu.core.imports.kinds import ADDED, CHANGED, UNCHANGED, Change, Comparison, find
from yorozu.core.imports.models import BatchState, ImportBatch
from yorozu.core.jobs.models import Job
from yorozu.core.jobs.operations import enqueue

MAX_BYTES = 20 * 1024 * 1024
MOVED_ON = "プレビューのあとでデータが変わりました。もう一度ファイルを取り込み、差分を確認してください。"


def upload(
    actor: Scope, *, kind: str, params: dict[str, Any], filename: str, data: bytes
) -> ImportBatch:
    """Keep the file and queue its check. InvalidInput when it is empty or over 20 MB."""
    require(actor, find(kind).action)
    if not data:
        raise InvalidInput([Problem(None, "", "ファイルが空です。内容のあるファイルを選んでください。")])
    if len(data) > MAX_BYTES:
        raise InvalidInput([Problem(None, "", "ファイルが20MBを超えています。分割して取り込んでください。")])
    from hashlib import sha256  # noqa: PLC0415

    with transaction.atomic():
        batch = ImportBatch.objects.create(
            kind=kind,
            params=params,
            filename=filename[:200],
            sha256=sha256(data).hexdigest(),
            content=data,
            created_by_id=actor.user_id,
            created_by_name=actor.label,
        )
        job = enqueue(
            actor,
            kind="imports.check",
            key=f"imports.check:{batch.pk}",
            label=f"{find(kind).label}の内容確認（{batch.filename}）",
            params={"batch_id": batch.pk},
        )
        batch.check_job_id = job.pk
        batch.save(update_fields=["check_job_id"])
    return batch


def examine(batch: ImportBatch, actor: Scope) -> tuple[Comparison, dict[str, Any]]:
    """Read and compare; returns the comparison and the columns to store. Writes nothing."""
    kind = find(batch.kind)
    require(actor, kind.action)
    try:
        table = kind.read(bytes(batch.content), batch.filename, batch.params)
        comparison = kind.compare(table, batch.params, actor)
        rows_total, encoding = len(table.rows), table.encoding
    except InvalidInput as error:
        comparison, rows_total, encoding = Comparison([], error.problems), 0, ""
    counts = {
        name: sum(change.kind == name for change in comparison.changes)
        for name in (ADDED, CHANGED, UNCHANGED)
    }
    moving = [change.as_json() for change in comparison.changes if change.kind != UNCHANGED]
    return comparison, {
        "state": _state_after_check(comparison, moving),
        "rows_total": rows_total,
        "encoding": encoding,
        "rows_added": counts[ADDED],
        "rows_changed": counts[CHANGED],
        "rows_unchanged": counts[UNCHANGED],
        "problems": [[p.row, p.column, p.message] for p in comparison.problems],
        "changes": moving,
        "changes_hash": canonical_hash(moving),
    }


def _state_after_check(comparison: Comparison, moving: list[dict[str, Any]]) -> str:
    if comparison.problems:
        return BatchState.REFUSED
    return BatchState.READY if moving else BatchState.UNCHANGED


def start_apply(actor: Scope, *, batch: ImportBatch) -> Job:
    """Queue the write of a checked import. Conflict unless it is waiting to be applied."""
    require(actor, find(batch.kind).action)
    with transaction.atomic():
        row = lock(batch)
        if row.state != BatchState.READY:
            raise Conflict(f"この取込は「{row.get_state_display()}」のため、反映できません。")
        job = enqueue(
            actor,
            kind="imports.apply",
            key=f"imports.apply:{batch.pk}",
            label=f"{find(batch.kind).label}の反映（{batch.filename}）",
            params={"batch_id": batch.pk},
        )
        ImportBatch.objects.filter(pk=batch.pk).update(
            state=BatchState.APPLYING, apply_job_id=job.pk
        )
    return job


def write(actor: Scope, *, batch: ImportBatch) -> dict[str, Any]:
    """Write the whole file in the caller's transaction; returns the counts.

    The comparison is made again under the lock; Conflict when it is not the one that was previewed.
    """
    kind = find(batch.kind)
    row = lock(batch)
    if row.state != BatchState.APPLYING:
        raise Conflict(f"この取込は「{row.get_state_display()}」のため、反映できません。")
    comparison, found = examine(row, actor)
    if found["changes_hash"] != row.changes_hash or found["problems"]:
        raise Conflict(MOVED_ON)
    moving: list[Change] = [change for change in comparison.changes if change.kind != UNCHANGED]
    undo = kind.write(moving, row.params, actor, row.pk)
    counts = {"added": row.rows_added, "changed": row.rows_changed}
    ImportBatch.objects.filter(pk=row.pk).update(
        state=BatchState.APPLIED, applied_at=clock.now(), undo=undo
    )
    record(
        actor,
        kind.action,
        row,
        after={**kind.audit_facts(row.params), **counts, "sha256": row.sha256},
    )
    return counts


def release(*, batch_id: int, reason: str) -> None:
    """Put an import whose write was refused back to 取込不可, with the reason as its problem."""
    ImportBatch.objects.filter(pk=batch_id, state=BatchState.APPLYING).update(
        state=BatchState.REFUSED, problems=[[None, "", reason]]
    )


def undo(actor: Scope, *, batch: ImportBatch, reason: str = "") -> ImportBatch:
    """Take an applied import back as a unit. Conflict when its rows were changed since."""
    kind = find(batch.kind)
    require(actor, kind.action)
    with transaction.atomic():
        row = lock(batch)
        if row.state != BatchState.APPLIED:
            raise Conflict(f"この取込は「{row.get_state_display()}」のため、取り消せません。")
        kind.revert(row.undo, row.params, actor, row.pk)
        ImportBatch.objects.filter(pk=row.pk).update(
            state=BatchState.UNDONE, undone_at=clock.now()
        )
        record(
            actor,
            kind.action,
            row,
            before={"state": "applied"},
            after={"state": "undone", "added": row.rows_added, "changed": row.rows_changed},
            reason=reason,
        )
    row.refresh_from_db()
    return row
