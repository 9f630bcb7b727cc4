"""The workbench over 47 hubs: who reads it, its filters, the way from hub to hub, its figures."""

import re
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from evaluation.desk import bench, queries, tables
from evaluation.desk.rules.distance import HubDistance
from evaluation.scoring.analysis import operations as analysis
from evaluation.scoring.analysis.tables.correlation import BACKWARDS_WORD, DOUBLE_WORD
from evaluation.scoring.models import RunKind
from hubs.network.models import Hub
from tests.cast import Cast
from tests.evaluation.ground import SYSTEM, make_run, three_hubs


def address(judged: SimpleNamespace, code: str = "", query: str = "") -> str:
    hub = f"hubs/{code}/" if code else ""
    return f"/evaluation/desk/runs/{judged.run.pk}/{hub}{query}"


def page(client: Any, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return str(answer.content.decode())


@pytest.mark.parametrize("code", ["", "13"])
def test_nation_reads_and_everybody_else_is_refused(
    judged: SimpleNamespace, cast: Cast, sign_in: Any, code: str
) -> None:
    for key in ("hq", "agency", "auditor"):
        assert sign_in(cast.actors[key]).get(address(judged, code)).status_code == 200, key
    for key in ("bureau_kanto", "cc_tokyo", "body_tokyo", "pm_kanto", "admin", "nobody"):
        answer = sign_in(cast.actors[key]).get(address(judged, code))
        assert answer.status_code == 403, key
    assert sign_in(cast.hq).get(address(judged, "99")).status_code == 404


def test_door_leads_to_the_newest_run(judged: SimpleNamespace, cast: Cast, sign_in: Any) -> None:
    trial = make_run(three_hubs(), kind=RunKind.TRIAL)
    assert trial.number > judged.run.number
    answer = sign_in(cast.hq).get("/evaluation/desk/")
    assert (answer.status_code, answer.headers["Location"]) == (302, address(judged))
    page(sign_in(cast.hq), f"/evaluation/desk/runs/{trial.pk}/")


def test_page_of_the_run_leads_to_it_those_who_may(
    judged: SimpleNamespace, cast: Cast, sign_in: Any
) -> None:
    run = f"/evaluation/runs/{judged.run.pk}/"
    assert f'href="{address(judged)}"' in page(sign_in(cast.hq), run)
    assert f'href="{address(judged)}"' not in page(sign_in(cast.bureau_kanto), run)


def test_door_without_any_run_says_who_acts_next(cast: Cast, sign_in: Any) -> None:
    assert "まだ評価がありません。" in page(sign_in(cast.hq), "/evaluation/desk/")


def test_next_leads_through_all_hubs_once(judged: SimpleNamespace, cast: Cast) -> None:
    listed = bench.listing(judged.run, cast.hq.scope, {})
    codes = list(Hub.objects.order_by("code").values_list("code", flat=True))
    walked, place = [], bench.place_of("01", listed)
    while True:
        walked.append(place)
        if place.following is None:
            break
        following = bench.place_of(place.following[0], listed)
        assert following.previous is not None
        place = following
    assert len(walked) == 47
    assert [one.number for one in walked] == list(range(1, 48))
    assert [one.following[0] for one in walked if one.following] == codes[1:]
    assert walked[0].previous is None


def test_filter_narrows_the_list_and_the_way(
    judged: SimpleNamespace, cast: Cast, sign_in: Any
) -> None:
    name = Hub.objects.get(code="13").bureau.name
    members = list(
        Hub.objects.filter(bureau__name=name).order_by("code").values_list("code", flat=True)
    )
    listed = bench.listing(judged.run, cast.hq.scope, {"bureau": name})
    assert [row.result.hub.code for row in listed.shown] == members
    assert len(listed.rows) == 47
    place = bench.place_of(members[0], listed)
    assert (place.number, place.total) == (1, len(members))
    assert place.query
    outside = bench.place_of("47", listed)
    assert (outside.number, outside.total, outside.query) == (47, 47, "")
    text = page(sign_in(cast.hq), address(judged, members[0], place.query))
    assert f"1／{len(members)}" in text
    assert f"hubs/{members[1]}/{place.query}" in text


@pytest.mark.parametrize("grade", ["A", "B", "none"])
def test_grades_narrow_the_list(judged: SimpleNamespace, cast: Cast, grade: str) -> None:
    listed = bench.listing(judged.run, cast.hq.scope, {"grade": grade})
    wanted = "" if grade == "none" else grade
    expected = judged.run.hub_results.filter(grade=wanted).count()
    assert len(listed.shown) == expected > 0


def test_unknown_filters_count_as_none(judged: SimpleNamespace, cast: Cast, sign_in: Any) -> None:
    given = {"grade": "Z", "bureau": "<b>", "mark": "x"}
    assert len(bench.listing(judged.run, cast.hq.scope, given).shown) == 47
    text = page(sign_in(cast.hq), address(judged, "", "?grade=Z&bureau=%3Cb%3E&sort=nothing"))
    assert "<b>東" not in text


def test_table_is_sorted_and_keeps_the_filter(
    judged: SimpleNamespace, cast: Cast, sign_in: Any
) -> None:
    text = page(sign_in(cast.hq), address(judged, "", "?grade=B&sort=-final"))
    shown = re.findall(rf'href="{address(judged)}hubs/(\d\d)/\?grade=B">[^<]+</a></th>', text)
    rows = judged.run.hub_results.filter(grade="B").order_by("-final", "hub__code")
    finals = dict(rows.values_list("hub__code", "final"))
    assert len(shown) == len(finals)
    assert [finals[code] for code in shown] == sorted(finals.values(), reverse=True)


def test_distance_to_the_next_grade_is_the_one_of_the_page_that_says_why(
    judged: SimpleNamespace, cast: Cast
) -> None:
    listed = bench.listing(judged.run, cast.hq.scope, {})
    for row in listed.rows[:8]:
        found = bench.hub_bench(judged.run, row.result, cast.hq.scope, {})
        assert row.target == found.why.distance.target
        assert row.gap == found.why.distance.gap


def marked(found: bench.Bench, word: str) -> set[tuple[str, str]]:
    """(row, column) of the cells that carry a word."""
    table = tables.correlation_table(found)
    return {
        (str(row["name"]), column.key)
        for row in table.rows
        for column in table.columns[1:]
        if row[column.key] and row[column.key].note == word
    }


def test_correlations_name_what_pulls_back(judged: SimpleNamespace, cast: Cast) -> None:
    """In this made-up year survey and partners fall while the score rises."""
    found = bench.bench(judged.run, cast.hq.scope, {})
    assert found.correlation["backwards"] == ["SAT", "PAR"]
    assert marked(found, BACKWARDS_WORD) == {
        ("顧客満足度調査", "TOTAL"),
        ("支援機関による評価", "TOTAL"),
    }
    assert marked(found, DOUBLE_WORD) == set()
    assert len(tables.doubtful(found)) == 2


def test_correlations_name_what_is_counted_twice(judged: SimpleNamespace, cast: Cast) -> None:
    found = bench.bench(judged.run, cast.hq.scope, {})
    pairs = [["IND", "FOC", "0.9512", 47], ["IND", "TOTAL", "0.9900", 47]]
    twice = replace(
        found, correlation={"pairs": pairs, "double": [["IND", "FOC"]], "backwards": []}
    )
    assert marked(twice, DOUBLE_WORD) == {("活動指標", "FOC"), ("重点分野", "IND")}
    (said,) = tables.doubtful(twice)
    assert said.startswith("「活動指標」と「重点分野」は動きがほぼ同じです。")


def test_reliability_stands_once_the_run_is_analysed(
    judged: SimpleNamespace, cast: Cast, sign_in: Any
) -> None:
    client = sign_in(cast.hq)
    before = page(client, address(judged))
    assert "ばらつきと頑健性の分析がまだありません" in before
    with transaction.atomic():
        analysis.store(SYSTEM, run=judged.run, found=analysis.compute_for(judged.run))
    after = page(client, address(judged))
    assert "クリッペンドルフのα（順序）" in after
    assert "評価者の厳しさ" in after
    listed = bench.listing(judged.run, cast.hq.scope, {"mark": "near"})
    assert all(row.outlook and row.outlook.near for row in listed.shown)
    assert 0 < len(listed.shown) < 47
    hub = page(client, address(judged, "13"))
    for word in ("総合点の90％区間", "順位の90％区間", "評語の確率", "判定"):
        assert word in hub


def test_hub_page_has_everything(judged: SimpleNamespace, cast: Cast, sign_in: Any) -> None:
    text = page(sign_in(cast.hq), address(judged, "13"))
    for heading in (
        "点数の内訳",
        "計画の目標",
        "月次実績",
        "顧客満足度調査",
        "支援機関による評価",
        "ヒアリング",
        "事実確認",
        "確認事項",
        "これまでの評価",
        "重点指導",
        "講評",
        "資料の出所",
        "根拠を開く",
        "注意すること",
        "次の評語",
        "予算への反映",
    ):
        assert f">{heading}</h2>" in text, heading
    assert 'rel="prev"' in text
    assert 'rel="next"' in text
    assert "data-keys" in text


def test_pages_ask_a_fixed_number_of_questions(
    judged: SimpleNamespace, cast: Cast, sign_in: Any
) -> None:
    client = sign_in(cast.hq)
    page(client, address(judged))
    counts = []
    for url in (
        address(judged),
        address(judged, "", "?grade=B"),
        address(judged, "", "?mark=near"),
    ):
        with CaptureQueriesContext(connection) as asked:
            page(client, url)
        counts.append(len(asked))
    assert len(set(counts)) == 1
    assert counts[0] <= 30
    hubs = set()
    for code in ("01", "13", "47"):
        with CaptureQueriesContext(connection) as asked:
            page(client, address(judged, code))
        hubs.add(len(asked))
    assert len(hubs) == 1
    assert hubs.pop() <= 50


def test_a_grade_that_only_a_gate_holds_is_not_called_zero_points_away(
    judged: SimpleNamespace, cast: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = {"cap": "B", "because": ["FOC"]}
    way = HubDistance("13", Decimal("85.00"), "B", "A", Decimal(80), (gate,))

    def why(*given: Any) -> queries.Why:
        return replace(queries.why(*given), distance=way)

    monkeypatch.setattr(bench, "why", why)
    text = page(sign_in(cast.hq), address(judged, "13"))
    assert "総合点は評語Aの点数に届いています。" in text
    assert "が基準の点に満たないため、評語はBまでです。" in text
    assert "あと0" not in text
