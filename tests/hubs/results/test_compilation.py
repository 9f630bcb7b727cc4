"""実績取りまとめ: figures, like for like, missing hubs by name, and four media that agree."""

import csv
import io
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser

import openpyxl
import pytest
from django.urls import reverse
from pypdf import PdfReader

from hubs.ledger.operations import enter_consultation
from hubs.ledger.rules import RecordValues
from hubs.network.models import Hub
from hubs.results import files, operations
from hubs.results.operations import Wanted
from hubs.results.queries.compilation import compilation, period_of
from tests.hubs.year import SYSTEM, accepted, entered, fixed_plan, hub, open_year
from yorozu.core.audit.models import AuditEvent
from yorozu.core.jobs import runner
from yorozu.core.jobs.models import Job, JobState
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


NAMES = [
    "year_target",
    "target",
    "accepted",
    "effect",
    "total",
    "attainment",
    "pending",
    "last_year",
    "year_on_year",
]


class Tables(HTMLParser):
    """The tables of a page: caption -> row header -> first text of every cell."""

    def __init__(self, html):
        super().__init__()
        self.found = {}
        self._caption, self._row, self._cell = "", [], None
        self._reads_caption = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "caption":
            self._caption, self._reads_caption = "", True
        elif tag == "tr":
            self._row = []
        elif tag in {"td", "th"}:
            self._cell = ""

    def handle_data(self, data):
        if self._reads_caption:
            self._caption += data
        elif self._cell == "" and data.strip():
            self._cell = data.strip()

    def handle_endtag(self, tag):
        if tag == "caption":
            self._reads_caption = False
        elif tag in {"td", "th"}:
            self._row.append(self._cell)
            self._cell = None
        elif tag == "tr" and self._row:
            for name in self._row[:2]:
                self.found.setdefault(self._caption, {}).setdefault(name, self._row)


def shown_as(value):
    return "—" if value is None else f"{value:,}"


def kept_as(value):
    return "" if value is None else str(value)


def same_number(cell):
    return None if cell in {None, ""} else Decimal(str(cell))


def test_screen_print_csv_and_xlsx_agree(cast, sign_in, year):
    client, query = sign_in(cast.hq), {"month": "2026-05"}

    def answer(name):
        return client.get(reverse(f"results_compilation{name}", args=[year.pk]), query).content

    got = found(cast.hq.scope, year)
    screen, paper = Tables(answer("").decode()).found, Tables(answer("_print").decode()).found
    lines = csv.DictReader(io.StringIO(answer("_csv").decode("utf-8-sig")))
    read = {(line["名称"], line["活動指標"]): list(line.values()) for line in lines}
    book = openpyxl.load_workbook(io.BytesIO(answer("_xlsx")))
    assert len(read) == len(got.rows) * len(got.indicators) == 57 * 4
    for one in got.indicators:
        sheets = {}
        for sheet in (f"{one.name} 局別", f"{one.name} 拠点別"):
            for row in book[sheet].iter_rows(values_only=True):
                sheets |= {name: row for name in row[:2] if isinstance(name, str)}
        for row in got.rows:
            amount = row.amounts[one.code]
            values = [getattr(amount, name) for name in NAMES]
            kind = "拠点別" if row.level == "拠点" else "経済産業局別"
            caption = f"{one.name}（{kind}、4月から5月まで）"
            said = [f"{row.accepted}/{row.owed}", *map(shown_as, values)]
            assert screen[caption][row.name][-10:] == said
            assert read[row.name, one.name][-9:] == [kept_as(value) for value in values]
            cells = [same_number(cell) for cell in sheets[row.name][-9:]]
            assert cells == [same_number(value) for value in values]
            if row.level != "拠点":
                assert paper[caption][row.name][-10:] == said
                continue
            at = 3 + 3 * list(got.indicators).index(one)
            wanted = [amount.total, amount.attainment, amount.year_on_year]
            on_paper = paper["拠点別の実績（修正後の計、4月から5月まで）"][row.name]
            assert on_paper[at : at + 3] == [shown_as(value) for value in wanted]
    assert screen["確認済でない拠点と月"] == paper["確認済でない拠点と月"]


