"""The nightly run as a job, asked for by the beat table."""

from typing import Any

from celery import shared_task

from hubs.integrity.operations import raise_flags
from yorozu.core import clock
from yorozu.core.access import system_scope
from yorozu.core.jobs.operations import enqueue
from yorozu.core.jobs.registry import handles
from yorozu.core.jobs.runner import JobContext, actor_of

KIND = "hubs.integrity.raise"
NIGHT = "夜間の確認"


@handles(KIND)
def run_checks(context: JobContext) -> dict[str, Any]:
    """Check everything; flags and the end of the job are one transaction."""
    context.progress(0, 1, "提出された実績を確認しています")
    with context.closing() as result:
        result.update(raise_flags(actor_of(context.job)).counts)
    return result


@shared_task(name="integrity.raise_flags")
def raise_flags_nightly() -> int:
    """Ask for the run of this night; asking twice gives one job."""
    key = f"integrity:{clock.today():%Y%m%d}"
    return enqueue(system_scope(NIGHT), kind=KIND, key=key, label="提出された実績の確認").pk
