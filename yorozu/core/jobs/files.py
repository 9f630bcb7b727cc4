"""The file that a job makes: kept under the job's own name, named in its result."""

from typing import IO

from django.core.files import File
from django.core.files.storage import default_storage

from yorozu.core.jobs.models import Job
from yorozu.core.jobs.queries import file_of, folder_of


def keep_file(job_id: int, made: IO[bytes], name: str) -> str:
    """Keep a finished file in the job's folder and return its bare name, for result["file"].

    What an attempt left behind that ended unnoticed is replaced.
    """
    path = f"{folder_of(job_id)}/{name}"
    made.seek(0)
    if default_storage.exists(path):
        default_storage.delete(path)
    default_storage.save(path, File(made, name))
    return name


def open_file(job: Job) -> File:
    """The file of a job, opened for reading; FileNotFoundError when it made none."""
    path = file_of(job)
    if not path:
        raise FileNotFoundError(f"job {job.pk} made no file")
    return default_storage.open(path)
