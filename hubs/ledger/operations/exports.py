"""Taking records out: every export is noted; a large one is made by a job."""

import uuid
from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import transaction

from hubs.ledger.queries import Wanted, records
from hubs.network.models import Hub
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import NotReady
from yorozu.core.jobs.models import Job
from yorozu.core.jobs.operations import enqueue

ACTION = "hubs.ledger.export"
JOB = "ledger.export"
KINDS = ("csv", "cp932", "xlsx")
# Up to here the file comes with the answer.
DIRECT_ROWS = 20_000


def export_records(
    *, actor: Scope, hub: Hub, wanted: Wanted, kind: str, most_xlsx: int
) -> Job | None:
    """Note the export; returns the job that makes a large file, None for one made at once.

    ``kind`` is csv, cp932 or xlsx. NotReady when a workbook would be too large.
    """
    require(actor, ACTION, hub_id=hub.pk)
    if kind not in KINDS:
        raise ValueError(kind)
    count = records(actor, hub, wanted).count()
    if kind == "xlsx" and count > most_xlsx:
        raise NotReady(
            f"{count:,}件はExcelの1つの表には多すぎます（{most_xlsx:,}件まで）。"
            "期間を短くするか、CSVで出力してください。"
        )
    conditions = {name: _plain(value) for name, value in asdict(wanted).items() if value}
    with transaction.atomic():
        record(actor, ACTION, hub, after={"kind": kind, "rows": count, "conditions": conditions})
        if count <= DIRECT_ROWS:
            return None
        return enqueue(
            actor,
            kind=JOB,
            key=f"{JOB}:{uuid.uuid4().hex}",
            label=f"{hub.name} 相談記録の出力（{count:,}件）",
            params={"hub_id": hub.pk, "kind": kind, "wanted": conditions},
        )


def wanted_of(conditions: dict[str, Any]) -> Wanted:
    """The conditions as a job keeps them."""
    days = {name: date.fromisoformat(conditions[name]) for name in ("first", "last")}
    return Wanted(**{**conditions, **days})


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
