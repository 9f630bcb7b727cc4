"""An import of any size whose worker is killed on the way, through the product as people use it.

    scripts/with-services python -m benchmarks.kill_import --rows 1000000

A web server, a worker and a beat of its own; the file is sent through the upload page. The worker
is ended by kill -9 while it reads the file, and the next one while it writes the rows. A third one
must finish the work exactly once, whatever the first two left. Ends with 1 when it does not.
"""

import argparse
import http.client
import json
import os
import re
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.generate import Shape, write
from tests.core.portal_process import Portal, kill, until

KIND = "ledger.consultations"
PATIENCE = 1_800
TABLES = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""
GROUND = """
from datetime import date
from benchmarks import ground
from django.contrib.auth import get_user_model
from django.test import Client
from hubs.network.models import Membership
from yorozu.core.access import Role
ground.make_hubs(47)
ground.make_term()
user = get_user_model().objects.create_user(email="kill@example.jp", name="試験 本部")
Membership.objects.create(user=user, role=Role.NATIONAL_HQ, valid_from=date(2020, 4, 1))
client = Client()
client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
answer = client.cookies["sessionid"].value
"""
STATE = """
from hubs.ledger.models import IndividualConsultation
from yorozu.core.imports.models import ImportBatch
from yorozu.core.jobs.models import Job
batch = ImportBatch.objects.get()
answer = dict(
    state=batch.state, rows=IndividualConsultation.objects.count(),
    jobs={job.kind: [job.state, job.attempts, job.progress_done] for job in Job.objects.all()},
)
"""
WRITING = """
import time
from yorozu.core.jobs import live
from yorozu.core.jobs.models import Job
while True:
    job = Job.objects.get(kind="imports.apply")
    answer = live.shown(job)
    if (answer and answer[0] > 0) or job.state == "succeeded":
        break
    time.sleep(0.02)
"""
OUTCOME = """
from collections import Counter
from benchmarks import importing
from hubs.ledger.models import DirtyMonth, IndividualConsultation, LedgerMonth
from hubs.ledger.operations.rollup import compare_months
from yorozu.core.audit.models import AuditEvent
from yorozu.core.audit.operations import verify_chain
from yorozu.core.imports.models import ImportBatch
batch, rows = ImportBatch.objects.get(), IndividualConsultation.objects.all()
answer = dict(
    state=batch.state, summary=dict(batch.summary), rows=rows.count(), added=batch.rows_added,
    lines=rows.values("import_line").distinct().count(), sha256=batch.sha256,
    events=AuditEvent.objects.filter(action="hubs.ledger.import").count(), chain=verify_chain(),
    notes=DirtyMonth.objects.count(), months=LedgerMonth.objects.count(),
    differences=len(compare_months()), monthly=importing.monthly(),
)
"""


