"""Screens of an analysis: judges see the network, a bureau its hubs, a hub only itself."""

import csv
import io
from typing import Any

import pytest
from openpyxl import load_workbook

from evaluation.scoring import operations
from evaluation.scoring.analysis import operations as analyses
from evaluation.scoring.analysis import words
from evaluation.scoring.analysis.queries import analysis_of, rank_text
from evaluation.scoring.models import EvaluationRun, RunKind
from tests.cast import Cast
from tests.evaluation.ground import checked, make_run, three_hubs
from yorozu.core.jobs.models import Job

pytestmark = pytest.mark.django_db
JUDGES = {"agency", "bureau_kanto", "bureau_tohoku", "hq", "hq_second", "auditor"}
HUB_SIDE = {"cc_tokyo", "cc_kanagawa", "cc_miyagi", "co_tokyo", "body_tokyo", "body_miyagi"}


@pytest.fixture
def computed(cast: Cast) -> EvaluationRun:
    """A run of three hubs with its analysis, not published."""
    run = make_run(three_hubs(), actor=cast.hq.scope)
    analyses.store(cast.hq.scope, run=run, found=analyses.compute_for(run))
    return run


@pytest.fixture
def published(cast: Cast, computed: EvaluationRun) -> EvaluationRun:
    operations.fix_run(cast.hq_second.scope, run=checked(computed, cast.hq.scope))
    return operations.publish_run(cast.agency.scope, run=computed)


def page(client: Any, run: EvaluationRun, rest: str = "") -> str:
    answer = client.get(f"/evaluation/runs/{run.pk}/{rest}")
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text


def outlook(run: EvaluationRun, code: str) -> Any:
    found = analysis_of(run)
    assert found is not None
    return found.hubs[code]


@pytest.mark.once
@pytest.mark.parametrize("rest", ["analysis/", "analysis/hubs.csv", "analysis/shifts.xlsx"])
def test_the_national_page_is_for_judges(
    cast: Cast, sign_in: Any, published: EvaluationRun, rest: str
) -> None:
    for actor in cast.all():
        answer = sign_in(actor).get(f"/evaluation/runs/{published.pk}/{rest}")
        assert answer.status_code == (200 if actor.key in JUDGES else 403), actor.key


def test_hq_sees_every_part(cast: Cast, sign_in: Any, computed: EvaluationRun) -> None:
    text = page(sign_in(cast.hq), computed, "analysis/")
    hub = outlook(computed, "13")
    for wanted in (
        hub.rank_text,
        words.score_range(hub.score),
        words.chances_word(hub.chances),
        "課題解決件数" if "課題解決件数を除く" in text else "SOLVEを除く",
        "評価者の一致",
        "参考値",
        "評価区分の間の相関係数",
        "評語の分布",
    ):
        assert wanted in text, wanted
    assert "宮城県よろず支援拠点" in text


def test_a_changed_grade_is_bold_and_says_from_what_to_what(
    cast: Cast, sign_in: Any, computed: EvaluationRun
) -> None:
    text = page(sign_in(cast.hq), computed, "analysis/")
    found = analysis_of(computed)
    assert found is not None
    changed = [
        f"{rank}位 {own.grade}→{grade}"
        for own in computed.hub_results.select_related("hub")
        for variant in found.content["variants"]
        for grade, rank, _ in [variant["hubs"][own.hub.code]]
        if grade != own.grade
    ]
    assert changed
    assert text.count("yz-changed") == len(changed)
    assert all(words_of in text for words_of in changed)


def test_a_bureau_reads_its_own_hubs_only(
    cast: Cast, sign_in: Any, published: EvaluationRun
) -> None:
    client = sign_in(cast.bureau_kanto)
    text = page(client, published, "analysis/")
    assert "東京都よろず支援拠点" in text
    assert "宮城県" not in text
    data = client.get(f"/evaluation/runs/{published.pk}/analysis/hubs.csv").content
    assert "宮城県" not in data.decode("utf-8-sig")


