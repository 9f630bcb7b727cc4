"""月別集計: every figure of the page stands again in the list it opens; activities count once."""

import csv
import io
from datetime import date

import pytest
from openpyxl import load_workbook

from hubs.ledger.operations.rollup import roll_up
from hubs.ledger.queries import ledger_years
from hubs.ledger.rules import FIGURES, MONTHLY
from hubs.network.models import Hub
from tests.hubs.ledger.rows import activity, checked, consultation
from yorozu.core.access import decide

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]
PAGE, ALL = "/ledger/13/months/", "/ledger/months/"
MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


@pytest.fixture
def book(cast):
    """Two months of Tokyo in all three layers, and an activity shared with Kanagawa and Miyagi."""
    consultation("13", date(2026, 5, 7), client_key="C1", minutes=30)
    solved = consultation(
        "13",
        date(2026, 5, 20),
        client_key="C2",
        channel="2",
        resolved_on=date(2026, 6, 3),
        client_confirmed_on=date(2026, 7, 1),
    )
    doubted = consultation(
        "13", date(2026, 6, 2), client_key="C1", resolved_on=date(2026, 6, 9), minutes=45
    )
    consultation("14", date(2026, 6, 2), client_key="C1")
    consultation("13", date(2025, 6, 2), client_key="C9")
    checked(solved, "confirmed")
    checked(doubted, "not_confirmed")
    activity("13", date(2026, 6, 10), "14", "04")
    activity("04", date(2026, 6, 11), "13")


def figures_in(table, label):
    """The figures of one row, by column."""
    rows = [*table.rows, table.totals]
    first = table.columns[0].key
    row = next(row for row in rows if getattr(row[first], "value", row[first]) == label)
    return {key: getattr(cell, "value", cell) for key, cell in row.items() if key != first}


def test_every_figure_of_a_month_has_a_column_and_a_rule():
    assert set(MONTHLY) == set(FIGURES)
    assert all(one.sentence and one.unit for one in MONTHLY.values())


def test_the_months_of_a_hub(cast, sign_in, book):
    table = sign_in(cast.cc_tokyo).get(PAGE).context["table"]
    assert figures_in(table, "5月") == {
        "consultations": 2,
        "clients": 2,
        "visiting_clients": 1,
        "minutes": 90,
        "issues_resolved": 0,
        "issues_client_confirmed": 0,
        "issues_checked": 0,
        "issues_check_confirmed": 0,
        # No activity at all that month: not a zero.
        "network_activities": None,
        "network_joined": None,
    }
    assert figures_in(table, "年間") == {
        "consultations": 3,
        # C1 came in both months: one client of the year.
        "clients": 2,
        "visiting_clients": 2,
        "minutes": 135,
        "issues_resolved": 2,
        "issues_client_confirmed": 1,
        "issues_checked": 2,
        "issues_check_confirmed": 1,
        "network_activities": 1,
        "network_joined": 1,
    }


def opened(client, url, name):
    """What the list behind a figure says about it."""
    answer = client.get(url)
    assert answer.status_code == 200
    if name in {"network_activities", "network_joined"}:
        return answer.context["page"].paginator.count
    figures = answer.context["figures"]
    return {"clients": figures.clients, "minutes": figures.minutes}.get(name, figures.records)


@pytest.mark.parametrize("rolled_up", [False, True])
def test_each_figure_opens_to_exactly_its_rows(cast, sign_in, book, rolled_up):
    if rolled_up:
        roll_up()
    client = sign_in(cast.bureau_kanto)
    table = client.get(PAGE).context["table"]
    wanted = [row for row in table.rows if row["month"] in {"5月", "6月"}]
    seen = 0
    for row in [*wanted, table.totals]:
        for name in MONTHLY:
            if row[name].value is not None:
                assert opened(client, row[name].url, name) == row[name].value, (row["month"], name)
                seen += 1
    assert seen == 28


def test_an_activity_of_three_hubs_counts_once_in_the_nation(cast, sign_in, book):
    summary = sign_in(cast.hq).get(ALL).context["summary"]
    june = figures_in(summary, "6月")
    assert (june["network_activities"], june["network_joined"]) == (2, 3)
    # One number of a client at two hubs is two clients; months of clients do not add up.
    assert june["clients"] == 2
    assert figures_in(summary, "年間")["clients"] is None


def test_one_figure_of_all_hubs_by_month(cast, sign_in, book):
    answer = sign_in(cast.hq).get(ALL, {"figure": "clients"})
    table = answer.context["table"]
    assert len(table.rows) == 47
    tokyo = figures_in(table, Hub.objects.get(code="13").name)
    assert (tokyo["m05"], tokyo["m06"], tokyo["year"]) == (2, 1, 2)
    assert figures_in(table, "全国")["year"] == 3
    assert MONTHLY["clients"].sentence in answer.text


def test_who_sees_which_hubs(cast, sign_in, book):
    for person in cast.all():
        answer = sign_in(person).get(ALL)
        if not decide(person.scope, "hubs.ledger.view").allowed:
            assert answer.status_code in {302, 403}, person.key
        elif len(person.scope.hub_ids or range(47)) == 1:
            assert (
                answer.url == f"/ledger/{Hub.objects.get(pk__in=person.scope.hub_ids).code}/months/"
            )
        else:
            assert len(answer.context["table"].rows) == len(person.scope.hub_ids or range(47))
    assert sign_in(cast.cc_miyagi).get(PAGE).status_code == 404
    assert sign_in(cast.bureau_tohoku).get(f"{PAGE}csv/").status_code == 404
    kanto = sign_in(cast.bureau_kanto).get(ALL).context["summary"]
    assert figures_in(kanto, "6月")["network_activities"] == 1


def test_last_year_is_chosen_and_an_unknown_year_is_this_one(cast, sign_in, book):
    roll_up()
    client = sign_in(cast.cc_tokyo)
    before = client.get(PAGE, {"year": "2025"})
    assert figures_in(before.context["table"], "年間")["consultations"] == 1
    assert client.get(PAGE, {"year": "1999"}).context["year"] == 2026


def test_files_say_what_the_screen_says(cast, sign_in, book):
    client = sign_in(cast.hq)
    rows = list(csv.DictReader(io.StringIO(client.get(f"{ALL}csv/").content.decode("utf-8-sig"))))
    assert [(row["拠点コード"], row["月"]) for row in rows] == [
        ("04", "2026-06"),
        ("13", "2026-05"),
        ("13", "2026-06"),
        ("14", "2026-06"),
    ]
    assert [row["ネットワーク活動件数（件）"] for row in rows] == ["1", "", "1", "0"]
    assert [row["相談対応件数（件）"] for row in rows] == ["", "2", "1", "1"]
    workbook = load_workbook(io.BytesIO(client.get(f"{PAGE}xlsx/").content))
    assert workbook.sheetnames == ["月別", "年間", "数え方"]
    assert client.get(f"{PAGE}csv/", {"encoding": "cp932"}).content.decode("cp932")


def test_all_hubs_cost_as_many_queries_as_one(cast, book, django_assert_num_queries):
    one, many = list(Hub.objects.filter(code="13")), list(Hub.objects.all())
    for hubs in (one, many):
        with django_assert_num_queries(4):
            assert ledger_years(hubs, 2026, with_clients=True)
