"""Bringing a generated file in through the product's own upload and job handlers."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import connection
from django.db.models import Count, Q
from django.db.models.functions import TruncMonth

from benchmarks import ground
from benchmarks.frame import same
from benchmarks.generate import CHANNELS, MONTHLY, VISIT, Manifest
from hubs.ledger.models import GUARDS, DirtyMonth, IndividualConsultation
from yorozu.core import guards
from yorozu.core.imports.models import BatchState, ImportBatch
from yorozu.core.imports.operations import start_apply, upload_stream
from yorozu.core.jobs.models import JobState
from yorozu.core.jobs.runner import run

TABLE = IndividualConsultation._meta.db_table
VISIT_CODE = str(list(CHANNELS).index(VISIT) + 1)


@dataclass(frozen=True)
class Brought:
    """An import that went through: the batch and the seconds of its two jobs."""

    batch: ImportBatch
    check: float
    apply: float

    @property
    def seconds(self) -> float:
        """Check and apply together: nobody has rows in the table before both are done."""
        return self.check + self.apply


def bring_in(path: Path, *, rebuilds_keys: bool) -> Brought:
    """Upload (not timed), then run the check and the apply job as a worker would."""
    settings.BULK_REBUILDS_KEYS = rebuilds_keys
    actor = ground.actor()
    with path.open("rb") as stream:
        batch = upload_stream(
            actor,
            kind="ledger.consultations",
            params={"faults": "leave_out"},
            filename=path.name,
            file=File(stream),
        )
    check = _run(batch.check_job_id or 0)
    batch.refresh_from_db()
    same("state after the check", batch.state, BatchState.READY)
    apply = _run(start_apply(actor, batch=batch).pk)
    batch.refresh_from_db()
    same("state after applying", batch.state, BatchState.APPLIED)
    return Brought(batch, check, apply)


def _run(job_id: int) -> float:
    began = time.perf_counter()
    state = run(job_id)
    seconds = time.perf_counter() - began
    same(f"job {job_id}", state, JobState.SUCCEEDED)
    return seconds


def check_against(manifest: Manifest, batch: ImportBatch | None = None) -> None:
    """The table, and what the batch says of the file, must be what the manifest says."""
    same("rows stored", IndividualConsultation.objects.count(), manifest.stored)
    if batch is not None:
        found = dict(batch.summary)
        invalid = sum(manifest.invalid.values())
        same("rows read", batch.rows_total, manifest.shape.rows)
        same("invalid rows", found["誤りのある行"], invalid)
        same("duplicates", found["ファイルの中で重複する行"], manifest.duplicates)
        same("rows added", batch.rows_added, manifest.stored)
        same("problems", batch.problems_total, invalid + manifest.duplicates)
        same("hash of the file", batch.sha256, manifest.sha256)
    same("monthly table", monthly(), manifest.monthly)


def monthly() -> dict[str, dict[str, list[int]]]:
    """Hub, month and the figures of the manifest, counted from the rows in plain SQL."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    rows = IndividualConsultation.objects.filter(is_current=True).order_by()
    visits = Q(channel=VISIT_CODE)
    held = rows.annotate(month=TruncMonth("held_on")).values("hub__code", "month")
    for row in held.annotate(
        consultations=Count("pk"),
        visits=Count("pk", filter=visits),
        clients=Count("client_key", distinct=True),
        visiting_clients=Count("client_key", distinct=True, filter=visits),
    ):
        _note(found, row, MONTHLY[:4])
    solved = rows.filter(resolved_on__isnull=False).annotate(month=TruncMonth("resolved_on"))
    for row in solved.values("hub__code", "month").annotate(
        resolved=Count("pk"), confirmed=Count("client_confirmed_on")
    ):
        _note(found, row, MONTHLY[4:])
    return {
        code: {month: [figures.get(name, 0) for name in MONTHLY] for month, figures in per.items()}
        for code, per in found.items()
    }


def _note(found: dict[str, Any], row: dict[str, Any], names: tuple[str, ...]) -> None:
    month = found.setdefault(row["hub__code"], {}).setdefault(f"{row['month']:%Y-%m}", {})
    month.update({name: row[name] for name in names})


def empty_ledger() -> None:
    """An empty table with its keys, as before a first load. No act of the product: guards off."""
    guards.remove(connection, GUARDS)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {TABLE} RESTART IDENTITY CASCADE")
        else:
            IndividualConsultation.objects.all().delete()
    DirtyMonth.objects.all().delete()
    guards.install(connection, GUARDS)


def server_cpu() -> Callable[[], float]:
    """CPU seconds of the database's process of this connection since now (0 within SQLite)."""
    if connection.vendor != "postgresql":
        return lambda: 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat")

    def spent() -> float:
        fields = stat.read_text().rpartition(")")[2].split() if stat.exists() else ["0"] * 13
        return (int(fields[11]) + int(fields[12])) / 100

    began = spent()
    return lambda: spent() - began
