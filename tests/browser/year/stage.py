"""The stage of the year of one hub: last year behind it, the real portal before it, a clock.

What users do is done in the browser. Prepared without it are only what stood before the year (the
facts, the people, last year's accepted months) and what a machine does at night.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from django.conf import settings
from django.test import Client
from django.utils import timezone

from hubs.integrity.operations import raise_flags
from hubs.ledger.operations.rollup import roll_up
from hubs.network.models import Hub, RegionalFigure
from hubs.plans.operations import finalize_plan, record_interview, submit_plan
from hubs.results.models import MonthlyReport, MonthlyResult, ReportState, ValueState
from hubs.terms.models import Term, TermState
from tests.browser.conftest import BACKEND
from tests.cast import PASSWORD, Cast
from tests.hubs.year import SYSTEM, interview_record, open_year, written_plan
from yorozu.core import clock
from yorozu.core.fiscal import months_of

TOKYO = ZoneInfo("Asia/Tokyo")
# Milliseconds: a busy machine is no fault of the portal.
PATIENCE = 120_000
# Twelve accepted months of last year, April to March: the season of the new targets.
LAST_YEAR = {
    "CONS": (240, 260, 300, 310, 280, 300, 330, 320, 290, 270, 300, 400),
    "VISIT": (160, 170, 200, 210, 190, 200, 220, 215, 195, 180, 200, 260),
    "SOLVE": (70, 80, 90, 95, 85, 90, 100, 95, 85, 80, 90, 120),
    "NETW": (30, 35, 40, 40, 35, 40, 45, 40, 40, 35, 40, 60),
}


class MovingClock:
    """The time of the whole portal, sessions included: it stands still until it is set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 2, 2, 9, 0, tzinfo=TOKYO)

    def set(self, year: int, month: int, day: int, hour: int = 10, minute: int = 0) -> None:
        """Move to a moment in Tokyo; never back."""
        then = datetime(year, month, day, hour, minute, tzinfo=TOKYO)
        assert then >= self.now, "a year does not go back"
        self.now = then

    def later(self, **span: int) -> None:
        """Move on by days or hours."""
        self.now += timedelta(**span)

    def read(self) -> datetime:
        """A little later at each look, so that what follows also comes later."""
        self.now += timedelta(milliseconds=20)
        return self.now


@contextmanager
def moving_clock() -> Iterator[MovingClock]:
    """Every module that asks for the time gets this clock's, sessions and defaults included."""
    moving = MovingClock()
    ticking = SimpleNamespace(now=lambda tz: moving.read().astimezone(tz))
    with patch.object(clock, "datetime", ticking), patch.object(timezone, "now", moving.read):
        yield moving


@dataclass
class Stage:
    """The portal at its address, the people, the clock, and what the acts find out."""

    cast: Cast
    url: str
    browser: Any
    clock: MovingClock
    term: int = 0
    plan: int = 0
    hub: int = 0
    april: str = ""
    may: str = ""
    faults: list[str] = field(default_factory=list)
    _people: dict[str, Any] = field(default_factory=dict)
    _signed: dict[str, datetime] = field(default_factory=dict)

    def person(self, key: str) -> "Person":
        """Somebody at an own browser; signs in when there is no living session."""
        if key not in self._people:
            context = self.browser.new_context(
                locale="ja-JP",
                timezone_id="Asia/Tokyo",
                viewport={"width": 1280, "height": 900},
                reduced_motion="reduce",
            )
            context.set_default_timeout(PATIENCE)
            context.add_init_script(CLICKS)
            page = context.new_page()
            page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
            self._people[key] = Person(self, key, page)
        self.awake(key)
        return self._people[key]

    def awake(self, key: str) -> None:
        """A session ends after half an hour: whoever comes back later signs in again."""
        lasted = self.clock.now - self._signed.get(key, self.clock.now - timedelta(days=1))
        if lasted > timedelta(seconds=settings.SESSION_IDLE_SECONDS):
            self._sign_in(key, self._people[key].page)
        self._signed[key] = self.clock.now

    def _sign_in(self, key: str, page: Any) -> None:
        """By password the first time; the many later mornings of the year by a fresh session."""
        user = self.cast.actors[key].user
        if key not in self._signed:
            page.goto(f"{self.url}/accounts/login/")
            page.fill("input[name=login]", user.email)
            page.fill("input[name=password]", PASSWORD)
            with page.expect_navigation():
                page.click("main button[type=submit]")
            assert page.locator("h1").inner_text() == "ホーム"
            return
        client = Client()
        client.force_login(user, backend=BACKEND)
        name = settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": self.url}
        page.context.add_cookies([cookie])

    def night(self) -> None:
        """What the worker does by itself: records are counted, figures are looked at."""
        roll_up()
        raise_flags(SYSTEM)

    def close(self) -> None:
        """End every browser; a script that failed anywhere in the year fails the test."""
        for person in self._people.values():
            person.page.context.close()
        assert self.faults == [], self.faults


CLICKS = """
addEventListener('click', event => {
  if (event.isTrusted && event.detail > 0) {
    sessionStorage.setItem('clicks', Number(sessionStorage.getItem('clicks')) + 1);
  }
}, true);
"""
TABLE = """
caption => {
  const text = node => node.innerText.replace(/\\s+/g, ' ').trim();
  const tables = [...document.querySelectorAll('main table')];
  const table = tables.find(one => one.caption && text(one.caption).startsWith(caption));
  if (!table) return null;
  const head = node => text(node).replaceAll(' ', '');
  const heads = [...table.tHead.rows[0].cells].map(head);
  const rows = {};
  for (const row of [...table.querySelectorAll('tbody tr, tfoot tr')]) {
    const found = {};
    [...row.cells].forEach((cell, place) => { found[heads[place]] = text(cell); });
    rows[head(row.querySelector('th') || row.cells[0])] = found;
  }
  return rows;
}
"""


