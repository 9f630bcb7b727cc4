"""The door: scripts parse, pinned requirements name no address, throw-away services clean up."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PINS = ["requirements.txt", "requirements-dev.txt", "requirements-numbers.txt"]


def sh(*command: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run one command from the root of the project."""
    return subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("script", ["run", "scripts/with-services"])
def test_scripts_parse_as_plain_shell_and_may_be_executed(script: str) -> None:
    assert sh("sh", "-n", script).returncode == 0
    assert os.access(ROOT / script, os.X_OK)


def test_the_gate_parses_and_may_be_executed() -> None:
    assert sh("bash", "-n", ".ci/run").returncode == 0
    assert os.access(ROOT / ".ci/run", os.X_OK)


@pytest.mark.parametrize(
    "name", [*PINS, *(f"requirements{part}.in" for part in ("", "-dev", "-numbers"))]
)
def test_requirements_name_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.search(r"https?://|file:|--(extra-)?index-url|--find-links", text)


@pytest.mark.parametrize("name", PINS)
def test_every_requirement_is_pinned_with_a_hash(name: str) -> None:
    text = (ROOT / name).read_text().replace("\\\n", " ")
    lines = [
        line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]
    # The optional set is numpy alone.
    assert len(lines) > (0 if name == "requirements-numbers.txt" else 20)
    for line in lines:
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z0-9,_-]+\])?==\S+ ", line), line
        assert "--hash=sha256:" in line, line


def test_an_unknown_word_is_refused_with_the_list_of_words() -> None:
    done = sh("./run", "dance")
    assert done.returncode == 1
    assert "no such command: dance" in done.stderr
    assert "./run demo" in done.stderr


def door(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Run one line with the functions of ./run at hand and no terminal."""
    functions = (ROOT / "run").read_text().split("[ $# -gt 0 ] || { usage")[0]
    script = folder.with_name(f"{folder.name}.sh")
    script.write_text(f"{functions}\n{line}\n")
    return sh("sh", str(script))


def test_the_demo_never_empties_a_folder_it_did_not_make(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("keep")
    done = door(tmp_path, f'fresh_folder "{tmp_path}"')
    assert done.returncode == 1
    assert "holds other files" in done.stderr
    assert (tmp_path / "letter.txt").read_text() == "keep"


def test_without_a_terminal_a_missing_package_is_named_and_not_installed(tmp_path: Path) -> None:
    # The name exists nowhere: an attempt to install it would fail with other words.
    done = door(tmp_path, 'offer "browser tests" no-such-package-yorozu </dev/null')
    assert done.returncode == 1
    assert "MISSING for browser tests" in done.stderr
    assert "no-such-package-yorozu" in done.stderr
    assert "failed" not in done.stderr


def test_the_closing_line_counts_a_broken_stage_as_a_failure(tmp_path: Path) -> None:
    (tmp_path / "one.xml").write_text(
        '<testsuites><testsuite tests="5" failures="1" errors="0" skipped="1"/></testsuites>'
    )
    (tmp_path / "one.status").write_text("1")
    (tmp_path / "two.status").write_text("4")
    done = door(
        tmp_path, f'PY=python3; SCRATCH=; find_python && PY=$PYTHON; SCRATCH="{tmp_path}"; count'
    )
    assert done.stdout.splitlines()[-1] == "3 passed, 2 failed"


@pytest.mark.services
def test_services_answer_return_the_status_and_leave_nothing(tmp_path: Path) -> None:
    command = (
        'echo "$DATABASE_URL $REDIS_URL";'
        'redis-cli -u "$REDIS_URL" ping;'
        'psql "$DATABASE_URL" -Atc "select 40 + 2"; exit 3'
    )
    done = sh("scripts/with-services", "sh", "-c", command)
    assert done.returncode == 3
    database, redis = done.stdout.splitlines()[0].split()
    assert "PONG" in done.stdout
    assert "42" in done.stdout
    again = sh("redis-cli", "-u", redis, "ping")
    assert "PONG" not in again.stdout
    assert sh("psql", database, "-Atc", "select 1").returncode != 0


def test_missing_servers_are_named_with_status_77(tmp_path: Path) -> None:
    for name in ("sh", "find", "sort", "tail"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    done = sh("scripts/with-services", "true", PATH=str(tmp_path))
    assert done.returncode == 77
    assert "redis-server" in done.stderr
