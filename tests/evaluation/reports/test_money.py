"""The proposal as a job, the ministry's table in thousand yen, rows and columns by funding line."""

import csv
import io
import json
from types import SimpleNamespace
from typing import Any

import pytest
from openpyxl import load_workbook

from evaluation.budget.models import BudgetScenario
from evaluation.budget.operations import Proposal, build_snapshot, keep_rule, store_scenario
from evaluation.budget.rules.lines import Line
from evaluation.reports import files, money_files, operations, queries, tables
from tests.cast import Cast
from tests.evaluation.reports import year
from yorozu.core.errors import Refused
from yorozu.core.jobs.models import Job, JobState
from yorozu.core.pdf import pdf_available

LINES = (Line("当初予算", 3_300_000_000), Line("補正予算", 700_000_000))


@pytest.fixture
def split(judged: SimpleNamespace, cast: Cast) -> BudgetScenario:
    """A scenario of 47 hubs whose envelope comes from two funding lines."""
    rule = keep_rule(cast.hq.scope)
    snapshot = build_snapshot(
        judged.run, rule, year.TOTAL_YEN, Proposal(lines=LINES, note="二区分")
    )
    return store_scenario(
        cast.hq.scope, run=judged.run, rule=rule, title="二区分案", snapshot=snapshot
    )


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_the_ministry_table_has_fixed_columns_and_adds_up(
    split: BudgetScenario, cast: Cast
) -> None:
    rows = rows_of(money_files.ministry_csv(queries.budget_table(split, cast.agency.scope)))
    assert list(rows[0]) == [
        "区分",
        "拠点コード",
        "拠点名",
        "経済産業局",
        "実施機関",
        "総合点",
        "前年度契約額（千円）",
        "当初予算（千円）",
        "補正予算（千円）",
        "配分案（千円）",
        "増減額（千円）",
        "増減率（%）",
        "備考",
    ]
    hubs = [row for row in rows if row["区分"] == "拠点"]
    sums, reserve, total = rows[47:]
    assert len(hubs) == 47
    assert [row["拠点コード"] for row in hubs] == sorted(row["拠点コード"] for row in hubs)
    assert hubs[0]["実施機関"] == "配役の実施機関"
    for column in ("当初予算（千円）", "補正予算（千円）", "配分案（千円）"):
        assert sum(int(row[column]) for row in hubs) == int(sums[column])
        assert int(sums[column]) + int(reserve[column]) == int(total[column])
    for row in hubs:
        parts = int(row["当初予算（千円）"]) + int(row["補正予算（千円）"])
        assert parts == int(row["配分案（千円）"])
    assert total["当初予算（千円）"] == "3300000"


def test_the_workbook_names_unit_and_rounding(split: BudgetScenario, cast: Cast) -> None:
    table = queries.budget_table(split, cast.agency.scope)
    book = load_workbook(io.BytesIO(money_files.ministry_xlsx(table)))
    assert "四捨五入" in str(book.worksheets[0]["A1"].value)
    assert book.sheetnames == ["配分案（提出用）", "算定の記録"]


def test_a_bureau_takes_its_own_rows_and_no_sums(
    split: BudgetScenario, cast: Cast, sign_in: Any
) -> None:
    url = f"/evaluation/reports/budget/{split.pk}/ministry.csv"
    rows = rows_of(sign_in(cast.bureau_tohoku).get(url).content)
    assert {row["区分"] for row in rows} == {"拠点"}
    assert {row["経済産業局"] for row in rows} == {"東北経済産業局"}


def test_an_envelope_without_lines_has_no_columns_for_them(
    judged: SimpleNamespace, cast: Cast
) -> None:
    table = queries.budget_table(judged.scenario, cast.agency.scope)
    assert tables.by_funding_line(table) is None
    header = list(rows_of(money_files.ministry_csv(table))[0])
    assert header[6:8] == ["前年度契約額（千円）", "配分案（千円）"]


def test_screen_paper_and_workbook_show_the_lines(
    split: BudgetScenario, cast: Cast, sign_in: Any
) -> None:
    table = queries.budget_table(split, cast.agency.scope)
    by_line = tables.by_funding_line(table)
    assert by_line is not None
    assert by_line.totals is not None
    assert by_line.totals["line1"] + by_line.totals["line2"] == split.distributed_yen
    page = sign_in(cast.agency).get(f"/evaluation/reports/budget/{split.pk}/").content.decode()
    assert f"{by_line.totals['line2']:,}" in page
    assert "二区分" in page
    book = load_workbook(io.BytesIO(files.budget_xlsx(table)))
    assert book.sheetnames == [
        "配分案",
        "予算区分",
        "評価反映の内訳",
        "配分式との距離",
        "総額の確認",
        "案の記録と配分基準",
        "算定の記録",
    ]
    last = [cell.value for cell in list(book["予算区分"].rows)[-1]]
    assert last[2:] == [by_line.totals["line1"], by_line.totals["line2"], split.distributed_yen]
    sums = {row[0].value: row[1].value for row in book["総額の確認"].rows}
    assert sums["予算総額（円）"] == split.total_yen
    assert sums["留保額（円）"] == split.reserve_yen


def test_the_components_of_all_hubs_add_up_to_their_bars(split: BudgetScenario, cast: Cast) -> None:
    table = tables.component_yen(queries.budget_table(split, cast.agency.scope))
    for row in table.rows:
        parts = [row[key] or 0 for key in row if key not in {"code", "hub", "performance"}]
        assert sum(parts) == row["performance"]


@pytest.mark.skipif(bool(pdf_available()), reason="no PDF can be made here")
def test_the_paper_is_a_job_asked_for_once(
    split: BudgetScenario,
    cast: Cast,
    sign_in: Any,
    settings: Any,
    tmp_path: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.MEDIA_ROOT = tmp_path
    client, url = sign_in(cast.agency), f"/evaluation/reports/budget/{split.pk}/pdf/"
    with django_capture_on_commit_callbacks(execute=True):
        first = client.post(url)
    second = client.post(url)
    assert first.url == second.url
    job = Job.objects.get(kind="reports.budget")
    assert job.state == JobState.SUCCEEDED, job.error
    assert job.result["filename"].endswith("配分案_二区分案.pdf")
    taken = client.get(f"{first.url}file/")
    assert b"".join(taken.streaming_content).startswith(b"%PDF-")


def test_who_may_not_see_proposals_asks_for_no_paper(
    split: BudgetScenario, cast: Cast, sign_in: Any
) -> None:
    url = f"/evaluation/reports/budget/{split.pk}/pdf/"
    for actor in (cast.cc_tokyo, cast.body_tokyo, cast.pm_kanto, cast.admin):
        assert sign_in(actor).post(url).status_code == 403
        with pytest.raises(Refused):
            operations.start_budget_paper(actor.scope, scenario=split)
    assert sign_in(cast.agency).get(url).status_code == 405
    assert not Job.objects.filter(kind="reports.budget").exists()


def test_the_snapshot_keeps_bodies_note_and_lines(split: BudgetScenario) -> None:
    snapshot = json.loads(split.snapshot)
    assert set(snapshot["bodies"].values()) == {"配役の実施機関"}
    assert snapshot["note"] == split.note == "二区分"
    assert [line["name"] for line in snapshot["input"]["lines"]] == ["当初予算", "補正予算"]
