"""Scoring a term in sets: what a run reads does not grow with the hubs (performance.md 9.6)."""

from datetime import date, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evaluation.evidence.operations import in_operation, write_books
from evaluation.evidence.queries import collect
from evaluation.scoring.models import EvaluationRun, RunHubResult, RunKind
from evaluation.scoring.operations import adopt_scheme, start_run
from hubs.network.models import Hub
from tests.evaluation.evidence_ground import make_year
from yorozu.core.access import system_scope
from yorozu.core.canonical import canonical_hash
from yorozu.core.jobs.models import JobState
from yorozu.core.jobs.runner import run as run_job

pytestmark = pytest.mark.django_db
SYSTEM = system_scope("試験")
THREE = ("13", "27", "47")
TWELVE = ("01", "02", "03", "04", "05", "06", "07", "08", "09", *THREE)
MOST = 10


@pytest.fixture(autouse=True)
def _after_the_term():
    with time_machine.travel(datetime.fromisoformat("2026-05-01T10:00:00+09:00"), tick=True):
        yield


def _judged_term(codes, fiscal_year):
    Hub.objects.update(opened_on=date(2027, 4, 1), closed_on=date(2027, 4, 1))
    Hub.objects.filter(code__in=codes).update(opened_on=date(2014, 4, 1), closed_on=None)
    term, cut = make_year(codes, fiscal_year=fiscal_year), date(fiscal_year + 1, 3, 31)
    seen = {one.hub.pk: canonical_hash(one.content) for one in in_operation(collect(term, cut))}
    write_books(SYSTEM, term=term, as_of=cut, seen=seen)
    adopt_scheme(SYSTEM, term=term)
    return term


def _reads(term):
    """Statements that read, of the run's job from the first to the last."""
    job = start_run(SYSTEM, term=term, kind=RunKind.TRIAL)
    with CaptureQueriesContext(connection) as held:
        state = run_job(job.pk)
    job.refresh_from_db()
    assert state == JobState.SUCCEEDED, job.error
    # What the runner itself asks for its lease and its closing is no reading of the term.
    own = [row["sql"] for row in held if row["sql"].lstrip().startswith("SELECT")]
    return [sql for sql in own if "jobs_job" not in sql]


def test_scoring_reads_in_sets(facts):
    few = _reads(_judged_term(THREE, 2024))
    many = _reads(_judged_term(TWELVE, 2025))
    assert sorted(EvaluationRun.objects.values_list("term__fiscal_year", flat=True)) == [2024, 2025]
    assert RunHubResult.objects.count() == 15
    assert len(few) == len(many)
    assert len(many) <= MOST, "\n".join(many)
