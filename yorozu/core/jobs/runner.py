"""Running one job under a lease: heartbeat, progress, and one closing transaction."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import (
    DatabaseError,
    OperationalError,
    close_old_connections,
    connection,
    transaction,
)

from yorozu.core.access import Scope, scope_for_user, system_scope
from yorozu.core.errors import UserError
from yorozu.core.jobs import live
from yorozu.core.jobs.models import Job, JobState
from yorozu.core.jobs.operations import claim, finish, give_back, renew
from yorozu.core.jobs.registry import find

logger = logging.getLogger("yorozu.jobs")
UNEXPECTED = (
    "予期しないエラーで止まりました。システム管理者に、ジョブ番号{number}を伝えてください。"
)


class LeaseLost(Exception):  # noqa: N818 (named by what happened)
    """Another worker has taken the job; this one must write nothing more."""


class JobContext:
    """What a handler gets: its parameters, a progress bar, and the closing transaction."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.job_id: int = job.pk
        self.params: dict[str, Any] = job.params
        self.token = job.lease_token
        self._closed = False

    def progress(self, done: int, total: int, step: str) -> None:
        """Move the bar and renew the lease. Call outside a transaction, or nobody sees it."""
        self._keep(progress_done=done, progress_total=total, step=step[:120])

    def show(self, done: int, total: int, step: str) -> None:
        """Move the bar from within the closing transaction, past the row that it holds.

        What is shown so renews no lease and is lost without harm: it stands in the cache only.
        """
        live.show(self.job, done, total, step[:120])

    def _keep(self, **fields: Any) -> None:
        if not renew(self.job_id, self.token, **fields):
            raise LeaseLost(self.job_id)

    @contextmanager
    def closing(
        self, *, result: dict[str, Any] | None = None, url: str = ""
    ) -> Iterator[dict[str, Any]]:
        """The one transaction in which the work is written and the job ends: both or neither.

        Yields the result dict, which the handler may fill before the block ends. The lease is asked
        for first: the row then stays ours until the commit, and a worker that was taken over
        writes nothing.
        """
        answer = {} if result is None else result
        with transaction.atomic():
            self._keep()
            yield answer
            if not finish(
                self.job,
                self.token,
                state=JobState.SUCCEEDED,
                result=answer,
                result_url=answer.get("url", url),
            ):
                raise LeaseLost(self.job_id)
        self._closed = True

    @property
    def closed(self) -> bool:
        """True once the closing transaction is committed."""
        return self._closed


def actor_of(job: Job) -> Scope:
    """The scope of the person who asked, resolved now: rights lost meanwhile are lost here too."""
    if job.created_by is None:
        return system_scope(job.params.get("system_name", "定期処理"))
    return scope_for_user(job.created_by, job.params.get("membership_id"))


def _beat(context: JobContext, stop: threading.Event) -> None:
    while not stop.wait(settings.JOB_LEASE_SECONDS / 3):
        try:
            if not renew(context.job_id, context.token):
                return
        except DatabaseError:
            # A missed beat is not the job's failure; the lease outlasts two of them.
            logger.warning("heartbeat missed for job %s", context.job_id)
        finally:
            connection.close()


@contextmanager
def _heartbeat(context: JobContext) -> Iterator[None]:
    """Renew the lease from a thread while the handler computes without touching the database."""
    if not settings.JOB_HEARTBEAT:
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=_beat, args=(context, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=1)


def run(job_id: int) -> str:
    """Run one job to its end, or leave it to its holder. Returns its state ("" = not ours)."""
    if not connection.in_atomic_block:
        close_old_connections()
    job = claim(job_id)
    if job is None:
        return ""
    context = JobContext(job)
    try:
        with _heartbeat(context):
            result = find(job.kind).handler(context)
        if not context.closed:
            finish(job, context.token, state=JobState.SUCCEEDED, result=result)
    except LeaseLost:
        logger.warning("job %s was taken over by another worker", job_id)
        return ""
    except UserError as refusal:
        finish(job, context.token, state=JobState.FAILED, error=str(refusal))
    except OperationalError:
        # Locked or away: not the fault of the work, so it is tried again.
        logger.exception("job %s could not reach the database", job_id)
        give_back(job, context.token)
    except Exception:
        logger.exception("job %s failed", job_id)
        finish(job, context.token, state=JobState.FAILED, error=UNEXPECTED.format(number=job_id))
    job.refresh_from_db()
    return job.state
