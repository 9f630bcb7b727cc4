"""Integrity flags never become points: the same term is judged alike before and after a finding."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
import time_machine

from evaluation.evidence.operations import in_operation, write_books
from evaluation.evidence.queries import collect
from evaluation.scoring.models import EvaluationRun, RunKind
from evaluation.scoring.operations import adopt_scheme, start_run
from hubs.integrity.models import FlagState, IntegrityFlag
from hubs.integrity.operations import add_note, find_flag, raise_flags
from hubs.integrity.queries import findings_in_force
from hubs.network.models import Hub
from hubs.terms.models import Term
from tests.evaluation.evidence_ground import make_year
from yorozu.core.access import system_scope
from yorozu.core.canonical import canonical_hash
from yorozu.core.jobs.models import JobState
from yorozu.core.jobs.runner import run as run_job

SYSTEM = system_scope("試験")
CODES = ("13", "27", "47")


@pytest.fixture(autouse=True)
def _after_the_term() -> Iterator[None]:
    with time_machine.travel(datetime.fromisoformat("2026-05-01T10:00:00+09:00"), tick=True):
        yield


def judged(term: Term, kind: RunKind) -> tuple[str, list[tuple[Any, ...]], list[str]]:
    """Freeze what is new, compute a run: its result, its lines, and the hashes of the books."""
    found = in_operation(collect(term, date(2026, 3, 31)))
    seen = {one.hub.pk: canonical_hash(one.content) for one in found}
    write_books(SYSTEM, term=term, as_of=date(2026, 3, 31), seen=seen)
    job = start_run(SYSTEM, term=term, kind=kind)
    assert run_job(job.pk) == JobState.SUCCEEDED
    run = EvaluationRun.objects.latest("pk")
    lines = run.hub_results.order_by("hub__code").values_list("hub__code", "final", "grade", "rank")
    return run.result_hash, list(lines), sorted(seen.values())


def test_a_finding_changes_no_book_no_score_no_grade_and_no_rank(facts: None) -> None:
    Hub.objects.exclude(code__in=CODES).update(closed_on=date(2020, 3, 31))
    term = make_year(CODES)
    adopt_scheme(SYSTEM, term=term)
    before = judged(term, RunKind.TRIAL)
    # 100 consultations in each of twelve months: the same value running, and all round.
    raised = raise_flags(SYSTEM).raised
    assert {flag.hub.code for flag in raised if flag.hub} == set(CODES)
    for flag in IntegrityFlag.objects.filter(hub__isnull=False):
        add_note(actor=SYSTEM, flag=flag, text="確認中")
        find_flag(actor=SYSTEM, flag=flag, reason="記録がない")
    assert set(findings_in_force(term)) == {hub.pk for hub in Hub.objects.filter(code__in=CODES)}
    assert not IntegrityFlag.objects.exclude(state=FlagState.FINDING).filter(hub__isnull=False)
    # The same books would give the same job back: another kind computes anew.
    assert judged(term, RunKind.PROVISIONAL) == before
