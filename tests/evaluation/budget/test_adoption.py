"""Four eyes, infeasible cases, funding lines and the triggers that hold what was adopted."""

import json
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from evaluation.budget import operations, queries
from evaluation.budget.models import BudgetScenario, FundingLine, FundingShare, ScenarioState
from evaluation.budget.rules.lines import Line
from evaluation.scoring.models import EvaluationRun, RunState
from tests.cast import Cast
from tests.evaluation.budget_ground import LINES, TOTAL, filled, made, scaled
from yorozu.core import clock
from yorozu.core.errors import InvalidInput, NotReady
from yorozu.core.jobs.models import Job
from yorozu.core.notices.models import Notice

pytestmark = pytest.mark.django_db


def test_rows_and_columns_of_the_lines_are_stored_to_the_yen(
    cast: Cast, fixed_run: EvaluationRun
) -> None:
    scenario = made(cast.hq, fixed_run)
    lines = list(scenario.funding_lines.all())
    assert [line.name for line in lines] == ["当初予算", "補正予算"]
    assert sum(line.total_yen for line in lines) == scenario.total_yen
    assert sum(line.reserve_yen for line in lines) == scenario.reserve_yen
    for row in scenario.lines.all():
        assert sum(share.yen for share in row.shares.all()) == row.budget_yen
    for line in lines:
        assert sum(share.yen for share in line.shares.all()) == line.distributed_yen
    assert scenario.note == "試す案"


def test_who_computed_a_scenario_does_not_adopt_it(cast: Cast, fixed_run: EvaluationRun) -> None:
    own = made(cast.agency, fixed_run)
    with pytest.raises(NotReady) as refusal:
        operations.adopt_scenario(cast.agency.scope, scenario=own, reason="自分の案")
    assert "算定した本人" in refusal.value.missing[0].text
    own.refresh_from_db()
    assert own.state == ScenarioState.PROPOSED


def test_the_page_offers_no_adoption_to_the_person_who_computed_it(
    cast: Cast, fixed_run: EvaluationRun, sign_in: Any
) -> None:
    own, other = made(cast.agency, fixed_run), made(cast.hq, fixed_run)
    client = sign_in(cast.agency)
    page = client.get(f"/evaluation/budget/{own.pk}/").content.decode()
    assert "別の担当者が採用してください" in page
    assert f"/evaluation/budget/{own.pk}/adopt/" not in page
    page = client.get(f"/evaluation/budget/{other.pk}/").content.decode()
    assert f"/evaluation/budget/{other.pk}/adopt/" in page
    page = sign_in(cast.hq).get(f"/evaluation/budget/{other.pk}/").content.decode()
    assert "中小企業庁の別の担当者が採用してください" in page
    answer = client.post(f"/evaluation/budget/{own.pk}/adopt/", {"reason": "自分の案"})
    assert answer.status_code == 409
    assert "算定した本人は採用できません" in answer.content.decode()


def test_beside_an_adopted_scenario_no_other_offers_adoption(
    cast: Cast, fixed_run: EvaluationRun, sign_in: Any
) -> None:
    first, second = made(cast.hq, fixed_run), made(cast.hq, fixed_run)
    operations.adopt_scenario(cast.agency.scope, scenario=first, reason="標準の案")
    client = sign_in(cast.agency)
    page = client.get(f"/evaluation/budget/{second.pk}/").content.decode()
    assert "すでに採用されています" in page
    assert f"/evaluation/budget/{second.pk}/adopt/" not in page
    page = client.get(f"/evaluation/budget/{second.pk}/adopt/").content.decode()
    assert "いまは採用できません" in page
    assert 'name="reason"' not in page


def test_the_database_knows_the_four_eyes_too(cast: Cast, fixed_run: EvaluationRun) -> None:
    own = made(cast.agency, fixed_run)
    with pytest.raises(IntegrityError), transaction.atomic():
        BudgetScenario.objects.filter(pk=own.pk).update(
            state=ScenarioState.ADOPTED,
            adopted_at=clock.now(),
            adopted_by=cast.agency.user,
            adoption_reason="裏口",
        )


def test_adoption_keeps_who_when_why_and_the_document(
    cast: Cast, fixed_run: EvaluationRun, django_capture_on_commit_callbacks: Any
) -> None:
    scenario = made(cast.hq, fixed_run)
    adopted = operations.adopt_scenario(
        cast.agency.scope, scenario=scenario, reason="枠に合うため", document_number="20260301第5号"
    )
    assert adopted.adopted_by == cast.agency.user
    assert adopted.adopted_by_name == cast.agency.scope.label
    assert adopted.adopted_at is not None
    assert adopted.document_number == "20260301第5号"
    told = set(Notice.objects.filter(key=f"scenario-adopted-{adopted.pk}").values_list("user_id"))
    assert {(cast.hq.user.pk,), (cast.bureau_kanto.user.pk,)} <= told
    assert (cast.cc_tokyo.user.pk,) not in told


