"""Applying a checked bulk file, and taking it back: each in one transaction, whole or not."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction

from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict
from yorozu.core.flow import lock
from yorozu.core.imports.bulk.files import (
    FACTS,
    LEFT_OUT,
    PROBLEMS,
    RowSet,
    StoredRows,
    forget,
    without,
)
from yorozu.core.imports.bulk.keys import filled_in, without_keys
from yorozu.core.imports.bulk.kinds import BulkImportKind, bulk_kind
from yorozu.core.imports.bulk.tables import insert_lines, is_postgresql
from yorozu.core.imports.models import BatchState, ImportBatch
from yorozu.core.jobs.runner import JobContext
from yorozu.core.locks import Turn, take_turn
from yorozu.core.sheets.columnwise import copy_text

WRITING = "{rows:,}行を書き込んでいます"
INDEXING = "索引を作っています"
MOVED_ON = (
    "確認のあとで、同じ番号の行がほかから登録されました。もう一度ファイルを取り込み、"
    "内容を確認してください。"
)
DAMAGED = "確認した内容のファイルが変わっています。もう一度ファイルを取り込んでください。"


def write(actor: Scope, batch: ImportBatch, context: JobContext) -> dict[str, Any]:
    """Load the rows that the check kept, in the caller's transaction; returns the counts.

    Conflict when the database has moved on since the check, or the kept rows are not those checked.
    """
    kind = bulk_kind(batch.kind)
    take_turn(Turn.IMPORT_WRITE)
    row: ImportBatch = lock(batch)
    if row.state != BatchState.APPLYING:
        raise Conflict(f"この取込は「{row.get_state_display()}」のため、反映できません。")
    require(actor, kind.action)
    work = f"{row.folder}/{row.work}"
    with default_storage.open(f"{work}/{FACTS}") as stream:
        kept = json.load(stream)
    kind.recheck(kept["facts"], actor)
    try:
        _load(kind, row, actor, context, kept)
    except IntegrityError as error:
        raise Conflict(MOVED_ON) from error
    kind.written(kept["facts"])
    ImportBatch.objects.filter(pk=row.pk).update(state=BatchState.APPLIED, applied_at=clock.now())
    counts = {"added": row.rows_added, "left_out": row.rows_left_out}
    record(
        actor,
        kind.action,
        row,
        after={
            **kind.audit_facts(row.params),
            **counts,
            "unchanged": row.rows_unchanged,
            "sha256": row.sha256,
            "changes_hash": row.changes_hash,
        },
    )
    transaction.on_commit(lambda: forget(work, but=PROBLEMS))
    return counts


def _load(
    kind: BulkImportKind,
    batch: ImportBatch,
    actor: Scope,
    context: JobContext,
    kept: dict[str, Any],
) -> None:
    work, added = f"{batch.folder}/{batch.work}", kept["added"]
    with default_storage.open(f"{work}/{LEFT_OUT}") as stream:
        left_out = RowSet(stream.read())
    rows = StoredRows([f"{work}/{name}" for name in kept["files"]], default_storage.open)
    shared = kind.constants(batch.pk, actor)
    columns = (*kind.stored, kind.line_column)
    blocks = _watched(without(rows.blocks(), left_out), context, added)
    with without_keys(kind.table, added) as rebuilds:
        if rebuilds and is_postgresql():
            with filled_in(kind.table, shared):
                done = insert_lines(kind.table, columns, blocks)
        else:
            blocks = _with_constants(blocks, shared.values())
            done = insert_lines(kind.table, (*columns, *shared), blocks)
        if rebuilds:
            context.show(done, added, INDEXING)
    if rows.sha256 != kept["rows_hash"] or done != added:
        raise Conflict(DAMAGED)


def _with_constants(blocks: Iterable[bytes], values: Iterable[Any]) -> Iterator[bytes]:
    """The blocks with the values that all rows share at the end of each line."""
    tail = "".join(f"\t{_as_copied(value)}" for value in values) + "\n"
    ending = tail.encode()
    return (block.replace(b"\n", ending) for block in blocks)


def _as_copied(value: Any) -> str:
    if hasattr(value, "isoformat"):
        moment = value if is_postgresql() else connection.ops.adapt_datetimefield_value(value)
        return str(moment)
    return copy_text(str(value))


def _watched(blocks: Iterable[bytes], context: JobContext, rows: int) -> Iterator[bytes]:
    done = 0
    for number, block in enumerate(blocks):
        if number % 16 == 0:
            context.show(done, rows, WRITING.format(rows=rows))
        done += block.count(b"\n")
        yield block


def undo(actor: Scope, batch: ImportBatch, reason: str) -> dict[str, Any]:
    """Delete the rows of an applied batch in the caller's transaction; returns the counts.

    Conflict when one of them was corrected or counted for good since.
    """
    kind = bulk_kind(batch.kind)
    require(actor, kind.action)
    take_turn(Turn.IMPORT_WRITE)
    row: ImportBatch = lock(batch)
    if row.state != BatchState.UNDOING:
        raise Conflict(f"この取込は「{row.get_state_display()}」のため、取り消せません。")
    deleted = kind.revert(row.pk, actor)
    if deleted != row.rows_added:
        raise Conflict(
            f"この取込の{row.rows_added:,}行のうち{row.rows_added - deleted:,}行が、"
            "すでにありません。システム管理者に連絡してください。"
        )
    ImportBatch.objects.filter(pk=row.pk).update(state=BatchState.UNDONE, undone_at=clock.now())
    record(
        actor,
        kind.action,
        row,
        before={"state": BatchState.APPLIED.value},
        after={"state": BatchState.UNDONE.value, "deleted": deleted},
        reason=reason,
    )
    return {"deleted": deleted}
