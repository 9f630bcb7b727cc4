"""The analysis of a run: made with it or later, kept for ever, recomputed by a stranger."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction

from evaluation.budget.rules.check import check_file
from evaluation.evidence.operations import in_operation, write_books
from evaluation.evidence.queries import collect
from evaluation.scoring.analysis import operations, queries
from evaluation.scoring.analysis.models import RunAnalysis
from evaluation.scoring.analysis.tasks import analyse_missing
from evaluation.scoring.models import EvaluationRun, RunKind
from evaluation.scoring.operations import adopt_scheme, delete_trial, start_run
from evaluation.scoring.queries import certificate
from evaluation.scoring.rules.analysis import STEPS
from hubs.network.models import Hub
from hubs.terms.models import Term
from tests.evaluation.evidence_ground import make_year
from tests.evaluation.ground import SYSTEM, make_run, three_hubs
from yorozu.core.access import Scope
from yorozu.core.audit.models import AuditEvent
from yorozu.core.canonical import canonical_hash, sha256_text
from yorozu.core.errors import Conflict, Refused
from yorozu.core.jobs import runner
from yorozu.core.jobs.models import Job, JobState

pytestmark = pytest.mark.django_db
CODES = ("13", "27", "47")


@pytest.fixture(autouse=True)
def _after_the_term() -> Iterator[None]:
    with time_machine.travel(datetime.fromisoformat("2026-05-01T10:00:00+09:00"), tick=True):
        yield


@pytest.fixture
def term(facts: None) -> Term:
    """A judged year of three hubs with frozen books."""
    Hub.objects.exclude(code__in=CODES).update(closed_on=date(2020, 3, 31))
    made = make_year(CODES)
    cut = date(2026, 3, 31)
    seen = {one.hub.pk: canonical_hash(one.content) for one in in_operation(collect(made, cut))}
    write_books(SYSTEM, term=made, as_of=cut, seen=seen)
    adopt_scheme(SYSTEM, term=made)
    return made


def computed(term: Term, kind: RunKind, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Compute a run by its job; the steps its bar has named."""
    said: list[str] = []
    show = runner.JobContext.progress

    def note(self: Any, done: int, total: int, step: str) -> None:
        assert done < total
        said.append(step)
        show(self, done, total, step)

    monkeypatch.setattr(runner.JobContext, "progress", note)
    job = start_run(SYSTEM, term=term, kind=kind)
    assert runner.run(job.pk) == JobState.SUCCEEDED, Job.objects.get(pk=job.pk).error
    return said


