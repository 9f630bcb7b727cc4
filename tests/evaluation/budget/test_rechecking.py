"""Proposals are recomputed every night: silent while all agrees, loud for a single yen."""

from typing import Any

import pytest

from evaluation.budget.models import BudgetScenario
from evaluation.budget.rechecking import RECHECK, RECHECK_JOB, faults_of, recheck_scenarios
from evaluation.budget.tasks import recheck_nightly
from evaluation.scoring.models import EvaluationRun
from tests.cast import Cast
from tests.evaluation.budget_ground import made
from tests.evaluation.scoring.test_recheck import tamper
from yorozu.core.access import system_scope
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import Refused
from yorozu.core.jobs.models import Job, JobState
from yorozu.core.jobs.runner import run as run_job
from yorozu.core.notices.models import Notice

pytestmark = pytest.mark.django_db
NIGHT = system_scope("夜間の再計算")


@pytest.fixture
def scenario(cast: Cast, fixed_run: EvaluationRun) -> BudgetScenario:
    made(cast.hq, fixed_run)
    return made(cast.hq, fixed_run, rate="0.30")


def test_true_proposals_are_silent(scenario: BudgetScenario) -> None:
    before = AuditEvent.objects.count()
    assert [row.faults for row in recheck_scenarios(NIGHT)] == [[], []]
    assert AuditEvent.objects.count() == before
    assert not Notice.objects.filter(key__startswith=RECHECK).exists()


CHANGES: dict[str, tuple[str, str]] = {
    "result": (
        "UPDATE evaluation_budgetscenario SET result = REPLACE(result, '\"04\"', '\"05\"')",
        "再計算した結果が記録と違います。",
    ),
    "input hash": (
        "UPDATE evaluation_budgetscenario SET input_hash = 'x' || SUBSTR(input_hash, 2)",
        "入力のハッシュ",
    ),
    "chain": (
        "UPDATE evaluation_budgetscenario SET previous_hash = 'x' || SUBSTR(previous_hash, 2)",
        "前の配分案のハッシュ",
    ),
    "yen": (
        "UPDATE evaluation_budgetline SET budget_yen = budget_yen + 1",
        "一覧用の行が結果と違います",
    ),
    "years": (
        "UPDATE evaluation_budgetline SET years_to_formula = 29",
        "一覧用の行が結果と違います",
    ),
    "carried": (
        "UPDATE evaluation_budgetline SET carry_over_yen = 1",
        "一覧用の行が結果と違います",
    ),
    "share": (
        "UPDATE evaluation_fundingshare SET yen = yen + 1",
        "予算区分ごとの額が結果と違います",
    ),
    "share gone": ("DELETE FROM evaluation_fundingshare", "予算区分ごとの額が結果と違います"),
    "line of funding": (
        "UPDATE evaluation_fundingline SET name = name || 'x'",
        "予算区分の行が結果と違います。",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_one_change_raises_the_alarm(
    name: str, cast: Cast, scenario: BudgetScenario, sign_in: Any
) -> None:
    sql, words = CHANGES[name]
    tamper(sql)
    found = recheck_scenarios(NIGHT)
    assert all(any(words in fault for fault in row.faults) for row in found), found
    events = AuditEvent.objects.filter(action=RECHECK)
    assert {event.object_id for event in events} == {str(row.scenario.pk) for row in found}
    told = set(Notice.objects.filter(key__startswith=RECHECK).values_list("user__email", flat=True))
    assert {"agency@example.jp", "hq@example.jp", "admin@example.jp"} <= told
    assert "cc-tokyo@example.jp" not in told
    page = sign_in(cast.agency).get(f"/evaluation/budget/{scenario.pk}/").content.decode()
    assert "再計算の結果が記録と違います" in page


def test_a_row_that_is_gone_or_not_in_the_result_is_named(scenario: BudgetScenario) -> None:
    tamper("DELETE FROM evaluation_fundingshare")
    tamper(
        "DELETE FROM evaluation_budgetline WHERE hub_id IN "
        "(SELECT id FROM hubs_hub WHERE code = '13')"
    )
    assert any("拠点の行がありません：13" in fault for fault in faults_of(scenario))


def test_the_page_says_that_record_and_recomputation_agree(
    cast: Cast, scenario: BudgetScenario, sign_in: Any
) -> None:
    url = f"/evaluation/budget/{scenario.pk}/"
    assert "記録と一致" in sign_in(cast.agency).get(url).content.decode()
    assert "記録と一致" not in sign_in(cast.bureau_tohoku).get(url).content.decode()


def test_the_night_asks_once_and_the_job_does_it(scenario: BudgetScenario) -> None:
    first, second = recheck_nightly(), recheck_nightly()
    assert first == second
    assert run_job(first) == JobState.SUCCEEDED
    assert Job.objects.get(pk=first).result == {"scenarios": 2, "different": 0}
    assert Job.objects.get(pk=first).kind == RECHECK_JOB


def test_nobody_recomputes_by_hand(cast: Cast, scenario: BudgetScenario) -> None:
    for actor in cast.all():
        with pytest.raises(Refused):
            recheck_scenarios(actor.scope)