def test_the_hub_reads_its_own_outlook_after_publication(
    cast: Cast, sign_in: Any, published: EvaluationRun
) -> None:
    text = page(sign_in(cast.cc_tokyo), published, "hubs/13/")
    hub = outlook(published, "13")
    assert hub.rank_text in text
    assert words.score_range(hub.score) in text
    assert "この評価" in text
    assert "/analysis/" not in text
    url = f"/evaluation/runs/{published.pk}/hubs/14/"
    assert sign_in(cast.cc_tokyo).get(url).status_code == 404


def test_the_hub_knows_nothing_before(cast: Cast, sign_in: Any, computed: EvaluationRun) -> None:
    for key in HUB_SIDE:
        client = sign_in(cast.actors[key])
        assert client.get(f"/evaluation/runs/{computed.pk}/hubs/13/").status_code == 404
        assert client.get(f"/evaluation/runs/{computed.pk}/analysis/").status_code == 403


@pytest.mark.parametrize(
    "rest", ["", "hubs/13/", "../reports/runs/{pk}/hubs/13/", "../reports/runs/{pk}/compilation/"]
)
def test_a_rank_is_shown_as_a_range(
    cast: Cast, sign_in: Any, published: EvaluationRun, rest: str
) -> None:
    answer = sign_in(cast.hq).get(
        f"/evaluation/runs/{published.pk}/{rest}".replace(f"runs/{published.pk}/../", "").format(
            pk=published.pk
        )
    )
    assert answer.status_code == 200
    hub = outlook(published, "13")
    assert hub.rank[0] < hub.rank[-1]
    text = answer.content.decode()
    assert hub.rank_text in text
    bare = published.hub_results.get(hub__code="13").rank
    assert f">{bare}位<" not in text


def test_without_an_analysis_the_bare_rank_stands(cast: Cast, sign_in: Any) -> None:
    run = make_run(three_hubs(), actor=cast.hq.scope)
    rank = run.hub_results.get(hub__code="13").rank
    assert rank_text(run, "13", rank) == f"{rank}位"
    assert rank_text(run, "99", None) == ""
    assert f"{rank}位（3拠点中）" in page(sign_in(cast.hq), run, "hubs/13/")


def test_hq_asks_for_the_analysis_of_a_trial(cast: Cast, sign_in: Any) -> None:
    run = make_run(three_hubs(), actor=cast.hq.scope, kind=RunKind.TRIAL)
    url = f"/evaluation/runs/{run.pk}/analysis/"
    assert "ばらつきと頑健性を算定する" in page(sign_in(cast.hq), run, "analysis/")
    assert "ばらつきと頑健性を算定する" not in page(sign_in(cast.auditor), run, "analysis/")
    assert sign_in(cast.agency).post(f"{url}start/").status_code == 403
    answer = sign_in(cast.hq).post(f"{url}start/")
    job = Job.objects.get(kind="evaluation.analysis")
    assert answer.url == f"/jobs/{job.pk}/"
    analyses.store(cast.hq.scope, run=run, found=analyses.compute_for(run))
    assert sign_in(cast.hq).post(f"{url}start/").status_code == 409


def test_files_of_a_run_without_analysis_are_not_there(cast: Cast, sign_in: Any) -> None:
    run = make_run(three_hubs(), actor=cast.hq.scope)
    for name in ("hubs.csv", "shifts.xlsx"):
        url = f"/evaluation/runs/{run.pk}/analysis/{name}"
        assert sign_in(cast.hq).get(url).status_code == 404


