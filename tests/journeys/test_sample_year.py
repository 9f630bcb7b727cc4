"""The whole year as ./run demo plays it, judged by a worker that is killed in the middle."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.core.portal_process import Portal, kill, served, until

PREPARE = """
from pathlib import Path
from hubs.network.facts import load_facts
from yorozu.core.access import system_scope
from yorozu.portal.sample import year
load_facts()
door, hubs = year.open_house(Path({folder!r}), system_scope("試験"), print)
term = year.play_last_term(door, hubs, print)
year.freeze(term, door.progress, print)
year.play_this_term(door, hubs, print)
"""
RUNNING = """
from collections import Counter
from django.db.models import F
from hubs.integrity.models import IntegrityFlag
from hubs.ledger.models import IndividualConsultation, NetworkParticipation, SampleCheck
from hubs.ledger.operations.rollup import compare_months
from hubs.plans.models import Plan, PlanAmendment
from hubs.results.models import MonthlyReport, MonthlyResult, Reminder, ResultCorrection
from hubs.terms.models import Term
from hubs.terms.operations import close_term
from yorozu.portal.sample import year
from yorozu.portal.sample.accounts import scope_of_account
last, term = Term.objects.order_by("fiscal_year")
close_term(actor=scope_of_account("hq"), term=last)
year.ask_questions(term, year.Progress(print), print)

def states(rows, *names):
    return sorted([*key, n] for key, n in Counter(rows.order_by().values_list(*names)).items())

results = MonthlyResult.objects.filter(report__term=term, counted__isnull=False)
drawn = results.filter(source="ledger")
back = MonthlyReport.objects.get(term=term, state="returned")
answer = dict(
    drawn=states(drawn, "report__hub__code"),
    otherwise=[[row.report.hub.code, row.value - row.counted, bool(row.reason)]
               for row in results.exclude(source="ledger")],
    same=drawn.exclude(value=F("counted")).count(),
    versions=states(IndividualConsultation.objects.filter(revision__gt=1), "is_withdrawn"),
    joined=states(NetworkParticipation.objects, "activity__hub__code", "hub__code"),
    checks=states(SampleCheck.objects, "outcome"),
    stale=len(compare_months()),
    flags=states(IntegrityFlag.objects.filter(
        term=term, check_code__in=["heaping", "repeat", "ledger"]),
        "hub__code", "check_code", "state", "outcome"),
    corrections=states(ResultCorrection.objects, "state"),
    returned=[back.hub.code, back.remarks.exclude(indicator=None).count()],
    reminded=Reminder.objects.filter(term=term).exists(),
    plans=states(Plan.objects.filter(term=term), "state"),
    amendments=states(PlanAmendment.objects, "state"),
)
"""
START = """
from evaluation.scoring.models import RunKind
from evaluation.scoring.operations import start_run
from hubs.terms.models import Term
from yorozu.portal.sample.accounts import scope_of_account
hq = scope_of_account("hq")
answer = start_run(hq, term=Term.objects.get(fiscal_year=2025), kind=RunKind("{kind}")).pk
"""
# Kills the worker's whole group as soon as the run just started computes and writes; tells how far
# it was. Starting and watching are one process: a run is over sooner than a second one has begun.
START_AND_KILL_IN_THE_MIDDLE = f"""{START}
import os, signal, time
from yorozu.core.jobs.models import Job
end = time.monotonic() + 60
while time.monotonic() < end:
    job = Job.objects.get(pk=answer)
    if job.progress_done >= 2 or job.is_over:
        break
    time.sleep(0.002)
if not job.is_over:
    os.killpg({{group}}, signal.SIGKILL)
