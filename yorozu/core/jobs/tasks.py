"""The only Celery tasks of the portal: run one job by id, and sweep up what was lost."""

from celery import shared_task

from yorozu.core.jobs.operations import sweep
from yorozu.core.jobs.runner import run


@shared_task(name="jobs.run_job")
def run_job(*, job_id: int) -> str:
    """Run the job with this id; running it twice is harmless."""
    return run(job_id)


@shared_task(name="jobs.sweep_jobs")
def sweep_jobs() -> list[int]:
    """Send lost jobs again (each few seconds by the beat table, and at worker start)."""
    return sweep()
