"""Screen, print view, CSV, XLSX and PDF of one query say the same figures."""

import contextlib
import csv
import io
import re
import zlib
from decimal import Decimal
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from evaluation.budget.queries import BARS
from evaluation.reports import files, queries, tables
from hubs.network.models import Hub
from tests.cast import Cast
from tests.evaluation.reports.year import PAYLOAD, TOTAL_YEN
from yorozu.core.pdf import pdf_available
from yorozu.core.web.tables import Table, shown

needs_pdf = pytest.mark.skipif(pdf_available() is not None, reason=str(pdf_available()))


def text_of(pdf: bytes) -> str:
    """The text layer without any blanks, so that line breaks in cells do not matter."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return squeeze("".join(page.extract_text() for page in pages))


def inflated(pdf: bytes) -> bytes:
    """The objects of a PDF, those in compressed streams too."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    opened = []
    for stream in streams:
        with contextlib.suppress(zlib.error):
            opened.append(zlib.decompress(stream))
    return pdf + b"".join(opened)


def squeeze(text: str) -> str:
    """Without blanks and line breaks."""
    return re.sub(r"\s+", "", text)


def html_text(html: str) -> str:
    """What a reader sees of a page."""
    return squeeze(unescape(re.sub(r"<[^>]+>", "", html)))


def cells_of(book: bytes) -> set[Any]:
    """All values of a workbook; numbers as Decimal."""
    loaded = load_workbook(io.BytesIO(book), data_only=False)
    values = set()
    for sheet in loaded.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", f"{sheet.title}!{cell.coordinate} is a formula"
                if isinstance(cell.value, int | float):
                    values.add(Decimal(str(cell.value)))
                elif cell.value is not None:
                    values.add(cell.value)
    return values


def figures_of(table: Table) -> list[int | Decimal]:
    """All numbers of a table with its totals."""
    return [
        value
        for row in files.as_rows(table)
        for value in row
        if isinstance(value, int | Decimal) and not isinstance(value, bool)
    ]


def rows_of(data: bytes, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(encoding))))


def sheet_tables(sheet: queries.HubSheet) -> list[Table]:
    context = files.hub_sheet_context(sheet)
    found = [value for value in context.values() if isinstance(value, Table)]
    return [*found, *context["arithmetic"]]


@pytest.fixture
def tokyo(judged: SimpleNamespace, cast: Cast) -> queries.HubSheet:
    return queries.hub_sheet(judged.run, Hub.objects.get(code="13"), cast.hq.scope)


def test_hub_sheet_says_the_same_on_screen_in_csv_and_in_xlsx(
    judged: SimpleNamespace, tokyo: queries.HubSheet, cast: Cast, sign_in: Any
) -> None:
    page = sign_in(cast.hq).get(f"/evaluation/reports/runs/{judged.run.pk}/hubs/13/")
    text = html_text(page.content.decode())
    book = cells_of(files.hub_sheet_xlsx(tokyo))
    found = sheet_tables(tokyo)
    assert len(found) > 15
    for table in found:
        for value in figures_of(table):
            assert shown(value) in text, (table.caption, value)
            assert Decimal(value) in book, (table.caption, value)
    lines = rows_of(files.hub_sheet_csv(tokyo))
    assert len(lines) == len(tokyo.lines)
    for row, line in zip(lines, tokyo.lines, strict=True):
        assert row["得点"] == ("" if line.points is None else f"{line.points:f}")
        assert row["寄与"] == ("" if line.contribution is None else f"{line.contribution:f}")
        assert row["拠点コード"] == "13"


@pytest.mark.once
@needs_pdf
def test_hub_sheet_pdf_says_the_same_and_is_a_tagged_japanese_document(
    tokyo: queries.HubSheet, settings: Any
) -> None:
    settings.IS_SAMPLE_DATA = True
    made = files.hub_sheet_pdf(tokyo)
    text = text_of(made)
    for table in sheet_tables(tokyo):
        for value in figures_of(table):
            assert shown(value) in text, (table.caption, value)
    for words in (
        "令和7年度よろず支援拠点評価票",
        "東京都よろず支援拠点",
        "関東経済産業局",
        "相談対応件数",
        "サンプル",
        "算定の証明",
        "./runmanageevaluation_checkevaluation-2025-1.json",
        tokyo.run.input_hash,
        tokyo.run.result_hash,
        tokyo.result.evidence_book.content_hash,
        '=HYPERLINK("http',
    ):
        assert words in text, words
    inside = inflated(made)
    assert b"/Lang (ja)" in inside
    assert b"/URI" not in inside
    reader = PdfReader(io.BytesIO(made))
    pages = len(reader.pages)
    assert bool(reader.trailer["/Root"]["/MarkInfo"]["/Marked"])
    assert pages >= 2
    assert f"1/{pages}" in text
    assert f"{pages}/{pages}" in text


def test_figures_of_the_sheet_come_from_the_run_and_the_book(tokyo: queries.HubSheet) -> None:
    parts = {line.component: line for line in tokyo.of_level("component")}
    total = sum(line.contribution for line in parts.values())
    rest = sum(line.contribution for line in tokyo.of_level("rounding", "adjustment"))
    assert total + rest == tokyo.result.final
    cons = next(line for line in tokyo.lines if line.item == "CONS")
    series = next(one for one in tokyo.months if one.code == "CONS")
    assert cons.measure.actual == series.total == sum(series.values)
    assert cons.measure.target == 1200
    assert tokyo.survey.n == sum(tokyo.survey.levels)
    assert sum(row.count for row in tokyo.partners.types) == tokyo.partners.n == 3
    assert [row.organization for row in tokyo.partners.excluded] == [PAYLOAD]
    order = [line.item for line in tokyo.of_level("item") if line.component == "IND"]
    assert order == ["CONS", "VISIT", "SOLVE", "NETW"]


