"""Why an amount is what it is: from last year in whole yen, sentences, the yen of a point."""

import random
from fractions import Fraction
from typing import Any

import pytest

from evaluation.budget.models import BudgetLine
from evaluation.budget.queries import amounts_of, explained
from evaluation.budget.rules import v1
from evaluation.budget.rules.story import (
    AT_CAP,
    AT_FLOOR,
    FLAT_HIGH,
    FLAT_LOW,
    UNGRADED,
    Amounts,
    from_last_year,
    point_note,
    sentences,
)
from evaluation.budget.tables import from_last_year as steps_of
from evaluation.budget.tables import last_year_table, waterfall_table
from evaluation.scoring.models import EvaluationRun
from tests.cast import Cast
from tests.evaluation.budget.test_beside_the_amounts import case
from tests.evaluation.budget_ground import made


def amounts(given: dict) -> list[Amounts]:
    """The frozen yen of an allocation."""
    priors = {hub["code"]: hub["prior"] for hub in given["hubs"]}
    found = []
    for row in v1.allocate(given)["hubs"]:
        bars = {name: int(yen) for name, yen in row["waterfall"].items()}
        found.append(
            Amounts(
                prior=priors[row["code"]],
                base=bars["base"],
                need=bars["need"],
                limits_1=bars["limits1"],
                performance=bars["performance"],
                limits_2=bars["limits2"],
                rounding=bars["rounding"],
                budget=row["budget"],
                bounds=(row["bound1"] or "", row["bound2"] or ""),
            )
        )
    return found


def test_from_last_year_to_the_proposal_adds_up_in_random_networks() -> None:
    source = random.Random(47)  # noqa: S311
    for _ in range(200):
        rows = amounts(case(source))
        for own in rows:
            steps = from_last_year(own, rows)
            assert (steps is None) == (own.prior is None)
            if steps is None:
                continue
            moves = (
                steps.across,
                steps.towards_formula,
                steps.performance,
                steps.limits_2,
                steps.rounding,
            )
            assert steps.prior + sum(moves) == steps.budget == own.budget
            assert sentences(own, steps)


OWN = Amounts(
    prior=100_000_000,
    base=60_000_000,
    need=60_000_000,
    limits_1=-10_000_000,
    performance=1_240_400,
    limits_2=0,
    rounding=-400,
    budget=111_240_000,
    bounds=("cap", ""),
)
GROWN = "+11,240千円（11.2%）"
OTHER = Amounts(
    prior=100_000_000,
    base=60_000_000,
    need=30_000_000,
    limits_1=4_000_000,
    performance=-1_240_400,
    limits_2=0,
    rounding=400,
    budget=92_760_000,
    bounds=("floor", ""),
)


def test_the_sentences_say_change_network_formula_and_score() -> None:
    steps = from_last_year(OWN, [OWN, OTHER])
    assert steps is not None
    assert (steps.across, steps.towards_formula) == (2_000_000, 8_000_000)
    assert sentences(OWN, steps) == [
        f"前年度契約額100,000千円（年額換算）に対し、配分案は111,240千円で、{GROWN}です。",
        "全拠点の総額の増減に応じた分は+2,000千円です。",
        "配分式の額は120,000千円です。第1段階の上限に達したため、今回は+8,000千円だけ近づけます。",
        "評価が全国平均を上回ったため、+1,240千円となりました。",
    ]


def test_a_loss_is_said_with_its_mark_and_an_outer_limit_by_name() -> None:
    limited = Amounts(
        **{**vars(OTHER), "limits_2": 500_000, "budget": 93_260_000, "bounds": ("", "floor")}
    )
    told = sentences(limited, from_last_year(limited, [OWN, limited]))
    assert "▲6,740千円（▲6.7%）" in told[0]
    assert "評価が全国平均を下回ったため、▲1,240千円となりました。" in told
    assert told[-1].startswith("評価を反映した後の額が全体の下限に達したため、+500千円")