def test_scaled_floors_are_adopted_only_with_a_reason_of_their_own(
    cast: Cast, fixed_run: EvaluationRun
) -> None:
    scenario = scaled(cast.hq, fixed_run)
    assert queries.is_floors_scaled(scenario)
    with pytest.raises(NotReady, match="圧縮を認める理由"):
        operations.adopt_scenario(cast.agency.scope, scenario=scenario, reason="枠が減ったため")
    adopted = operations.adopt_scenario(
        cast.agency.scope,
        scenario=scenario,
        reason="枠が減ったため",
        flags_reason="総額が4割減り、全拠点で等しく負担するため",
    )
    assert adopted.flags_reason.startswith("総額が4割減り")


def test_the_database_refuses_scaled_floors_without_that_reason(
    cast: Cast, fixed_run: EvaluationRun
) -> None:
    scenario = scaled(cast.hq, fixed_run)
    with pytest.raises(DatabaseError), transaction.atomic():
        BudgetScenario.objects.filter(pk=scenario.pk).update(
            state=ScenarioState.ADOPTED, adopted_at=clock.now(), adoption_reason="理由"
        )


def test_a_scenario_of_a_superseded_run_is_marked_and_not_adopted(
    cast: Cast, fixed_run: EvaluationRun, sign_in: Any
) -> None:
    scenario = made(cast.hq, fixed_run)
    EvaluationRun.objects.filter(pk=fixed_run.pk).update(state=RunState.SUPERSEDED)
    scenario = BudgetScenario.objects.get(pk=scenario.pk)
    with pytest.raises(NotReady) as refusal:
        operations.adopt_scenario(cast.agency.scope, scenario=scenario, reason="理由")
    assert "差し替え" in refusal.value.missing[0].text
    page = sign_in(cast.agency).get(f"/evaluation/budget/{scenario.pk}/").content.decode()
    assert "もとの評価は差し替えられました" in page
    assert "この配分案を採用する" not in page
    with pytest.raises(NotReady):
        operations.start_scenario(
            cast.hq.scope,
            run=EvaluationRun.objects.get(pk=fixed_run.pk),
            rule=scenario.rule,
            total_yen=TOTAL,
            title="案",
        )


BYPASSES = {
    "state back": "UPDATE evaluation_budgetscenario SET state = 'proposed'",
    "reason": "UPDATE evaluation_budgetscenario SET adoption_reason = '別の理由'",
    "document": "UPDATE evaluation_budgetscenario SET document_number = 'x'",
    "when": "UPDATE evaluation_budgetscenario SET adopted_at = NULL",
    "title": "UPDATE evaluation_budgetscenario SET title = 'x'",
    "note": "UPDATE evaluation_budgetscenario SET note = 'x'",
    "who": "UPDATE evaluation_budgetscenario SET computed_by_id = 0",
    "share": "UPDATE evaluation_fundingshare SET yen = yen + 1",
    "share gone": "DELETE FROM evaluation_fundingshare",
    "line": "UPDATE evaluation_fundingline SET name = 'x'",
    "line gone": "DELETE FROM evaluation_fundingline",
    "years": "UPDATE evaluation_budgetline SET years_to_formula = 0",
}


@pytest.mark.parametrize("sql", BYPASSES.values(), ids=BYPASSES)
def test_no_bypass_changes_an_adopted_scenario(
    cast: Cast, fixed_run: EvaluationRun, sql: str
) -> None:
    scenario = made(cast.hq, fixed_run)
    operations.adopt_scenario(cast.agency.scope, scenario=scenario, reason="枠に合うため")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_nothing_joins_an_adopted_scenario(cast: Cast, fixed_run: EvaluationRun) -> None:
    scenario = made(cast.hq, fixed_run)
    operations.adopt_scenario(cast.agency.scope, scenario=scenario, reason="枠に合うため")
    row = scenario.lines.first()
    assert row is not None
    other = made(cast.hq, fixed_run)
    with pytest.raises(DatabaseError), transaction.atomic():
        FundingLine.objects.create(
            scenario=scenario, order=9, name="裏", total_yen=0, distributed_yen=0, reserve_yen=0
        )
    with pytest.raises(DatabaseError), transaction.atomic():
        FundingShare.objects.create(line=row, funding_line=other.funding_lines.get(order=1), yen=1)
    row.pk = None
    with pytest.raises(DatabaseError), transaction.atomic():
        row.save()


