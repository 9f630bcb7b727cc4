"""Files of consultations for the tests, and the way they go."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from django.core.files.base import ContentFile

from benchmarks.generate import HEADER
from tests.cast import Actor
from yorozu.core.imports import operations
from yorozu.core.imports.models import ImportBatch
from yorozu.core.jobs import runner
from yorozu.core.jobs.models import Job

KIND = "ledger.consultations"
GOOD = dict(
    zip(
        HEADER,
        (
            "13",
            "R-1",
            "2026-10-05",
            "来訪",
            "売上拡大",
            "製造業",
            "6～20人",
            "見本 太郎",
            "C-1",
            "60",
            "",
            "",
            "販路の相談",
        ),
        strict=True,
    )
)


def row(number: int | str = 1, **changes: str) -> dict[str, str]:
    """A good row with its own receipt number, unless changed (by Japanese heading)."""
    text = f"R-{number}" if isinstance(number, int) else number
    return {**GOOD, "受付番号": text, **changes}


def sheet(*rows: dict[str, str], header: Sequence[str] = HEADER, encoding: str = "utf-8") -> bytes:
    """A CSV of these rows under these headings."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([one.get(heading, "") for heading in header] for one in rows)
    return out.getvalue().encode(encoding)


def uploaded(actor: Actor, data: bytes, *, leave_out: bool = False) -> ImportBatch:
    """Uploaded and checked."""
    batch = operations.upload_stream(
        actor.scope,
        kind=KIND,
        params={"faults": "leave_out" if leave_out else "refuse"},
        filename="相談記録.csv",
        file=ContentFile(data, name="相談記録.csv"),
    )
    run(batch.check_job_id)
    batch.refresh_from_db()
    return batch


def brought(actor: Actor, *rows: dict[str, str], leave_out: bool = False) -> ImportBatch:
    """The same for rows."""
    return uploaded(actor, sheet(*rows), leave_out=leave_out)


def applied(actor: Actor, batch: ImportBatch) -> ImportBatch:
    """Applied by its job."""
    run(operations.start_apply(actor.scope, batch=batch).pk)
    batch.refresh_from_db()
    return batch


def undone(actor: Actor, batch: ImportBatch, reason: str = "誤り") -> ImportBatch:
    """Taken back by its job."""
    run(operations.start_undo(actor.scope, batch=batch, reason=reason).pk)
    batch.refresh_from_db()
    return batch


def run(job_id: int | None) -> Job:
    """The job, run to its end."""
    runner.run(job_id or 0)
    return Job.objects.get(pk=job_id)


def counts(batch: ImportBatch) -> dict[str, Any]:
    """The summary of the check."""
    return dict(batch.summary)
