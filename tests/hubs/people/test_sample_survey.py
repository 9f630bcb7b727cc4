"""Acceptance: the shipped file of 557 people gives the paper's table exactly (domain.md 1.3)."""

import csv
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pypdf
import pytest
from django.urls import reverse

from hubs.people.exports import paper_layout_csv
from hubs.people.models import (
    Engagement,
    Person,
    QualificationCategory,
    QualificationResponse,
    QualificationSurvey,
    ResponseTick,
)
from hubs.people.queries import summary_of
from hubs.people.sample import qualification_rows
from yorozu.core.imports import operations
from yorozu.core.imports.models import BatchState, ImportBatch
from yorozu.core.pdf import pdf_available
from yorozu.core.sheets import to_csv

# The source paper, lines 65-73, in its order.
PAPER = [
    ("公認会計士", 1, 4), ("行政書士", 0, 13), ("司法書士", 0, 1), ("社会保険労務士", 1, 27),
    ("税理士", 2, 23), ("中小企業診断士", 22, 192), ("弁護士", 0, 12), ("弁理士", 0, 5),
    ("技術士", 0, 7), ("建築士", 0, 6), ("情報処理技術者", 0, 20), ("販売士", 1, 17),
    ("ISO審査員", 0, 4), ("ITコーディネーター", 3, 28), ("カラーコーディネーター", 0, 6),
    ("ファイナンシャルプランニング技能士", 0, 17), ("貿易アドバイザー", 0, 0), ("調理師", 0, 3),
    ("フードコーディネーター", 0, 4), ("ウェブデザイン技能士", 0, 3), ("不動産鑑定士", 0, 1),
    ("その他", 5, 135),
]  # fmt: skip
Go = Callable[..., ImportBatch]


def test_the_file_has_557_people_of_all_hubs_some_with_none_some_with_several() -> None:
    header, rows = qualification_rows()
    assert len(rows) == 557
    assert sum(row[2] == "チーフコーディネーター" for row in rows) == 47
    assert {row[0] for row in rows} == {f"{code:02}" for code in range(1, 48)}
    ticks = [row[5:27].count("○") for row in rows]
    assert sum(ticks) == 563
    assert ticks.count(0) > 50
    assert sum(count > 1 for count in ticks) > 50
    assert len({row[3] for row in rows}) == 557
    assert any("髙" in row[3] for row in rows)
    assert any("﨑" in row[3] for row in rows)
    assert qualification_rows() == (header, rows)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
def test_both_encodings_carry_the_file_without_loss(facts: None, encoding: Any, check: Go) -> None:
    header, rows = qualification_rows()
    batch = check(to_csv(header, rows, encoding))
    assert (batch.problems, batch.rows_added, batch.rows_total) == ([], 557, 557)
    assert batch.encoding == encoding
    assert batch.changes[0]["data"]["after"]["name"] == rows[0][3]


@pytest.fixture
def survey(check: Go, apply: Go) -> QualificationSurvey:
    header, rows = qualification_rows()
    batch = apply(check(to_csv(header, rows)))
    assert batch.state == BatchState.APPLIED, batch.problems
    return QualificationSurvey.objects.get()


def test_summary_is_the_papers_table(survey: QualificationSurvey) -> None:
    summary = summary_of(survey)
    assert [(row.name, row.cc, row.co) for row in summary.rows] == PAPER
    assert (summary.total.cc, summary.total.co, summary.total.total) == (35, 528, 563)
    assert [(s.cc, s.co) for s in map(summary.block_total, (1, 2))] == [(26, 310), (9, 218)]
    assert (Person.objects.count(), QualificationResponse.objects.count()) == (557, 557)
    assert Engagement.objects.filter(role="CC", ends_on=None).count() == 47


def test_the_same_file_again_changes_nothing_and_undo_takes_all_back(
    survey: QualificationSurvey, check: Go, cast: Any
) -> None:
    header, rows = qualification_rows()
    again = check(to_csv(header, rows, "cp932"))
    assert (again.state, again.rows_unchanged, again.changes) == (BatchState.UNCHANGED, 557, [])
    batch = ImportBatch.objects.get(state=BatchState.APPLIED)
    operations.undo(cast.hq.scope, batch=batch, reason="取り違えのため")
    for model in (Person, Engagement, QualificationResponse, ResponseTick, QualificationSurvey):
        assert model.objects.count() == 0
    assert QualificationCategory.objects.count() == 22


def test_screen_csv_and_xlsx_show_the_table(
    survey: QualificationSurvey, cast: Any, sign_in: Any
) -> None:
    client = sign_in(cast.hq)
    page = client.get(reverse("qualification_survey", args=[survey.pk])).content.decode()
    for name, cc, co in PAPER:
        cells = (
            f'<th scope="row">{name}</th><td class="yz-num">{cc}</td><td class="yz-num">{co}</td>'
        )
        assert cells in page
    for words in ("26", "310", "9", "218", "35", "528", "563", "47", "510", "557"):
        assert f'<td class="yz-num">{words}</td>' in page

    url = reverse("qualification_export", args=[survey.pk, "csv"])
    lines = list(csv.reader(io.StringIO(client.get(url).content.decode("utf-8-sig"))))
    assert [(line[1], int(line[2]), int(line[3])) for line in lines[1:12]] == PAPER[:11]
    assert lines[12][1:] == ["小計", "26", "310", "336"]
    assert [(line[1], int(line[2]), int(line[3])) for line in lines[13:24]] == PAPER[11:]
    assert lines[24][1:] == ["小計", "9", "218", "227"]
    assert lines[25][1:] == ["合計", "35", "528", "563"]
    assert client.get(url + "?encoding=cp932").content.decode("cp932").startswith("段,保有資格")

    url = reverse("qualification_export", args=[survey.pk, "xlsx"])
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(url).content)).active
    values = [tuple(cell.value for cell in row) for row in sheet.iter_rows()]
    assert ("下段", "貿易アドバイザー", 0, 0, 0) in values
    assert ("上段", "中小企業診断士", 22, 192, 214) in values
    assert values[-1][1:] == ("合計", 35, 528, 563)


def test_paper_layout_has_one_row_for_cc_and_one_for_co(survey: QualificationSurvey) -> None:
    text = paper_layout_csv(survey).decode("utf-8-sig")
    header, chief, coordinator = csv.reader(io.StringIO(text))
    assert header == ["区分", *(name for name, *_ in PAPER)]
    assert chief == ["チーフコーディネーター", *(str(cc) for _, cc, _ in PAPER)]
    assert coordinator == ["コーディネーター", *(str(co) for *_, co in PAPER)]


@pytest.mark.once
@pytest.mark.skipif(pdf_available() is not None, reason=f"PDF NOT TESTED: {pdf_available()}")
def test_pdf_shows_the_table_on_one_page(
    survey: QualificationSurvey, cast: Any, sign_in: Any
) -> None:
    url = reverse("qualification_export", args=[survey.pk, "pdf"])
    reader = pypdf.PdfReader(io.BytesIO(sign_in(cast.agency).get(url).content))
    text = "".join(page.extract_text() for page in reader.pages).replace("\n", " ")
    flat = "".join(text.split())
    for name, cc, co in PAPER:
        assert f"{name}{cc}{co}{cc + co}" in flat
    assert "小計26310336" in flat
    assert "小計9218227" in flat
    assert "35528563" in flat
    assert len(reader.pages) == 1
