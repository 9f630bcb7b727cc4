"""The home page of every role: four blocks in order, own work only, numbers their list confirms."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hubs.ledger.operations import draw_sample, record_check
from hubs.results.models import MonthlyReport
from hubs.results.operations import Wanted, confirm_correction, request_correction
from hubs.terms.operations import (
    begin_change,
    draft_policy,
    prepare_term,
    sign_policy,
    take_over,
)
from tests.cast import KEYS, Cast
from tests.hubs.ledger_ground import entered
from tests.hubs.year import accepted, hub, open_year
from tests.portal.nation import NOW, Nation, texts
from yorozu.core import clock
from yorozu.core.access import Role
from yorozu.portal.home.board import ROLE_WORK, home_of

BLOCKS = ["期限が最も近いもの", "やること", "待っているもの", "最近の更新"]
SIGNED_IN = [key for key in KEYS if key != "nobody"]
# Sign-in, scope and frame of the page included.
MOST_QUERIES = 60


def test_every_role_has_a_home() -> None:
    assert set(ROLE_WORK) == set(Role)


@pytest.mark.once
@pytest.mark.parametrize("key", SIGNED_IN)
def test_four_blocks_in_the_same_order(key: str, nation: Nation, cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.actors[key]).get("/")
    assert answer.status_code == 200
    found = re.findall(r"<h2[^>]*>([^<]+)</h2>", answer.content.decode())
    assert found == BLOCKS


@pytest.mark.once
@pytest.mark.parametrize("key", SIGNED_IN)
def test_home_before_anything_has_begun(key: str, cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.actors[key]).get("/")
    assert answer.status_code == 200
    assert "期限のあるやることはありません。" in answer.content.decode()


def test_without_a_role_the_page_says_whom_to_ask(cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.nobody).get("/")
    assert answer.status_code == 403
    assert "役割" in answer.content.decode()


def test_visitors_are_sent_to_the_sign_in_page(client: Any, db: None) -> None:
    answer = client.get("/")
    assert answer.status_code == 302
    assert "/login/" in answer["Location"]


@pytest.mark.once
@pytest.mark.parametrize("key", SIGNED_IN)
def test_every_link_of_home_opens(key: str, nation: Nation, cast: Cast, sign_in: Any) -> None:
    """A task that leads to a refusal or to nothing would be worse than none."""
    client, actor = sign_in(cast.actors[key]), cast.actors[key]
    home = home_of(actor.scope)
    for task in [*home.tasks, *home.waiting]:
        if task.url:
            assert client.get(task.url).status_code == 200, task
    for update in home.updates:
        if update.url:
            assert client.get(update.url).status_code == 200, update


@pytest.mark.parametrize("key", SIGNED_IN)
def test_numbers_of_hubs_are_the_length_of_the_list_behind(
    key: str, nation: Nation, cast: Cast, sign_in: Any
) -> None:
    client, actor = sign_in(cast.actors[key]), cast.actors[key]
    home = home_of(actor.scope)
    counted = [
        (task, int(found[1]))
        for task in [*home.tasks, *home.waiting]
        if (found := re.search(r"（(\d+)拠点）", task.label))
    ]
    if key in {"agency", "bureau_kanto", "hq", "pm_kanto"}:
        assert counted, "nothing to compare"
    for task, number in counted:
        rows = client.get(task.url).context["table"].rows
        assert len(rows) == number, task


def test_months_to_accept_are_the_months_of_the_page_behind(
    nation: Nation, cast: Cast, sign_in: Any
) -> None:
    for key, page in (("bureau_kanto", "accept"), ("body_tokyo", "confirm")):
        actor = cast.actors[key]
        task = next(
            task for task in home_of(actor.scope).tasks if "月次実績を確認する" in task.label
        )
        found = re.search(r"（(\d+)件）", task.label)
        assert found is not None
        answer = sign_in(actor).get(task.url)
        shown = set(re.findall(r'name="reports" value="(\d+)"', answer.content.decode()))
        if f"/{page}/" in task.url and "/term/" in task.url:
            assert len(shown) == int(found[1]), answer.content.decode()
        else:
            assert found[1] == "1"


@pytest.mark.parametrize("key", SIGNED_IN)
def test_queries_do_not_grow_with_the_hubs(
    key: str, nation: Nation, cast: Cast, sign_in: Any
) -> None:
    client = sign_in(cast.actors[key])
    client.get("/")
    with CaptureQueriesContext(connection) as held:
        client.get("/")
    assert len(held) <= MOST_QUERIES, len(held)


def test_nation_needs_no_more_queries_than_one_area(
    nation: Nation, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    with CaptureQueriesContext(connection) as of_area:
        home_of(cast.bureau_tohoku.scope)
    with django_assert_max_num_queries(len(of_area) + 10):
        home_of(cast.hq.scope)


def test_a_home_speaks_of_own_hubs_only(nation: Nation, cast: Cast) -> None:
    tokyo = texts(home_of(cast.cc_tokyo.scope)) + texts(home_of(cast.body_tokyo.scope))
    assert "宮城" not in tokyo
    assert "神奈川" not in tokyo
    area = texts(home_of(cast.bureau_tohoku.scope))
    assert "東京" not in area


def test_the_nearest_deadline_stands_first(nation: Nation, cast: Cast) -> None:
    home = home_of(cast.cc_miyagi.scope)
    dues = [task.due for task in home.tasks if task.due is not None]
    assert dues == sorted(dues)
    assert home.nearest is home.tasks[0]
    assert home.is_late


def test_a_returned_month_shows_its_reason(nation: Nation, cast: Cast) -> None:
    row = MonthlyReport.objects.filter(hub__code="13", state="returned").first()
    assert row is not None
    MonthlyReport.objects.filter(pk=row.pk).update(return_reason="来訪相談者数を確認してください。")
    home = home_of(cast.cc_tokyo.scope)
    hints = [task.hint for task in home.tasks if f"差し戻された{row.month.month}月分" in task.label]
    assert hints == ["理由：来訪相談者数を確認してください。"]


def test_a_coordinator_is_asked_for_nothing(nation: Nation, cast: Cast) -> None:
    home = home_of(cast.co_tokyo.scope)
    assert not home.tasks
    assert home.waiting
    for task in home.waiting:
        assert not task.url or "edit" not in task.url


def test_state_and_hq_see_whose_signature_is_due(nation: Nation, cast: Cast) -> None:
    draft = draft_policy(actor=cast.hq.scope, term=nation.running, title="改訂案", body="改める")
    name = "令和8年度の活動方針"
    for key in ("agency", "hq"):
        labels = {task.label for task in home_of(cast.actors[key].scope).tasks}
        assert f"{name}を承認する" in labels
    sign_policy(actor=cast.hq.scope, policy=draft)
    hq, agency = home_of(cast.hq.scope), home_of(cast.agency.scope)
    waiting = next(task for task in hq.waiting if task.label == f"{name}の承認")
    assert waiting.hint.startswith("中小企業庁の番です")
    assert f"{name}を承認して公表する" in {task.label for task in agency.tasks}
    change = begin_change(actor=cast.agency.scope, term=nation.running, reason="期限を見直すため")
    task = next(task for task in home_of(cast.hq.scope).tasks if "規則の変更案" in task.label)
    assert (task.label, task.hint) == ("令和8年度の規則の変更案を確認する", change.reason)


def test_the_year_that_is_due_is_asked_for(
    nation: Nation, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(key: str) -> set[str]:
        return {task.label for task in home_of(cast.actors[key].scope).tasks}

    assert not {label for label in asked("admin") if "期の準備" in label}
    monkeypatch.setattr(clock, "now", lambda: NOW.replace(month=12))
    assert "令和9年度の期の準備を始める" in asked("admin") & asked("hq")
    assert "令和9年度の期の準備を始める" not in asked("agency")
    term = prepare_term(actor=cast.admin.scope, fiscal_year=2027)
    assert "令和9年度の期の準備を進める（残り5項目）" in asked("admin")
    codes = ["calendar", "indicators", "scheme", "checklist", "blocks"]
    take_over(actor=cast.admin.scope, term=term, codes=codes)
    assert "令和9年度の期を開始する" in asked("admin")


def test_corrections_wait_on_the_right_desks(cast: Cast, sign_in: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    open_year()
    report = accepted(date(2026, 4, 1))
    wanted = (("CONS", "310"), ("NETW", "41"))
    rows = [
        request_correction(
            actor=cast.cc_tokyo.scope, report=report, wanted=Wanted(key, value, "数え漏れ", "表")
        )
        for key, value in wanted
    ]
    confirm_correction(actor=cast.body_tokyo.scope, correction=rows[0])

    def lines(key: str) -> tuple[list[str], list[str]]:
        home = home_of(cast.actors[key].scope)
        return [
            [task.label for task in part if "修正" in task.label or "変わった" in task.label]
            for part in (home.tasks, home.waiting)
        ]

    assert lines("bureau_kanto") == [
        ["実績の修正を反映するか判断する（1件）"],
        ["実施機関による実績の修正の確認（1件）", "確認後に変わった数値（2件）"],
    ]
    assert lines("body_tokyo") == [
        ["実績の修正を確認する（1件）"],
        ["実績の修正の判断（1件）"],
    ]
    assert lines("cc_tokyo")[1] == [
        "実績の修正の判断（1件）",
        "実施機関による実績の修正の確認（1件）",
    ]
    assert lines("bureau_tohoku") == [[], []]


def test_drawn_records_wait_on_the_desk_of_those_who_check_them(cast: Cast, sign_in: Any) -> None:
    for held in (date(2026, 4, 6), date(2026, 4, 7)):
        entered(cast.co_tokyo.scope, held_on=held, resolved_on=date(2026, 4, 20))
    draw = draw_sample(actor=cast.hq.scope, hub=hub("13"), month=date(2026, 4, 1), size=2)
    found = {key: texts(home_of(cast.actors[key].scope)) for key in SIGNED_IN}
    asked = "抽出した課題解決の記録を確かめる（2件） 東京"
    assert {key for key, text in found.items() if asked in text} == {
        "bureau_kanto",
        "hq",
        "hq_second",
    }
    client = sign_in(cast.bureau_kanto)
    assert home_of(cast.bureau_kanto.scope).tasks[-1].url == f"/ledger/checks/{draw.pk}/"
    assert f'href="/ledger/checks/{draw.pk}/"' in client.get("/").text
    assert "残り2件" in client.get("/ledger/").text
    for check in draw.checks.all():
        record_check(actor=cast.hq.scope, check=check, outcome="confirmed", remark="")
    assert "抽出した課題解決" not in texts(home_of(cast.bureau_kanto.scope))


def test_who_may_read_the_ledger_finds_it_in_the_navigation_or_beside_the_results(
    nation: Nation, cast: Cast, sign_in: Any
) -> None:
    for key in ("bureau_kanto", "agency", "pm_kanto", "cc_tokyo", "co_tokyo", "body_tokyo"):
        page = sign_in(cast.actors[key]).get("/")
        assert 'href="/ledger/">相談記録' in page.text, key
    for key in ("hq", "auditor"):
        client = sign_in(cast.actors[key])
        assert 'href="/ledger/">相談記録' not in client.get("/").text, key
        results = client.get("/results/", follow=True)
        assert 'href="/ledger/">相談記録' in results.text, key
