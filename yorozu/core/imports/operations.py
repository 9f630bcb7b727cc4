"""The acts on an import: upload, apply, undo. Whole file or nothing."""

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, Problem
from yorozu.core.flow import lock
from yorozu.core.imports.checking import compare
from yorozu.core.imports.kinds import find
from yorozu.core.imports.models import BatchState, ImportBatch
from yorozu.core.jobs.models import Job
from yorozu.core.jobs.operations import enqueue

if TYPE_CHECKING:
    from yorozu.core.sheets import Table

MAX_BYTES = 20 * 1024 * 1024
EMPTY = "ファイルが空です。内容のあるファイルを選んでください。"
TOO_LARGE = "ファイルが20MBを超えています。分割して取り込んでください。"
MOVED_ON = (
    "プレビューのあとでデータが変わりました。もう一度ファイルを取り込み、差分を確認してください。"
)
NO_REASON = "取消しの理由を入力してください。"
_LOCK_KEY = 7_261_002


def upload(
    actor: Scope, *, kind: str, params: dict[str, Any], filename: str, data: bytes
) -> ImportBatch:
    """Keep the file and queue its check. InvalidInput when it is empty or over 20 MB."""
    require(actor, find(kind).action)
    if not data or len(data) > MAX_BYTES:
        raise InvalidInput([Problem(None, "", TOO_LARGE if data else EMPTY)])
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            kind=kind,
            params=params,
            filename=filename[:200],
            sha256=sha256(data).hexdigest(),
            content=data,
            created_by_id=actor.user_id,
            created_by_name=actor.label[:200],
        )
        job = enqueue(
            actor,
            kind="imports.check",
            key=f"imports.check:{batch.pk}",
            label=f"{find(kind).label}の内容確認（{batch.filename}）",
            params={"batch_id": batch.pk},
        )
        ImportBatch.objects.filter(pk=batch.pk).update(check_job_id=job.pk)
    batch.check_job_id = job.pk
    return batch


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


def write(actor: Scope, *, batch: ImportBatch, table: "Table | list[Problem]") -> dict[str, Any]:
    """Write the whole file in the caller's transaction; returns the counts.

    The comparison is made again under the lock; Conflict when it is not the one that was previewed.
    """
    kind = find(batch.kind)
    _one_at_a_time()
    row = lock(batch)
    if row.state != BatchState.APPLYING:
        raise Conflict(f"この取込は「{row.get_state_display()}」のため、反映できません。")
    finding = compare(row, table, actor)
    if finding.problems or finding.changes_hash != row.changes_hash:
        raise Conflict(MOVED_ON)
    undo_records = kind.write(finding.moving, row.params, actor, row.pk)
    counts = {"added": row.rows_added, "changed": row.rows_changed}
    ImportBatch.objects.filter(pk=row.pk).update(
        state=BatchState.APPLIED, applied_at=clock.now(), undo=undo_records
    )
    record(
        actor,
        kind.action,
        row,
        after={**kind.audit_facts(row.params), **counts, "sha256": row.sha256},
    )
    return counts


def _one_at_a_time() -> None:
    """Two files about the same rows must not be compared side by side: one writes after the other.

    SQLite's IMMEDIATE transaction does it by itself.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK_KEY])


def release(*, batch_id: int, reason: str) -> None:
    """Put an import whose write was refused back to 取込不可, with the reason as its problem."""
    ImportBatch.objects.filter(pk=batch_id, state=BatchState.APPLYING).update(
        state=BatchState.REFUSED, problems_total=1, problems=[[None, "", reason]]
    )


def undo(actor: Scope, *, batch: ImportBatch, reason: str) -> ImportBatch:
    """Take an applied import back as a unit. Conflict when its rows were changed since."""
    kind = find(batch.kind)
    require(actor, kind.action)
    if not reason.strip():
        raise InvalidInput([Problem(None, "", NO_REASON)])
    with transaction.atomic():
        _one_at_a_time()
        row: ImportBatch = lock(batch)
        if row.state != BatchState.APPLIED:
            raise Conflict(f"この取込は「{row.get_state_display()}」のため、取り消せません。")
        kind.revert(row.undo, row.params, actor, row.pk)
        ImportBatch.objects.filter(pk=row.pk).update(state=BatchState.UNDONE, undone_at=clock.now())
        record(
            actor,
            kind.action,
            row,
            before={"state": BatchState.APPLIED.value},
            after={
                "state": BatchState.UNDONE.value,
                "added": row.rows_added,
                "changed": row.rows_changed,
            },
            reason=reason.strip(),
        )
    row.refresh_from_db()
    return row
