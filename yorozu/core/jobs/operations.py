"""Asking for jobs, claiming them, and putting lost ones back in the queue."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict
from yorozu.core.jobs.models import Job, JobState
from yorozu.core.jobs.registry import find

LOST = (
    "処理が{attempts}回中断したため打ち切りました。"
    "もう一度実行するか、システム管理者に連絡してください。"
)
NOT_FAILED = "このジョブは失敗の状態ではないため、やり直せません。"


def lease() -> timedelta:
    """How long a silent worker keeps a job before another may take it."""
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def resend_after() -> timedelta:
    """How long a message may be on its way before it is sent again."""
    return timedelta(seconds=settings.JOB_RESEND_SECONDS)


def send(job_id: int) -> None:
    """Hand the id to the broker once the transaction is committed; the row stays the truth."""
    from yorozu.core.jobs.tasks import run_job  # noqa: PLC0415 (tasks import the runner, which imports this)

    transaction.on_commit(lambda: run_job.delay(job_id=job_id))


def enqueue(
    actor: Scope, *, kind: str, key: str, label: str, params: dict[str, Any] | None = None
) -> Job:
    """Ask for a job in the caller's transaction. The same key returns the existing job."""
    return _asked(actor, kind=kind, key=key, label=label, params=params)[0]


@dataclass(frozen=True)
class TrailEntry:
    """What the trail says of a job that is asked for: the action, its object, further facts."""

    action: str
    obj: Any
    facts: Mapping[str, Any] = field(default_factory=dict)


def enqueue_once(
    actor: Scope, entry: TrailEntry, *, kind: str, key: str, label: str, params: dict[str, Any]
) -> Job:
    """Ask for a job and note the act, both once for a key: a double click makes one file."""
    with transaction.atomic():
        job, is_new = _asked(actor, kind=kind, key=key, label=label, params=params)
        if is_new:
            record(actor, entry.action, entry.obj, after={"job": job.pk, **entry.facts})
    return job


def _asked(
    actor: Scope, *, kind: str, key: str, label: str, params: dict[str, Any] | None
) -> tuple[Job, bool]:
    find(kind)
    who = {
        "membership_id": actor.membership_id,
        "system_name": actor.name if actor.is_system else "",
    }
    job, created = Job.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "label": label[:200],
            "params": {**who, **(params or {})},
            "created_by_id": actor.user_id,
        },
    )
    if created:
        send(job.pk)
    return job, created


def ask_again(actor: Scope, *, kind: str, key: str, label: str) -> None:
    """Ask for recurring work that has one row for ever: an ended row is queued anew.

    A row that waits or runs is left alone, so any number of askers share one run: the handler
    takes all the work it finds. Call it after the commit of what shall be worked on.
    """
    job = enqueue(actor, kind=kind, key=key, label=label)
    with transaction.atomic():
        ended = Job.objects.filter(pk=job.pk, state__in=[JobState.SUCCEEDED, JobState.FAILED])
        if ended.update(**_FRESH, sent_at=clock.now()):
            send(job.pk)


_FRESH: dict[str, Any] = {
    "state": JobState.QUEUED,
    "attempts": 0,
    "error": "",
    "result": {},
    "lease_token": "",
    "lease_until": None,
    "started_at": None,
    "finished_at": None,
    "progress_done": 0,
    "progress_total": 0,
    "step": "",
}


def retry(actor: Scope, *, job: Job) -> Job:
    """Start a failed job again (its work is safe to run twice). Conflict when it has not failed."""
    require(actor, "core.jobs.retry")
    with transaction.atomic():
        moved = (
            Job.objects.visible_to(actor)
            .filter(pk=job.pk, state=JobState.FAILED)
            .update(
                state=JobState.QUEUED,
                attempts=0,
                error="",
                lease_token="",
                lease_until=None,
                finished_at=None,
                progress_done=0,
                step="",
                sent_at=clock.now(),
            )
        )
        if not moved:
            raise Conflict(NOT_FAILED)
        record(
            actor,
            "core.jobs.retry",
            job,
            before={"state": JobState.FAILED.value},
            after={"state": JobState.QUEUED.value},
        )
        send(job.pk)
    job.refresh_from_db()
    return job


