"""A portal of its own for one test: data folder, database, worker processes that may be killed."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from redis import Redis

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Portal:
    """A data folder with its environment; every act is a process of its own, as in life."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Name the test settings; without further addresses this is SQLite and a message folder."""
        kept = {k: os.environ[k] for k in ("PATH", "HOME", "LANG") if k in os.environ}
        (self.folder / "tmp").mkdir(parents=True, exist_ok=True)
        self.env = {
            **kept,
            "DJANGO_SETTINGS_MODULE": "tests.worker_settings",
            "YOROZU_DATA_DIR": str(self.folder),
            # Messages pass through the temporary folder, which must lie on the same disk.
            "TMPDIR": str(self.folder / "tmp"),
            "PYTHONPATH": str(ROOT),
            **self.env,
        }

    def python(self, code: str, *, seconds: float = 120) -> Any:
        """Run code with the portal set up; what it puts into `answer` comes back."""
        frame = (
            "import django, json; django.setup(); answer = None\n"
            f"{code}\nprint('ANSWER' + json.dumps(answer, ensure_ascii=False))"
        )
        done = self._run([sys.executable, "-c", frame], seconds)
        return json.loads(done.rpartition("ANSWER")[2])

    def migrate(self) -> None:
        """Create the tables, those of the test app too."""
        self._run([sys.executable, "-m", "django", "migrate", "--run-syncdb", "-v", "0"])

    def manage(self, *arguments: str) -> str:
        """Run a management command; its words come back."""
        return self._run([sys.executable, "-m", "django", *arguments])

    def _run(self, command: list[str], seconds: float = 120) -> str:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def worker(self, *options: str) -> Iterator[subprocess.Popen[bytes]]:
        """A real worker with its beat, in a process group of its own."""
        beat = self.folder / f"beat-{time.monotonic_ns()}"
        command = [sys.executable, "-m", "celery", "-A", "yorozu.celery", "worker", "-B"]
        command += ["-s", str(beat), "-c", "2", "-l", "INFO", *options]
        with (self.folder / "worker.log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
            )
            try:
                yield process
            finally:
                kill(process)

    @contextmanager
    def web(self) -> Iterator[int]:
        """The web server on a free port."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        command = [sys.executable, "-m", "django", "runserver", f"127.0.0.1:{port}", "--noreload"]
        with (self.folder / "web.log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
            )
            try:
                until(lambda: _answers(port), 120)
                yield port
            finally:
                kill(process)

    def stages(self) -> list[str]:
        """The stages the slow kind has passed through so far."""
        log = self.folder / "stages.log"
        return log.read_text().split() if log.exists() else []

    def wait_for_stage(self, stage: str, times: int = 1, seconds: float = 120) -> None:
        """Wait until the work stands at a stage for the n-th time."""
        until(lambda: self.stages().count(stage) >= times, seconds, self.log)

    def log(self) -> str:
        """The workers' words, for a failing test."""
        path = self.folder / "worker.log"
        return path.read_text()[-6000:] if path.exists() else ""


@contextmanager
def served(folder: Path) -> Iterator[Portal]:
    """A portal on a PostgreSQL and a Redis database of its own (scripts/with-services)."""
    server, redis = os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
    # Two portals on one Redis database would take each other's messages, so none is used twice.
    with Redis.from_url(redis) as counter:
        queue = counter.incr("portals-of-their-own")
    name = f"worker_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    env = {
        "DATABASE_URL": f"{server.rpartition('/')[0]}/{name}",
        "REDIS_URL": f"{redis.rpartition('/')[0]}/{queue}",
    }
    portal = Portal(folder, env)
    portal.migrate()
    yield portal
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def kill(process: "subprocess.Popen[bytes]") -> None:
    """kill -9 the whole process group; nothing gets a chance to tidy up."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=20)


def until(question: Any, seconds: float, words: Any = lambda: "") -> None:
    """Ask again and again until the answer is yes."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if question():
            return
        time.sleep(0.2)
    raise AssertionError(f"did not happen within {seconds} s\n{words()}")
