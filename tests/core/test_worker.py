"""A real worker, killed in the middle: the work is done once, whole, equal to an undisturbed run.

On SQLite with the message folder always; on PostgreSQL with Redis where scripts/with-services has
started them.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.core.portal_process import Portal, kill, served, until

ROWS = 200
CSV = "番号,数\r\n" + "".join(f"L{number:03d},{number}\r\n" for number in range(ROWS))
THREADS = ("-P", "threads")
pytestmark = pytest.mark.slow

UPLOAD = """
from yorozu.core.access import system_scope
from yorozu.core.imports.operations import upload
actor = system_scope("試験")
batch = upload(actor, kind="tests.lines", params={{}}, filename="lines.csv", data={data!r})
answer = batch.pk
"""
APPLY = """
from yorozu.core.access import system_scope
from yorozu.core.imports.models import ImportBatch
from yorozu.core.imports.operations import start_apply
answer = start_apply(system_scope("試験"), batch=ImportBatch.objects.get(pk={pk})).pk
"""
STATE = """
from yorozu.core.imports.models import ImportBatch
answer = ImportBatch.objects.get(pk={pk}).state
"""
# What must be the same however often the worker died: lines, batch and number of audit events.
FINGERPRINT = """
import hashlib
from tests.worker_app.models import Line
from yorozu.core.audit.models import AuditEvent
from yorozu.core.audit.operations import verify_chain
from yorozu.core.imports.models import ImportBatch
from yorozu.core.jobs.models import Job
lines = list(Line.objects.order_by("code", "pk").values_list("code", "amount"))
batch = ImportBatch.objects.get(pk={pk})
answer = dict(
    lines=len(lines),
    checksum=hashlib.sha256(repr(lines).encode()).hexdigest(),
    state=batch.state,
    added=batch.rows_added,
    changes_hash=batch.changes_hash,
    undo=len(batch.undo),
    applied=AuditEvent.objects.filter(action="tests.lines.import").count(),
    chain=verify_chain(),
    jobs=sorted(Job.objects.values_list("kind", "state")),
)
"""
ATTEMPTS = """
from yorozu.core.jobs.models import Job
answer = max(Job.objects.values_list("attempts", flat=True))
"""


@pytest.fixture(scope="module")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One migrated SQLite portal, copied for each test."""
    folder = tmp_path_factory.mktemp("portal")
    Portal(folder).migrate()
    return folder


@pytest.fixture
def sqlite_portal(empty_sqlite: Path, tmp_path: Path) -> Portal:
    """SQLite and the message folder."""
    shutil.copytree(empty_sqlite, tmp_path / "data")
    return Portal(tmp_path / "data")


@pytest.fixture
def served_portal(tmp_path: Path) -> Iterator[Portal]:
    """A PostgreSQL database of its own and a Redis database of its own."""
    with served(tmp_path / "data") as portal:
        yield portal


def state_of(portal: Portal, pk: int) -> Any:
    return portal.python(STATE.format(pk=pk))


def undisturbed(portal: Portal, *options: str) -> Any:
    """The whole way without a kill."""
    pk = portal.python(UPLOAD.format(data=CSV.encode()))
    with portal.worker(*options):
        until(lambda: state_of(portal, pk) == "ready", 120, portal.log)
        portal.python(APPLY.format(pk=pk))
        until(lambda: state_of(portal, pk) == "applied", 120, portal.log)
    return portal.python(FINGERPRINT.format(pk=pk))


def killed_at(portal: Portal, stage: str, *options: str) -> Any:
    """The whole way, with kill -9 of the worker group at a stage; then a new worker."""
    slow = portal.folder / f"slow-{stage}"
    pk = portal.python(UPLOAD.format(data=CSV.encode()))
    in_check = stage in {"read", "compare"}
    with portal.worker(*options) as worker:
        if not in_check:
            until(lambda: state_of(portal, pk) == "ready", 120, portal.log)
        slow.touch()
        if not in_check:
            portal.python(APPLY.format(pk=pk))
        portal.wait_for_stage(stage)
        kill(worker)
    assert state_of(portal, pk) == ("checking" if in_check else "applying")
    slow.unlink()
    with portal.worker(*options):
        if in_check:
            until(lambda: state_of(portal, pk) == "ready", 120, portal.log)
            portal.python(APPLY.format(pk=pk))
        until(lambda: state_of(portal, pk) == "applied", 120, portal.log)
    assert portal.python(ATTEMPTS) == 2
    return portal.python(FINGERPRINT.format(pk=pk))


