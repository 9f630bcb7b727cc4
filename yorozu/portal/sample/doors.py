"""The product's doors as the sample year uses them: upload a file, wait for a job, see a bar."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.files import File

from yorozu.core.access import Scope
from yorozu.core.errors import InvalidInput, Problem, Refused
from yorozu.core.imports import operations as imports
from yorozu.core.imports.models import BatchState, ImportBatch
from yorozu.core.jobs.models import Job, JobState
from yorozu.core.sheets import to_csv
from yorozu.core.sheets.writing import Encoding

Say = Callable[[str], None]
BAR = 24
NO_WORKER = "ワーカーが{seconds}秒応答していません。./run demo から起動しているか確かめてください。"
PATIENCE_SECONDS = 90


class Progress:
    """A bar that moves on a terminal; on paper (a log file) one line per job."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.live = sys.stdout.isatty()

    def show(self, job: Job) -> None:
        """Draw the bar of a running job."""
        if not self.live:
            return
        filled = BAR * job.percent // 100
        bar = "#" * filled + "." * (BAR - filled)
        sys.stdout.write(f"\r  [{bar}] {job.percent:3d}% {job.label} {job.step}\033[K")
        sys.stdout.flush()

    def end(self, job: Job, seconds: float) -> None:
        """Close the bar of a finished job."""
        if self.live:
            sys.stdout.write("\r\033[K")
        self.say(f"  [{'#' * BAR}] {job.percent:3d}% {job.label}（{seconds:.1f}秒）")


def wait(job_id: int, progress: Progress) -> Job:
    """Wait until a job is over, showing its bar. Refused with the job's reason when it failed."""
    began = heard = time.monotonic()
    seen: tuple[Any, ...] = ()
    while True:
        job = Job.objects.get(pk=job_id)
        if job.is_over:
            break
        # The lease moves with every heartbeat: a long step on a busy machine is no dead worker.
        now = (job.state, job.progress_done, job.step, job.lease_until)
        if now != seen:
            seen, heard = now, time.monotonic()
        if time.monotonic() - heard > PATIENCE_SECONDS:
            raise Refused(NO_WORKER.format(seconds=PATIENCE_SECONDS))
        progress.show(job)
        time.sleep(0.1)
    progress.end(job, time.monotonic() - began)
    if job.state == JobState.FAILED:
        raise Refused(f"{job.label}：{job.error}")
    return job


class Door:
    """The import door for one folder: writes the file there, then uploads it as a user would."""

    def __init__(self, folder: Path, progress: Progress) -> None:
        self.folder = folder
        self.progress = progress
        folder.mkdir(parents=True, exist_ok=True)

    def bring(
        self,
        actor: Scope,
        kind: str,
        filename: str,
        rows: Sequence[Mapping[str, object]],
        params: dict[str, Any],
        *,
        encoding: Encoding = "utf-8-sig",
    ) -> ImportBatch:
        """Write the rows as a CSV file, upload it, wait for the check, apply it, wait again."""
        header = list(rows[0])
        data = to_csv(header, [[row[name] for name in header] for row in rows], encoding)
        return self.bring_bytes(actor, kind, filename, data, params)

    def bring_bytes(
        self, actor: Scope, kind: str, filename: str, data: bytes, params: dict[str, Any]
    ) -> ImportBatch:
        """The same for a file that is there already. InvalidInput lists what the check found."""
        (self.folder / filename).write_bytes(data)
        batch = imports.upload(actor, kind=kind, params=params, filename=filename, data=data)
        return self._settle(actor, batch)

    def bring_many(
        self,
        actor: Scope,
        kind: str,
        filename: str,
        rows: Sequence[Mapping[str, object]],
        params: dict[str, Any],
    ) -> ImportBatch:
        """The same for a kind of file that is streamed because it may be very large."""
        header = list(rows[0])
        data = to_csv(header, [[row[name] for name in header] for row in rows], "utf-8-sig")
        path = self.folder / filename
        path.write_bytes(data)
        with path.open("rb") as stream:
            batch = imports.upload_stream(
                actor, kind=kind, params=params, filename=filename, file=File(stream)
            )
        return self._settle(actor, batch)

    def _settle(self, actor: Scope, batch: ImportBatch) -> ImportBatch:
        """Wait for the check, apply, wait again."""
        wait(batch.check_job_id or 0, self.progress)
        batch.refresh_from_db()
        if batch.state == BatchState.UNCHANGED:
            return batch
        if batch.state != BatchState.READY:
            raise InvalidInput([Problem(*problem) for problem in batch.problems])
        wait(imports.start_apply(actor, batch=batch).pk, self.progress)
        batch.refresh_from_db()
        return batch
