"""Uploaded files that wait for somebody: checked ones to apply, refused ones to mend."""

from django.urls import reverse

from yorozu.core.access import Scope, decide
from yorozu.core.imports.models import BatchState, ImportBatch
from yorozu.core.imports.queries import kind_label, kinds_for
from yorozu.core.web.chips import Status
from yorozu.portal.home.desk import Desk, Task, Work

LISTED = 5


def batches(desk: Desk, state: BatchState) -> list[ImportBatch]:
    """Imports of the scope in a state, the newest first, without their contents."""
    rows = ImportBatch.objects.visible_to(desk.scope).light().defer("changes", "problems")
    return list(rows.filter(state=state))


def ready_keys(scope: Scope) -> list[int]:
    """Keys of the checked files that wait: the trail knows a file only once it is applied."""
    if not decide(scope, "core.imports.use").allowed:
        return []
    rows = ImportBatch.objects.visible_to(scope).filter(state=BatchState.READY)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def ready_files(desk: Desk) -> Work:
    """Checked files of the kinds that this person may apply, one line each while they are few."""
    if not decide(desk.scope, "core.imports.use").allowed:
        return Work()
    own = {kind.code for kind in kinds_for(desk.scope)}
    ready = [row for row in batches(desk, BatchState.READY) if row.kind in own]
    tasks = [
        Task(
            f"「{row.filename}」を確認して反映する",
            reverse("import_detail", args=[row.pk]),
            f"{kind_label(row.kind)}　追加{row.rows_added}行、変更{row.rows_changed}行",
            None,
            Status.READY,
        )
        for row in ready[:LISTED]
    ]
    if len(ready) > LISTED:
        url = f"{reverse('import_list')}?state={BatchState.READY}"
        tasks.append(Task("ほかの反映待ちの取込を見る", url, "", None, Status.READY))
    return Work(tasks)
