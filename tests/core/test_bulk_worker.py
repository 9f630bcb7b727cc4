"""A bulk import whose worker is killed at each stage: finished once, as if undisturbed."""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.core.portal_process import Portal, kill, served, until

ROWS = 5_000
THREADS = ("-P", "threads")
pytestmark = pytest.mark.slow

UPLOAD = """
from django.core.files.base import ContentFile
from yorozu.core.access import system_scope
from yorozu.core.imports.operations import upload_stream
data = "番号,数\\r\\n" + "".join(f"L{{n:05d}},{{n % 100}}\\r\\n" for n in range({rows}))
batch = upload_stream(
    system_scope("試験"), kind="tests.bulk", params={{}}, filename="lines.csv",
    file=ContentFile(data.encode(), name="lines.csv"),
)
answer = batch.pk
"""
APPLY = """
from yorozu.core.access import system_scope
from yorozu.core.imports.models import ImportBatch
from yorozu.core.imports.operations import start_apply
answer = start_apply(system_scope("試験"), batch=ImportBatch.objects.get(pk={pk})).pk
"""
UNDO = """
from yorozu.core.access import system_scope
from yorozu.core.imports.models import ImportBatch
from yorozu.core.imports.operations import start_undo
answer = start_undo(system_scope("試験"), batch=ImportBatch.objects.get(pk={pk}), reason="誤り").pk
"""
STATE = """
from yorozu.core.imports.models import ImportBatch
answer = ImportBatch.objects.get(pk={pk}).state
"""
# What must be the same however often the worker died.
FINGERPRINT = """
import hashlib
from tests.worker_app.models import Line
from yorozu.core.audit.models import AuditEvent
from yorozu.core.audit.operations import verify_chain
from yorozu.core.imports.models import ImportBatch
from yorozu.core.jobs.models import Job
lines = list(Line.objects.order_by("code", "pk").values_list("code", "amount", "import_line"))
batch = ImportBatch.objects.get(pk={pk})
answer = dict(
    lines=len(lines),
    checksum=hashlib.sha256(repr(lines).encode()).hexdigest(),
    state=batch.state,
    added=batch.rows_added,
    changes_hash=batch.changes_hash,
    events=AuditEvent.objects.filter(action="tests.lines.import").count(),
    chain=verify_chain(),
    jobs=sorted(Job.objects.values_list("kind", "state")),
    attempts=max(Job.objects.values_list("attempts", flat=True)),
)
"""


@pytest.fixture(scope="module")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One migrated SQLite portal, copied for each test."""
    folder = tmp_path_factory.mktemp("portal")
    Portal(folder).migrate()
    return folder


def reached(portal: Portal, pk: int, state: str) -> None:
    until(lambda: portal.python(STATE.format(pk=pk)) == state, 120, portal.log)


def way(portal: Portal, stages: list[str], *options: str) -> Any:
    """Check, apply and undo one file; at each of the stages the worker is killed once."""
    pk = portal.python(UPLOAD.format(rows=ROWS))
    found = []
    for state, asked, killed_at in (
        ("ready", "", {"read", "compare"}),
        ("applied", APPLY, {"half", "whole"}),
        ("undone", UNDO, {"undo"}),
    ):
        stage = next((one for one in stages if one in killed_at), "")
        if asked:
            portal.python(asked.format(pk=pk))
        if stage:
            (portal.folder / f"slow-{stage}").touch()
            with portal.worker(*options) as worker:
                portal.wait_for_stage(stage)
                kill(worker)
            assert portal.python(STATE.format(pk=pk)) != state
            (portal.folder / f"slow-{stage}").unlink()
        with portal.worker(*options):
            reached(portal, pk, state)
        if state != "ready":
            found.append(portal.python(FINGERPRINT.format(pk=pk)))
    return found


def same_but_attempts(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in one.items() if name != "attempts"} for one in found]


@pytest.fixture(scope="module")
def undisturbed(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a run without a kill leaves behind."""
    folder = tmp_path_factory.mktemp("clean") / "data"
    shutil.copytree(empty_sqlite, folder)
    applied, undone = way(Portal(folder), [], *THREADS)
    assert (applied["lines"], applied["state"], applied["events"]) == (ROWS, "applied", 1)
    assert (undone["lines"], undone["state"], undone["events"]) == (0, "undone", 2)
    assert applied["attempts"] == undone["attempts"] == 1
    assert applied["chain"] == undone["chain"] == []
    return same_but_attempts([applied, undone])


def test_a_bulk_import_killed_at_every_step_is_finished_once_on_sqlite(
    empty_sqlite: Path, tmp_path: Path, undisturbed: Any
) -> None:
    shutil.copytree(empty_sqlite, tmp_path / "data")
    found = way(Portal(tmp_path / "data"), ["read", "whole", "undo"], *THREADS)
    assert found[-1]["attempts"] == 2
    assert same_but_attempts(found) == undisturbed


@pytest.mark.services
@pytest.mark.parametrize("stages", [["read", "half", "undo"], ["compare", "whole"]], ids=str)
def test_a_bulk_import_killed_at_any_stage_is_finished_once_on_postgresql(
    tmp_path: Path, undisturbed: Any, stages: list[str]
) -> None:
    with served(tmp_path / "data") as portal:
        found = way(portal, stages, "-P", "prefork")
    assert found[-1]["attempts"] == 2
    assert same_but_attempts(found) == undisturbed


def second_readers(portal: Portal) -> list[str]:
    """Command lines of the processes that read the last part of a file of this portal."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            line = place.read_bytes().replace(b"\0", b" ").decode()
            if "bulk.second" in line and str(portal.folder) in line:
                found.append(line)
    return found


def killed_while_two_read(portal: Portal, undisturbed: Any, *options: str) -> None:
    """Kill the worker while both processes read: the second one ends too, all is done anew."""
    pk = portal.python(UPLOAD.format(rows=ROWS))
    (portal.folder / "slow-read").touch()
    with portal.worker(*options) as worker:
        portal.wait_for_stage("read", times=2)
        assert len(second_readers(portal)) == 1
        kill(worker)
    until(lambda: not second_readers(portal), 20, portal.log)
    (portal.folder / "slow-read").unlink()
    with portal.worker(*options):
        reached(portal, pk, "ready")
        portal.python(APPLY.format(pk=pk))
        reached(portal, pk, "applied")
    assert portal.stages().count("read") == 4
    found = portal.python(FINGERPRINT.format(pk=pk))
    assert found["attempts"] == 2
    assert same_but_attempts([found])[0] == undisturbed[0]


two_processors = pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one processor, one reader")


@two_processors
def test_a_file_read_by_two_processes_is_read_again_when_the_worker_is_killed(
    empty_sqlite: Path, tmp_path: Path, undisturbed: Any
) -> None:
    shutil.copytree(empty_sqlite, tmp_path / "data")
    portal = Portal(tmp_path / "data", {"BULK_TWO_READERS_FROM": "1"})
    killed_while_two_read(portal, undisturbed, *THREADS)


@two_processors
@pytest.mark.services
def test_a_worker_of_a_pool_has_a_second_reader_and_takes_it_along(
    tmp_path: Path, undisturbed: Any
) -> None:
    with served(tmp_path / "data") as portal:
        portal.env["BULK_TWO_READERS_FROM"] = "1"
        killed_while_two_read(portal, undisturbed, "-P", "prefork")