def claim(job_id: int) -> Job | None:
    """Take a queued job, or a running one whose lease is dead; None when somebody else has it.

    One conditional UPDATE decides: of any number of callers, on either database, one gets the row.
    """
    kind = Job.objects.filter(pk=job_id).values_list("kind", flat=True).first()
    if kind is None:
        return None
    token, now = str(uuid.uuid4()), clock.now()
    dead = Q(state=JobState.RUNNING, lease_until__lt=now, attempts__lt=find(kind).max_attempts)
    taken = (
        Job.objects.filter(pk=job_id)
        .filter(Q(state=JobState.QUEUED) | dead)
        .update(
            state=JobState.RUNNING,
            lease_token=token,
            lease_until=now + lease(),
            attempts=F("attempts") + 1,
            started_at=Coalesce(F("started_at"), now),
        )
    )
    return Job.objects.get(pk=job_id, lease_token=token) if taken else None


def renew(job_id: int, token: str, **fields: Any) -> bool:
    """Keep the lease for another while; False means that another worker has taken over."""
    held = Job.objects.filter(pk=job_id, lease_token=token, state=JobState.RUNNING)
    return bool(held.update(lease_until=clock.now() + lease(), **fields))


def finish(job: Job, token: str, *, state: JobState, **fields: Any) -> bool:
    """End the job if the lease is still ours; False means another worker has taken over."""
    return bool(
        Job.objects.filter(pk=job.pk, lease_token=token, state=JobState.RUNNING).update(
            state=state, finished_at=clock.now(), lease_until=None, lease_token="", **fields
        )
    )


def give_back(job: Job, token: str) -> bool:
    """Queue again a job that could not reach the database; the sweeper sends it.

    After the last attempt it fails.
    """
    if job.attempts >= find(job.kind).max_attempts:
        return finish(job, token, state=JobState.FAILED, error=LOST.format(attempts=job.attempts))
    held = Job.objects.filter(pk=job.pk, lease_token=token, state=JobState.RUNNING)
    # Due at once for the sweeper, whose rhythm is the pause between two attempts.
    due = clock.now() - resend_after()
    return bool(held.update(state=JobState.QUEUED, lease_token="", lease_until=None, sent_at=due))


def sweep() -> list[int]:
    """Send lost jobs again: queued ones nobody took, running ones with a dead lease.

    Gives up after the last attempt.

    Returns the ids sent again. Safe to run at any time and by several processes: every step is a
    conditional UPDATE, so that one of them sends.
    """
    now = clock.now()
    expired = Job.objects.filter(state=JobState.RUNNING, lease_until__lt=now)
    for job in expired:
        _let_go(job, now)
    now = clock.now()
    due = Job.objects.filter(state=JobState.QUEUED, sent_at__lte=now - resend_after())
    sent = []
    for job_id in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            if due.filter(pk=job_id).update(sent_at=now):
                send(job_id)
                sent.append(job_id)
    return sent


def _let_go(job: Job, now: datetime) -> None:
    """End the lease of a dead worker, unless the worker came back in the meantime."""
    with transaction.atomic():
        # A worker inside its closing transaction holds the row: it lives, so pass it by.
        held = Job.objects.select_for_update(skip_locked=True).filter(
            pk=job.pk, state=JobState.RUNNING, lease_token=job.lease_token, lease_until__lt=now
        )
        if not held:
            return
        if job.attempts >= find(job.kind).max_attempts:
            error = LOST.format(attempts=job.attempts)
            finish(job, job.lease_token, state=JobState.FAILED, error=error)
        else:
            give_back(job, job.lease_token)
