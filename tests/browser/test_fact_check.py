"""Fact check, objection, correction, difference: through the browser, by everybody concerned.

It runs on SQLite and on PostgreSQL alike (marker ``both_worlds``).
"""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from pytest_django.live_server_helper import LiveServer

from evaluation.scoring.models import EvaluationRun
from evaluation.scoring.operations import adopt_scheme
from hubs.network.facts import load_facts
from hubs.network.models import Hub
from tests.browser.year.stage import Person, Stage, moving_clock
from tests.cast import make_cast
from tests.evaluation.run_ground import Year, judged_year

pytestmark = [pytest.mark.browser, pytest.mark.both_worlds, pytest.mark.slow]
TASK = "令和7年度の評価に使う数値を確認する（{}）"
CELL = "main a[href*='cell=results%2FCONS%2F2025-04']"


@pytest.fixture
def stage(db: None, chromium: Any) -> Iterator[tuple[Stage, Year]]:
    """Three judged hubs, frozen, on a Friday in April; afterwards only the facts."""
    connection.inc_thread_sharing()
    with moving_clock() as clock:
        clock.set(2026, 4, 24)
        call_command("flush", interactive=False, verbosity=0)
        load_facts()
        with transaction.atomic():
            cast = make_cast()
            year = judged_year(cast)
            adopt_scheme(cast.hq.scope, term=year.term)
        server = LiveServer("localhost:0")
        try:
            hub = Hub.objects.get(code="13").pk
            yield Stage(cast, server.url, chromium, clock, term=year.term.pk, hub=hub), year
        finally:
            server.stop()
            call_command("flush", interactive=False, verbosity=0)
            load_facts()


def computed(hq: Person) -> EvaluationRun:
    """HQ computes the judgement of the year."""
    hq.go("/evaluation/runs/").page.select_option("[name=kind]", "final")
    hq.press("算定する")
    return EvaluationRun.objects.latest("pk")


def asked(hq: Person, run: EvaluationRun, said: str) -> None:
    hq.go(f"/evaluation/runs/{run.pk}/").follow("拠点に事実確認を依頼する")
    hq.press("全拠点に事実確認を依頼する").says(said)


def test_from_the_objection_to_the_difference(stage: tuple[Stage, Year]) -> None:
    portal, year = stage
    hq = portal.person("hq")
    first = computed(hq)
    asked(hq, first, "各拠点に通知を送りました。")

    chief = portal.person("cc_tokyo").go("/").follow(TASK.format("東京都よろず支援拠点"))
    chief.says("回答期限", "令和8年5月14日（木）17:00", "相談対応件数", "総合点（公表前）")
    chief.lacks("評価者A")
    portal.person("cc_tokyo").refused(f"/evaluation/runs/{first.pk}/", 404)
    chief.page.go_back()
    chief.click(CELL).says("相談対応件数（令和7年4月）", "100")
    chief.page.check("input[name=kind][value=objection]")
    chief.fill(text="4月30日の相談会の30件が入っていません。", proposed="130件")
    chief.press("提出する").says("異議を提出しました。", "異議（回答待ち）")
    chief.press("提出した意見・異議のほかは異議なしと回答する").says("回答を記録しました。")
    for key, name in (("cc_kanagawa", "神奈川県"), ("cc_miyagi", "宮城県")):
        other = portal.person(key).go("/").follow(TASK.format(f"{name}よろず支援拠点"))
        other.lacks("東京都").press("異議なしと回答する").says("回答を記録しました。")

    hq.go("/").follow("令和7年度の評価への意見・異議に回答する（1件）")
    hq.says("まだ審査に進めません", "異議に回答していません").follow("相談対応件数（令和7年4月）")
    hq.page.check("input[name=decision][value=accepted]")
    hq.fill(answer="相談票で確かめました。月次実績の修正を申請してください。")
    hq.press("回答を記録する").says("もとの記録を訂正する", "訂正の反映待ち")

    grid = f"/results/term/{portal.term}/hub/{portal.hub}/"
    chief.go(grid).follow("修正申請（4月）").page.select_option("[name=key]", "CONS")
    chief.fill(value="130", reason="4月30日の相談会が漏れていました。", evidence="相談票30枚")
    address = chief.press("修正を申請する").page.url.removeprefix(portal.url)
    portal.person("body_tokyo").go(address).press("実施機関として確認する")
    portal.clock.set(2026, 5, 7)
    portal.person("bureau_kanto").go(address).press("修正を反映する")

    hq.go(f"/evaluation/evidence/books/{year.books['13'].pk}/").fill(as_of="2026-05-07")
    hq.press("凍結し直す").says("第2号").follow("前の号との違い").says("130")
    second = computed(hq)
    asked(hq, second, "1拠点に事実確認を依頼し、通知を送りました。")
    hubs = hq.table("拠点別の事実確認")
    assert {name[:3]: row["状態"][:3] for name, row in hubs.items()} == {
        "東京都": "確認待",
        "神奈川": "確認済",
        "宮城県": "確認済",
    }
    chief.go("/").follow(TASK.format("東京都よろず支援拠点")).says("130", "第2回の評価に反映")
    chief.press("異議なしと回答する")
    hq.go(f"/evaluation/runs/{second.pk}/facts/").press("事実確認を終えて審査に進む")
    fixer = portal.person("hq_second").go(f"/evaluation/runs/{second.pk}/")
    fixer.follow("評価を確定する").press("この評価を確定する")
    agency = portal.person("agency").go(f"/evaluation/runs/{second.pk}/")
    agency.follow("全拠点に公表する").press("全拠点に公表する").says("公表しました。")

    hq.go(f"/evaluation/runs/{second.pk}/").follow("訂正による変化").says("130")
    rows = hq.table("拠点別の差")
    tokyo = next(row for name, row in rows.items() if name.startswith("東京都"))
    assert next(iter(rows)).startswith("東京都")
    assert tokyo["変わった理由"] == "自拠点の数値の訂正"
    assert tokyo["区分の得点"].startswith("活動指標")
    assert tokyo["差（点）"].startswith("+")
    file = list(csv.reader(io.StringIO(hq.download("CSVで出力").decode("utf-8-sig"))))
    assert [line[0] for line in file[1:2]] == ["東京都よろず支援拠点"]
    assert len(file) == 4
    chief.go(f"/evaluation/runs/{second.pk}/hubs/13/").says("総合点")
    chief.refused(f"/evaluation/runs/{first.pk}/", 404)
    portal.close()
