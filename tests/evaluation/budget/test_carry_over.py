"""A corrected judgement changes no contract: the difference is a line of the next year."""

from typing import Any

import pytest

from evaluation.budget import operations, queries
from evaluation.budget.models import BudgetScenario
from evaluation.budget.rules.carry import carry_over
from evaluation.scoring.models import EvaluationRun
from evaluation.scoring.operations import publish_run
from tests.cast import Cast
from tests.evaluation.budget_ground import TOTAL, made
from tests.evaluation.ground import fixed, make_run, make_term, three_hubs


@pytest.mark.parametrize(
    ("contracted", "corrected", "expected"),
    [
        ({"a": 5, "b": 5}, {"a": 7, "b": 3}, {"a": 2, "b": -2}),
        ({"a": 5}, {"a": 5}, {}),
        ({"a": 5, "b": 5}, {"b": 6, "c": 4}, {"b": 1}),
        ({}, {"a": 1}, {}),
    ],
)
def test_the_difference_is_that_of_the_hubs_both_know(
    contracted: dict[str, int], corrected: dict[str, int], expected: dict[str, int]
) -> None:
    assert carry_over(contracted, corrected) == expected


@pytest.fixture
def corrected(cast: Cast, fixed_run: EvaluationRun) -> tuple[BudgetScenario, BudgetScenario]:
    """A scenario contracted from a run that gave way, and the one adopted in its place."""
    agency = cast.agency.scope
    publish_run(agency, run=fixed_run)
    old = operations.adopt_scenario(agency, scenario=made(cast.hq, fixed_run), reason="枠に合う")
    second = make_run(three_hubs(), actor=cast.hq.scope)
    publish_run(agency, run=fixed(second, cast.hq_second.scope))
    second.refresh_from_db()
    new = operations.adopt_scenario(
        agency, scenario=made(cast.hq, second, rate="0.30"), reason="申立てによる訂正"
    )
    return BudgetScenario.objects.select_related("run__term").get(pk=old.pk), new


class NextYear:
    """Stands for a run of the year that the corrected scenarios are for."""

    def __init__(self) -> None:
        self.term = make_term(2026)


@pytest.mark.django_db
def test_the_next_year_carries_what_the_contracts_lack(
    cast: Cast, corrected: tuple[BudgetScenario, BudgetScenario]
) -> None:
    old, new = corrected
    found = queries.carry_over(NextYear())  # type: ignore[arg-type]
    assert found is not None
    assert (found.contracted, found.corrected) == (old, new)
    amounts = {
        scenario.pk: dict(scenario.lines.values_list("hub__code", "budget_yen"))
        for scenario in corrected
    }
    assert found.yen
    for code, yen in found.yen.items():
        assert amounts[old.pk][code] + yen == amounts[new.pk][code]
    assert sum(found.yen.values()) == new.distributed_yen - old.distributed_yen == 0


@pytest.mark.django_db
def test_without_a_correction_nothing_is_carried(cast: Cast, fixed_run: EvaluationRun) -> None:
    assert queries.carry_over(NextYear()) is None  # type: ignore[arg-type]
    operations.adopt_scenario(
        cast.agency.scope, scenario=made(cast.hq, fixed_run), reason="枠に合う"
    )
    assert queries.carry_over(NextYear()) is None  # type: ignore[arg-type]


@pytest.mark.django_db
def test_the_contracted_scenario_says_so_and_leads_to_the_difference(
    cast: Cast, corrected: tuple[BudgetScenario, BudgetScenario], sign_in: Any
) -> None:
    old, new = corrected
    page = sign_in(cast.agency).get(f"/evaluation/budget/{old.pk}/").content.decode()
    assert "もとの評価は差し替えられました" in page
    assert f"?s={old.pk}&amp;s={new.pk}" in page
    assert old.state == "adopted"
    adopt = sign_in(cast.agency).get("/evaluation/budget/").content.decode()
    assert "評価の差替えあり" in adopt


@pytest.mark.django_db
def test_carried_yen_stand_beside_the_proposal_and_never_in_it(
    cast: Cast, fixed_run: EvaluationRun, sign_in: Any
) -> None:
    plain = made(cast.hq, fixed_run)
    origin = {"id": plain.pk, "title": "契約済みの案", "result_hash": plain.result_hash}
    scenario = made(
        cast.hq,
        fixed_run,
        beside={
            "carry_over": {
                "contracted": origin,
                "corrected": {**origin, "title": "訂正後の案"},
                "yen": {"13": 1_500_000, "14": -1_500_000},
            }
        },
    )
    own = {row.hub.code: row for row in scenario.lines.select_related("hub")}
    assert {code: row.carry_over_yen for code, row in own.items()} == {
        "04": 0,
        "13": 1_500_000,
        "14": -1_500_000,
    }
    assert [row.budget_yen for row in scenario.lines.order_by("hub__code")] == [
        row.budget_yen for row in plain.lines.order_by("hub__code")
    ]
    assert queries.totals(scenario).holds
    client = sign_in(cast.agency)
    page = client.get(f"/evaluation/budget/{scenario.pk}/").content.decode()
    assert "配分案＋繰越調整" in page
    assert f"{own['13'].budget_yen + 1_500_000:,}" in page
    assert "採用済みの「契約済みの案」から訂正後の「訂正後の案」への差額" in page
    hub = client.get(f"/evaluation/budget/{scenario.pk}/hubs/14/").content.decode()
    assert "▲1,500,000円" in hub
    table = client.get(f"/evaluation/reports/budget/{scenario.pk}/ministry.csv")
    lines = table.content.decode("utf-8-sig").splitlines()
    assert "繰越調整額（千円）" in lines[0]
    assert len(lines) == 1 + 3 + 3
    assert scenario.total_yen == TOTAL
