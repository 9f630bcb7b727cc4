"""The screens of flags: who sees what, filters, figures opened, forms, marks on the results."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hubs.integrity.models import FlagState, IntegrityFlag
from hubs.integrity.operations import add_note, find_flag, raise_flags
from hubs.network.models import Hub
from hubs.plans.models import Plan, Target
from tests.cast import Cast
from tests.hubs.integrity.ground import SYSTEM, TODAY, flags, sent, term_of
from yorozu.core import clock

JUMP = {"CONS": (301, 312, 293, 304, 306, 297, 900)}
ROUND = {"SOLVE": (90, 100, 85, 95, 80, 105, 75)}
WORDS_OF_BLAME = ("不正", "虚偽", "改ざん", "疑い", "水増し", "違反")


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: TODAY)


@pytest.fixture
def flag(cast: Cast) -> IntegrityFlag:
    """A jump of Tokyo; Miyagi has one of its own."""
    sent("13", JUMP)
    sent("04", JUMP)
    raise_flags(SYSTEM)
    return flags("13")[0]


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


LIST = "/integrity/"


def test_the_hub_finds_its_flag_from_home_to_the_note(
    cast: Cast, flag: IntegrityFlag, sign_in: Any
) -> None:
    client = sign_in(cast.cc_tokyo)
    assert "実績の確認事項に説明を入力する（1件）" in page(client, "/")
    listed = page(client, f"{LIST}?state=raised")
    assert flag.sentence in listed
    assert "宮城" not in listed
    url = reverse("integrity_detail", args=[flag.pk])
    opened = page(client, url)
    assert "説明を記録する" in opened
    assert "判断を記録する" not in opened
    empty = client.post(f"{url}note/", {"text": " "})
    assert empty.status_code == 422
    assert "エラー：" in empty.content.decode()
    done = client.post(f"{url}note/", {"text": "展示会での相談が集中した。"}, follow=True)
    assert "次は経済産業局が判断します" in done.content.decode()
    assert "展示会での相談が集中した。" in done.content.decode()
    assert "確認事項の判断（1件）" in page(client, "/")


def test_the_bureau_sees_it_afterwards_and_decides(
    cast: Cast, flag: IntegrityFlag, sign_in: Any
) -> None:
    client = sign_in(cast.bureau_kanto)
    url = reverse("integrity_detail", args=[flag.pk])
    assert client.get(url).status_code == 404
    assert client.post(f"{url}decide/", {"outcome": "explained", "reason": "x"}).status_code == 404
    add_note(actor=cast.cc_tokyo.scope, flag=flag, text="展示会")
    assert "拠点の確認事項を判断する（1件）" in page(client, "/")
    assert "判断を記録する" in page(client, url)
    wrong = client.post(f"{url}decide/", {"reason": "資料で確認した。"})
    assert wrong.status_code == 422
    assert "資料で確認した。" in wrong.content.decode()
    client.post(f"{url}decide/", {"outcome": "finding", "reason": "記録がない。"})
    flag.refresh_from_db()
    assert flag.state == FlagState.FINDING
    assert "指摘のあった実績を直す（1件）" in page(sign_in(cast.cc_tokyo), "/")
    assert "解消を記録する" in page(client, url)
    client.post(f"{url}settle/", {"reason": "記録簿を確認した。"})
    flag.refresh_from_db()
    assert flag.state == FlagState.CLOSED
    closed = page(client, url)
    assert "記録簿を確認した。" in closed
    assert '<form method="post" action="/integrity' not in closed
    assert client.post(f"{url}settle/", {"reason": "もう一度"}).status_code == 409


def test_a_stranger_finds_nothing_and_readers_have_no_form(
    cast: Cast, flag: IntegrityFlag, sign_in: Any
) -> None:
    url = reverse("integrity_detail", args=[flag.pk])
    for actor in (cast.cc_miyagi, cast.cc_kanagawa, cast.body_miyagi, cast.hq, cast.auditor):
        assert sign_in(actor).get(url).status_code == 404
    for actor in (cast.pm_kanto, cast.supporter, cast.admin):
        assert sign_in(actor).get(url).status_code == 403
    assert "<textarea" not in page(sign_in(cast.co_tokyo), url)
    add_note(actor=cast.cc_tokyo.scope, flag=flag, text="展示会")
    for actor in (cast.hq, cast.agency, cast.auditor, cast.co_tokyo):
        assert "<textarea" not in page(sign_in(actor), url)
    assert sign_in(cast.bureau_tohoku).get(url).status_code == 404


def test_the_list_is_narrowed_and_written_to_files(
    cast: Cast, flag: IntegrityFlag, sign_in: Any
) -> None:
    for code, chief in (("13", cast.cc_tokyo), ("04", cast.cc_miyagi)):
        add_note(actor=chief.scope, flag=flags(code)[0], text="展示会")
    find_flag(actor=cast.bureau_tohoku.scope, flag=flags("04")[0], reason="記録がない")
    client = sign_in(cast.hq)
    whole = page(client, LIST)
    assert "すべて（2）" in whole
    assert "判断待ち（1）" in whole
    assert "指摘あり（1）" in whole
    narrowed = {
        "hub=04": ("宮城県よろず支援拠点", "東京都よろず支援拠点"),
        "bureau=kanto": ("東京都よろず支援拠点", "宮城県よろず支援拠点"),
        "state=finding": ("宮城県よろず支援拠点", "東京都よろず支援拠点"),
    }
    for query, (there, gone) in narrowed.items():
        body = page(client, f"{LIST}?{query}").partition("<tbody>")[2]
        assert there in body
        assert gone not in body
    for query in ("check=heaping", "fiscal_year=2025", "hub=13&state=closed"):
        assert "該当する確認事項はありません" in page(client, f"{LIST}?{query}")
    for query in ("check=x&state=y", "fiscal_year=１２３４", "hub=%27", "page=999", "bureau=zz"):
        assert client.get(f"{LIST}?{query}").status_code == 200
    csv = client.get("/integrity/export.csv?hub=13").content.decode("utf-8-sig")
    assert csv.count("\r\n") == 2
    assert flag.sentence in csv
    assert client.get("/integrity/export.xlsx").status_code == 200


def test_the_page_opens_the_figures_and_blames_nobody(
    cast: Cast, flag: IntegrityFlag, sign_in: Any
) -> None:
    sent("14", {**JUMP, **ROUND})
    raise_flags(SYSTEM)
    client = sign_in(cast.cc_kanagawa)
    opened = [page(client, reverse("integrity_detail", args=[one.pk])) for one in flags("14")]
    assert {one.check_code for one in flags("14")} == {"jump", "heaping"}
    for text in opened:
        assert "<svg " in text
        assert "しきい値" in text
        assert "確認をお願いします" in text
        assert not [word for word in WORDS_OF_BLAME if word in text]
    assert any("頑健zスコア" in text for text in opened)


def test_the_thresholds_stand_on_a_page(cast: Cast, sign_in: Any) -> None:
    text = page(sign_in(cast.co_tokyo), "/integrity/method/")
    assert "確認の基準（第1版）" in text
    assert "0.001未満" in text
    assert not [word for word in WORDS_OF_BLAME if word in text]


def test_marks_stand_at_the_figure_in_grid_and_month(
    cast: Cast, flag: IntegrityFlag, sign_in: Any
) -> None:
    link = f'href="/integrity/{flag.pk}/"'
    hub, term = Hub.objects.get(code="13"), term_of()
    grid = reverse("results_grid", args=[term.pk, hub.pk])
    month = reverse("month_detail", args=[hub.monthly_reports.get(month=flag.month).pk])
    for url in (grid, month):
        assert page(sign_in(cast.cc_tokyo), url).count(link) == 1
        assert link not in page(sign_in(cast.bureau_kanto), url)
        assert link not in page(sign_in(cast.pm_kanto), url)
    add_note(actor=cast.cc_tokyo.scope, flag=flag, text="展示会")
    assert link in page(sign_in(cast.bureau_kanto), grid)


def test_a_flag_of_the_year_stands_above_the_grid_and_one_of_the_target_on_the_plan(
    cast: Cast, sign_in: Any
) -> None:
    hub = Hub.objects.get(code="13")
    for year, total in ((2024, 82), (2025, 83)):
        sent("13", {"CONS": [total + n % 3 for n in range(12)]}, fiscal_year=year)
    sent("13", ROUND)
    for year, value in ((2025, 1000), (2026, 800)):
        plan = Plan.objects.create(hub=hub, term=term_of(year), state="submitted")
        indicator = term_of(year).indicators.get(code="CONS")
        Target.objects.create(plan=plan, indicator=indicator, value=value)
    raise_flags(SYSTEM)
    client = sign_in(cast.cc_tokyo)
    grid = page(client, reverse("results_grid", args=[term_of().pk, hub.pk]))
    assert "7か月のうち7か月が0か5で終わる数です" in grid
    assert "の目標は前年度実績の" in page(client, reverse("plan_detail", args=[plan.pk]))


def test_the_list_costs_the_same_for_one_flag_and_many(
    cast: Cast, flag: IntegrityFlag, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    for code in ("27", "28", "40", "14"):
        sent(code, {**JUMP, **ROUND})
    raise_flags(SYSTEM)
    IntegrityFlag.objects.filter(state=FlagState.RAISED).update(state=FlagState.WAITING)
    client = sign_in(cast.hq)
    page(client, LIST)
    with django_assert_max_num_queries(12):
        page(client, LIST)
