"""Jobs of the ledger, and the regular work that asks for them."""

import tempfile
from typing import Any

from celery import shared_task

from hubs.ledger import exports
from hubs.ledger.models import DirtyMonth
from hubs.ledger.operations.exports import JOB as EXPORT
from hubs.ledger.operations.exports import wanted_of
from hubs.ledger.operations.rollup import (
    REBUILD,
    ROLL_UP,
    SYSTEM,
    ask_for_roll_up,
    rebuild_months,
    roll_up,
)
from hubs.ledger.queries import records
from hubs.network.models import Hub
from yorozu.core import clock
from yorozu.core.access import require, system_scope
from yorozu.core.jobs.files import keep_file
from yorozu.core.jobs.operations import enqueue
from yorozu.core.jobs.registry import handles
from yorozu.core.jobs.runner import JobContext, actor_of


@handles(ROLL_UP)
def roll_up_what_changed(context: JobContext) -> dict[str, Any]:
    """Count what is noted, and what is noted meanwhile, until no note is left."""
    months = 0
    while DirtyMonth.objects.exists():
        months += roll_up()
        context.progress(months, months, f"{months}か月分を集計しました")
    return {"months": months}


@handles(REBUILD)
def rebuild_all_months(context: JobContext) -> dict[str, Any]:
    """Count everything from the rows, compare with what was stored, and write it."""
    with context.closing() as result:
        found = rebuild_months(actor_of(context.job))
        result["differences"] = [
            {"hub": row.hub.code, "month": f"{row.month:%Y-%m}", **row.changes} for row in found
        ]
    return result


@handles(EXPORT)
def export_many_records(context: JobContext) -> dict[str, Any]:
    """Write the file with the rights the person has now; the rows pass through in pieces."""
    actor = actor_of(context.job)
    hub = Hub.objects.get(pk=context.params["hub_id"])
    require(actor, "hubs.ledger.export", hub_id=hub.pk)
    rows = records(actor, hub, wanted_of(context.params["wanted"]))
    total, kind = rows.count(), context.params["kind"]
    with tempfile.TemporaryFile() as made:
        if kind == "xlsx":
            made.write(exports.xlsx(exports.lines(rows), f"{hub.name} 相談記録"))
        else:
            encoding: exports.Encoding = "cp932" if kind == "cp932" else "utf-8-sig"
            for done in exports.write_csv(made, exports.lines(rows), encoding):
                context.progress(done, total, "相談記録を書き出しています")
        ending = "xlsx" if kind == "xlsx" else "csv"
        with context.closing() as result:
            result.update(
                file=keep_file(context.job_id, made, f"ledger.{ending}"),
                filename=f"{hub.name}_相談記録.{ending}",
                count=total,
            )
    return result


@shared_task(name="ledger.roll_up_left_overs")
def roll_up_left_overs() -> bool:
    """Ask for the roll-up when notes were left behind (each minute by the beat table)."""
    if not DirtyMonth.objects.exists():
        return False
    ask_for_roll_up()
    return True


@shared_task(name="ledger.rebuild_months")
def rebuild_months_at_night() -> int:
    """Ask for the nightly count of everything (by the beat table); once a day."""
    job = enqueue(
        system_scope(SYSTEM),
        kind=REBUILD,
        key=f"{REBUILD}:{clock.today()}",
        label="相談記録の月別集計の数え直し（夜間）",
    )
    return int(job.pk)
