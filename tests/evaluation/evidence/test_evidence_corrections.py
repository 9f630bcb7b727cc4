"""A book reads corrected figures as of its cut, names its corrections, and itself never moves."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from evaluation.evidence.models import EvidenceBook
from evaluation.evidence.operations import freeze_book
from evaluation.evidence.queries import broken_books, collect, content_of
from evaluation.evidence.readings import sources
from evaluation.evidence.rules import difference, engine_hub
from hubs.network.models import Hub
from hubs.results.models import CorrectionState, MonthlyReport, ResultCorrection
from hubs.results.operations import (
    Wanted,
    accept_correction,
    confirm_correction,
    request_correction,
)
from tests.evaluation.evidence_ground import AS_OF, make_year
from yorozu.core import clock
from yorozu.core.access import system_scope

pytestmark = pytest.mark.django_db
SYSTEM = system_scope("テスト")
ZONE = ZoneInfo("Asia/Tokyo")


@pytest.fixture
def at(monkeypatch):
    """Set the clock to a moment."""

    def move(*moment):
        monkeypatch.setattr(clock, "now", lambda: datetime(*moment, tzinfo=ZONE))

    move(2026, 3, 31, 23, 59)
    return move


def corrected(month, key, text):
    report = MonthlyReport.objects.get(hub__code="13", month=month)
    row = request_correction(
        actor=SYSTEM, report=report, wanted=Wanted(key, text, "数え漏れ", "集計表")
    )
    confirm_correction(actor=SYSTEM, correction=row)
    return accept_correction(actor=SYSTEM, correction=row)


def frozen(term, as_of=AS_OF):
    return freeze_book(SYSTEM, hub=Hub.objects.get(code="13"), term=term, as_of=as_of)


def test_without_corrections_a_book_reads_as_before(cast, at):
    term = make_year()
    content = content_of(frozen(term))
    assert "corrections" not in content["results"]
    month = content["results"]["indicators"][0]["months"][0]
    assert set(month) == {"month", "state", "value", "reason", "source"}


def test_corrections_up_to_the_cut_count_and_are_named(cast, at):
    term = make_year()
    first = frozen(term)
    stored = first.content
    row = corrected(date(2025, 5, 1), "CONS", "130")
    at(2026, 4, 1, 0, 0)
    late = corrected(date(2025, 6, 1), "CONS", "999")
    second = frozen(term)
    content = content_of(second)
    cons = content["results"]["indicators"][0]
    assert cons["total"] == 1200 + 30
    may = cons["months"][1]
    assert (may["value"], may["accepted_value"], may["corrected_by"]) == (130, 100, row.pk)
    assert [entry["id"] for entry in content["results"]["corrections"]] == [row.pk]
    assert engine_hub(content)["indicators"]["CONS"]["actual"] == 1230
    # The one accepted after the cut is announced, and enters the book of a later cut.
    found = collect(term, AS_OF, [Hub.objects.get(code="13")])[0]
    assert any("基準日のあとに反映された修正が1件" in note for note in found.notes)
    third = content_of(frozen(term, date(2026, 4, 1)))
    assert third["results"]["indicators"][0]["total"] == 1230 + 899
    assert [entry["id"] for entry in third["results"]["corrections"]] == [row.pk, late.pk]
    # The first book still says what it said.
    first.refresh_from_db()
    assert (first.content, broken_books(term)) == (stored, [])
    assert EvidenceBook.objects.count() == 3
    assert any("修正" in path for path, _, _ in difference(content_of(first), content))


def test_what_is_not_accepted_does_not_count(cast, at):
    term = make_year()
    row = request_correction(
        actor=SYSTEM,
        report=MonthlyReport.objects.get(hub__code="13", month=date(2025, 5, 1)),
        wanted=Wanted("CONS", "130", "数え漏れ", "集計表"),
    )
    assert row.state == CorrectionState.REQUESTED
    assert content_of(frozen(term))["results"]["indicators"][0]["total"] == 1200
    assert ResultCorrection.objects.count() == 1


def test_the_book_page_shows_both_values(cast, sign_in, at):
    term = make_year()
    row = corrected(date(2025, 5, 1), "F1", "－")
    book = frozen(term)
    page = sign_in(cast.hq).get(reverse("evidence_book", args=[book.pk])).text
    assert f"修正{row.pk}（確認時 4）" in page
    assert "数え漏れ" in page
    table = next(one for one in sources(content_of(book)) if one.item == "F1")
    assert table.rows[1].state == f"該当なし修正{row.pk}（確認時 4）"
