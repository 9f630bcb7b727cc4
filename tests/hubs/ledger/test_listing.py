"""The list shows exactly what is counted; figures, breakdown, filters, paging and strangers."""

from datetime import date

import pytest
from django.urls import reverse

from hubs.ledger.models import IndividualConsultation
from hubs.ledger.operations import withdraw_consultation
from hubs.ledger.queries import DIMENSIONS
from hubs.ledger.rules import COUNTING, Source
from tests.hubs.ledger_ground import entered
from tests.hubs.year import hub
from yorozu.core.access import decide

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]
LIST = "/ledger/13/"


@pytest.fixture
def ledger(cast):
    """Records of three months in every state, and one of another hub."""
    scope = cast.cc_tokyo.scope
    may, june, july = date(2026, 5, 20), date(2026, 6, 10), date(2026, 7, 1)
    rows = {
        "visit": entered(scope, held_on=may),
        "phone": entered(scope, held_on=may, channel="2", theme="03", coordinator_name="例田花子"),
        "solved": entered(
            scope, held_on=may, resolved_on=june, client_key="C-1", coordinator_name="A"
        ),
        "confirmed": entered(
            scope, held_on=june, resolved_on=june, client_confirmed_on=july, industry="M"
        ),
        "withdrawn": entered(scope, held_on=june),
        "other": entered(cast.cc_kanagawa.scope, "14", held_on=may),
    }
    withdraw_consultation(actor=scope, row=rows["withdrawn"], reason="誤り")
    return rows


def shown(answer):
    """Numbers of the records on the page."""
    return {row["number"].value for row in answer.context["table"].rows}


def test_an_indicators_list_holds_exactly_what_it_counts(cast, sign_in, ledger):
    client = sign_in(cast.cc_tokyo)
    rows = list(IndividualConsultation.objects.filter(hub__code="13"))
    for indicator in ("CONS", "VISIT", "SOLVE"):
        for month in ("2026-05", "2026-06", "2026-07", "2026-08"):
            answer = client.get(LIST, {"month": month, "indicator": indicator})
            rule, wanted = COUNTING[indicator], answer.context["wanted"]
            counted = {row.record_no for row in rows if rule.counts(row, wanted.first, wanted.last)}
            assert shown(answer) == counted, (indicator, month)
            assert answer.context["figures"].records == len(counted)
            assert rule.sentence in answer.text


def test_rules_count_something_in_this_ledger(ledger):
    days = (date(2026, 5, 1), date(2026, 6, 30))
    rows = IndividualConsultation.objects.filter(hub__code="13")
    counts = {
        code: sum(rule.counts(row, *days) for row in rows)
        for code, rule in COUNTING.items()
        if rule.source is Source.CONSULTATION
    }
    assert counts == {"CONS": 4, "VISIT": 3, "SOLVE": 2}


CONDITIONS = [
    ({}, {"visit", "phone", "solved", "confirmed"}),
    ({"month": "令和8年5月"}, {"visit", "phone", "solved"}),
    ({"first": "2026-06-01"}, {"confirmed"}),
    ({"last": "2026/5/31"}, {"visit", "phone", "solved"}),
    ({"channel": "2"}, {"phone"}),
    ({"theme": "03"}, {"phone"}),
    ({"industry": "M"}, {"confirmed"}),
    ({"coordinator": "例田花子"}, {"phone"}),
    ({"layer": "open"}, {"visit", "phone"}),
    ({"layer": "reported"}, {"solved", "confirmed"}),
    ({"layer": "confirmed"}, {"confirmed"}),
    ({"layer": "checked"}, set()),
    ({"q": "2026-00002"}, {"phone"}),
    ({"q": "２０２６－００００２"}, {"phone"}),
    ({"month": "2025-05"}, set()),
]


def test_conditions_narrow_the_list(cast, sign_in, ledger):
    client = sign_in(cast.co_tokyo)
    for query, names in CONDITIONS:
        answer = client.get(LIST, query)
        assert answer.status_code == 200, query
        assert shown(answer) == {ledger[name].record_no for name in names}, query
        assert answer.context["figures"].records == len(names), query
    figures = client.get(LIST).context["figures"]
    assert (figures.clients, figures.visits) == (3, 3)
    assert (figures.resolved, figures.confirmed, figures.checked) == (2, 1, 0)


