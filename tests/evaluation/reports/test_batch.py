"""All sheets as one job: progress, one zip, the same at the second attempt."""

import io
import zipfile
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from evaluation.reports import operations, tasks
from tests.cast import Cast
from yorozu.core import pdf
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import Refused
from yorozu.core.jobs.files import open_file
from yorozu.core.jobs.models import Job, JobState
from yorozu.core.jobs.runner import JobContext


class PaperSession:
    """Stands for the PDF child: the batch itself is what is tried here."""

    def __enter__(self) -> "PaperSession":
        return self

    def __exit__(self, *_: Any) -> None:
        return None

    def render(self, html: str) -> bytes:
        return b"%PDF-1.7 " + html.encode()


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(pdf, "PdfSession", PaperSession)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int, str]]:
    seen: list[tuple[int, int, str]] = []
    progress = JobContext.progress

    def watched(self: JobContext, done: int, total: int, step: str) -> None:
        seen.append((done, total, step))
        progress(self, done, total, step)

    monkeypatch.setattr(JobContext, "progress", watched)
    return seen


def test_job_makes_one_zip_of_all_sheets_with_progress_per_hub(
    judged: SimpleNamespace,
    cast: Cast,
    paper: None,
    steps: list[tuple[int, int, str]],
    sign_in: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = operations.start_hub_sheets(cast.hq.scope, run=judged.run)
    job.refresh_from_db()
    assert job.state == JobState.SUCCEEDED, job.error
    assert job.result["count"] == 47
    sent = sign_in(cast.hq).get(reverse("job_file", args=[job.pk]))
    assert "2025" not in sent["Content-Disposition"], "named in Japanese, by the fiscal year"
    packed = io.BytesIO(b"".join(sent.streaming_content))
    with zipfile.ZipFile(packed) as archive:
        names = archive.namelist()
        assert names[0] == "01_北海道よろず支援拠点_令和7年度評価票.pdf"
        assert len(set(names)) == 47
        assert all(entry.flag_bits & 0x800 for entry in archive.infolist())
        assert "東京都よろず支援拠点" in archive.read(names[12]).decode()
    assert [step[0] for step in steps] == [0, *range(1, 48)]
    assert steps[-1][2] == "評価票を作成しています（沖縄県よろず支援拠点）"


def test_second_press_returns_the_same_job(
    judged: SimpleNamespace, cast: Cast, paper: None
) -> None:
    first = operations.start_hub_sheets(cast.hq.scope, run=judged.run)
    again = operations.start_hub_sheets(cast.hq.scope, run=judged.run)
    other = operations.start_hub_sheets(cast.agency.scope, run=judged.run)
    assert first.pk == again.pk != other.pk
    assert AuditEvent.objects.filter(action="evaluation.reports.make").count() == 2


@pytest.mark.once
def test_repeated_attempt_leaves_one_equal_file(
    judged: SimpleNamespace, cast: Cast, paper: None, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = operations.start_hub_sheets(cast.hq.scope, run=judged.run)
    job.refresh_from_db()
    with open_file(job) as stored:
        first = stored.read()
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, lease_token="t")
    tasks.make_hub_sheets(JobContext(Job.objects.get(pk=job.pk)))
    job.refresh_from_db()
    with open_file(job) as stored:
        assert stored.read() == first
    assert default_storage.listdir(f"jobs/{job.pk}")[1] == ["hub_sheets-2025.zip"]


def test_only_those_who_may_make_sheets_start_the_batch(
    judged: SimpleNamespace, cast: Cast, sign_in: Any
) -> None:
    with pytest.raises(Refused):
        operations.start_hub_sheets(cast.bureau_kanto.scope, run=judged.run)
    url = f"/evaluation/reports/runs/{judged.run.pk}/hub-sheets/"
    assert sign_in(cast.cc_tokyo).post(url).status_code == 403
    assert sign_in(cast.hq).get(url).status_code == 405
    answer = sign_in(cast.hq).post(url)
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"/{Job.objects.get(kind='reports.hub_sheets').pk}/")
