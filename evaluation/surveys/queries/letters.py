"""The jobs that print letters: what is being made, what waits to be fetched."""

from evaluation.surveys.models import SurveyWave
from yorozu.core.jobs.models import Job, JobState

LETTERS_JOB = "surveys.letters"
# The path of the bundle in the storage; not ``file``, which the page of the job would hand out.
PLACE, TAKEN = "letters", "taken_at"


def bundles(wave: SurveyWave) -> list[Job]:
    """Finished bundles of a wave that nobody has fetched yet."""
    jobs = Job.objects.filter(
        kind=LETTERS_JOB, state=JobState.SUCCEEDED, params__wave_id=wave.pk
    ).order_by("-pk")
    return [job for job in jobs if job.result.get(PLACE) and not job.result.get(TAKEN)]


def making(wave: SurveyWave) -> Job | None:
    """The job that prints letters of a wave just now, or waits to."""
    jobs = Job.objects.filter(
        kind=LETTERS_JOB, state__in=(JobState.QUEUED, JobState.RUNNING), params__wave_id=wave.pk
    )
    return jobs.order_by("-pk").first()