def test_the_files_hold_the_numbers_of_the_page(
    cast: Cast, sign_in: Any, computed: EvaluationRun
) -> None:
    client = sign_in(cast.hq)
    data = client.get(f"/evaluation/runs/{computed.pk}/analysis/hubs.csv").content
    rows = {row["拠点コード"]: row for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig")))}
    hub = outlook(computed, "13")
    assert rows["13"]["総合点 5％点"] == str(hub.score[0])
    assert rows["13"]["順位 95％点"] == str(hub.rank[-1])
    assert [rows["13"][f"{name}の確率（％）"] for name, _ in hub.chances] == [
        str(chance) for _, chance in hub.chances
    ]
    assert rows["13"]["判定"] == ("頑健" if hub.is_robust else "前提によって変わる")
    book = client.get(f"/evaluation/runs/{computed.pk}/analysis/shifts.xlsx").content
    sheet = load_workbook(io.BytesIO(book)).worksheets[0]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    head = next(row for row in cells if "拠点コード" in row)
    found = analysis_of(computed)
    assert found is not None
    assert len([name for name in head if name]) == 5 + 3 * len(found.content["variants"])
    cp932 = client.get(f"/evaluation/runs/{computed.pk}/analysis/hubs.csv?encoding=cp932").content
    assert "総合点" in cp932.decode("cp932")


def test_the_page_sorts_by_rank_and_verdict(
    cast: Cast, sign_in: Any, computed: EvaluationRun
) -> None:
    for key in ("rank", "-rank", "verdict", "final", "nonsense"):
        assert page(sign_in(cast.hq), computed, f"analysis/?sort={key}")


def test_a_geometric_run_says_that_it_has_no_interval(cast: Cast, sign_in: Any) -> None:
    given = {**three_hubs(), "scheme": {"aggregation": "geometric"}}
    run = make_run(given, actor=cast.hq.scope)
    analyses.store(cast.hq.scope, run=run, found=analyses.compute_for(run))
    text = page(sign_in(cast.hq), run, "analysis/")
    assert "区間を計算しません" in text
    assert "加重平均で総合" in text
    row = run.hub_results.get(hub__code="13")
    assert rank_text(run, "13", row.rank) == f"{row.rank}位"
    assert "判定" in page(sign_in(cast.hq), run, "hubs/13/")


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("drop:IND.SOLVE", "課題解決件数を除く"),
        ("weight:SAT:+25", "顧客満足度調査の重み＋25％"),
        ("weight:IND:-25", "活動指標の重み－25％"),
        ("aggregation:geometric", "加重幾何平均で総合"),
        ("cap:1.5", "達成率の上限1.5"),
        ("k:estimate", "回答の補正：kを推定"),
        ("adjustment:none", "審査会の調整なし"),
        ("severity", "評価者の厳しさを補正（参考値）"),
        ("regional", "地域の条件で目標を調整（参考値）"),
        ("later:x", "later:x"),
    ],
)
def test_words_of_a_variant(code: str, word: str) -> None:
    names = {"IND.SOLVE": "課題解決件数", "SAT": "顧客満足度調査", "IND": "活動指標"}
    assert words.variant_word(code, names) == word


@pytest.mark.parametrize(
    ("rank", "text"), [(None, ""), ((3, 5, 9), "3～9位"), ((1, 1, 1), "1位"), ([], "")]
)
def test_words_of_a_rank(rank: Any, text: str) -> None:
    assert words.rank_range(rank) == text


@pytest.mark.parametrize("state", sorted(words.SEVERITY))
def test_every_state_of_severity_has_words(state: str) -> None:
    assert "{" not in words.severity_word({"state": state, "groups": 3})


def test_the_sheet_and_the_compilation_tell_the_outlook(
    cast: Cast, sign_in: Any, published: EvaluationRun
) -> None:
    client = sign_in(cast.hq)
    base = f"/evaluation/reports/runs/{published.pk}/"
    sheet = client.get(f"{base}hubs/13/").content.decode()
    hub = outlook(published, "13")
    for label, value in (
        ("総合点の90％区間", words.score_range(hub.score)),
        ("順位の90％区間", hub.rank_text),
        ("評語の確率", words.chances_word(hub.chances)),
    ):
        assert f"<dt>{label}</dt><dd>{value}</dd>" in sheet
    assert "<dt>判定</dt>" in sheet
    whole = client.get(f"{base}compilation/").content.decode()
    assert "前提ごとの影響（全国）" in whole
    assert "評価者の一致（信頼性）" in whole
    book = client.get(f"{base}compilation.xlsx").content
    names = load_workbook(io.BytesIO(book)).sheetnames
    assert any("前提" in name for name in names)


def test_without_an_analysis_the_papers_say_nothing_of_it(cast: Cast, sign_in: Any) -> None:
    run = make_run(three_hubs(), actor=cast.hq.scope)
    base = f"/evaluation/reports/runs/{run.pk}/"
    for page_of in ("hubs/13/", "compilation/"):
        text = sign_in(cast.hq).get(f"{base}{page_of}").content.decode()
        assert "90％区間" not in text
        assert "前提ごとの影響" not in text
