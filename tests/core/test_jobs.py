"""Jobs: one holder at a time, lost ones come back, an exhausted one says so."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import OperationalError, connection, connections
from django.test import Client

from tests.cast import Cast
from yorozu.core import clock
from yorozu.core.access import Scope, system_scope
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import Conflict, NotReady, Refused
from yorozu.core.jobs import operations, registry, runner
from yorozu.core.jobs.models import Job, JobState
from yorozu.core.jobs.queries import panel
from yorozu.core.notices.models import Notice

SYSTEM = system_scope("試験")
LONG_AGO = timedelta(minutes=10)


@pytest.fixture
def handler() -> Iterator[dict[str, Any]]:
    """A job kind "tests.kind" whose work a test puts in."""
    work: dict[str, Any] = {"do": lambda context: {}}

    def do(context: runner.JobContext) -> dict[str, Any]:
        done: dict[str, Any] = work["do"](context)
        return done

    registry._KINDS["tests.kind"] = registry.Kind("tests.kind", do)
    yield work
    del registry._KINDS["tests.kind"]


def queue(key: str = "k", **params: Any) -> Job:
    """A queued job whose message never arrives (on-commit work does not run in tests)."""
    return operations.enqueue(
        SYSTEM, kind="tests.kind", key=key, label="試験のジョブ", params=params
    )


def unsent(key: str = "unsent") -> Job:
    """A queued job without a message: outside a test transaction `queue` would run it at once."""
    return Job.objects.create(kind="tests.kind", key=key, label="試験のジョブ")


def expire(job: Job) -> None:
    """Let the lease die, as if the worker had been killed long ago."""
    Job.objects.filter(pk=job.pk).update(lease_until=clock.now() - LONG_AGO)


def test_the_same_key_asked_twice_is_one_job(db: None, handler: dict[str, Any]) -> None:
    assert queue("once").pk == queue("once").pk
    assert Job.objects.count() == 1


def test_an_unknown_kind_is_refused_when_asked_for_not_when_run(db: None) -> None:
    with pytest.raises(KeyError):
        operations.enqueue(SYSTEM, kind="tests.none", key="x", label="x")


def test_a_claimed_job_is_not_given_to_a_second_worker(db: None, handler: dict[str, Any]) -> None:
    job = queue()
    first = operations.claim(job.pk)
    assert first is not None
    assert first.attempts == 1
    assert first.started_at is not None
    assert operations.claim(job.pk) is None
    assert runner.run(job.pk) == ""


def test_a_job_that_does_not_exist_is_nobodys(db: None) -> None:
    assert operations.claim(999_999) is None


@pytest.mark.django_db(transaction=True)
def test_of_many_claims_at_once_exactly_one_gets_the_job(handler: dict[str, Any]) -> None:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("threads share no in-memory database; the worker tests race on a file")
    job = unsent()

    def take(_: int) -> bool:
        try:
            return operations.claim(job.pk) is not None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(take, range(48)))
    assert won.count(True) == 1
    job.refresh_from_db()
    assert job.attempts == 1


def test_work_and_end_of_the_job_are_one_transaction(db: None, handler: dict[str, Any]) -> None:
    def work(context: runner.JobContext) -> dict[str, Any]:
        context.progress(1, 2, "半分")
        with context.closing(url="/somewhere/") as result:
            result["rows"] = 3
        return result

    handler["do"] = work
    job = queue()
    assert runner.run(job.pk) == JobState.SUCCEEDED
    job.refresh_from_db()
    assert (job.result, job.result_url, job.lease_token) == ({"rows": 3}, "/somewhere/", "")
    assert (job.progress_done, job.progress_total, job.step) == (1, 2, "半分")
    assert job.percent == 100
    assert job.finished_at is not None


def test_a_worker_that_lost_its_lease_writes_nothing(
    db: None, handler: dict[str, Any], cast: Cast
) -> None:
    def work(context: runner.JobContext) -> dict[str, Any]:
        expire(context.job)
        assert operations.claim(context.job_id) is not None
        with context.closing():
            Notice.objects.create(user=cast.hq.user, key="lost", text="書かれてはならない")
        return {}

    handler["do"] = work
    job = queue()
    assert runner.run(job.pk) == ""
    assert not Notice.objects.filter(key="lost").exists()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.RUNNING, 2)


def test_a_lease_lost_while_writing_takes_the_writing_back(
    db: None, handler: dict[str, Any], cast: Cast
) -> None:
    def work(context: runner.JobContext) -> dict[str, Any]:
        with context.closing():
            Notice.objects.create(user=cast.hq.user, key="late", text="書かれてはならない")
            Job.objects.filter(pk=context.job_id).update(lease_token="another")
        return {}

    handler["do"] = work
    job = queue()
    assert runner.run(job.pk) == ""
    assert not Notice.objects.filter(key="late").exists()


def test_progress_of_a_lost_job_stops_the_work(db: None, handler: dict[str, Any]) -> None:
    reached = []

    def work(context: runner.JobContext) -> dict[str, Any]:
        Job.objects.filter(pk=context.job_id).update(lease_token="another")
        context.progress(1, 2, "x")
        reached.append(True)
        return {}

    handler["do"] = work
    assert runner.run(queue().pk) == ""
    assert reached == []


def test_a_refusal_is_told_word_for_word_and_not_tried_again(
    db: None, handler: dict[str, Any]
) -> None:
    def work(context: runner.JobContext) -> dict[str, Any]:
        raise NotReady("先に凍結してください。")

    handler["do"] = work
    job = queue()
    assert runner.run(job.pk) == JobState.FAILED
    job.refresh_from_db()
    assert job.error == "先に凍結してください。"
    assert operations.sweep() == []


def test_a_fault_is_logged_and_told_with_the_number_only(
    db: None, handler: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    def work(context: runner.JobContext) -> dict[str, Any]:
        raise RuntimeError("秘密の内部事情")

    handler["do"] = work
    job = queue()
    assert runner.run(job.pk) == JobState.FAILED
    job.refresh_from_db()
    assert str(job.pk) in job.error
    assert "秘密" not in job.error
    assert "failed" in caplog.text


def test_a_locked_database_is_not_the_works_fault(
    db: None, handler: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    def work(context: runner.JobContext) -> dict[str, Any]:
        raise OperationalError("database is locked")

    handler["do"] = work
    job = queue()
    for attempt in (1, 2):
        assert runner.run(job.pk) == JobState.QUEUED
        assert operations.sweep() == [job.pk], f"attempt {attempt} is sent again at once"
    assert runner.run(job.pk) == JobState.FAILED
    job.refresh_from_db()
    assert "3回中断" in job.error


def test_the_sweeper_sends_a_job_whose_worker_died(db: None, handler: dict[str, Any]) -> None:
    job = queue()
    operations.claim(job.pk)
    assert operations.sweep() == []
    expire(job)
    assert operations.sweep() == [job.pk]
    job.refresh_from_db()
    assert (job.state, job.lease_token) == (JobState.QUEUED, "")
    assert operations.sweep() == [], "a message on its way is not sent twice"
    assert runner.run(job.pk) == JobState.SUCCEEDED


def test_the_sweeper_gives_up_after_three_attempts(db: None, handler: dict[str, Any]) -> None:
    job = queue()
    for _ in range(3):
        assert operations.claim(job.pk) is not None
        expire(job)
        operations.sweep()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.FAILED, 3)
    assert "3回中断" in job.error
    assert operations.claim(job.pk) is None


def test_a_late_message_does_not_start_a_fourth_attempt(db: None, handler: dict[str, Any]) -> None:
    job = queue()
    operations.claim(job.pk)
    Job.objects.filter(pk=job.pk).update(attempts=3)
    expire(job)
    assert operations.claim(job.pk) is None


def test_the_sweeper_passes_by_a_worker_that_came_back(db: None, handler: dict[str, Any]) -> None:
    job = queue()
    held = operations.claim(job.pk)
    assert held is not None
    expire(job)
    stale = Job.objects.get(pk=job.pk)
    assert operations.renew(job.pk, held.lease_token)
    operations._let_go(stale, clock.now())
    job.refresh_from_db()
    assert (job.state, job.lease_token) == (JobState.RUNNING, held.lease_token)


def test_a_queued_job_nobody_took_is_sent_again_once(db: None, handler: dict[str, Any]) -> None:
    job = queue()
    assert operations.sweep() == []
    Job.objects.filter(pk=job.pk).update(sent_at=clock.now() - LONG_AGO)
    assert operations.sweep() == [job.pk]
    assert operations.sweep() == []


def test_the_heartbeat_keeps_the_lease_of_silent_work(
    transactional_db: None, handler: dict[str, Any], settings: Any
) -> None:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("threads share no in-memory database; the worker tests show it on a file")
    settings.JOB_LEASE_SECONDS, settings.JOB_HEARTBEAT = 1, True
    seen = []

    def work(context: runner.JobContext) -> dict[str, Any]:
        time.sleep(2.2)
        seen.append(operations.sweep())
        return {}

    handler["do"] = work
    assert runner.run(unsent().pk) == JobState.SUCCEEDED
    assert seen == [[]]


def fail(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, error="x", attempts=3)


def own_job(actor: Any, key: str = "own") -> Job:
    scope: Scope = actor.scope
    return operations.enqueue(scope, kind="tests.kind", key=key, label="私のジョブ")


def test_retry_starts_a_failed_job_afresh_and_leaves_a_trace(
    cast: Cast, handler: dict[str, Any]
) -> None:
    job = own_job(cast.hq)
    with pytest.raises(Conflict):
        operations.retry(cast.hq.scope, job=job)
    fail(job)
    again = operations.retry(cast.hq.scope, job=job)
    assert (again.state, again.attempts, again.error) == (JobState.QUEUED, 0, "")
    assert AuditEvent.objects.filter(action="core.jobs.retry", object_id=str(job.pk)).count() == 1


def test_an_auditor_sees_every_job_and_starts_none(cast: Cast, handler: dict[str, Any]) -> None:
    job = own_job(cast.hq)
    fail(job)
    assert Job.objects.visible_to(cast.auditor.scope).filter(pk=job.pk).exists()
    with pytest.raises(Refused):
        operations.retry(cast.auditor.scope, job=job)


def test_the_work_runs_with_the_rights_of_today(cast: Cast, handler: dict[str, Any]) -> None:
    job = own_job(cast.hq)
    assert runner.actor_of(job).role == cast.hq.scope.role
    cast.hq.user.is_active = False
    cast.hq.user.save()
    assert runner.actor_of(Job.objects.get(pk=job.pk)).role is None
    assert runner.actor_of(queue("system")).is_system


# --- Screens ---------------------------------------------------------------------------------


def test_the_list_shows_own_jobs_only(cast: Cast, handler: dict[str, Any], sign_in: Any) -> None:
    own_job(cast.hq)
    assert "私のジョブ" in sign_in(cast.hq).get("/jobs/").content.decode()
    assert "私のジョブ" not in sign_in(cast.cc_tokyo).get("/jobs/").content.decode()
    assert "私のジョブ" in sign_in(cast.admin).get("/jobs/?state=queued").content.decode()
    assert "私のジョブ" not in sign_in(cast.admin).get("/jobs/?state=failed").content.decode()


def test_a_foreign_job_does_not_exist(cast: Cast, handler: dict[str, Any], sign_in: Any) -> None:
    job = own_job(cast.hq)
    fail(job)
    client: Client = sign_in(cast.cc_tokyo)
    for path in ("", "progress/", "file/"):
        assert client.get(f"/jobs/{job.pk}/{path}").status_code == 404
    assert client.post(f"/jobs/{job.pk}/retry/").status_code == 404


def test_the_bar_asks_each_second_and_stops_when_over(
    cast: Cast, handler: dict[str, Any], sign_in: Any
) -> None:
    job = own_job(cast.hq)
    client: Client = sign_in(cast.hq)
    held = operations.claim(job.pk)
    assert held is not None
    operations.renew(job.pk, held.lease_token, progress_done=3, progress_total=47, step="計算中")
    running = client.get(f"/jobs/{job.pk}/progress/").content.decode()
    assert 'hx-trigger="every 1s"' in running
    assert 'value="6"' in running
    assert "3 / 47" in running
    assert "計算中" in running
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert '<noscript><meta http-equiv="refresh"' in page
    assert f'id="job-{job.pk}-facts">' in page
    operations.finish(job, held.lease_token, state=JobState.SUCCEEDED, result_url="/imports/")
    over = client.get(f"/jobs/{job.pk}/progress/").content.decode()
    assert "hx-trigger" not in over
    assert "結果を見る" in over
    assert f'id="job-{job.pk}-facts" hx-swap-oob="true"' in over
    assert "まだ終わっていません" in running
    assert "まだ終わっていません" not in over
    assert "refresh" not in client.get(f"/jobs/{job.pk}/").content.decode()


def test_a_failed_job_says_why_and_can_be_started_again(
    cast: Cast, handler: dict[str, Any], sign_in: Any
) -> None:
    job = own_job(cast.hq)
    fail(job)
    client: Client = sign_in(cast.hq)
    assert "もう一度実行する" in client.get(f"/jobs/{job.pk}/").content.decode()
    answer = client.post(f"/jobs/{job.pk}/retry/")
    assert answer.status_code == 302
    job.refresh_from_db()
    assert job.state == JobState.QUEUED
    assert client.post(f"/jobs/{job.pk}/retry/").status_code == 409


def test_a_job_file_goes_to_the_person_who_asked_and_no_further(
    cast: Cast, handler: dict[str, Any], sign_in: Any
) -> None:
    job = own_job(cast.hq)
    default_storage.save(f"jobs/{job.pk}/sheets.zip", ContentFile(b"zip"))
    operations.claim(job.pk)
    Job.objects.filter(pk=job.pk).update(
        state=JobState.SUCCEEDED, result={"file": "sheets.zip", "filename": "評価シート.zip"}
    )
    answer = sign_in(cast.hq).get(f"/jobs/{job.pk}/file/")
    assert b"".join(answer.streaming_content) == b"zip"
    assert "attachment" in answer["Content-Disposition"]
    assert sign_in(cast.admin).get(f"/jobs/{job.pk}/file/").status_code == 404
    assert sign_in(cast.hq_second).get(f"/jobs/{job.pk}/file/").status_code == 404


@pytest.mark.once
@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/b", "..", "", "..\\x", "gone.zip"])
def test_no_name_leads_out_of_the_jobs_folder(
    cast: Cast, handler: dict[str, Any], sign_in: Any, name: str
) -> None:
    job = own_job(cast.hq)
    Job.objects.filter(pk=job.pk).update(state=JobState.SUCCEEDED, result={"file": name})
    assert sign_in(cast.hq).get(f"/jobs/{job.pk}/file/").status_code == 404


def test_a_job_that_is_done_has_done_all_of_its_steps():
    """Handlers tell of the step they begin; the last one ends with the job."""
    job = Job(kind="x", label="x", progress_done=1, progress_total=2, state=JobState.RUNNING)
    assert (panel(job)["done"], panel(job)["total"]) == (1, 2)
    job.state = JobState.SUCCEEDED
    assert (panel(job)["done"], panel(job)["total"]) == (2, 2)
    job.state = JobState.FAILED
    assert panel(job)["done"] == 1
