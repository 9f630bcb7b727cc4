"""The acts on an import: upload, apply, undo. Whole file or nothing."""

import uuid
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, Problem
from yorozu.core.flow import lock
from yorozu.core.imports.bulk.checking import source_of
from yorozu.core.imports.bulk.files import forget
from yorozu.core.imports.checking import compare
from yorozu.core.imports.kinds import find, find_table_kind
from yorozu.core.imports.models import BatchState, ImportBatch
from yorozu.core.jobs.models import Job
from yorozu.core.jobs.operations import enqueue
from yorozu.core.locks import Turn, take_turn

if TYPE_CHECKING:
    from yorozu.core.sheets import Table

MAX_BYTES = 20 * 1024 * 1024
MAX_BULK_BYTES = 400 * 1024 * 1024
EMPTY = "ファイルが空です。内容のあるファイルを選んでください。"
TOO_LARGE = "ファイルが20MBを超えています。分割して取り込んでください。"
BULK_TOO_LARGE = "ファイルが400MBを超えています。分割して取り込んでください。"
MOVED_ON = (
    "プレビューのあとでデータが変わりました。もう一度ファイルを取り込み、差分を確認してください。"
)
NO_REASON = "取消しの理由を入力してください。"


def upload(
    actor: Scope, *, kind: str, params: dict[str, Any], filename: str, data: bytes
) -> ImportBatch:
    """Keep the file and queue its check. InvalidInput when it is empty or over 20 MB."""
    require(actor, find_table_kind(kind).action)
    if not data or len(data) > MAX_BYTES:
        raise InvalidInput([Problem(None, "", TOO_LARGE if data else EMPTY)])
    with transaction.atomic():
        return _kept(
            actor,
            kind=kind,
            params=params,
            filename=filename[:200],
            sha256=sha256(data).hexdigest(),
            size=len(data),
            content=data,
        )


def upload_stream(
    actor: Scope, *, kind: str, params: dict[str, Any], filename: str, file: File
) -> ImportBatch:
    """Keep a file of a bulk kind in the storage and queue its check; it is never held whole.

    InvalidInput when it is empty or over 400 MB.
    """
    require(actor, find(kind).action)
    if not file.size or file.size > MAX_BULK_BYTES:
        raise InvalidInput([Problem(None, "", BULK_TOO_LARGE if file.size else EMPTY)])
    digest = sha256()
    for piece in file.chunks():
        digest.update(piece)
    new = ImportBatch(folder=f"imports/{uuid.uuid4().hex}")
    size = file.size
    default_storage.save(source_of(new), file)
    try:
        with transaction.atomic():
            return _kept(
                actor,
                kind=kind,
                params=params,
                filename=filename[:200],
                sha256=digest.hexdigest(),
                size=size,
                folder=new.folder,
            )
    except BaseException:
        # Without its row nobody would ever find the file.
        forget(new.folder)
        raise


def _kept(actor: Scope, **columns: Any) -> ImportBatch:
    """The row of a new file, and its check in the queue, in the caller's transaction."""
    batch: ImportBatch = ImportBatch.objects.create(
        **columns, created_by_id=actor.user_id, created_by_name=actor.label[:200]
    )
    job = enqueue(
        actor,
        kind="imports.check",
        key=f"imports.check:{batch.pk}",
        label=f"{find(batch.kind).label}の内容確認（{batch.filename}）",
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
    kind = find_table_kind(batch.kind)
    take_turn(Turn.IMPORT_WRITE)
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


def release(*, batch_id: int, reason: str) -> None:
    """Put an import whose write was refused back to 取込不可, with the reason as its problem."""
    ImportBatch.objects.filter(pk=batch_id, state=BatchState.APPLYING).update(
        state=BatchState.REFUSED, problems_total=1, problems=[[None, "", reason]]
    )


def undo(actor: Scope, *, batch: ImportBatch, reason: str) -> ImportBatch:
    """Take an applied import back as a unit. Conflict when its rows were changed since."""
    kind = find_table_kind(batch.kind)
    require(actor, kind.action)
    reason = _reason(reason)
    with transaction.atomic():
        take_turn(Turn.IMPORT_WRITE)
        row = _applied(batch)
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
            reason=reason,
        )
    row.refresh_from_db()
    return row


def start_undo(actor: Scope, *, batch: ImportBatch, reason: str) -> Job:
    """Queue the undo of a bulk file: a million rows are not deleted while somebody waits.

    Conflict unless it is applied.
    """
    require(actor, find(batch.kind).action)
    reason = _reason(reason)
    with transaction.atomic():
        row = _applied(batch)
        job = enqueue(
            actor,
            kind="imports.undo",
            # An undo that was refused may be asked for again.
            key=f"imports.undo:{row.pk}:{uuid.uuid4().hex[:12]}",
            label=f"{find(row.kind).label}の取消し（{row.filename}）",
            params={"batch_id": row.pk, "reason": reason},
        )
        ImportBatch.objects.filter(pk=row.pk).update(
            state=BatchState.UNDOING, undo_job_id=job.pk, refusal=""
        )
    return job


def release_undo(*, batch_id: int, reason: str) -> None:
    """Put an import whose undo was refused back to 反映済, with the reason."""
    ImportBatch.objects.filter(pk=batch_id, state=BatchState.UNDOING).update(
        state=BatchState.APPLIED, refusal=reason[:500]
    )


def _reason(typed: str) -> str:
    reason = typed.strip()
    if not reason:
        raise InvalidInput([Problem(None, "", NO_REASON)])
    return reason


def _applied(batch: ImportBatch) -> ImportBatch:
    row: ImportBatch = lock(batch)
    if row.state != BatchState.APPLIED:
        raise Conflict(f"この取込は「{row.get_state_display()}」のため、取り消せません。")
    return row
