"""実績取りまとめ: figures, like for like, missing hubs by name, and four media that agree."""

import csv
import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from django.urls import reverse
from pypdf import PdfReader

from hubs.network.models import Hub
from hubs.results import files, operations
from hubs.results.operations import Wanted
from hubs.results.queries.compilation import compilation, period_of
from tests.hubs.year import SYSTEM, accepted, entered, fixed_plan, hub, open_year
from yorozu.core.pdf import pdf_available

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]
APRIL, MAY, JUNE = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)


@pytest.fixture
def year(cast):
    """Two years; this year Tokyo has a correction and a sent May, Kanagawa only April."""
    open_year(2025)
    accepted(date(2025, 4, 1), CONS="200")
    accepted(date(2025, 5, 1), CONS="210")
    term = open_year()
    fixed_plan(term)
    april = accepted(APRIL, F1="5", F2="6")
    accepted(APRIL, "14", CONS="100", VISIT="50", SOLVE="20", NETW="0")
    may = entered(MAY, F1="7", F2="8", CONS="1234", VISIT="1000")
    operations.submit_month(actor=SYSTEM, report=may)
    row = operations.request_correction(
        actor=SYSTEM, report=april, wanted=Wanted("CONS", "310", "数え漏れ", "集計表")
    )
    operations.confirm_correction(actor=SYSTEM, correction=row)
    operations.accept_correction(actor=SYSTEM, correction=row)
    return term


def found(scope, term, month=MAY, *, single=False):
    return compilation(scope, term, period_of(term, month, single=single))


def test_sums_keep_accepted_corrections_and_pending_apart(cast, year):
    got = found(cast.hq.scope, year)
    nation = got.nation.amounts["CONS"]
    assert (nation.accepted, nation.effect, nation.total, nation.pending) == (400, 10, 410, 1234)
    # Targets of the accepted month with a figure only: 3,600 / 12.
    assert (nation.target, nation.year_target) == (Decimal(300), Decimal(3600))
    assert nation.attainment == Decimal("136.7")
    # Like for like: Tokyo's April in both years; Kanagawa has no last year.
    assert (nation.like, nation.last_year, nation.year_on_year) == (310, 200, Decimal("155.0"))
    kanto = next(row for row in got.bureaus if row.name == hub("13").bureau.name)
    assert kanto.amounts["CONS"].total == 410
    assert got.nation.amounts["NETW"].total == 40  # a reported 0 adds nothing and is no gap


def test_missing_hubs_are_named_with_their_months(cast, year):
    got = found(cast.hq.scope, year)
    assert (got.nation.owed, got.nation.accepted, got.nation.missing_hubs) == (94, 2, 47)
    texts = {row.hub.code: row.text for row in got.missing}
    assert texts["13"] == "5月（提出済）"
    assert texts["14"] == "5月（未提出）"
    assert texts["04"] == "4月（未提出）、5月（未提出）"


def test_a_single_month_and_a_month_that_is_not_over(cast, year):
    got = found(cast.hq.scope, year, APRIL, single=True)
    assert (got.period.label, got.nation.owed) == ("4月", 47)
    assert got.nation.amounts["CONS"].pending is None
    later = period_of(year, date(2027, 2, 1), single=False)
    assert later.last == date(2026, 10, 1)


def test_a_bureau_sees_all_sums_and_its_own_hubs(cast, year):
    got = found(cast.bureau_tohoku.scope, year)
    assert not got.is_whole
    assert got.nation.amounts["CONS"].total == 410
    names = set(Hub.objects.visible_to(cast.bureau_tohoku.scope).values_list("name", flat=True))
    assert {row.name for row in got.hubs} == names
    assert {row.hub.name for row in got.missing} <= names


def test_queries_do_not_grow_with_the_hubs(cast, year, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        assert len(found(cast.hq.scope, year).hubs) == 47


def printed(value):
    if value in {None, ""}:
        return ""
    return f"{Decimal(str(value)):,f}" if not isinstance(value, str) else value


def test_screen_csv_xlsx_and_pdf_agree(cast, sign_in, year):
    client = sign_in(cast.hq)
    query = {"month": "2026-05"}
    got = found(cast.hq.scope, year)
    wanted = {
        (row.name, one.name): row.amounts[one.code] for row in got.rows for one in got.indicators
    }
    lines = csv.DictReader(
        io.StringIO(
            client.get(reverse("results_compilation_csv", args=[year.pk]), query).content.decode(
                "utf-8-sig"
            )
        )
    )
    read = {(line["名称"], line["活動指標"]): line for line in lines}
    assert set(read) == set(wanted)
    book = openpyxl.load_workbook(
        io.BytesIO(client.get(reverse("results_compilation_xlsx", args=[year.pk]), query).content)
    )
    sheets = {}
    for one in got.indicators:
        for sheet in (f"{one.name} 局別", f"{one.name} 拠点別"):
            for row in book[sheet].iter_rows(values_only=True):
                for name in row[:2]:
                    sheets.setdefault((name, one.name), row)
    page = client.get(reverse("results_compilation", args=[year.pk]), query).text
    paper = client.get(reverse("results_compilation_print", args=[year.pk]), query).text
    for key, amount in wanted.items():
        values = [amount.accepted, amount.effect, amount.total, amount.pending, amount.last_year]
        line = read[key]
        names = ("確認済", "修正", "修正後の計", "未確認", "前年同期")
        assert [line[name] for name in names] == ["" if v is None else str(v) for v in values]
        cells = list(sheets[key])
        for value in values:
            assert value is None or value in cells
        for value in values:
            assert printed(value) in page
            assert printed(value) in paper
    assert "1,234" in page
    assert "数え漏れ" not in page


@pytest.mark.skipif(pdf_available() is not None, reason="no pango here")
def test_the_pdf_prints_the_same_figures(cast, year):
    got = found(cast.bureau_tohoku.scope, year)
    document = PdfReader(io.BytesIO(files.compilation_pdf(got)))
    text = "".join(page.extract_text() for page in document.pages)
    nation = got.nation.amounts["CONS"]
    for value in (nation.accepted, nation.total, nation.pending, nation.last_year):
        assert f"{value:,}" in text
    assert "宮城県よろず支援拠点" in text
    assert "4月から5月まで" in text


def test_before_the_first_month_is_over_there_is_nothing_to_compile(cast, sign_in):
    term = open_year(2027)
    page = sign_in(cast.agency).get(reverse("results_compilation", args=[term.pk]), follow=True)
    assert "まだ終わった月がない" in page.text