def test_marks_of_the_hearing_reach_the_sheet(judged: SimpleNamespace, cast: Cast) -> None:
    def checks(code: str) -> dict[str, Any]:
        sheet = queries.hub_sheet(judged.run, Hub.objects.get(code=code), cast.hq.scope)
        return {row.code: row for row in sheet.checks}

    assert checks("08")["C1"].reconcile
    assert checks("09")["U2"].status == "MISSING"
    assert checks("10")["C3"].reason == "対象となる機関がない"
    first = checks("08")["C1"]
    assert first.anchor == f"{int(first.mean)}：C1の段階{int(first.mean)}の説明"
    assert not checks("08")["U1"].has_evidence


def test_a_hub_of_few_months_has_points_but_no_grade(judged: SimpleNamespace, cast: Cast) -> None:
    sheet = queries.hub_sheet(judged.run, Hub.objects.get(code="07"), cast.hq.scope)
    assert not sheet.result.is_graded
    assert tables.verdict(sheet)["grade"] == "評語なし"
    assert "稼働月数が5か月で、6か月に満たない" in sheet.limits[0]


def test_national_compilation_sums_the_hubs(
    judged: SimpleNamespace, cast: Cast, sign_in: Any
) -> None:
    found = queries.compilation(judged.run, cast.hq.scope)
    for place, total in enumerate(found.nation.totals):
        assert total.actual == sum(row.totals[place].actual for row in found.hub_totals)
        assert total.target == sum(area.totals[place].target for area in found.areas)
    assert sum(area.hubs for area in found.areas) == found.nation.hubs == 47
    page = sign_in(cast.hq).get(f"/evaluation/reports/runs/{judged.run.pk}/compilation/")
    text, book = html_text(page.content.decode()), cells_of(files.compilation_xlsx(found))
    for table in (v for v in files.compilation_context(found).values() if isinstance(v, Table)):
        for value in figures_of(table):
            assert shown(value) in text, (table.caption, value)
            assert Decimal(value) in book, (table.caption, value)
    rows = rows_of(files.compilation_csv(found))
    nation = {row["活動指標"]: row for row in rows if row["範囲"] == "全国"}
    assert [nation[one.name]["実績"] for one in found.data.indicators] == [
        str(total.actual) for total in found.nation.totals
    ]
    assert len(rows) == 4 * (1 + len(found.areas) + 47)


@pytest.mark.once
@needs_pdf
def test_compilation_and_budget_pdf_say_the_same(judged: SimpleNamespace, cast: Cast) -> None:
    found = queries.compilation(judged.run, cast.hq.scope)
    text = text_of(files.compilation_pdf(found))
    for table in (v for v in files.compilation_context(found).values() if isinstance(v, Table)):
        assert all(shown(value) in text for value in figures_of(table)), table.caption
    budget = queries.budget_table(judged.scenario, cast.hq.scope)
    text = text_of(files.budget_pdf(budget))
    assert all(shown(value) in text for value in figures_of(tables.budget_lines(budget)))
    assert "4,000,000,000円" in text
    assert "一致しています" in text


def test_evaluation_csv_has_one_row_per_hub(judged: SimpleNamespace, cast: Cast) -> None:
    rows = rows_of(files.evaluation_csv(judged.run, cast.hq.scope))
    assert tuple(rows[0]) == files.RESULT_HEADER
    assert [row["拠点コード"] for row in rows] == [f"{n:02d}" for n in range(1, 48)]
    for row, result in zip(rows, judged.run.hub_results.order_by("hub__code"), strict=True):
        assert row["総合点"] == str(result.final)
        assert row["順位"] == ("" if result.rank is None else str(result.rank))
    assert rows[6]["状況"] == "参考（評語なし）"


def test_budget_csv_is_whole_yen_without_totals(judged: SimpleNamespace, cast: Cast) -> None:
    rows = rows_of(files.budget_csv(judged.scenario, cast.hq.scope))
    assert len(rows) == 47
    amounts = [int(row["配分案（円）"]) for row in rows]
    assert sum(amounts) + judged.scenario.reserve_yen == TOTAL_YEN
    for row in rows:
        assert sum(int(row[f"{name}（円）"]) for _, name in BARS) == int(row["配分案（円）"])
    totals = files.as_rows(
        tables.budget_lines(queries.budget_table(judged.scenario, cast.hq.scope))
    )
    assert totals[-1][0] == "計"
    assert sum(amounts) in totals[-1]


def test_cp932_on_request_marks_what_it_lacks(judged: SimpleNamespace, cast: Cast) -> None:
    data = files.evaluation_csv(judged.run, cast.hq.scope, "cp932")
    assert rows_of(data, "cp932")[0]["拠点名"] == "北海道よろず支援拠点"


def test_formula_in_a_name_stays_text(judged: SimpleNamespace, cast: Cast) -> None:
    hub = Hub.objects.get(code="13")
    result = judged.run.hub_results.select_related("hub__bureau", "evidence_book").get(hub=hub)
    result.hub_name = '=cmd|" /C calc"!A1'
    sheet = queries.sheet_of(result, cast.hq.scope, queries.read_run(judged.run))
    assert "'=cmd" in files.hub_sheet_csv(sheet).decode("utf-8-sig")
    cells = cells_of(files.hub_sheet_xlsx(sheet))
    assert f"'{PAYLOAD}" in cells
    assert PAYLOAD not in cells
    html = files.hub_sheet_html(sheet)
    assert "=HYPERLINK(&quot;" in html
    assert files.hub_sheet_name(sheet) == "13_=cmd__ _C calc_!A1_令和7年度評価票"
