"""Who gets which report: own hub, own area, and nothing before publication."""

from types import SimpleNamespace
from typing import Any

import pytest

from evaluation.reports import files, queries
from tests.cast import Cast

FILES = ("", "print/", "sheet.csv", "sheet.xlsx")


def address(judged: SimpleNamespace, code: str, ending: str = "") -> str:
    return f"/evaluation/reports/runs/{judged.run.pk}/hubs/{code}/{ending}"


@pytest.mark.parametrize("ending", FILES)
def test_unpublished_run_is_unknown_to_hubs(
    judged: SimpleNamespace, cast: Cast, sign_in: Any, ending: str
) -> None:
    for actor in (cast.cc_tokyo, cast.co_tokyo, cast.body_tokyo):
        assert sign_in(actor).get(address(judged, "13", ending)).status_code == 404
    results = f"/evaluation/reports/runs/{judged.run.pk}/results.csv"
    assert sign_in(cast.cc_tokyo).get(results).status_code == 404


@pytest.mark.parametrize("ending", FILES)
def test_hub_side_reads_its_own_published_sheet_only(
    published: SimpleNamespace, cast: Cast, sign_in: Any, ending: str
) -> None:
    for actor in (cast.cc_tokyo, cast.co_tokyo, cast.body_tokyo):
        client = sign_in(actor)
        assert client.get(address(published, "13", ending)).status_code == 200
        assert client.get(address(published, "14", ending)).status_code == 404
    assert sign_in(cast.cc_miyagi).get(address(published, "13", ending)).status_code == 404


def test_bureau_reads_the_sheets_of_its_area(
    judged: SimpleNamespace, cast: Cast, sign_in: Any
) -> None:
    assert sign_in(cast.bureau_kanto).get(address(judged, "13")).status_code == 200
    assert sign_in(cast.bureau_tohoku).get(address(judged, "13")).status_code == 404


@pytest.mark.once
@pytest.mark.parametrize("key", ["admin", "supporter", "pm_kanto", "board", "nobody"])
def test_other_roles_are_refused(
    published: SimpleNamespace, cast: Cast, sign_in: Any, key: str
) -> None:
    client = sign_in(cast.actors[key])
    assert client.get(address(published, "13")).status_code == 403


@pytest.mark.parametrize("ending", ["compilation/", "compilation/print/", "compilation.csv"])
def test_national_compilation_is_for_those_who_judge(
    published: SimpleNamespace, cast: Cast, sign_in: Any, ending: str
) -> None:
    url = f"/evaluation/reports/runs/{published.run.pk}/{ending}"
    for key in ("agency", "hq", "auditor", "bureau_tohoku"):
        assert sign_in(cast.actors[key]).get(url).status_code == 200, key
    assert sign_in(cast.cc_tokyo).get(url).status_code == 403


def test_bureau_sees_national_sums_but_only_its_own_rows(
    judged: SimpleNamespace, cast: Cast
) -> None:
    whole = queries.compilation(judged.run, cast.hq.scope)
    part = queries.compilation(judged.run, cast.bureau_tohoku.scope)
    assert part.nation == whole.nation
    assert {line.result.bureau_name for line in part.hubs} == {"東北経済産業局"}
    assert whole.is_whole
    assert not part.is_whole
    assert {flag.result.bureau_name for flag in part.flags} <= {"東北経済産業局"}


@pytest.mark.parametrize("ending", ["", "print/", "budget.csv", "budget.xlsx"])
def test_budget_table_is_hidden_from_the_hub_side(
    published: SimpleNamespace, cast: Cast, sign_in: Any, ending: str
) -> None:
    url = f"/evaluation/reports/budget/{published.scenario.pk}/{ending}"
    assert sign_in(cast.agency).get(url).status_code == 200
    assert sign_in(cast.bureau_kanto).get(url).status_code == 200
    assert sign_in(cast.cc_tokyo).get(url).status_code == 403


def test_budget_rows_follow_the_scope(judged: SimpleNamespace, cast: Cast) -> None:
    table = queries.budget_table(judged.scenario, cast.bureau_tohoku.scope)
    assert {line.hub.bureau.name for line in table.lines} == {"東北経済産業局"}
    assert table.totals.holds
    data = files.budget_csv(judged.scenario, cast.bureau_tohoku.scope).decode("utf-8-sig")
    assert "東京都よろず支援拠点" not in data


def test_adopted_amount_stands_only_on_sheets_of_readers_who_may_see_it(
    published: SimpleNamespace, cast: Cast, sign_in: Any
) -> None:
    seen = sign_in(cast.bureau_kanto).get(address(published, "13")).content.decode()
    hidden = sign_in(cast.cc_tokyo).get(address(published, "13")).content.decode()
    assert "予算への反映（配分案）" in seen
    assert "配分案" not in hidden


def test_values_of_single_partners_and_raters_are_on_no_sheet(
    published: SimpleNamespace, cast: Cast, sign_in: Any
) -> None:
    page = sign_in(cast.cc_tokyo).get(address(published, "13")).content.decode()
    assert "東商工会議所" not in page
    assert "評価者1" not in page


def test_the_arithmetic_names_partners_and_raters_to_judges_only(
    published: SimpleNamespace, cast: Cast, sign_in: Any
) -> None:
    url = f"/evaluation/runs/{published.run.pk}/hubs/13/"
    told = sign_in(cast.hq).get(url).content.decode()
    assert "東商工会議所" in told
    page = sign_in(cast.cc_tokyo).get(url).content.decode()
    assert "東商工会議所" not in page
    assert "支援機関1" in page
