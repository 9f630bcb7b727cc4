"""Asking for jobs, claiming them, and putting lost ones back in the queue."""

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.errors import Conflict
from yorozu.core.jobs.models import Job, JobState
from yorozu.core.jobs.registry import find

LOST = "処理が{attempts}回中断したため打ち切りました。もう一度実行するか、システム管理者に連絡してください。"


def lease() -> timedelta:
    """How long a silent worker keeps a job before another may take it."""
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def send(job_id: int) -> None:
    """Hand the id to the broker once the transaction is committed; the row stays the truth."""
    from yorozu.core.jobs.tasks import run_job  # noqa: PLC0415 (tasks import the runner, which imports this)

    transaction.on_commit(lambda: run_job.delay(job_id=job_id))


def enqueue(
    actor: Scope, *, kind: str, key: str, label: str, params: dict[str, Any] | None = None
) -> Job:
    """Ask for a job in the caller's transaction. The same key returns the existing job."""
    find(kind)
    who = {"membership_id": actor.membership_id, "system_name": actor.name if actor.is_system else ""}
    job, created = Job.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "label": label,
            "params": {**who, **(params or {})},
            "created_by_id": actor.user_id,
        },
    )
    if created:
        send(job.pk)
    return job


def retry(actor: Scope, *, job: Job) -> Job:
    """Start a failed job again (its work is safe to run twice). Conflict when it has not failed."""
    moved = Job.objects.visible_to(actor).filter(pk=job.pk, state=JobState.FAILED).update(
        state=JobState.QUEUED, attempts=0, error="", lease_token="", lease_until=None, finished_at=None
    )
    if not moved:
        raise Conflict("このジョブは失敗の状態ではないため、やり直せません。")
    send(job.pk)
    job.refresh_from_db()
    return job


def claim(job_id: int) -> Job | None:
    """Take a queued job, or a running one whose lease is dead; None when somebody else has it."""
    token = str(uuid.uuid4())
    now = clock.now()
    fields = {"state": JobState.RUNNING, "lease_token": token, "lease_until": now + lease()}
    queued = Job.objects.filter(pk=job_id, state=JobState.QUEUED)
    dead = Job.objects.filter(pk=job_id, state=JobState.RUNNING, lease_until__lt=now)
    if not queued.update(**fields) and not dead.update(**fields):
        return None
    job = Job.objects.get(pk=job_id)
    if job.lease_token != token:
        return None
    Job.objects.filter(pk=job_id, lease_token=token).update(
        attempts=job.attempts + 1, started_at=job.started_at or now
    )
    job.refresh_from_db()
    return job


def finish(job: Job, token: str, *, state: JobState, **fields: Any) -> bool:
    """End the job if the lease is still ours; False means another worker has taken over."""
    return bool(
        Job.objects.filter(pk=job.pk, lease_token=token, state=JobState.RUNNING).update(
            state=state, finished_at=clock.now(), lease_until=None, lease_token="", **fields
        )
    )


def sweep() -> list[int]:
    """Re-send queued jobs nobody took and running jobs with a dead lease; give up after the last attempt.

    Returns the ids sent again. Safe to run at any time and by several processes.
    """
    now = clock.now()
    sent = []
    for job in Job.objects.filter(state=JobState.RUNNING, lease_until__lt=now):
        if job.attempts >= find(job.kind).max_attempts:
            finish(job, job.lease_token, state=JobState.FAILED, error=LOST.format(attempts=job.attempts))
        elif Job.objects.filter(
            pk=job.pk, state=JobState.RUNNING, lease_token=job.lease_token
        ).update(state=JobState.QUEUED, lease_token="", lease_until=None):
            sent.append(job.pk)
    stale = now - lease()
    waiting = Job.objects.filter(state=JobState.QUEUED, created_at__lt=stale).exclude(pk__in=sent)
    sent += waiting.values_list("pk", flat=True)
    for job_id in sent:
        send(job_id)
    return sent
