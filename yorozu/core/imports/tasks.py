"""The jobs of an import: check, apply, and for a bulk file also its undo."""

from typing import Any

from yorozu.core.errors import UserError
from yorozu.core.imports import bulk
from yorozu.core.imports.checking import compare, read_file
from yorozu.core.imports.kinds import find
from yorozu.core.imports.models import BatchState, ImportBatch
from yorozu.core.imports.operations import release, release_undo, write
from yorozu.core.jobs.registry import handles
from yorozu.core.jobs.runner import JobContext, actor_of


@handles("imports.check")
def check_import(context: JobContext) -> dict[str, Any]:
    """Read the file, compare it, and store what would happen."""
    batch = ImportBatch.objects.get(pk=context.params["batch_id"])
    if find(batch.kind).is_bulk:
        columns, problems = bulk.check(batch, actor_of(context.job), context)
    else:
        columns, problems = _check_table(batch, context)
    with context.closing(url=f"/imports/{batch.pk}/") as result:
        ImportBatch.objects.filter(pk=batch.pk, state=BatchState.CHECKING).update(**columns)
        result.update(state=str(columns["state"]), problems=problems)
    return result


def _check_table(batch: ImportBatch, context: JobContext) -> tuple[dict[str, Any], int]:
    context.progress(0, 3, "ファイルを読んでいます")
    table = read_file(batch)
    context.progress(1, 3, "登録済みのデータと比べています")
    finding = compare(batch, table, actor_of(context.job))
    context.progress(2, 3, "差分を保存しています")
    return finding.columns, len(finding.problems)


@handles("imports.apply")
def apply_import(context: JobContext) -> dict[str, Any]:
    """Write the whole file in one transaction, together with the end of the job."""
    batch = ImportBatch.objects.get(pk=context.params["batch_id"])
    actor, url = actor_of(context.job), f"/imports/{batch.pk}/"
    try:
        if find(batch.kind).is_bulk:
            with context.closing(url=url) as result:
                result.update(bulk.write(actor, batch, context))
            return result
        context.progress(0, 2, "ファイルを読んでいます")
        table = read_file(batch)
        context.progress(1, 2, "反映しています")
        with context.closing(url=url) as result:
            result.update(write(actor, batch=batch, table=table))
    except UserError as refusal:
        release(batch_id=batch.pk, reason=str(refusal))
        raise
    return result


@handles("imports.undo")
def undo_import(context: JobContext) -> dict[str, Any]:
    """Delete the rows of a bulk file, together with the end of the job."""
    batch = ImportBatch.objects.get(pk=context.params["batch_id"])
    context.progress(0, 1, "登録した行を除いています")
    try:
        with context.closing(url=f"/imports/{batch.pk}/") as result:
            result.update(bulk.undo(actor_of(context.job), batch, context.params["reason"]))
    except UserError as refusal:
        release_undo(batch_id=batch.pk, reason=str(refusal))
        raise
    return result