# ---- asking for a scenario ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"line_name_1": "当初予算"}, "line_yen_1", "額を1円以上"),
        ({"line_yen_2": "1,000"}, "line_name_2", "名称を入力"),
        (
            {"line_name_1": "当初予算", "line_yen_1": "100,000,000"},
            "line_yen_1",
            "予算総額 180,000,000円と一致しません",
        ),
        ({"floor": "100,000,000"}, "floor", "58,800,000円以下"),
        ({"need_factor_sme": "0.5"}, "need_factor_sme", "今は0.7"),
        ({"multiplier_min": "2", "note": "試す"}, "multiplier_max", "下限以上"),
        ({"rate": "0.20"}, "note", "評価反映の割合"),
        ({"gain": "-1"}, "gain", ""),
        ({"unit": "0"}, "unit", "1円以上"),
    ],
)
def test_a_contradiction_is_said_at_its_field_and_nothing_is_asked_for(
    cast: Cast,
    sign_in: Any,
    fixed_run: EvaluationRun,
    changes: dict[str, str],
    field: str,
    words: str,
) -> None:
    client, url = sign_in(cast.hq), f"/evaluation/budget/runs/{fixed_run.pk}/new/"
    data = filled(client.get(url).context["form"])
    data |= {"title": "案", "total_yen": "180,000,000", **changes}
    answer = client.post(url, data)
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert list(errors) == [field], errors
    assert words in errors[field][0]
    assert not Job.objects.filter(kind="evaluation.budget").exists()


def test_a_copy_starts_with_the_values_of_its_origin_and_names_it(
    cast: Cast, sign_in: Any, fixed_run: EvaluationRun
) -> None:
    origin = made(cast.hq, fixed_run, rate="0.30")
    client = sign_in(cast.hq)
    url = f"/evaluation/budget/runs/{fixed_run.pk}/new/?from={origin.pk}"
    page = client.get(url)
    data = filled(page.context["form"])
    assert data["rate"] == "0.30"
    assert data["line_name_2"] == "補正予算"
    assert data["line_yen_2"] == "50,000,000"
    assert f'action="{url}"' in page.content.decode()
    data |= {"title": "反映25%案", "rate": "0.25", "note": "反映を25%にすると何が変わるか"}
    assert client.post(url, data).status_code == 302
    params = Job.objects.get(kind="evaluation.budget").params
    assert params["based_on_id"] == origin.pk
    assert params["lines"] == LINES
    assert params["note"] == "反映を25%にすると何が変わるか"


def test_a_scenario_of_another_term_is_no_origin(
    cast: Cast, sign_in: Any, fixed_run: EvaluationRun
) -> None:
    url = f"/evaluation/budget/runs/{fixed_run.pk}/new/?from=999999"
    assert "年度の配分基準から始まります" in sign_in(cast.hq).get(url).content.decode()


def test_the_operation_refuses_what_the_form_would(cast: Cast, fixed_run: EvaluationRun) -> None:
    rule = operations.keep_rule(cast.hq.scope)
    with pytest.raises(InvalidInput) as refusal:
        operations.start_scenario(
            cast.hq.scope,
            run=fixed_run,
            rule=rule,
            total_yen=TOTAL,
            title="案",
            proposal=operations.Proposal(lines=[Line("当初予算", 1000)]),
        )
    assert "一致しません" in str(refusal.value)


def test_the_adopt_page_asks_for_the_reason_of_scaled_floors(
    cast: Cast, sign_in: Any, fixed_run: EvaluationRun
) -> None:
    scenario = scaled(cast.hq, fixed_run)
    client, url = sign_in(cast.agency), f"/evaluation/budget/{scenario.pk}/adopt/"
    hub = client.get(f"/evaluation/budget/{scenario.pk}/hubs/13/").content.decode()
    assert "下限を一律に圧縮しました" in hub
    assert "下限を圧縮" in client.get("/evaluation/budget/").content.decode()
    assert "下限を一律に圧縮しました" in client.get(url).content.decode()
    answer = client.post(url, {"reason": "枠が減ったため"})
    assert answer.status_code == 422
    assert "flags_reason" in answer.context["form"].errors
    data = {"reason": "枠が減ったため", "flags_reason": "等しく負担するため"}
    assert client.post(url, data).status_code == 302
    page = client.get(f"/evaluation/budget/{scenario.pk}/").content.decode()
    assert "等しく負担するため" in page
    assert cast.agency.scope.name in page


def test_the_rest_left_by_the_caps_is_shown_in_yen(
    cast: Cast, sign_in: Any, fixed_run: EvaluationRun
) -> None:
    scenario = made(cast.hq, fixed_run, total=900_000_000, limit_basis="absolute")
    result = json.loads(scenario.result)
    assert "CAPS_LEAVE_REST" in result["flags"]
    assert queries.undistributed(scenario) == result["undistributed"] > 0
    page = sign_in(cast.agency).get(f"/evaluation/budget/{scenario.pk}/").content.decode()
    assert f"{result['undistributed']:,}円は、拠点が上限に達したため" in page
    assert "残額を留保に回しました" in page


@pytest.mark.parametrize("named", ["²", "9" * 40, "x"])
def test_an_address_that_names_no_number_is_read_as_none(
    cast: Cast, sign_in: Any, fixed_run: EvaluationRun, named: str
) -> None:
    client = sign_in(cast.hq)
    page = client.get(f"/evaluation/budget/runs/{fixed_run.pk}/new/", {"from": named})
    assert page.status_code == 200
    assert page.context["origin"] is None
    assert client.get("/evaluation/budget/", {"run": named}).status_code == 200
