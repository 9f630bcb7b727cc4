"""How far a job is that cannot say so in its own row, because it holds it until the end."""

from django.core.cache import cache

from yorozu.core.jobs.models import Job

_SECONDS = 3_600


def _key(job: Job) -> str:
    # By lease: what a lost attempt has shown does not count for the next one.
    return f"job-bar:{job.pk}:{job.lease_token}"


def show(job: Job, done: int, total: int, step: str) -> None:
    """Keep it where other processes can see it at once."""
    cache.set(_key(job), (done, total, step), _SECONDS)


def shown(job: Job) -> tuple[int, int, str] | None:
    """What the attempt that holds the job showed last, None when nothing."""
    found: tuple[int, int, str] | None = cache.get(_key(job)) if job.lease_token else None
    return found