EXPECTED = {
    "lines": ROWS,
    "state": "applied",
    "added": ROWS,
    "undo": ROWS,
    "applied": 1,
    "chain": [],
    "jobs": [["imports.apply", "succeeded"], ["imports.check", "succeeded"]],
}


@pytest.fixture(scope="module")
def clean_run(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What an undisturbed run leaves behind."""
    folder = tmp_path_factory.mktemp("clean") / "data"
    shutil.copytree(empty_sqlite, folder)
    found = undisturbed(Portal(folder), *THREADS)
    assert EXPECTED.items() <= found.items()
    return found


@pytest.mark.parametrize("stage", ["compare", "half", "whole"])
def test_a_worker_killed_at_any_stage_leaves_the_import_done_once_on_sqlite(
    sqlite_portal: Portal, clean_run: Any, stage: str
) -> None:
    assert killed_at(sqlite_portal, stage, *THREADS) == clean_run


@pytest.mark.services
@pytest.mark.parametrize("stage", ["read", "compare", "half", "whole"])
def test_a_worker_killed_at_any_stage_leaves_the_import_done_once_on_postgresql(
    served_portal: Portal, clean_run: Any, stage: str
) -> None:
    assert killed_at(served_portal, stage, "-P", "prefork") == clean_run


SLEEP = """
from yorozu.core.access import system_scope
from yorozu.core.jobs.operations import enqueue
actor, params = system_scope("試験"), {"seconds": 7}
answer = enqueue(actor, kind="tests.sleep", key="sleep", label="x", params=params).pk
"""


def test_silent_work_longer_than_two_leases_is_not_handed_out_again(sqlite_portal: Portal) -> None:
    sqlite_portal.python(SLEEP)
    with sqlite_portal.worker(*THREADS):
        sqlite_portal.wait_for_stage("slept", seconds=40)
        until(lambda: sqlite_portal.python(ATTEMPTS) == 1, 5)
    assert sqlite_portal.stages() == ["slept"]


RACE = """
from concurrent.futures import ThreadPoolExecutor
from django.db import connections
from yorozu.core.jobs.operations import claim
def take(_):
    try:
        return claim({pk}) is not None
    finally:
        connections.close_all()
with ThreadPoolExecutor(12) as pool:
    answer = sum(pool.map(take, range(48)))
"""


def test_of_many_claims_at_once_exactly_one_gets_the_job_on_sqlite(sqlite_portal: Portal) -> None:
    pk = sqlite_portal.python(SLEEP)
    assert sqlite_portal.python(RACE.format(pk=pk)) == 1


APPEND = """
from concurrent.futures import ThreadPoolExecutor
from django.db import connections, transaction
from tests.worker_app.models import Line
from yorozu.core.access import system_scope
from yorozu.core.audit.models import AuditEvent
from yorozu.core.audit.operations import record, verify_chain
actor = system_scope("試験")
def append(number):
    try:
        with transaction.atomic():
            line = Line.objects.create(code=f"A{number}", amount=number)
            record(actor, "tests.lines.import", line, after={"amount": number})
    finally:
        connections.close_all()
with ThreadPoolExecutor(50) as pool:
    list(pool.map(append, range(400)))
answer = [AuditEvent.objects.count(), verify_chain()]
"""


def test_fifty_writers_leave_one_unbroken_chain_on_sqlite(sqlite_portal: Portal) -> None:
    assert sqlite_portal.python(APPEND) == [400, []]


@pytest.mark.services
def test_fifty_writers_leave_one_unbroken_chain_on_postgresql(served_portal: Portal) -> None:
    served_portal.env["DATABASE_POOL"] = "60"
    assert served_portal.python(APPEND) == [400, []]