@pytest.mark.parametrize("kind", [RunKind.FINAL, RunKind.PROVISIONAL])
def test_the_job_of_a_run_analyses_it_and_names_its_steps(
    term: Term, kind: RunKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = computed(term, kind, monkeypatch)
    assert said[2:] == ["得点の算定", *STEPS, "点数・評語・順位を計算し、保存しています"]
    row = RunAnalysis.objects.get()
    assert row.job_id == row.run.job_id
    assert row.input_hash == sha256_text(row.snapshot)
    assert row.result_hash == sha256_text(row.result)
    assert json.loads(row.snapshot)["run"] == row.run.input_hash
    noted = AuditEvent.objects.get(after__contains="analysis_result_hash")
    assert row.result_hash in noted.after


def test_the_analysis_reads_months_and_region_of_the_books(
    term: Term, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed(term, RunKind.FINAL, monkeypatch)
    given = json.loads(RunAnalysis.objects.get().snapshot)
    assert given["months"]["13"]["IND.CONS"]["2025-04"] == 100
    assert len(given["months"]["13"]["FOC.F1"]) == 12
    assert set(given["regions"]) == set(CODES)


def test_a_trial_is_analysed_when_asked_for(term: Term, monkeypatch: pytest.MonkeyPatch) -> None:
    computed(term, RunKind.TRIAL, monkeypatch)
    run = EvaluationRun.objects.get()
    assert queries.analysis_of(run) is None
    job = operations.start(SYSTEM, run=run)
    assert operations.start(SYSTEM, run=run).pk == job.pk
    assert runner.run(job.pk) == JobState.SUCCEEDED
    found = queries.analysis_of(run)
    assert found is not None
    assert found.hubs["13"].rank == (1, 1, 1) or found.hubs["13"].rank_text
    with pytest.raises(Conflict, match="すでにあります"):
        operations.start(SYSTEM, run=run)


def test_later_is_the_same_as_at_once(term: Term, monkeypatch: pytest.MonkeyPatch) -> None:
    computed(term, RunKind.FINAL, monkeypatch)
    row = RunAnalysis.objects.get()
    again = operations.compute_for(EvaluationRun.objects.get(pk=row.run_id))
    assert (again.snapshot, again.result) == (row.snapshot, row.result)


def analysed(kind: RunKind = RunKind.FINAL) -> RunAnalysis:
    """A run without books with its analysis."""
    run = make_run(three_hubs(), kind=kind)
    return operations.store(SYSTEM, run=run, found=operations.compute_for(run))


def test_an_analysis_of_another_run_is_not_kept(facts: None) -> None:
    one = make_run(three_hubs())
    other = make_run({"hubs": three_hubs()["hubs"][:2]})
    with pytest.raises(ValueError, match="another run"):
        operations.store(SYSTEM, run=other, found=operations.compute_for(one))
    assert not RunAnalysis.objects.exists()


def test_there_is_one_analysis_of_a_run(facts: None) -> None:
    row = analysed()
    with pytest.raises(Conflict):
        operations.store(SYSTEM, run=row.run, found=operations.compute_for(row.run))


def test_only_who_computes_runs_may_ask(cast: Any) -> None:
    run = make_run(three_hubs())
    for actor in (cast.agency, cast.bureau_kanto, cast.cc_tokyo, cast.auditor):
        scope: Scope = actor.scope
        with pytest.raises(Refused):
            operations.start(scope, run=run)
        with pytest.raises(Refused):
            operations.store(scope, run=run, found=operations.compute_for(run))
    assert not Job.objects.filter(kind="evaluation.analysis").exists()


SQL = (
    "UPDATE evaluation_runanalysis SET result = 'x'",
    "UPDATE evaluation_runanalysis SET result_hash = 'x'",
    "UPDATE evaluation_runanalysis SET run_id = run_id + 1",
    "DELETE FROM evaluation_runanalysis",
)


@pytest.mark.parametrize("sql", SQL)
def test_sql_cannot_change_an_analysis(sql: str, facts: None) -> None:
    analysed()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_the_orm_cannot_either(facts: None) -> None:
    row = analysed()
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        RunAnalysis.objects.update(method="a2")


def test_a_trial_takes_its_analysis_with_it(facts: None) -> None:
    row = analysed(RunKind.TRIAL)
    delete_trial(SYSTEM, run=row.run)
    assert not RunAnalysis.objects.exists()


def test_a_stranger_recomputes_the_analysis_from_the_certificate(facts: None) -> None:
    run = analysed().run
    file = json.loads(json.dumps(certificate(run)))
    assert check_file(file) == (2, 0, [])
    assert "analysis" not in certificate(make_run(three_hubs()))


@pytest.mark.parametrize(
    ("field", "old", "new", "word"),
    [
        ("result", '"robust":true', '"robust":false', "再計算した結果"),
        ("result", "weight:FOC:+25", "weight:FOC:+26", "ハッシュ"),
        ("snapshot", '"draws":1000', '"draws":999', "入力のハッシュ"),
        ("snapshot", '"method":"a1"', '"method":"a7"', "知らない分析の方式"),
        ("result_hash", "", "0", "結果のハッシュ"),
    ],
)
def test_a_touched_analysis_is_found(
    facts: None, field: str, old: str, new: str, word: str
) -> None:
    file = json.loads(json.dumps(certificate(analysed().run)))
    touched = file["analysis"][field].replace(old, new, 1)
    assert touched != file["analysis"][field]
    file["analysis"][field] = touched
    passed, failed, lines = check_file(file)
    assert (passed, failed) == (1, 1)
    assert any(word in line for line in lines), lines


def test_an_analysis_under_another_run_is_found(facts: None) -> None:
    file = json.loads(json.dumps(certificate(analysed().run)))
    other = certificate(analysed(RunKind.PROVISIONAL).run)
    file["analysis"] = other["analysis"]
    # The same input has the same hash: another input has not.
    assert check_file(file) == (2, 0, [])
    more = make_run({"hubs": three_hubs()["hubs"][:2]})
    file["analysis"] = operations.store(
        SYSTEM, run=more, found=operations.compute_for(more)
    ).record()
    assert any("別の評価" in line for line in check_file(file)[2])
    del file["analysis"]["result"]
    assert any("足りない" in line for line in check_file(file)[2])


def test_an_analysis_is_read_with_two_queries_and_once(
    facts: None, django_assert_max_num_queries: Any
) -> None:
    run = EvaluationRun.objects.get(pk=analysed().run.pk)
    with django_assert_max_num_queries(2):
        first = queries.analysis_of(run)
    with django_assert_max_num_queries(1):
        again = queries.analysis_of(run)
    assert first is not None
    assert again is not None
    assert first.hubs is again.hubs
    hub = first.hubs["13"]
    assert sum(chance for _, chance in hub.chances) == 100
    assert [name for name, _ in hub.chances] == ["S", "A", "B", "C", "D"]
    assert hub.score[0] <= hub.score[1] <= hub.score[2]


def test_the_night_asks_for_what_is_missing_once(facts: None) -> None:
    make_run(three_hubs(), kind=RunKind.TRIAL)
    old = make_run(three_hubs(), kind=RunKind.PROVISIONAL)
    has = analysed().run
    assert analyse_missing() == analyse_missing() == 1
    job = Job.objects.get(kind="evaluation.analysis")
    assert runner.run(job.pk) == JobState.SUCCEEDED
    assert RunAnalysis.objects.filter(run__in=[old, has]).count() == 2
    assert RunAnalysis.objects.get(run=old).computed_by_name == "夜間の分析"
    assert analyse_missing() == 0
