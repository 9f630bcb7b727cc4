"""The two jobs of an import: check and apply."""

from typing import Any

from yorozu.core.errors import UserError
from yorozu.core.imports.checking import compare, read_file
from yorozu.core.imports.models import BatchState, ImportBatch
from yorozu.core.imports.operations import release, write
from yorozu.core.jobs.registry import handles
from yorozu.core.jobs.runner import JobContext, actor_of


@handles("imports.check")
def check_import(context: JobContext) -> dict[str, Any]:
    """Read the file, compare it, and store what would happen."""
    batch = ImportBatch.objects.get(pk=context.params["batch_id"])
    context.progress(0, 3, "ファイルを読んでいます")
    table = read_file(batch)
    context.progress(1, 3, "登録済みのデータと比べています")
    finding = compare(batch, table, actor_of(context.job))
    context.progress(2, 3, "差分を保存しています")
    with context.closing(url=f"/imports/{batch.pk}/") as result:
        ImportBatch.objects.filter(pk=batch.pk, state=BatchState.CHECKING).update(**finding.columns)
        result.update(state=str(finding.columns["state"]), problems=len(finding.problems))
    return result


@handles("imports.apply")
def apply_import(context: JobContext) -> dict[str, Any]:
    """Write the whole file in one transaction, together with the end of the job."""
    batch = ImportBatch.objects.get(pk=context.params["batch_id"])
    context.progress(0, 2, "ファイルを読んでいます")
    table = read_file(batch)
    context.progress(1, 2, "反映しています")
    try:
        with context.closing(url=f"/imports/{batch.pk}/") as result:
            result.update(write(actor_of(context.job), batch=batch, table=table))
    except UserError as refusal:
        release(batch_id=batch.pk, reason=str(refusal))
        raise
    return result