time.sleep(0.3)
job.refresh_from_db()
answer = [job.pk, job.state]
"""
STATE = "from yorozu.core.jobs.models import Job\nanswer = Job.objects.get(pk={job}).state"
OUTCOME = """
from evaluation.scoring.models import EvaluationRun
from yorozu.core.audit.models import AuditEvent
from yorozu.core.audit.operations import verify_chain
from yorozu.core.jobs.models import Job
job = Job.objects.get(pk={job})
runs = EvaluationRun.objects.filter(job_id=job.pk)
run = runs.get()
answer = dict(
    attempts=job.attempts,
    runs=runs.count(),
    hubs=run.hub_results.count(),
    result=run.result_hash,
    events=AuditEvent.objects.filter(
        object_type="evaluation.EvaluationRun", object_id=str(run.pk)
    ).count(),
    chain=verify_chain(),
)
"""
FIGURES = """
from collections import Counter
from evaluation.budget.queries import records, totals
from evaluation.scoring.queries import certificate
from hubs.people.exports import paper_layout_csv
from hubs.people.models import QualificationSurvey
from hubs.terms.models import Term
from yorozu.portal.sample import year
run, scenario = year.decide(Term.objects.get(fiscal_year=2025), year.Progress(print), print)
sums = totals(scenario)
guided = year.guide(run, print)[0]
answer = dict(
    guided=[guided.hub.code, guided.level, guided.support_yen,
            [row["kind"] for row in guided.read["triggers"]]],
    actions=sorted(guided.actions.values_list("number", "state")),
    checked=[[str(row.share), row.rate is not None] for row in guided.checkpoints.all()],
    table=paper_layout_csv(QualificationSurvey.objects.get()).decode("utf-8-sig"),
    sums=[sums.budget_yen, sums.reserve_yen, sums.total_yen, sums.holds],
    file={**certificate(run), "budgets": records(run)},
    hubs=run.hub_results.count(),
    grades=Counter(run.hub_results.values_list("grade", flat=True)),
)
"""
GRADES = {"S": 1, "A": 21, "B": 23, "C": 1, "D": 1}
CC = [1, 0, 0, 1, 2, 22, 0, 0, 0, 0, 0, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 5]
CO = [4, 13, 1, 27, 23, 192, 12, 5, 7, 6, 20, 17, 4, 28, 6, 17, 0, 3, 4, 3, 1, 135]


def prepare(portal: Portal, *options: str) -> None:
    """Play both sample years through the users' doors, up to the frozen evidence."""
    with portal.worker(*options):
        folder = portal.folder / "files"
        portal.python(PREPARE.format(folder=str(folder)), seconds=600)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample years on SQLite, copied for each test."""
    portal = Portal(tmp_path_factory.mktemp("year"))
    portal.migrate()
    prepare(portal, "-P", "threads")
    return portal.folder


@pytest.fixture
def sqlite_year(prepared: Path, tmp_path: Path) -> Portal:
    shutil.copytree(prepared, tmp_path / "data")
    return Portal(tmp_path / "data")


@pytest.fixture
def served_year(tmp_path: Path) -> Iterator[Portal]:
    with served(tmp_path / "data") as portal:
        prepare(portal)
        yield portal


def compute(portal: Portal, kind: str, *options: str) -> Any:
    """A run that nobody disturbs, of a kind not asked for yet: the same request is the same job."""
    job = portal.python(START.format(kind=kind))
    with portal.worker(*options):
        until(lambda: portal.python(STATE.format(job=job)) == "succeeded", 180, portal.log)
    return portal.python(OUTCOME.format(job=job))


def compute_with_a_kill(portal: Portal, *options: str) -> Any:
    """kill -9 in the middle of a run, then a new worker; the analysis makes a run long enough."""
    with portal.worker(*options) as worker:
        script = START_AND_KILL_IN_THE_MIDDLE.format(kind="provisional", group=worker.pid)
        job, state = portal.python(script)
        kill(worker)
    assert state == "running", "the worker was not caught in the middle of a run"
    with portal.worker(*options):
        until(lambda: portal.python(STATE.format(job=job)) == "succeeded", 180, portal.log)
    return portal.python(OUTCOME.format(job=job))


def assert_finished_once(portal: Portal, *options: str) -> None:
    killed = compute_with_a_kill(portal, *options)
    clean = compute(portal, "final", *options)
    assert killed.pop("attempts") == 2
    assert clean.pop("attempts") == 1
    assert killed == clean
    # One event of the run and one of its analysis.
    assert clean | {"result": ""} == {"runs": 1, "hubs": 47, "result": "", "events": 2, "chain": []}


@pytest.mark.slow
def test_a_run_killed_in_the_middle_is_finished_once_on_sqlite(sqlite_year: Portal) -> None:
    assert_finished_once(sqlite_year, "-P", "threads")


@pytest.mark.services
def test_a_run_killed_in_the_middle_is_finished_once_on_postgresql(served_year: Portal) -> None:
    assert_finished_once(served_year)


def assert_running_year(found: dict[str, Any]) -> None:
    """Months from the ledger, one declared otherwise; something open on every desk."""
    # Four indicators a month: one hub from September to September, three from April to October.
    assert found["drawn"] == [["13", 4], ["19", 28], ["31", 28], ["32", 27]]
    assert found["otherwise"] == [["32", 4, True]]
    assert (found["same"], found["stale"]) == (0, 0)
    assert found["versions"] == [[False, 2], [True, 1]]
    assert found["joined"] == [["19", "13", 1], ["31", "32", 1]]
    assert found["checks"] == [["", 1], ["confirmed", 3], ["not_confirmed", 1]]
    flags = [tuple(flag) for flag in found["flags"]]
    assert ("24", "heaping", "closed", "explained", 1) in flags
    assert ("43", "repeat", "waiting", "", 1) in flags
    assert ("31", "ledger", "raised", "", 1) in flags
    assert found["corrections"] == [
        ["accepted", 2],
        ["confirmed", 1],
        ["refused", 1],
        ["requested", 1],
    ]
    assert found["returned"] == ["08", 2]
    assert found["reminded"]
    assert found["plans"] == [["draft", 1], ["finalized", 44], ["returned", 1], ["submitted", 1]]
    assert found["amendments"] == [["approved", 1], ["submitted", 1]]


def assert_guided(found: dict[str, Any]) -> None:
    """The lowest hub of the judged year, in the middle of its plan."""
    code, level, yen, triggers = found["guided"]
    assert (code, level, yen) == ("36", 2, 3_000_000)
    assert {"lowest", "component"} <= set(triggers)
    states = ["done", "done", "open", "open", "open"]
    assert found["actions"] == [[place, state] for place, state in enumerate(states, start=1)]
    assert found["checked"] == [["1.0000", True]]


def assert_figures(portal: Portal, *options: str) -> None:
    """The paper's table, the budget to the yen, and a file that a stranger can recompute."""
    with portal.worker(*options):
        found = portal.python(FIGURES, seconds=300)
        running = portal.python(RUNNING, seconds=300)
    assert_running_year(running)
    rows = [line.split(",") for line in found["table"].splitlines()]
    assert [int(cell) for cell in rows[1][1:]] == CC
    assert [int(cell) for cell in rows[2][1:]] == CO
    budget, reserve, total, holds = found["sums"]
    assert holds
    assert (budget, reserve, total) == (3_087_000_000, 63_000_000, 3_150_000_000)
    assert found["hubs"] == 47
    assert_guided(found)
    assert found["grades"] == GRADES
    file = portal.folder / "certificate.json"
    file.write_text(json.dumps(found["file"]), encoding="utf-8")
    assert portal.manage("evaluation_check", str(file)).strip().endswith("5 passed, 0 failed")


@pytest.mark.slow
def test_the_year_gives_the_papers_table_and_the_yen_on_sqlite(sqlite_year: Portal) -> None:
    assert_figures(sqlite_year, "-P", "threads")


@pytest.mark.services
def test_the_year_gives_the_papers_table_and_the_yen_on_postgresql(served_year: Portal) -> None:
    assert_figures(served_year)
