"""Production starts only when told everything, and then passes Django's deployment check whole."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from yorozu.settings.logs import JsonFormatter

ROOT = Path(__file__).resolve().parents[2]
SITE = {
    "DJANGO_SETTINGS_MODULE": "yorozu.settings.prod",
    "SECRET_KEY": "k7Qw9ZrT2vYx4LmN8pBs6DfGh3JcXaUeKoIi5RtWqEyP1oLkMnBvCxZaSdFgHjTu",
    "ALLOWED_HOSTS": "portal.example.jp",
    "DATABASE_URL": "postgres://portal@localhost/portal",
    "REDIS_URL": "redis://localhost/0",
    "EMAIL_URL": "smtp://localhost:25",
    "DEFAULT_FROM_EMAIL": "portal@example.jp",
}


def python(code: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run Python in an environment that holds these settings and no others."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *code],
        cwd=ROOT,
        env=kept | env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def site(tmp_path: Path) -> dict[str, str]:
    """A complete production environment with a data folder of its own."""
    static = tmp_path / "static"
    static.mkdir()
    return SITE | {"YOROZU_DATA_DIR": str(tmp_path / "data"), "STATIC_ROOT": str(static)}


@pytest.mark.parametrize(
    "name",
    [
        "SECRET_KEY",
        "ALLOWED_HOSTS",
        "DATABASE_URL",
        "REDIS_URL",
        "EMAIL_URL",
        "DEFAULT_FROM_EMAIL",
        "YOROZU_DATA_DIR",
    ],
)
@pytest.mark.parametrize("given", [None, ""])
def test_production_refuses_to_start_without_each_value(
    site: dict[str, str], name: str, given: str | None
) -> None:
    env = {key: value for key, value in site.items() if key != name}
    if given is not None:
        env[name] = given
    run = python(["-c", "from django.conf import settings; settings.DEBUG"], env)
    assert run.returncode != 0
    assert f"Set the {name} environment variable" in run.stderr


def test_deployment_check_is_clean_with_nothing_silenced(site: dict[str, str]) -> None:
    run = python(["manage.py", "check", "--deploy", "--fail-level", "WARNING"], site)
    assert run.returncode == 0, run.stderr
    assert "0 silenced" in run.stdout


def test_production_values_hold_the_door(site: dict[str, str]) -> None:
    code = (
        "from django.conf import settings as s;"
        "assert s.DEBUG is False;"
        "assert s.SECURE_HSTS_SECONDS >= 31536000 and s.SECURE_HSTS_INCLUDE_SUBDOMAINS;"
        "assert s.SESSION_COOKIE_NAME.startswith('__Host-') and s.SESSION_COOKIE_SECURE;"
        "assert s.CSRF_COOKIE_NAME.startswith('__Host-') and s.CSRF_COOKIE_SECURE;"
        "assert s.SESSION_COOKIE_AGE == 1800 and s.SESSION_SAVE_EVERY_REQUEST;"
        "assert s.SILENCED_SYSTEM_CHECKS == [];"
        "assert s.DATABASES['default']['OPTIONS']['pool'];"
        "assert s.CELERY_TASK_ACKS_LATE and s.CELERY_WORKER_PREFETCH_MULTIPLIER == 1;"
        "assert not getattr(s, 'CELERY_TASK_ALWAYS_EAGER', False)"
    )
    run = python(["-c", code], site)
    assert run.returncode == 0, run.stderr


def test_content_policy_allows_no_inline_code_and_no_other_host() -> None:
    code = (
        "from django.conf import settings as s;"
        "d = s.CONTENT_SECURITY_POLICY['DIRECTIVES'];"
        "flat = {word for words in d.values() if isinstance(words, list) for word in words};"
        "assert flat == {\"'self'\", \"'none'\"}, flat;"
        "assert d['default-src'] == d['frame-ancestors'] == d['object-src'] == [\"'none'\"]"
    )
    run = python(
        ["-c", code], {"DJANGO_SETTINGS_MODULE": "yorozu.settings.base"} | {"SECRET_KEY": "x"}
    )
    assert run.returncode == 0, run.stderr


def test_without_services_sqlite_writers_queue_and_messages_lie_in_a_folder(tmp_path: Path) -> None:
    code = (
        "from django.conf import settings as s;"
        "o = s.DATABASES['default']['OPTIONS'];"
        "assert o['transaction_mode'] == 'IMMEDIATE' and o['timeout'] == 20;"
        "assert 'journal_mode=WAL' in o['init_command'];"
        "assert s.CELERY_BROKER_TRANSPORT == 'yorozu.core.jobs.folder.Transport';"
        "assert s.CELERY_WORKER_POOL == 'threads';"
        "assert s.CELERY_BROKER_TRANSPORT_OPTIONS['polling_interval'] == 0.1"
    )
    env = {"DJANGO_SETTINGS_MODULE": "yorozu.settings.dev", "YOROZU_DATA_DIR": str(tmp_path)}
    run = python(["-c", code], env)
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_log_lines_carry_no_request_and_no_text_of_an_error() -> None:
    try:
        raise ValueError("山田太郎")
    except ValueError:
        record = logging.LogRecord("django", 40, "f", 1, "failed: %s", ("/x",), sys.exc_info())
    record.request = "GET secret"
    record.job_id = 7
    line = json.loads(JsonFormatter().format(record))
    assert line["message"] == "failed: /x"
    assert line["job_id"] == 7
    assert line["error"] == "ValueError"
    assert "山田" not in str(line)
    assert "secret" not in str(line)