def named(name: str) -> re.Pattern[str]:
    """The whole name of a link or button; a browser puts spaces between its pieces."""
    return re.compile(r"^\s*" + r"\s*".join(re.escape(letter) for letter in name) + r"\s*$")


@dataclass
class Person:
    """One person's browser."""

    stage: Stage
    key: str
    page: Any
    _loads: int = 0

    def counting(self) -> "Person":
        """From now on page loads and clicks of the mouse are counted, by the browser itself."""
        self._loads = 0
        self.page.remove_listener("framenavigated", self._loaded)
        self.page.on("framenavigated", self._loaded)
        self.page.evaluate("sessionStorage.removeItem('clicks')")
        return self

    def _loaded(self, frame: Any) -> None:
        self._loads += frame.parent_frame is None

    def loads(self) -> int:
        """Page loads since counting began."""
        return self._loads

    def clicks(self) -> int:
        """Clicks of the mouse since counting began; keys that press a button are none."""
        return int(self.page.evaluate("Number(sessionStorage.getItem('clicks'))"))

    def click(self, selector: str) -> "Person":
        """Click what the selector finds first and wait for the page that comes."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()
        return self

    def go(self, path: str) -> "Person":
        """Open an address; anything but a good answer is a fault."""
        self.stage.awake(self.key)
        answer = self.page.goto(self.stage.url + path)
        assert answer.status == 200, f"{path}: {answer.status}"
        return self

    def refused(self, path: str, status: int) -> None:
        """The address is not for this person."""
        answer = self.page.goto(self.stage.url + path)
        assert answer.status == status, f"{path}: {answer.status}"

    def follow(self, name: str) -> "Person":
        """Click a link by its name."""
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("link", name=named(name)).first.click()
        return self

    def press(self, name: str, within: str = "main") -> "Person":
        """Click a button by its name and wait for the page that comes."""
        with self.page.expect_navigation():
            self.page.locator(within).get_by_role("button", name=named(name)).first.click()
        return self

    def fill(self, **values: str) -> "Person":
        """Type into fields by their names (``__`` stands for a dash)."""
        for name, value in values.items():
            self.page.fill(f"main [name='{name.replace('__', '-')}']", value)
        return self

    def type(self, values: dict[str, str]) -> "Person":
        """Type into fields by their names; the autosave follows when a field is left."""
        for name, value in values.items():
            self.page.fill(f"main [name='{name}']", value)
            self.page.dispatch_event(f"main [name='{name}']", "change")
        return self

    def says(self, *texts: str) -> "Person":
        """These texts stand on the page."""
        shown = self.page.inner_text("main")
        for text in texts:
            assert text in shown, f"{self.page.url}: 「{text}」 is not in:\n{shown[:1500]}"
        return self

    def lacks(self, *texts: str) -> "Person":
        """These texts do not stand on the page."""
        shown = self.page.inner_text("main")
        for text in texts:
            assert text not in shown, f"{self.page.url}: 「{text}」 stands there"
        return self

    def table(self, caption: str) -> dict[str, dict[str, str]]:
        """The table whose caption begins so: row head -> column head -> text.

        Heads are written without spaces.
        """
        rows = self.page.evaluate(TABLE, caption)
        assert rows is not None, f"{self.page.url}: no table 「{caption}」"
        return dict(rows)

    def upload(self, kind: str, name: str, data: bytes) -> "Person":
        """A file through the door for files: checked, looked at, applied."""
        self.go(f"/imports/new/{kind}/")
        file = {"name": name, "mimeType": "text/csv", "buffer": data}
        self.page.set_input_files("main input[type=file]", files=[file])
        with self.page.expect_navigation():
            self.page.click("main form button[type=submit]")
        return self

    def download(self, link: str) -> bytes:
        """What a link of the page brings as a file; a PDF is drawn first and takes its time."""
        found = self.page.locator("main").get_by_role("link", name=named(link)).first
        with self.page.expect_download(timeout=PATIENCE) as started:
            found.click(timeout=PATIENCE)
        return Path(started.value.path()).read_bytes()


def last_year() -> None:
    """Last year of Tokyo as it was left: a plan in force and twelve accepted months."""
    term = open_year(2025)
    plan = written_plan(term, "13")
    submit_plan(actor=SYSTEM, plan=plan)
    said = interview_record(held_on=date(2025, 6, 15))
    record_interview(actor=SYSTEM, plan=plan, said=said)
    finalize_plan(actor=SYSTEM, plan=plan)
    hub = Hub.objects.get(code="13")
    RegionalFigure.objects.create(
        hub=hub, code="smes", year=2016, value=447_000, unit="者", source="前回の統計"
    )
    reports = MonthlyReport.objects.bulk_create(
        MonthlyReport(hub=hub, term=term, month=month) for month in months_of(2025)
    )
    MonthlyResult.objects.bulk_create(
        MonthlyResult(
            report=report,
            indicator=indicator,
            value_state=ValueState.REPORTED,
            value=LAST_YEAR[indicator.code][place],
        )
        for place, report in enumerate(reports)
        for indicator in term.indicators.all()
    )
    MonthlyReport.objects.filter(term=term).update(
        state=ReportState.ACCEPTED, accepted_at=clock.now(), submitted_at=clock.now()
    )
    # What is closed is asked about no more at night.
    Term.objects.filter(pk=term.pk).update(state=TermState.CLOSED)
