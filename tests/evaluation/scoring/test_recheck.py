"""The nightly recomputation: silent while all agrees, loud for a single byte."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from evaluation.scoring import operations
from evaluation.scoring.models import EvaluationRun, RunKind, RunRecheck
from evaluation.scoring.tasks import RECHECK_JOB, recheck_nightly
from tests.cast import Cast
from tests.evaluation.ground import fixed, make_run, three_hubs
from tests.evaluation.run_ground import judged_year
from yorozu.core import guards
from yorozu.core.access import system_scope
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import Refused
from yorozu.core.jobs.models import Job, JobState
from yorozu.core.jobs.runner import run as run_job
from yorozu.core.notices.models import Notice

pytestmark = pytest.mark.django_db
NIGHT = system_scope("夜間の再計算")


@pytest.fixture
def run(cast: Cast) -> EvaluationRun:
    year = judged_year(cast)
    made = fixed(year.run(), cast.hq_second.scope, hq=cast.hq.scope)
    return operations.publish_run(cast.agency.scope, run=made)


def tamper(sql: str) -> None:
    """What only somebody with the database's own rights can do: lift the triggers and write."""
    lists = list(guards.REGISTERED.values())
    with transaction.atomic():
        for rows in lists:
            guards.remove(connection, rows)
        with connection.cursor() as cursor:
            cursor.execute(sql)
        for rows in lists:
            guards.install(connection, rows)


def test_a_true_run_is_silent(run: EvaluationRun) -> None:
    before = AuditEvent.objects.count()
    [row] = operations.recheck_runs(NIGHT)
    assert (row.run, row.is_same, row.faults) == (run, True, "")
    assert AuditEvent.objects.count() == before
    assert not Notice.objects.filter(key__startswith="evaluation.scoring.recheck").exists()


BYTES: dict[str, tuple[str, str]] = {
    "result": (
        "UPDATE evaluation_evaluationrun SET result = REPLACE(result, '\"04\"', '\"05\"')",
        "再計算した結果が記録と違います。",
    ),
    "snapshot": (
        "UPDATE evaluation_evaluationrun SET snapshot = REPLACE(snapshot, '\"v1\"', '\"v2\"')",
        "別の計算方式",
    ),
    "blank": (
        "UPDATE evaluation_evaluationrun SET snapshot = REPLACE(snapshot, '{\"as_of', '{ \"as_of')",
        "正規の書き方",
    ),
    "input hash": (
        "UPDATE evaluation_evaluationrun SET input_hash = 'x' || SUBSTR(input_hash, 2)",
        "入力のハッシュ",
    ),
    "result hash": (
        "UPDATE evaluation_evaluationrun SET result_hash = 'x' || SUBSTR(result_hash, 2)",
        "結果のハッシュ",
    ),
    "chain": (
        "UPDATE evaluation_evaluationrun SET previous_hash = 'x' || SUBSTR(previous_hash, 2)",
        "前の評価のハッシュ",
    ),
    "book": (
        "UPDATE evaluation_evidencebook SET content = REPLACE(content, '宮城', '宮崎')",
        "証拠台帳がハッシュと一致しません",
    ),
    "score of a list": (
        "UPDATE evaluation_runhubresult SET final = final + 0.01",
        "一覧用の行が結果と違います",
    ),
    "points of an item": (
        "UPDATE evaluation_runitemresult SET points = 79 WHERE item = 'CONS'",
        "一覧用の行が結果と違います",
    ),
    "item gone": (
        "DELETE FROM evaluation_runitemresult WHERE item = 'CONS'",
        "一覧用の行が結果と違います",
    ),
}


@pytest.mark.parametrize("name", BYTES)
def test_one_byte_raises_the_alarm(name: str, cast: Cast, run: EvaluationRun, sign_in: Any) -> None:
    sql, words = BYTES[name]
    tamper(sql)
    [row] = operations.recheck_runs(NIGHT)
    assert not row.is_same
    assert words in row.faults
    event = AuditEvent.objects.order_by("sequence").last()
    assert event is not None
    assert (event.action, event.object_id) == ("evaluation.scoring.recheck", str(run.pk))
    told = set(
        Notice.objects.filter(key__startswith="evaluation.scoring.recheck").values_list(
            "user__email", flat=True
        )
    )
    assert told == {"hq@example.jp", "hq-second@example.jp", "admin@example.jp"}
    page = sign_in(cast.auditor).get(f"/evaluation/runs/{run.pk}/").content.decode()
    assert "再計算の結果が記録と違います" in page


def test_a_hub_learns_that_it_is_looked_into_not_what_differs(
    cast: Cast, run: EvaluationRun, sign_in: Any
) -> None:
    tamper("UPDATE evaluation_runhubresult SET final = final + 0.01")
    operations.recheck_runs(NIGHT)
    url = f"/evaluation/runs/{run.pk}/"
    page = sign_in(cast.cc_tokyo).get(url).content.decode()
    assert "全国本部が原因を確かめています" in page
    assert "一覧用の行" not in page
    assert "一覧用の行" in sign_in(cast.hq).get(url).content.decode()


def test_the_night_asks_once_and_the_job_does_it(run: EvaluationRun) -> None:
    first, second = recheck_nightly(), recheck_nightly()
    assert first == second
    assert run_job(first) == JobState.SUCCEEDED
    assert Job.objects.get(pk=first).result == {"runs": 1, "different": 0}
    assert Job.objects.get(pk=first).kind == RECHECK_JOB


def test_the_command_says_the_same(run: EvaluationRun, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("recheck_runs")
    assert "1件の評価のうち0件が記録と違います。" in capsys.readouterr().out
    tamper("UPDATE evaluation_evaluationrun SET result = REPLACE(result, '\"04\"', '\"05\"')")
    with pytest.raises(SystemExit):
        call_command("recheck_runs")
    assert "NG" in capsys.readouterr().out


def test_nobody_recomputes_by_hand(cast: Cast, run: EvaluationRun) -> None:
    for actor in cast.all():
        with pytest.raises(Refused):
            operations.recheck_runs(actor.scope)


def test_trials_and_runs_under_way_are_left_alone_and_trials_break_no_chain(cast: Cast) -> None:
    trial = make_run(three_hubs(), actor=cast.hq.scope, kind=RunKind.TRIAL)
    first = fixed(make_run(three_hubs(), actor=cast.hq.scope), cast.hq_second.scope)
    second = make_run(three_hubs(), actor=cast.hq.scope, kind=RunKind.PROVISIONAL)
    operations.fix_run(cast.hq_second.scope, run=second)
    operations.delete_trial(cast.hq.scope, run=trial)
    make_run(three_hubs(), actor=cast.hq.scope)
    rows = operations.recheck_runs(NIGHT)
    assert {row.run_id for row in rows} == {first.pk, second.pk}
    assert [row.faults for row in rows] == ["", ""]
    assert RunRecheck.objects.count() == 2
