"""What the progress bar shows, and where a job keeps its file."""

from pathlib import PurePosixPath
from typing import Any

from yorozu.core.jobs import live
from yorozu.core.jobs.models import Job, JobState

MOST_COUNTED = 10_000
WAITING = "順番を待っています。このまま待つか、あとでジョブの画面を開いてください。"


def panel(job: Job) -> dict[str, Any]:
    """The bar with its words; the same for the page and for the part asked each second."""
    if job.state == JobState.RUNNING and (seen := live.shown(job)) is not None:
        job.progress_done, job.progress_total, job.step = seen
    succeeded = job.state == JobState.SUCCEEDED
    return {
        "pk": job.pk,
        "label": job.label,
        "percent": job.percent,
        # The last step is told by the end of the job, not by its handler.
        "done": job.progress_total if succeeded else job.progress_done,
        "total": job.progress_total,
        # Rows and steps are counted for people; bytes are not.
        "is_counted": 0 < job.progress_total <= MOST_COUNTED,
        "step": _step(job),
        "is_over": job.is_over,
        "is_moving": job.state == JobState.RUNNING and job.progress_total > 0,
        "failed": job.state == JobState.FAILED,
        "succeeded": succeeded,
        "error": job.error,
        "result_url": job.result_url,
    }


def _step(job: Job) -> str:
    if job.state == JobState.QUEUED:
        return WAITING
    if job.state == JobState.RUNNING:
        return job.step or "準備しています"
    return "完了しました" if job.state == JobState.SUCCEEDED else "止まりました"


def folder_of(job_id: int) -> str:
    """The folder of a job's files in the default storage."""
    return f"jobs/{job_id}"


def file_of(job: Job) -> str:
    """Path of the file a job has made (result["file"] is its bare name), "" when there is none."""
    name = str(job.result.get("file") or "")
    if not name or PurePosixPath(name).name != name or name in {".", ".."} or "\\" in name:
        return ""
    return f"{folder_of(job.pk)}/{name}"
