"""Two hundred people write at once: of every text the portal says whether it is kept.

On one plan and one month the first writer wins and every other one gets both texts back, so that
nothing is lost and nothing half written; of two hundred new records each gets a number of its own.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.core.portal_process import Portal, served

pytestmark = pytest.mark.slow
WRITERS = 200
GROUND = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from datetime import date
from django.db import connections
from tests.hubs.year import NOW, SYSTEM, fixed_plan, hub, open_year, written_plan
from yorozu.core import clock
from yorozu.core.audit.models import AuditEvent
from yorozu.core.audit.operations import verify_chain
clock.now = lambda: NOW
WRITERS = {writers}
ready = Barrier(WRITERS)
def at_once(act):
    def go(number):
        try:
            ready.wait(60)
            return act(number)
        finally:
            connections.close_all()
    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(go, range(WRITERS)))
"""
PREPARE = """
from hubs.network.facts import load_facts
load_facts()
term = open_year()
plan = written_plan(term, "14")
fixed_plan(term, "13")
answer = plan.pk
"""
PLAN = """
from hubs.plans.models import Plan
from hubs.plans.operations import PlanConflict, save_plan
plan = Plan.objects.get(hub__code="14")
def write(number):
    mine = f"書き手{number:03d}の本文"
    try:
        save_plan(actor=SYSTEM, plan=plan, values={"business_plan": mine}, version=plan.version)
        return ["kept", mine]
    except PlanConflict as conflict:
        (found,) = [row for row in conflict.differences if row[0] == "business_plan"]
        assert found[2] == mine
        return ["told", found[1]]
before = AuditEvent.objects.filter(action="hubs.plans.edit").count()
found = at_once(write)
plan.refresh_from_db()
answer = dict(
    kept=[text for what, text in found if what == "kept"],
    shown=sorted({text for what, text in found if what == "told"}),
    told=sum(what == "told" for what, _ in found),
    stored=plan.business_plan,
    events=AuditEvent.objects.filter(action="hubs.plans.edit").count() - before,
    chain=verify_chain(),
)
"""
MONTH = """
from hubs.results.models import MonthlyReport, MonthlyResult
from hubs.results.operations import MonthConflict, enter_month
month = date(2026, 5, 1)
def write(number):
    try:
        enter_month(actor=SYSTEM, hub=hub("13"), month=month, version=0,
                    values={"CONS": str(1000 + number), "SOLVE": str(number)})
        return ["kept", str(1000 + number)]
    except MonthConflict as conflict:
        texts = {row[0]: row for row in conflict.differences}
        assert texts["CONS"][2] == str(1000 + number), texts
        return ["told", texts["CONS"][1]]
found = at_once(write)
report = MonthlyReport.objects.get(hub__code="13", month=month)
values = {row.indicator.code: row.value for row in
          MonthlyResult.objects.filter(report=report).select_related("indicator")}
answer = dict(
    kept=[text for what, text in found if what == "kept"],
    shown=sorted({text for what, text in found if what == "told"}),
    told=sum(what == "told" for what, _ in found),
    stored=str(values["CONS"]),
    pair=values["CONS"] - values["SOLVE"],
    chain=verify_chain(),
)
"""
LEDGER = """
from hubs.ledger.models import IndividualConsultation
from hubs.ledger.operations import enter_consultation
from hubs.ledger.rules import RecordValues
def write(number):
    values = RecordValues(
        held_on=date(2026, 5, 11), channel="1", theme="01", industry="I", employees_band="1",
        coordinator_name="試験 太郎", client_key=f"C{number:04d}", minutes=60,
    )
    return enter_consultation(actor=SYSTEM, hub=hub("13"), values=values).record_no
found = at_once(write)
stored = IndividualConsultation.objects.filter(hub__code="13", is_current=True)
answer = dict(
    numbers=len(set(found)),
    clients=stored.values("client_key").distinct().count(),
    rows=stored.count(),
    chain=verify_chain(),
)
"""


def asked(portal: Portal, code: str) -> Any:
    return portal.python(GROUND.format(writers=WRITERS) + code, seconds=280)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    portal = Portal(tmp_path_factory.mktemp("writers"))
    portal.migrate()
    asked(portal, PREPARE)
    return portal.folder


@pytest.fixture
def sqlite_portal(prepared: Path, tmp_path: Path) -> Portal:
    shutil.copytree(prepared, tmp_path / "data")
    portal = Portal(tmp_path / "data")
    # Writers queue for the one file; the product waits 20 s, which is for tens of people.
    portal.env["SQLITE_TIMEOUT"] = "120"
    return portal


@pytest.fixture
def served_portal(tmp_path: Path) -> Iterator[Portal]:
    with served(tmp_path / "data") as portal:
        asked(portal, PREPARE)
        portal.env.update(DATABASE_POOL="60", DATABASE_POOL_TIMEOUT="120")
        yield portal


def assert_one_wins_and_all_are_told(found: Any) -> None:
    assert len(found["kept"]) == 1
    assert found["told"] == WRITERS - 1
    assert found["stored"] == found["kept"][0]
    assert found["shown"] == [found["stored"]]
    assert found["chain"] == []


def assert_nothing_is_lost(portal: Portal) -> None:
    plan = asked(portal, PLAN)
    assert_one_wins_and_all_are_told(plan)
    assert plan["events"] == 1
    month = asked(portal, MONTH)
    assert_one_wins_and_all_are_told(month)
    assert month["pair"] == 1000, "the figures of one month come from two writers"
    assert asked(portal, LEDGER) == {
        "numbers": WRITERS,
        "clients": WRITERS,
        "rows": WRITERS,
        "chain": [],
    }


def test_two_hundred_writers_lose_nothing_on_sqlite(sqlite_portal: Portal) -> None:
    assert_nothing_is_lost(sqlite_portal)


@pytest.mark.services
def test_two_hundred_writers_lose_nothing_on_postgresql(served_portal: Portal) -> None:
    assert_nothing_is_lost(served_portal)
