"""The nightly escalation as a job, asked for by the beat table."""

from typing import Any

from celery import shared_task

from evaluation.guidance.operations import escalate
from yorozu.core import clock
from yorozu.core.access import system_scope
from yorozu.core.jobs.operations import enqueue
from yorozu.core.jobs.registry import handles
from yorozu.core.jobs.runner import JobContext, actor_of

KIND = "evaluation.guidance.escalate"
NIGHT = "夜間の期限確認"


@handles(KIND)
def run_escalation(context: JobContext) -> dict[str, Any]:
    """Take the steps that are due; they and the end of the job are one transaction."""
    context.progress(0, 1, "期限を過ぎた取組を確認しています")
    with context.closing() as result:
        result.update(escalate(actor_of(context.job)).counts)
    return result


@shared_task(name="guidance.escalate")
def escalate_nightly() -> int:
    """Ask for the run of this night; asking twice gives one job."""
    key = f"guidance:{clock.today():%Y%m%d}"
    return enqueue(system_scope(NIGHT), kind=KIND, key=key, label="重点指導の期限の確認").pk