def test_a_hub_pushed_by_the_limits_of_others_is_told_so() -> None:
    pushed = Amounts(**{**vars(OTHER), "limits_2": -500_000, "budget": 92_260_000})
    told = sentences(pushed, from_last_year(pushed, [OWN, pushed]))
    assert told[-1].startswith("他の拠点が全体の上下限に達した分")


def test_a_new_hub_has_no_last_year() -> None:
    new = Amounts(**{**vars(OWN), "prior": None, "performance": 0})
    assert from_last_year(new, [new, OTHER]) is None
    told = sentences(new, None)
    assert told[0].startswith("前年度の契約がない拠点のため")
    assert told[1] == "評価による増減はありません。"


@pytest.mark.parametrize(
    ("graded", "multiplier", "bound", "expected"),
    [
        (False, "1", "", UNGRADED),
        (True, "1.2", "cap", AT_CAP),
        (True, "0.8", "floor", AT_FLOOR),
        (True, "0.4", "", FLAT_LOW),
        (True, "1.5", "", FLAT_HIGH),
        (True, "0.4001", "", ""),
    ],
)
def test_where_a_point_moves_nothing_the_reason_is_said(
    graded: bool, multiplier: str, bound: str, expected: str
) -> None:
    limits = (Fraction("0.4"), Fraction("1.5"))
    assert point_note(graded, Fraction(multiplier), limits, bound) == expected


# ---- on the screens -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_both_tables_of_a_hub_end_at_its_amount(cast: Cast, fixed_run: EvaluationRun) -> None:
    scenario = made(cast.hq, fixed_run)
    rows = list(scenario.lines.select_related("hub"))
    for line in rows:
        steps, _ = steps_of(line, rows)
        assert steps is not None
        for table in (waterfall_table(line), last_year_table(steps)):
            assert table.rows[-1]["level"] == line.budget_yen
            assert sum(row["yen"] for row in table.rows) == line.budget_yen
        assert amounts_of(line).structure - line.struct_yen in {-1, 0, 1}


@pytest.mark.django_db
def test_components_add_up_to_the_bar_of_every_hub(cast: Cast, fixed_run: EvaluationRun) -> None:
    scenario = made(cast.hq, fixed_run)
    parts = explained(scenario)
    for line in scenario.lines.select_related("hub"):
        assert sum(parts[line.hub.code].parts.values()) == line.performance_yen


@pytest.mark.django_db
def test_the_hub_page_tells_the_story_and_leads_to_its_neighbours(
    cast: Cast, fixed_run: EvaluationRun, sign_in: Any
) -> None:
    scenario = made(cast.hq, fixed_run)
    answer = sign_in(cast.agency).get(f"/evaluation/budget/{scenario.pk}/hubs/13/")
    page = answer.content.decode()
    line = BudgetLine.objects.get(scenario=scenario, hub__code="13")
    assert f"約{line.per_point_yen:,}円" in page
    assert "前年度契約額60,000千円（年額換算）に対し" in page
    assert "前：宮城県よろず支援拠点" in page
    assert "次：神奈川県よろず支援拠点" in page
    assert "補正予算" in page
    assert answer.context["last_year"].totals["yen"] == line.budget_yen


@pytest.mark.django_db
def test_the_distance_to_the_formula_of_every_hub(
    cast: Cast, fixed_run: EvaluationRun, sign_in: Any
) -> None:
    scenario = made(cast.hq, fixed_run)
    readers = {"agency", "hq", "hq_second", "bureau_kanto", "bureau_tohoku", "auditor"}
    for actor in cast.all():
        url = f"/evaluation/budget/{scenario.pk}/formula/"
        answer = sign_in(actor).get(url)
        assert answer.status_code == (200 if actor.key in readers else 403), actor.key
    page = sign_in(cast.bureau_tohoku).get(url)
    assert [row["hub"].sort_key for row in page.context["table"].rows] == ["04"]
    for line in scenario.lines.all():
        assert line.formula_yen == line.base_yen + line.need_yen
