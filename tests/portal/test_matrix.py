"""拠点 x 工程: every hub of the scope once, filters that list what they say, cells that open."""

import csv
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hubs.terms.models import Term, TermState
from tests.cast import KEYS, Cast
from tests.portal.nation import Nation, month_state, plan_state
from yorozu.core.access import decide, scope_for_user
from yorozu.portal.home.matrix import address, matrix
from yorozu.portal.home.steps import Need, Stage

ADDRESS = "/matrix/?fiscal_year=2026"


def codes(answer: Any) -> list[str]:
    return [row["hub"].sort_key for row in answer.context["table"].rows]


def test_all_hubs_of_the_nation_in_order(nation: Nation, cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.hq).get(ADDRESS)
    assert codes(answer) == [f"{number:02}" for number in range(1, 48)]
    assert "yz-table--sticky" in answer.content.decode()


def test_a_bureau_sees_its_area_only(nation: Nation, cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.bureau_tohoku).get(ADDRESS)
    assert codes(answer) == ["02", "03", "04", "05", "06", "07"]


@pytest.mark.once
@pytest.mark.parametrize("key", KEYS)
def test_only_the_roles_of_the_policy_open_it(
    key: str, nation: Nation, cast: Cast, sign_in: Any
) -> None:
    actor = cast.actors[key]
    allowed = decide(scope_for_user(actor.user), "portal.matrix").allowed
    for path in (ADDRESS, "/matrix/export.csv?fiscal_year=2026"):
        assert sign_in(actor).get(path).status_code == (200 if allowed else 403)


def test_filters_list_the_hubs_they_name(nation: Nation, cast: Cast, sign_in: Any) -> None:
    client, found = sign_in(cast.hq), matrix(cast.hq.scope, nation.running)
    returned = {line.hub.code for line in found.lines if plan_state(line.hub) == "returned"}
    url = address(nation.running, Need.RETURNED, Stage.PLAN)
    assert set(codes(client.get(url))) == returned
    late = codes(client.get(address(nation.running, Need.OVERDUE, Stage.PLAN)))
    assert set(late) == {
        line.hub.code for line in found.lines if plan_state(line.hub) in {None, "draft", "returned"}
    }
    assert codes(client.get(f"{ADDRESS}&show=nonsense")) == codes(client.get(ADDRESS))


def test_month_cell_shows_the_latest_month_that_is_over(nation: Nation, cast: Cast) -> None:
    """It is 20 November: October is over, November is not."""
    words = {
        "open": {"期限超過"},
        "submitted": {"提出済"},
        "confirmed": {"確認待ち"},
        "accepted": {"確認済"},
        "returned": {"差戻し"},
        None: {"期限超過"},
    }
    for line in matrix(cast.hq.scope, nation.running).lines:
        step = line.steps[Stage.MONTH]
        assert step.note.startswith("10月分")
        october = month_state(line.hub, nation_month(10))
        assert step.chip is not None
        assert step.chip.status.label in words[october and october.value]


def nation_month(number: int) -> Any:
    return date(2026, number, 1)


def test_days_beside_the_chip_are_counted_from_the_calendar(nation: Nation, cast: Cast) -> None:
    found = matrix(cast.hq.scope, nation.running)
    due = found.ground.deadlines["plan"].date()
    line = next(line for line in found.lines if plan_state(line.hub) is None)
    chip = line.steps[Stage.PLAN].chip
    assert chip is not None
    assert chip.note == f"▲ {(found.ground.today - due).days}日超過"


def test_in_a_closed_term_nobody_is_late(nation: Nation, cast: Cast) -> None:
    Term.objects.filter(pk=nation.running.pk).update(state=TermState.CLOSED)
    nation.running.refresh_from_db()
    found = matrix(cast.hq.scope, nation.running)
    assert not [line for need in Need for line in found.waiting(need)]


def test_file_and_screen_have_the_same_lines(nation: Nation, cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.bureau_kanto)
    query = "fiscal_year=2026&show=returned"
    screen = codes(client.get(f"/matrix/?{query}"))
    body = client.get(f"/matrix/export.csv?{query}").content.decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(body)))
    assert [row["拠点コード"] for row in rows] == screen
    assert {row["計画"] for row in rows} <= {"差戻し", "期限超過", "提出済", "確定", "未着手"}
    assert not any(row["面談の期限まで（日）"] for row in rows if row["面談"] == "完了")
    assert not any(row["月次の期限まで（日）"] for row in rows if row["月次"] == "提出済")
    assert client.get(f"/matrix/export.xlsx?{query}").content.startswith(b"PK")
    assert client.get(f"/matrix/export.pdf?{query}").status_code == 404


def test_unknown_years_are_not_found(nation: Nation, cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.hq)
    for year in ("1999", "２０２６", "20260", "x", "-1"):
        assert client.get("/matrix/", {"fiscal_year": year}).status_code == 404


def test_before_the_first_term_the_page_says_who_begins(cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.hq).get("/matrix/")
    assert answer.status_code == 200
    assert "まだ期がありません。" in answer.content.decode()


def test_cells_open_for_whoever_sees_them(nation: Nation, cast: Cast, sign_in: Any) -> None:
    for key in ("hq", "bureau_tohoku", "pm_kanto", "body_tokyo", "auditor"):
        client = sign_in(cast.actors[key])
        row = client.get(ADDRESS).context["table"].rows[-1]
        urls = {row["hub"].url} | {
            row[stage.code].value.url for stage in Stage if row[stage.code].value
        }
        for url in urls - {""}:
            assert client.get(url).status_code == 200, (key, url)


def test_queries_do_not_grow_with_the_hubs(
    nation: Nation, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    with CaptureQueriesContext(connection) as of_one:
        matrix(cast.body_tokyo.scope, nation.running)
    with django_assert_max_num_queries(len(of_one)):
        matrix(cast.agency.scope, nation.running)


def test_the_page_of_the_term_leads_to_it(nation: Nation, cast: Cast, sign_in: Any) -> None:
    for key, shown in (("hq", True), ("bureau_kanto", True), ("cc_tokyo", False)):
        page = sign_in(cast.actors[key]).get(f"/terms/{nation.running.pk}/").content.decode()
        assert ('href="/matrix/?fiscal_year=2026"' in page) is shown