@pytest.mark.once
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


@pytest.mark.skipif(pdf_available() is not None, reason="no pango here")
def test_the_pdf_is_made_in_the_background_once(cast, sign_in, year):
    """What the page shows, for the person who asked; the same figures make no second file."""
    client = sign_in(cast.bureau_tohoku)
    url = reverse("results_compilation_pdf", args=[year.pk]) + "?month=2026-05&span=month"
    assert client.get(url).status_code == 405
    first = client.post(url)
    job = Job.objects.get(kind="results.compilation")
    assert first["Location"] == client.post(url)["Location"] == reverse("job_detail", args=[job.pk])
    if job.state != JobState.SUCCEEDED:
        assert runner.run(job.pk) == JobState.SUCCEEDED, Job.objects.get(pk=job.pk).error
    sent = client.get(reverse("job_file", args=[job.pk]))
    document = PdfReader(io.BytesIO(b"".join(sent.streaming_content)))
    text = "".join(page.extract_text() for page in document.pages)
    assert "5月" in text
    assert "4月から5月まで" not in text
    assert "宮城県よろず支援拠点" in text
    assert "東京都よろず支援拠点" not in text, "single hubs of the own area only"
    assert sign_in(cast.bureau_kanto).get(reverse("job_file", args=[job.pk])).status_code == 404
    event = AuditEvent.objects.get(action="hubs.results.make_compilation")
    assert f'"job":{job.pk}' in event.after
    assert sign_in(cast.cc_tokyo).post(url).status_code == 403
    accepted(date(2026, 5, 1), "04")
    assert client.post(url)["Location"] != first["Location"], "other figures, another file"


def test_the_ledger_says_what_the_consultations_were_about(cast, sign_in, year):
    for day, channel, theme, resolved in (
        (date(2026, 4, 3), "1", "01", date(2026, 5, 8)),
        (date(2026, 4, 9), "2", "01", None),
        (date(2026, 5, 1), "1", "02", None),
        (date(2026, 6, 1), "1", "02", None),
    ):
        enter_consultation(
            actor=cast.cc_tokyo.scope,
            hub=hub("13"),
            values=RecordValues(
                held_on=day,
                channel=channel,
                theme=theme,
                industry="E",
                employees_band="2",
                coordinator_name="配役",
                client_key="C-1",
                minutes=60,
                resolved_on=resolved,
            ),
        )
    assert found(cast.hq.scope, year).shares is None
    period = period_of(year, MAY, single=False)
    got = compilation(cast.hq.scope, year, period, with_shares=True).shares
    theme = next(one for one in got if one.kind == "theme")
    assert [(row.code, row.consultations, row.resolved, row.share) for row in theme.rows] == [
        ("01", 2, 1, Decimal("66.7")),
        ("02", 1, 0, Decimal("33.3")),
    ]
    assert {(one.consultations, one.resolved) for one in got} == {(3, 1)}
    # The stranger's bureau has no record; its sums are not the nation's.
    assert compilation(cast.bureau_tohoku.scope, year, period, with_shares=True).shares == []
    query = {"month": "2026-05", "detail": "ledger"}
    client = sign_in(cast.hq)
    assert "66.7" in client.get(reverse("results_compilation", args=[year.pk]), query).text
    url = reverse("results_compilation_csv", args=[year.pk])
    lines = client.get(url, query).content.decode("utf-8-sig").splitlines()
    assert lines[1].startswith("相談テーマ,01,")


def test_before_the_first_month_is_over_there_is_nothing_to_compile(cast, sign_in):
    term = open_year(2027)
    page = sign_in(cast.agency).get(reverse("results_compilation", args=[term.pk]), follow=True)
    assert "まだ終わった月がない" in page.text
    assert "実績取りまとめ" not in page.text
    tokyo = Hub.objects.get(code="13")
    grid = sign_in(cast.cc_tokyo).get(reverse("results_grid", args=[term.pk, tokyo.pk])).text
    assert "まだ始まった月がないため、入力できません。" in grid
