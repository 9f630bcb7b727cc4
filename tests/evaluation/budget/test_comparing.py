"""Scenarios side by side: measures with known answers, choices, scopes, print and files."""

import csv
import io
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from openpyxl import load_workbook

from evaluation.budget import comparing
from evaluation.budget.rules.compare import Extreme, Row, correlation, gini, measures
from evaluation.budget.tables import compared_hubs, compared_measures
from evaluation.scoring.models import EvaluationRun
from tests.cast import Cast
from tests.evaluation.budget_ground import made, scaled


def row(code: str, prior: int | None, budget: int, score: str | None, **more: Any) -> Row:
    known = {"sme": Fraction(100), "bounds": ("", ""), **more}
    return Row(code, code, prior, budget, None if score is None else Decimal(score), **known)


# ---- measures -----------------------------------------------------------------------------------


def test_measures_of_a_small_network() -> None:
    found = measures(
        [
            row("a", 100, 110, "90.00", bounds=("cap", "cap")),
            row("b", 100, 110, "80.00", bounds=("cap", "")),
            row("c", 100, 85, "50.00", bounds=("floor", "")),
            row("d", None, 100, None),
        ]
    )
    assert found.moved == 18  # (10 + 10 + 15) / 2, half up
    assert found.gain == Extreme(("a", "b"), 10)
    assert found.loss == Extreme(("c",), -15)
    assert (found.floors, found.caps) == ((1, 0), (2, 1))
    assert found.score_change == found.score_rate == Decimal("0.971")


def test_where_nothing_changes_nothing_is_said() -> None:
    found = measures([row("a", 100, 100, "80.00"), row("b", 100, 100, "60.00")])
    assert (found.moved, found.gain, found.loss) == (0, None, None)
    assert found.score_change is None
    assert found.gini == Decimal("0.000")


def test_only_new_hubs_have_no_change_at_all() -> None:
    found = measures([row("a", None, 100, "80.00")])
    assert (found.moved, found.gain, found.score_rate) == (0, None, None)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([1, 2, 3], [2, 4, 6], "1.000"),
        ([1, 2, 3], [6, 4, 2], "-1.000"),
        ([1, 2, 3, 4], [2, 1, 4, 3], "0.600"),
        ([1, 1, 1], [1, 2, 3], None),
        ([1], [1], None),
        ([], [], None),
        ([10**14, 1, 5 * 10**13], [10**14, 1, 5 * 10**13], "1.000"),
    ],
)
def test_pearson_is_exact_to_three_places(
    first: list[int], second: list[int], expected: str | None
) -> None:
    found = correlation([Fraction(x) for x in first], [Fraction(x) for x in second])
    assert found == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([5, 5, 5], "0.000"),
        ([0, 0, 0, 1], "0.750"),
        ([1, 2, 3, 4], "0.250"),
        ([0, 0], None),
        ([], None),
    ],
)
def test_gini_of_known_rows(values: list[int], expected: str | None) -> None:
    found = gini([Fraction(value) for value in values])
    assert found == (None if expected is None else Decimal(expected))
    assert found == gini([Fraction(value) for value in reversed(values)])


# ---- on the screen ------------------------------------------------------------------------------

PAGE = "/evaluation/budget/compare/"


def test_hubs_times_scenarios_with_changes_and_sums(cast: Cast, fixed_run: EvaluationRun) -> None:
    first, second = made(cast.hq, fixed_run), made(cast.hq, fixed_run, rate="0.30")
    found = comparing.compare([first, second], cast.agency.scope)
    table = compared_hubs(found)
    for hub in found.hubs:
        one, two = (line.budget_yen for line in hub.lines if line)
        assert hub.apart(1) == two - one
        assert hub.change(0) == one - 60_000_000
    assert table.totals is not None
    assert table.totals["yen1"] == second.distributed_yen
    assert table.totals["apart1"] == 0
    assert sum(hub.apart(1) or 0 for hub in found.hubs) == 0
    assert any(hub.apart(1) for hub in found.hubs)
    differing = [entry.label for entry in found.parameters() if entry.differs]
    assert differing == ["評価反映の割合"]


def test_the_first_one_asked_for_is_what_the_others_are_measured_against(
    cast: Cast, fixed_run: EvaluationRun
) -> None:
    first, second = made(cast.hq, fixed_run), made(cast.hq, fixed_run, rate="0.30")
    asked = comparing.chosen([str(second.pk), str(first.pk), str(second.pk), "x", "99999999"])
    assert asked == [second, first]
    found = comparing.compare(asked, cast.agency.scope)
    assert found.query_from(1) == f"s={first.pk}&s={second.pk}"


@pytest.mark.parametrize("count", [0, 1, 7])
def test_too_few_or_too_many_are_refused_in_words(
    cast: Cast, fixed_run: EvaluationRun, sign_in: Any, count: int
) -> None:
    ids = [made(cast.hq, fixed_run).pk for _ in range(count)]
    answer = sign_in(cast.hq).get(PAGE, {"s": [*ids, 999999]})
    assert answer.status_code == 200
    assert "found" not in answer.context
    assert "比べる案を選ぶ" in answer.content.decode()
    with pytest.raises(ValueError, match="案"):
        comparing.compare(comparing.chosen(map(str, ids)), cast.hq.scope)