def main() -> None:
    """Run it and print what was seen, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="kill-import-"))
    try:
        portal = _portal(folder)
        path, manifest = write(Shape(asked.rows, 47, asked.seed), folder)
        session = portal.python(GROUND, seconds=PATIENCE)
        with portal.web() as port:
            seen = _way(portal, _Browser(port, session), path)
        found = portal.python(OUTCOME, seconds=PATIENCE)
    finally:
        shutil.rmtree(folder)
    wrong = _wrong(found, manifest)
    found.pop("monthly")
    sys.stdout.write(
        json.dumps({"rows": asked.rows, "wrong": wrong, **seen, "found": found}, ensure_ascii=False)
        + "\n"
    )
    sys.exit(1 if wrong else 0)


def _portal(folder: Path) -> Portal:
    """The product with its usual settings; the beat, the leases and the database are the real."""
    env = {"DJANGO_SETTINGS_MODULE": "yorozu.settings.dev", "DEBUG": "0"}
    env |= {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if name in os.environ}
    portal = Portal(folder, env)
    portal.python(TABLES, seconds=PATIENCE)
    return portal


def _way(portal: Portal, browser: "_Browser", path: Path) -> dict[str, Any]:
    """Upload, kill while reading, read, apply, kill while writing, finish; seconds of each."""
    clock = _Clock()
    page = f"/imports/{browser.upload(path)}/"
    clock.note("upload")
    options = () if "REDIS_URL" in portal.env else ("-P", "threads")
    with portal.worker(*options) as worker:
        until(lambda: "ファイルを読んで確かめています" in browser.get(page), PATIENCE, portal.log)
        kill(worker)
    seen = {"killed_reading": _state(portal)}
    clock.note("until killed in reading")
    with portal.worker(*options):
        until(lambda: "行を反映する" in browser.get(page), PATIENCE, portal.log)
        clock.note("read by the second worker")
    browser.post(f"{page}apply/", {})
    # The rows of an open transaction show to nobody else: its progress does. The eye is open before
    # the worker comes, and it looks at no table that a first load may hold.
    with ThreadPoolExecutor(1) as eye, portal.worker(*options) as worker:
        shown = eye.submit(portal.python, WRITING, seconds=PATIENCE).result()
        kill(worker)
    seen["killed_writing"] = {"bar": shown, **_state(portal)}
    clock.note("until killed in writing")
    with portal.worker(*options):
        until(lambda: "反映しました。" in browser.get(page), PATIENCE, portal.log)
        clock.note("written by the third worker")
        until(lambda: _months_are_counted(portal), PATIENCE, portal.log)
        clock.note("months counted")
    seen["finished"] = _state(portal)
    return {"seconds": clock.seconds, **seen}


def _state(portal: Portal) -> Any:
    return portal.python(STATE, seconds=PATIENCE)


def _months_are_counted(portal: Portal) -> bool:
    code = "from hubs.ledger.models import DirtyMonth\nanswer = DirtyMonth.objects.exists()"
    return not portal.python(code)


def _wrong(found: dict[str, Any], manifest: Any) -> list[str]:
    """Everything that is not as if nobody had been killed."""
    invalid = sum(manifest.invalid.values())
    expected = {
        "state": "applied",
        "rows": manifest.stored,
        "lines": manifest.stored,
        "added": manifest.stored,
        "sha256": manifest.sha256,
        "events": 1,
        "chain": [],
        "notes": 0,
        "differences": 0,
        "monthly": manifest.monthly,
    }
    wrong = [name for name, value in expected.items() if found[name] != value]
    counts = {"誤りのある行": invalid, "ファイルの中で重複する行": manifest.duplicates}
    return wrong + [name for name, value in counts.items() if found["summary"][name] != value]


class _Clock:
    """Seconds from one point to the next."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.monotonic()

    def note(self, name: str) -> None:
        """A point is reached."""
        now = time.monotonic()
        self.seconds[name] = round(now - self._last, 1)
        self._last = now


class _Browser:
    """What a browser does: pages, tokens of forms, a file sent in pieces."""

    def __init__(self, port: int, session: str) -> None:
        self._port, self._cookies = port, {"sessionid": session}

    def _ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[Any, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        connection.request(method, path, body, {"Cookie": cookies, **headers})
        answer = connection.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        connection.close()
        if answer.status not in {200, 302}:
            raise RuntimeError(f"{method} {path}: {answer.status}\n{text[-2000:]}")
        return answer, text

    def get(self, path: str) -> str:
        """A page."""
        return self._ask("GET", path)[1]

    def _token(self, path: str) -> str:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path))
        if found is None:
            raise RuntimeError(f"{path} has no form")
        return found.group(1)

    def post(self, path: str, fields: dict[str, str]) -> None:
        """A form of the page above."""
        token = self._token(path.removesuffix("apply/"))
        body = "&".join(f"{k}={v}" for k, v in {"csrfmiddlewaretoken": token, **fields}.items())
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        self._ask("POST", path, body, **kind)

    def upload(self, path: Path) -> int:
        """Send the file with the wish to leave faulty rows out; the number of the import."""
        page, boundary = f"/imports/new/{KIND}/", uuid.uuid4().hex
        fields = {"csrfmiddlewaretoken": self._token(page), "faults": "leave_out"}
        head = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        head += (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="all.csv"\r\n'
            "Content-Type: text/csv\r\n\r\n"
        )
        tail = f"\r\n--{boundary}--\r\n"

        def pieces() -> Iterator[bytes]:
            yield head.encode()
            with path.open("rb") as stream:
                while piece := stream.read(1 << 20):
                    yield piece
            yield tail.encode()

        length = len(head.encode()) + path.stat().st_size + len(tail)
        kind = f"multipart/form-data; boundary={boundary}"
        headers = {"Content-Type": kind, "Content-Length": str(length)}
        answer, text = self._ask("POST", page, pieces(), **headers)
        found = re.search(r"/imports/(\d+)/", answer.headers.get("Location", ""))
        if found is None:
            raise RuntimeError(f"the file was not taken\n{text[-2000:]}")
        return int(found.group(1))


if __name__ == "__main__":
    main()
