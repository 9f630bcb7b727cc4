"""Scenarios: only from a fixed run, to the yen, one adopted with a reason."""

from typing import Any

import pytest

from evaluation.budget import operations, queries
from evaluation.budget.models import BudgetScenario
from evaluation.scoring.models import EvaluationRun
from tests.cast import Cast
from tests.evaluation.budget_ground import filled
from tests.evaluation.ground import fixed, make_run, three_hubs
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Refused

pytestmark = pytest.mark.django_db
TOTAL = 210_000_001


@pytest.fixture
def run(cast: Cast) -> EvaluationRun:
    run = make_run(three_hubs(), actor=cast.hq.scope)
    return fixed(run, cast.hq_second.scope)


def scenario(cast: Cast, run: EvaluationRun, title: str = "標準案") -> BudgetScenario:
    rule = operations.keep_rule(cast.agency.scope)
    scores = {row.hub.code: str(row.final) for row in run.hub_results.select_related("hub")}
    hubs = [
        {"code": code, "prior": 60_000_000 + place * 5_000_000, "score": score, "need": need}
        for place, (code, score) in enumerate(sorted(scores.items()))
        for need in [{"sme": 100 * (place + 1), "area": 10 * (place + 1)}]
    ]
    given = {
        "total": TOTAL,
        "params": {"need_factors": {"sme": "0.8", "area": "0.2"}},
        "hubs": hubs,
    }
    return operations.store_scenario(cast.hq.scope, run=run, rule=rule, title=title, snapshot=given)


def test_the_sum_is_the_envelope_to_the_yen(cast: Cast, run: EvaluationRun) -> None:
    made = scenario(cast, run)
    sums = queries.totals(made)
    assert sums.holds
    assert sums.budget_yen + sums.reserve_yen == TOTAL


def test_a_run_not_fixed_gives_no_budget(cast: Cast) -> None:
    run = make_run(three_hubs(), actor=cast.hq.scope)
    rule = operations.keep_rule(cast.agency.scope)
    with pytest.raises(NotReady):
        operations.start_scenario(cast.agency.scope, run=run, rule=rule, total_yen=1, title="案")


@pytest.mark.parametrize("total", [0, -1])
def test_no_envelope_is_refused(cast: Cast, run: EvaluationRun, total: int) -> None:
    rule = operations.keep_rule(cast.agency.scope)
    with pytest.raises(InvalidInput):
        operations.start_scenario(
            cast.agency.scope, run=run, rule=rule, total_yen=total, title="案"
        )


def test_one_scenario_is_adopted_with_a_reason(cast: Cast, run: EvaluationRun) -> None:
    first, second = scenario(cast, run), scenario(cast, run, "別案")
    with pytest.raises(NotReady):
        operations.adopt_scenario(cast.agency.scope, scenario=first, reason=" ")
    adopted = operations.adopt_scenario(cast.agency.scope, scenario=first, reason="標準のため")
    assert adopted.adopted_by == cast.agency.user
    with pytest.raises(NotReady):
        operations.adopt_scenario(cast.agency.scope, scenario=second, reason="こちらも")
    with pytest.raises(Conflict):
        operations.adopt_scenario(cast.agency.scope, scenario=first, reason="再度")


def test_only_the_agency_adopts(cast: Cast, run: EvaluationRun) -> None:
    made = scenario(cast, run)
    for actor in cast.all():
        if actor.key != "agency":
            with pytest.raises(Refused):
                operations.adopt_scenario(actor.scope, scenario=made, reason="理由")


def test_the_same_rule_is_one_version(cast: Cast) -> None:
    first = operations.keep_rule(cast.agency.scope)
    assert operations.keep_rule(cast.agency.scope) == first
    other = operations.keep_rule(cast.agency.scope, params={"rate": "0.20"})
    assert other.version == first.version + 1


@pytest.mark.once
def test_screens_for_the_whole_cast(cast: Cast, sign_in: Any, run: EvaluationRun) -> None:
    made = scenario(cast, run)
    readers = {"agency", "hq", "hq_second", "bureau_kanto", "bureau_tohoku", "auditor"}
    for actor in cast.all():
        client, known = sign_in(actor), actor.key in readers
        for url in ("/evaluation/budget/", f"/evaluation/budget/{made.pk}/"):
            assert client.get(url).status_code == (200 if known else 403), actor.key
        wanted = 403 if not known else 404 if actor.key == "bureau_tohoku" else 200
        assert client.get(f"/evaluation/budget/{made.pk}/hubs/13/").status_code == wanted


def test_a_bureau_sees_neither_other_hubs_nor_the_national_sum(
    cast: Cast, sign_in: Any, run: EvaluationRun
) -> None:
    made = scenario(cast, run)
    page = sign_in(cast.bureau_tohoku).get(f"/evaluation/budget/{made.pk}/").content.decode()
    assert "宮城県" in page
    assert "東京都よろず支援拠点" not in page
    assert "予算総額と1円" not in page


def test_the_form_refuses_shares_that_do_not_add_up(
    cast: Cast, sign_in: Any, run: EvaluationRun
) -> None:
    client = sign_in(cast.agency)
    url = f"/evaluation/budget/runs/{run.pk}/new/"
    page = client.get(url)
    data = filled(page.context["form"])
    data |= {"title": "案", "total_yen": "４０億", "base": "0.70"}
    page = client.post(url, data).content.decode()
    assert "予算総額（円）" in page
    assert "エラー" in page
    data["total_yen"] = "4,000,000,000"
    assert "合計が1ではありません" in client.post(url, data).content.decode()


def test_the_hub_page_says_where_the_yen_come_from(
    cast: Cast, sign_in: Any, run: EvaluationRun
) -> None:
    made = scenario(cast, run)
    page = sign_in(cast.agency).get(f"/evaluation/budget/{made.pk}/hubs/14/").content.decode()
    line = made.lines.get(hub__code="14")
    assert f"{line.budget_yen:,}円" in page
    assert "活動指標" in page
