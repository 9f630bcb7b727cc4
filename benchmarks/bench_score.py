"""Scoring a term from its evidence books, in sets (P2d): queries and cost at 47 and 470 hubs.

The other side is the bare reading of the same job: its own statements that read, asked again with
the same parameters. What is above it is computing every figure in exact decimals, explaining it
item by item, and storing the run with its trail. The judged year is the one of the evidence tests.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction

from benchmarks import ground
from benchmarks.frame import Bench, same, timed
from benchmarks.judging import Metric, Target, at_most, exponent, ratio
from evaluation.evidence.operations import in_operation, write_books
from evaluation.evidence.queries import collect
from evaluation.scoring.models import EvaluationRun, RunHubResult, RunKind
from evaluation.scoring.operations import adopt_scheme, delete_trial, start_run
from evaluation.scoring.queries import ENGINES
from hubs.terms.models import Term
from tests.evaluation.evidence_ground import make_year
from yorozu.core.canonical import canonical_hash, canonical_json, parse_canonical, sha256_text
from yorozu.core.jobs.models import Job, JobState
from yorozu.core.jobs.runner import run as run_job

SMALL, LARGE = 47, 470
MOST = 10
YEARS = {SMALL: 2024, LARGE: 2025}
SAID = Metric("P2d", "statements of scoring a term of 470 hubs", at_most(MOST, MOST))
GROWN = Metric("P2d", "statements more at 470 hubs than at 47", at_most(0, 0))
COST = Metric("P2d", "scoring a term / its bare reading, 470 hubs", Target(None, None, more=False))
GROWTH = Metric("P2d", "growth exponent of scoring in hubs", Target(None, None, more=False))


# The lease of the job, the trail and its lock: they cost every act the same.
_OF_THE_FRAME = ("jobs_job", "audit_auditevent", "pg_advisory", "SAVEPOINT")


@dataclass
class _Statements:
    """Notes what a job asks of the database."""

    said: list[tuple[str, Any]]

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not any(word in sql for word in _OF_THE_FRAME):
            self.said.append((sql, params))
        return execute(sql, params, many, context)

    @property
    def reads(self) -> list[tuple[str, Any]]:
        """Those that read."""
        return [one for one in self.said if one[0].lstrip().startswith("SELECT")]


def run(bench: Bench) -> None:
    """P2d on both sizes of the network."""
    small = _judged(bench, SMALL)
    said = {SMALL: len(_score(small, SMALL)[1].said)}
    few = bench.rounds({"scored, 47": lambda: _score(small, SMALL)[0]})
    large = _judged(bench, LARGE)
    said[LARGE] = len(_score(large, LARGE)[1].said)
    times = bench.rounds(
        {"bare": lambda: _bare(large, LARGE), "scored": lambda: _score(large, LARGE)[0]}
    )
    facts = {f"statements_{count}": number for count, number in said.items()}
    bench.report(SAID, said[LARGE], {}, **facts)
    bench.report(GROWN, said[LARGE] - said[SMALL], {}, **facts)
    # A count does not waver with the load of the machine; SQLite writes many rows in pieces.
    if connection.vendor == "postgresql":
        bench.failed = bench.failed or said[LARGE] > MOST or said[LARGE] != said[SMALL]
    bench.report(COST, ratio(times["scored"], times["bare"]), times, hubs=LARGE)
    grown = exponent(few["scored, 47"], times["scored"], LARGE / SMALL)
    bench.report(GROWTH, grown, {**few, "scored": times["scored"]})


def _judged(bench: Bench, count: int) -> Term:
    """A year of so many hubs with everything a book needs, frozen."""
    hubs = ground.make_hubs(count)
    year = YEARS[count]
    bench.say(f"a year of {count} hubs")
    cut = date(year + 1, 3, 31)
    with transaction.atomic():
        term = make_year([hub.code for hub in hubs], fiscal_year=year)
    held = {one.hub.pk: canonical_hash(one.content) for one in in_operation(collect(term, cut))}
    with transaction.atomic():
        write_books(ground.actor(), term=term, as_of=cut, seen=held)
    adopt_scheme(ground.actor(), term=term)
    return term


def _score(term: Term, count: int) -> tuple[float, _Statements]:
    """One run by its job as a worker runs it; its result must recompute to the same text."""
    job = start_run(ground.actor(), term=term, kind=RunKind.TRIAL)
    said = _Statements([])
    with connection.execute_wrapper(said):
        seconds, state = timed(lambda: run_job(job.pk))
    same("the job", state, JobState.SUCCEEDED)
    made = EvaluationRun.objects.get(term=term)
    same("hubs of the run", RunHubResult.objects.filter(run=made).count(), count)
    snapshot: Any = parse_canonical(made.snapshot)
    again = sha256_text(canonical_json(ENGINES[made.engine](snapshot["input"])))
    same("hash of the result", made.result_hash, again)
    delete_trial(ground.actor(), run=made)
    Job.objects.filter(pk=job.pk).delete()
    return seconds, said


def _bare(term: Term, count: int) -> float:
    """What a run reads, and nothing else."""
    _, said = _score(term, count)
    with transaction.atomic(), connection.cursor() as cursor:
        seconds, _ = timed(lambda: [_asked(cursor, *read) for read in said.reads])
    return seconds


def _asked(cursor: Any, sql: str, params: Any) -> list[Any]:
    cursor.execute(sql, params)
    return list(cursor.fetchall())
