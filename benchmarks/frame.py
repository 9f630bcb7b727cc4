"""The frame of every benchmark: interleaved rounds, results checked first, one JSON line a metric.

A benchmark is a module ``bench_NAME.py`` with ``run(bench)``; see README.md. It is imported after
Django is set up on a database and folder of its own (place.py).
"""

import gc
import json
import os
import platform
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django
from django.db import connection

from benchmarks.judging import Metric, doubts, spread, verdict

Times = dict[str, list[float]]
Step = Callable[[], float | None]
PEAK = Path(__file__).with_name("peak.py")


class WrongResultError(Exception):
    """The result is not what the manifest says: no time of it may be reported."""


def same(what: str, found: Any, expected: Any) -> None:
    """Refuse to go on when a result differs from the manifest."""
    if found != expected:
        raise WrongResultError(f"{what}: found {found!r}, expected {expected!r}")


@dataclass
class Bench:
    """One run of one benchmark: its options, its folder, and what it has found so far."""

    name: str
    options: Namespace
    folder: Path
    load: float
    failed: bool = False
    lines: list[dict[str, Any]] = field(default_factory=list)

    def say(self, text: str) -> None:
        """A word on the way, beside the results (standard error)."""
        sys.stderr.write(f"bench {self.name}: {text}\n")
        sys.stderr.flush()

    def rounds(self, steps: Mapping[str, Step], *, count: int | None = None) -> Times:
        """Run all steps in turn, ``count`` times over: seconds per step and round.

        A step sets up, measures with ``timed`` and checks; it returns its own seconds. A step that
        returns None is timed as a whole.
        """
        times: Times = {name: [] for name in steps}
        for number in range(count or self.options.rounds):
            for name, step in steps.items():
                gc.collect()
                began = time.perf_counter()
                seconds = step()
                seconds = time.perf_counter() - began if seconds is None else seconds
                times[name].append(seconds)
                self.say(f"round {number + 1} {name}: {seconds:.3f} s")
        return times

    def report(
        self, metric: Metric, value: float, times: Mapping[str, Sequence[float]], **facts: Any
    ) -> None:
        """Print one line: value, gate, goal, verdict, both sides, load, machine and versions."""
        reasons = doubts(self.load, {name: times[name] for name in metric.baselines})
        judged = verdict(value, metric.target, reasons)
        self.failed = self.failed or judged == "fail"
        line = {
            "bench": self.name,
            "metric": metric.code,
            "name": metric.name,
            "ratio": round(value, 4),
            "gate": metric.target.gate,
            "goal": metric.target.goal,
            "better": "more" if metric.target.more else "less",
            "verdict": judged,
            "why": reasons,
            "load": {"start": round(self.load, 2), "end": round(os.getloadavg()[0], 2)},
            "sides": {name: spread(found) for name, found in times.items()},
            "database": connection.vendor,
            **facts,
            "cpu": cpu(),
            "versions": versions(),
        }
        self.lines.append(line)
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    def child(self, module: str, *arguments: str) -> dict[str, Any]:
        """Run ``python -m MODULE ARGUMENTS`` as a process of its own, on the same database.

        Returns seconds, peak_kb and ``answer``, the JSON of the last line the child printed.
        WrongResultError when it fails.
        """
        out, err = self.folder / "child.out", self.folder / "child.err"
        command = [sys.executable, "-I", str(PEAK), sys.executable, "-m", module, *arguments]
        into = [
            (os.POSIX_SPAWN_OPEN, number, str(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            for number, path in ((1, out), (2, err))
        ]
        pid = os.posix_spawn(sys.executable, command, os.environ, file_actions=into)
        os.waitpid(pid, 0)
        *words, measured = out.read_text(encoding="utf-8").strip().splitlines() or ["{}"]
        found: dict[str, Any] = json.loads(measured)
        if found.get("status") != 0:
            raise WrongResultError(f"{module} {' '.join(arguments)}:\n{err.read_text()[-4000:]}")
        return {**found, "answer": json.loads(words[-1]) if words else None}


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Wall seconds of a call, and what it returned."""
    began = time.perf_counter()
    answer = work()
    return time.perf_counter() - began, answer


def cpu_timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of this process for a call, and what it returned: suffers least from others."""
    began = time.process_time()
    answer = work()
    return time.process_time() - began, answer


def checkpoint() -> None:
    """Write out what is pending, so that no step pays for the one before it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("CHECKPOINT")
        else:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def cpu() -> str:
    """Name and number of the processors."""
    name = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        named = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        name = named[0].partition(":")[2].strip() if named else name
    return f"{os.cpu_count()} x {name}"


def versions() -> dict[str, str]:
    """What ran: Python, Django, driver and database."""
    with connection.cursor() as cursor:
        postgres = connection.vendor == "postgresql"
        cursor.execute("SHOW server_version" if postgres else "SELECT sqlite_version()")
        server = cursor.fetchone()[0]
    return {
        "python": platform.python_version(),
        "django": django.get_version(),
        connection.vendor: str(server).split()[0],
    }