def test_a_condition_that_cannot_be_read_is_said(cast, sign_in, ledger):
    client = sign_in(cast.co_tokyo)
    for query in ({"first": "x"}, {"month": "13"}, {"channel": "8"}, {"layer": "z"}):
        answer = client.get(LIST, query)
        assert answer.status_code == 422, query
        assert "入力内容を確認してください" in answer.text
        assert len(shown(answer)) == 4, query


def test_a_period_must_not_run_backwards(cast, sign_in, ledger):
    query = {"first": "2026-06-01", "last": "2026-05-01"}
    answer = sign_in(cast.co_tokyo).get(LIST, query)
    assert answer.status_code == 422
    assert "終わりが始まりより前" in answer.text


def test_more_than_a_hundred_records_are_paged(cast, sign_in, ledger):
    first = ledger["visit"]
    IndividualConsultation.objects.bulk_create(
        IndividualConsultation(
            hub_id=first.hub_id,
            record_no=f"A-{number:03d}",
            held_on=first.held_on,
            channel="1",
            theme="01",
            industry="E",
            employees_band="2",
            coordinator_name="見本太郎",
            client_key=f"A-{number}",
            minutes=30,
            created_by_name="取込",
            created_at=first.created_at,
        )
        for number in range(120)
    )
    client = sign_in(cast.cc_tokyo)
    page = client.get(LIST, {"channel": "1"})
    assert len(shown(page)) == 100
    assert page.context["figures"].records == 123
    assert 'href="?channel=1&amp;page=2"' in page.text
    assert len(shown(client.get(LIST, {"channel": "1", "page": "2"}))) == 23


def test_the_breakdown_adds_up_and_leads_to_its_rows(cast, sign_in, ledger):
    client = sign_in(cast.bureau_kanto)
    for dimension in DIMENSIONS:
        table = client.get("/ledger/13/breakdown/", {"by": dimension}).context["table"]
        for name in ("records", "resolved", "confirmed", "visits"):
            assert sum(row[name] for row in table.rows) == table.totals[name]
        assert table.totals["records"] == 4
        for row in table.rows:
            assert len(shown(client.get(row["name"].url))) == row["records"]


def test_the_number_of_queries_does_not_grow_with_the_rows(
    cast, sign_in, ledger, django_assert_max_num_queries
):
    client = sign_in(cast.cc_tokyo)
    with django_assert_max_num_queries(16):
        client.get(LIST)
    national = sign_in(cast.hq)
    with django_assert_max_num_queries(9):
        answer = national.get(reverse("ledger_hubs"))
    assert len(answer.context["table"].rows) == 47


def test_the_overview_counts_this_month_and_leads_a_hub_to_its_own(cast, sign_in, ledger):
    entered(cast.cc_tokyo.scope)
    rows = sign_in(cast.hq).get(reverse("ledger_hubs")).context["table"].rows
    tokyo = next(row for row in rows if row["hub"].value == hub("13").name)
    assert (tokyo["month"], tokyo["last"]) == (1, date(2026, 11, 20))
    answer = sign_in(cast.co_tokyo).get(reverse("ledger_hubs"))
    assert (answer.status_code, answer.url) == (302, LIST)


@pytest.mark.once
def test_screens_answer_the_whole_cast(cast, sign_in, ledger):
    tokyo = hub("13").pk
    urls = [LIST, "/ledger/13/breakdown/", reverse("ledger_record", args=[ledger["visit"].pk])]
    wrong = []
    for actor in cast.all():
        client, scope = sign_in(actor), actor.scope
        may = decide(scope, "hubs.ledger.view").allowed
        expected = 403 if not may else 200 if scope.covers(tokyo) else 404
        wrong += [
            (actor.key, url, got)
            for url in urls
            if (got := client.get(url).status_code) != expected
        ]
    assert wrong == []


def test_an_empty_ledger_says_who_acts_next(cast, sign_in):
    own = sign_in(cast.co_tokyo).get(LIST)
    assert "相談記録を入力する" in own.text
    other = sign_in(cast.bureau_kanto).get(LIST)
    assert "拠点のコーディネーターが入力すると表示されます" in other.text
    assert "相談記録を入力する" not in other.text
