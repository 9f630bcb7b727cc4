"""Screens of figures from the ledger: three clicks, both figures, the way to the rows, the cast."""

import re
from datetime import date

import pytest
from django.urls import reverse

from hubs.ledger.operations.rollup import roll_up
from hubs.results import operations
from hubs.results.models import MonthlyReport
from tests.hubs.ledger.rows import activity, consultation
from tests.hubs.year import GOOD, SYSTEM, entered, hub, open_year
from yorozu.core.access import decide
from yorozu.core.imports.kinds import find

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]
APRIL = date(2026, 4, 1)
ROWS = "/ledger/13/?month=2026-04&amp;indicator="


def keep_april():
    consultation("13", date(2026, 4, 2))
    consultation("13", date(2026, 4, 3), resolved_on=date(2026, 4, 9))
    consultation("13", date(2026, 4, 4), channel="2")
    activity("13", date(2026, 4, 10))


@pytest.fixture
def term(facts):
    return open_year()


def address(name, term):
    return reverse(name, args=[term.pk, hub("13").pk])


def fields(page, name):
    """Value of a field of a page."""
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    assert tag, name
    return re.search(r'value="([^"]*)"', tag[0])[1]


def report():
    return MonthlyReport.objects.get(hub__code="13", month=APRIL)


def test_a_ledger_month_is_sent_in_three_clicks_from_home(cast, sign_in, term):
    keep_april()
    client = sign_in(cast.cc_tokyo)
    home = client.get("/").text
    [task] = re.findall(r'href="([^"]*)"[^>]*>4月分の月次実績を入力して提出する', home)
    # First click: the task leads to the row of the month.
    grid_url, _, row = task.partition("#")
    assert row == "row-202604"
    grid = client.get(grid_url).text
    assert 'id="row-202604"' in grid
    # Second click: 内容を確認 draws what is blank from the ledger.
    sent = {"month": "202604", "v-202604": fields(grid, "v-202604"), "c-202604-CONS": ""}
    check = client.post(address("results_check", term), sent, follow=True)
    assert check.redirect_chain[-1][0] == reverse("month_detail", args=[report().pk])
    assert "提出する" in check.text
    assert f'href="{ROWS}CONS"' in check.text
    # Third click: 提出する.
    done = client.post(reverse("month_submit", args=[report().pk]), follow=True)
    assert "提出しました" in done.text
    stored = report().results.order_by("indicator__order").values_list("value", "counted", "source")
    assert list(stored) == [
        (3, 3, "ledger"),
        (2, 2, "ledger"),
        (1, 1, "ledger"),
        (1, 1, "ledger"),
    ]


def test_a_declared_month_is_entered_and_sent_in_four_page_loads(cast, sign_in, term):
    client = sign_in(cast.cc_tokyo)
    loads = [client.get("/"), client.get(address("results_grid", term))]
    typed = {f"c-202604-{key}": value for key, value in GOOD.items()}
    version = fields(loads[-1].text, "v-202604")
    sent = {"month": "202604", "v-202604": version, **typed}
    loads.append(client.post(address("results_check", term), sent, follow=True))
    loads.append(client.post(reverse("month_submit", args=[report().pk]), follow=True))
    assert [page.status_code for page in loads] == [200] * 4
    assert report().state == "submitted"
    assert set(report().results.values_list("source", "counted")) == {("declared", None)}


@pytest.mark.once
def test_both_figures_are_shown_to_everybody_who_reads_the_month(cast, sign_in, term):
    keep_april()
    first = entered(APRIL, CONS="5", VISIT="2", SOLVE="1", NETW="1")
    told = operations.enter_month(
        actor=SYSTEM,
        hub=hub("13"),
        month=APRIL,
        values={},
        version=first.version,
        reasons={"CONS": "電話2件の記録が遅れている"},
    )
    operations.submit_month(actor=SYSTEM, report=told.report)
    for key in ("cc_tokyo", "co_tokyo", "body_tokyo", "bureau_kanto", "hq", "agency", "auditor"):
        client = sign_in(cast.actors[key])
        for page in (
            client.get(address("results_grid", term)).text,
            client.get(reverse("month_detail", args=[report().pk])).text,
        ):
            assert "申告（差 +2）" in page, key
            assert f'href="{ROWS}CONS"' in page
            assert "電話2件の記録が遅れている" in page
    page = sign_in(cast.bureau_kanto).get(address("results_print", term)).text
    assert "相談記録 3" in page
    # Not preselected where months are approved together, and both figures say why.
    page = sign_in(cast.body_tokyo).get(reverse("results_confirm_many", args=[term.pk])).text
    assert "申告 5、相談記録 3（理由：電話2件の記録が遅れている）" in page
    assert " checked" not in page