def test_scenarios_of_other_years_do_not_stand_side_by_side(
    cast: Cast, fixed_run: EvaluationRun
) -> None:
    first, second = made(cast.hq, fixed_run), made(cast.hq, fixed_run)
    second.fiscal_year += 1
    assert "対象年度" in comparing.problem_of([first, second])


def test_the_page_shows_flags_measures_and_what_differs(
    cast: Cast, fixed_run: EvaluationRun, sign_in: Any
) -> None:
    pair = [made(cast.hq, fixed_run), scaled(cast.hq, fixed_run)]
    page = sign_in(cast.agency).get(PAGE, {"s": [one.pk for one in pair]}).content.decode()
    assert "下限を一律に圧縮しました" in page
    assert "ジニ係数" in page
    assert "案で違う" in page
    assert page.count('class="yz-num') > 20


def test_the_table_sorts_and_keeps_the_scenarios(
    cast: Cast, fixed_run: EvaluationRun, sign_in: Any
) -> None:
    pair = [made(cast.hq, fixed_run), made(cast.hq, fixed_run, rate="0.30")]
    ids = [one.pk for one in pair]
    answer = sign_in(cast.agency).get(PAGE, {"s": ids, "sort": "-yen1"})
    amounts = [line["yen1"].value for line in answer.context["hubs"].rows]
    assert amounts == sorted(amounts, reverse=True)
    assert f"?s={ids[0]}&amp;s={ids[1]}&amp;sort=yen1" in answer.content.decode()


def test_a_bureau_compares_its_own_hubs_and_no_national_measure(
    cast: Cast, fixed_run: EvaluationRun, sign_in: Any
) -> None:
    pair = [made(cast.hq, fixed_run), made(cast.hq, fixed_run, rate="0.30")]
    found = comparing.compare(pair, cast.bureau_tohoku.scope)
    assert [hub.code for hub in found.hubs] == ["04"]
    assert compared_measures(found) is None
    assert compared_hubs(found).totals is None
    query = {"s": [one.pk for one in pair]}
    for url in (PAGE, "/evaluation/reports/compare/print/"):
        page = sign_in(cast.bureau_tohoku).get(url, query).content.decode()
        assert "宮城県" in page
        assert "東京都" not in page
        assert "ジニ係数" not in page


@pytest.mark.once
def test_the_whole_cast_tries_the_comparison(
    cast: Cast, fixed_run: EvaluationRun, sign_in: Any
) -> None:
    pair = [made(cast.hq, fixed_run), made(cast.hq, fixed_run, rate="0.30")]
    readers = {"agency", "hq", "hq_second", "bureau_kanto", "bureau_tohoku", "auditor"}
    for actor in cast.all():
        client = sign_in(actor)
        for url in (
            PAGE,
            "/evaluation/reports/compare/print/",
            "/evaluation/reports/compare.csv",
            "/evaluation/reports/compare.xlsx",
        ):
            status = client.get(url, {"s": [one.pk for one in pair]}).status_code
            assert status == (200 if actor.key in readers else 403), (actor.key, url)


def test_files_of_an_impossible_comparison_lead_to_the_choice(
    cast: Cast, fixed_run: EvaluationRun, sign_in: Any
) -> None:
    one = made(cast.hq, fixed_run)
    answer = sign_in(cast.hq).get("/evaluation/reports/compare.csv", {"s": one.pk})
    assert answer.status_code == 302
    assert answer.url == f"{PAGE}?s={one.pk}"


def test_csv_and_workbook_say_what_the_page_says(
    cast: Cast, fixed_run: EvaluationRun, sign_in: Any
) -> None:
    pair = [made(cast.hq, fixed_run), made(cast.hq, fixed_run, rate="0.30")]
    query = {"s": [one.pk for one in pair]}
    found = comparing.compare(pair, cast.agency.scope)
    client = sign_in(cast.agency)
    text = client.get("/evaluation/reports/compare.csv", query).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [line["拠点コード"] for line in rows] == [hub.code for hub in found.hubs]
    for line, hub in zip(rows, found.hubs, strict=True):
        assert hub.lines[1] is not None
        assert int(line["案2「試験の案」（円）"]) == hub.lines[1].budget_yen
        assert int(line["案2「試験の案」 案1との差（円）"]) == hub.apart(1)
    book = load_workbook(io.BytesIO(client.get("/evaluation/reports/compare.xlsx", query).content))
    assert book.sheetnames == ["並べた案", "案ごとの数値", "拠点別", "計算に使った値"]
    sums = [cell.value for cell in list(book["拠点別"].rows)[-1]]
    assert pair[0].distributed_yen in sums


pytestmark = pytest.mark.django_db
