"""A real portal on a free port, a real Chromium, and the fixed world behind it.

The world is built once per module and committed; the tests of a module share it and write only to
records of their own.

Tests wait for selectors: `wait_for_function` with a text asks by `eval` from its second look on,
and the policy of the pages refuses that.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Playwright runs an event loop in the thread of the tests; Django must not take it for async code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from hubs.network.facts import load_facts
from tests.cast import make_cast
from tests.world import World, fixed_clock, make_world

ROOT = Path(__file__).resolve().parents[2]
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SCREENS = ROOT / "var" / "screens"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def chromium_path() -> str:
    """Where the browser is; without it the tests fail, or are skipped when that was asked for."""
    found = os.environ.get("YOROZU_CHROMIUM") or shutil.which("chromium") or ""
    if found:
        return found
    message = (
        "Chromium is missing (Chromiumがありません): apt-get install chromium,"
        " or set YOROZU_CHROMIUM"
    )
    if os.environ.get("YOROZU_ALLOW_MISSING"):
        pytest.skip(f"NOT RUN: {message}")
    pytest.fail(message)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for the whole run."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    path = chromium_path()
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=path,
            headless=True,
            args=[
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--disable-background-networking",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database for a whole module (its name tells pytest-django to set it up)."""
    with django_db_blocker.unblock():
        yield


@dataclass
class Portal:
    """The running portal: its world, its address, and browser pages for its people."""

    world: World
    url: str
    browser: Any
    faults: list[str] = field(default_factory=list)
    _contexts: list[Any] = field(default_factory=list)

    def page(self, actor: str = "", *, width: int = 1280, **options: Any) -> Any:
        """A page of a fresh browser, signed in as this actor by session cookie."""
        context = self.browser.new_context(
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
            viewport={"width": width, "height": 900},
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(20_000)
        self._contexts.append(context)
        if actor:
            client = Client()
            client.force_login(self.world.cast.actors[actor].user, backend=BACKEND)
            key = client.cookies[django_settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": django_settings.SESSION_COOKIE_NAME, "value": key, "url": self.url}]
            )
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", self._note)
        return page

    def _note(self, message: Any) -> None:
        # A refused resource is the content policy at work; nothing of ours may be refused.
        if message.type == "error" and "Content Security Policy" in message.text:
            self.faults.append(message.text)

    def close_pages(self) -> None:
        """End all browsers of a test and tell what went wrong in their scripts."""
        for context in self._contexts:
            context.close()
        self._contexts.clear()
        faults, self.faults = self.faults, []
        assert faults == [], faults


@pytest.fixture(scope="module")
def served(db: None, chromium: Any) -> Iterator[Portal]:
    """The world, committed, and a server before it; afterwards the tables hold the facts only."""
    # The server's threads share the test's connection on SQLite. One that still closes a request
    # after the server has stopped must not be told that it may no longer do so.
    connection.inc_thread_sharing()
    with fixed_clock():
        call_command("flush", interactive=False, verbosity=0)
        load_facts()
        with transaction.atomic():
            world = make_world(make_cast())
            # Jobs that wait or run in this world must stay as they are.
            connection.run_on_commit.clear()
        server = LiveServer("localhost:0")
        try:
            yield Portal(world, server.url, chromium)
        finally:
            server.stop()
            call_command("flush", interactive=False, verbosity=0)
            load_facts()


@pytest.fixture
def portal(served: Portal) -> Iterator[Portal]:
    """The portal for one test; scripts that failed in its pages fail the test."""
    yield served
    served.close_pages()


@pytest.fixture
def axe() -> Callable[[Any], list[str]]:
    """axe(page) -> what hinders people who use assistive technology (WCAG 2.2 A, AA)."""

    def run(page: Any) -> list[str]:
        page.evaluate(AXE)
        found = page.evaluate(
            "tags => axe.run(document, {runOnly: {type: 'tag', values: tags},"
            " resultTypes: ['violations']})",
            TAGS,
        )
        return [
            f"{one['id']}: {[node['target'] for node in one['nodes'][:3]]}"
            for one in found["violations"]
        ]

    return run


def shoot(page: Any, name: str) -> None:
    """Keep a picture of the page when YOROZU_SCREENS is set."""
    if os.environ.get("YOROZU_SCREENS"):
        SCREENS.mkdir(parents=True, exist_ok=True)
        path = SCREENS / f"{re.sub(r'[^0-9A-Za-z._-]+', '-', name)}.png"
        page.screenshot(path=str(path), full_page=True)