def test_the_rule_stands_beside_the_count(cast, sign_in, term):
    keep_april()
    page = sign_in(cast.cc_tokyo).get(address("results_grid", term)).text
    assert "有効な相談記録を、相談日の月に1件ずつ数えます" in page
    assert "相談記録から取り込む" in page
    assert page.count("相談記録から取り込む") == 1


def test_a_differing_figure_asks_for_its_reason_before_it_is_sent(cast, sign_in, term):
    keep_april()
    client = sign_in(cast.cc_tokyo)
    sent = {"month": "202604", "v-202604": "0", "c-202604-CONS": "5"}
    page = client.post(address("results_check", term), sent, follow=True).text
    assert "申告（5）が相談記録の件数（3）と異なります" in page
    assert "提出する" not in page
    # From the check page one click takes the count over.
    back = {"month": "202604", "back": "check", "v-202604": str(report().version)}
    page = client.post(address("results_take", term), back, follow=True).text
    assert "相談記録の件数を取り込みました" in page
    assert "提出する" in page


def test_what_was_typed_elsewhere_is_kept_when_a_month_is_drawn(cast, sign_in, term):
    keep_april()
    client = sign_in(cast.cc_tokyo)
    sent = {"month": "202604", "v-202604": "0", "v-202605": "0", "c-202605-CONS": "77"}
    client.post(address("results_take", term), sent)
    may = MonthlyReport.objects.get(month=date(2026, 5, 1))
    assert may.results.get().value == 77
    assert report().results.count() == 4


def test_an_old_page_meets_both_values_and_an_unreadable_one_its_fault(cast, sign_in, term):
    keep_april()
    entered(APRIL, CONS="5")
    client = sign_in(cast.cc_tokyo)
    old = client.post(address("results_take", term), {"month": "202604", "v-202604": "0"})
    assert old.status_code == 409
    assert "いま保存されている値" in old.text
    sent = {"month": "202605", "v-202605": "0", "c-202605-CONS": "12.9"}
    assert client.post(address("results_check", term), sent).status_code == 422
    for month in ("", "202604x", "209901", "202703"):
        status = client.post(address("results_check", term), {"month": month}).status_code
        assert status in {409, 422}, month


def test_records_that_change_after_the_acceptance_stand_beside_the_figure(cast, sign_in, term):
    keep_april()
    done = operations.take_over(actor=SYSTEM, hub=hub("13"), month=APRIL, version=0).report
    operations.submit_month(actor=SYSTEM, report=done)
    operations.confirm_month(actor=SYSTEM, report=done)
    operations.accept_month(actor=SYSTEM, report=done)
    for day in (20, 21):
        consultation("13", date(2026, 4, day), channel="2")
    client = sign_in(cast.bureau_kanto)
    for waits in (True, False):
        page = client.get(reverse("month_detail", args=[done.pk])).text
        assert "確認後に相談記録が変わりました：+2" in page, waits
        roll_up()


def test_the_file_holds_both_and_comes_back(cast, sign_in, term):
    keep_april()
    entered(APRIL, CONS="5", VISIT="2", SOLVE="1", NETW="1")
    data = sign_in(cast.cc_tokyo).get(address("results_csv", term)).content
    head, april, *_ = data.decode("utf-8-sig").splitlines()
    assert head.endswith(
        "相談対応件数（相談記録）,来訪相談者数（相談記録）,課題解決件数（相談記録）,ネットワーク活動件数（相談記録）"
    )
    assert april == "13,東京都よろず支援拠点,2026-04,5,2,1,1,3,2,1,1"
    kind = find("results.monthly")
    comparison = kind.compare(kind.read(data, "a.csv", {}), {}, SYSTEM)
    assert [row for row in comparison.problems if row.row and row.row < 10] == []
    assert {change.kind for change in comparison.changes if "4月" in change.label} == {"unchanged"}
    assert all(COLUMN not in column.heading for column in kind.columns({}))


COLUMN = "（相談記録）"


@pytest.mark.parametrize("name", ["results_check", "results_take"])
def test_only_the_chief_of_the_hub_draws_figures(cast, sign_in, term, name):
    keep_april()
    sent = {"month": "202604", "v-202604": "0"}
    wrong = []
    for actor in cast.all():
        if actor.key == "cc_tokyo":
            continue
        got = sign_in(actor).post(address(name, term), sent).status_code
        scope = actor.scope
        expected = 404 if decide(scope, "hubs.results.enter").allowed else 403
        if got != expected:
            wrong.append((actor.key, got, expected))
    assert wrong == []
    assert not MonthlyReport.objects.exists()
