"""Records as files, small and large; the coded lists by year."""

import csv
import io
from datetime import date

import openpyxl
import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from django.urls import reverse

import hubs.ledger.operations.exports as export_operations
from hubs.ledger.models import CodeAlias, CodeItem, CodeKind, CodeList
from hubs.ledger.operations import add_alias, new_version
from hubs.ledger.queries import code_book, code_books
from tests.hubs.ledger_ground import entered
from yorozu.core.access import decide
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import InvalidInput, NotReady, Refused
from yorozu.core.jobs import runner
from yorozu.core.jobs.models import Job, JobState
from yorozu.core.jobs.queries import file_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]


def url(kind: str) -> str:
    return reverse("ledger_export", args=["13", kind])


@pytest.fixture
def ledger(cast):
    """Three records, one with what a spreadsheet would run and CP932 lacks."""
    scope = cast.cc_tokyo.scope
    entered(scope, note="=1+1 𠮷野の件", resolved_on=date(2026, 11, 21))
    entered(scope, channel="2", held_on=date(2026, 10, 1))
    entered(scope, held_on=date(2026, 9, 1))


def table(data: bytes, encoding: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(encoding), newline="")))


def test_a_file_holds_what_the_list_shows(cast, sign_in, ledger):
    client = sign_in(cast.co_tokyo)
    rows = table(client.post(url("csv")).content, "utf-8-sig")
    assert len(rows) == 3
    first = rows[0]
    assert first["受付番号"] == "2026-00001"
    assert (first["相談方法"], first["業種"], first["相談日"]) == ("来訪", "製造業", "2026-11-20")
    assert first["概要"] == "'=1+1 𠮷野の件"
    assert client.post(url("csv")).content.startswith(b"\xef\xbb\xbf")
    old = table(client.post(url("cp932")).content, "cp932")
    assert old[0]["概要"] == "'=1+1 〓野の件"
    narrowed = client.post(f"{url('csv')}?month=2026-10&channel=2")
    assert [row["受付番号"] for row in table(narrowed.content, "utf-8-sig")] == ["2026-00002"]
    book = openpyxl.load_workbook(io.BytesIO(client.post(url("xlsx")).content))
    cells = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert "受付番号" in cells[1]
    assert len(cells) == 5
    assert client.post(url("pdf")).status_code == 404
    assert client.get(url("csv")).status_code == 405
    events = AuditEvent.objects.filter(action="hubs.ledger.export")
    assert events.count() == 5
    assert '"rows":1' in events.order_by("sequence")[3].after


def test_many_records_are_written_by_a_job(cast, sign_in, ledger, monkeypatch, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(export_operations, "DIRECT_ROWS", 2)
    client = sign_in(cast.co_tokyo)
    for kind, encoding in (("csv", "utf-8-sig"), ("cp932", "cp932"), ("xlsx", "")):
        answer = client.post(url(kind))
        job = Job.objects.order_by("-pk")[0]
        assert answer.url == reverse("job_detail", args=[job.pk])
        assert runner.run(job.pk) == JobState.SUCCEEDED, job.error
        job.refresh_from_db()
        assert job.result["count"] == 3
        with default_storage.open(file_of(job)) as made:
            data = made.read()
        if encoding:
            assert table(data, encoding)[0]["受付番号"] == "2026-00001"
            assert data.decode(encoding).count("受付番号") == 1, "one heading"
        else:
            assert openpyxl.load_workbook(io.BytesIO(data)).active.max_row == 5
        sent = client.get(reverse("job_file", args=[job.pk]))
        assert b"".join(sent.streaming_content) == data, "read to its end, the file is closed"
        assert sign_in(cast.cc_kanagawa).get(reverse("job_file", args=[job.pk])).status_code == 404


def test_rights_lost_meanwhile_stop_the_job(cast, sign_in, ledger, monkeypatch):
    monkeypatch.setattr(export_operations, "DIRECT_ROWS", 0)
    sign_in(cast.co_tokyo).post(url("csv"))
    cast.co_tokyo.membership.valid_to = date(2026, 11, 1)
    cast.co_tokyo.membership.save()
    assert runner.run(Job.objects.get().pk) == JobState.FAILED


def test_a_workbook_has_its_limit(cast, ledger):
    from hubs.ledger.forms import FilterForm  # noqa: PLC0415
    from tests.hubs.year import hub  # noqa: PLC0415

    wanted = FilterForm({}, book=code_book(2026), fiscal_year=2026).wanted()
    with pytest.raises(NotReady, match="Excelの1つの表には多すぎます"):
        export_operations.export_records(
            actor=cast.cc_tokyo.scope, hub=hub("13"), wanted=wanted, kind="xlsx", most_xlsx=2
        )


def test_lists_are_read_by_all_who_read_the_ledger(cast, sign_in):
    for actor in cast.all():
        client = sign_in(actor)
        may = decide(actor.scope, "hubs.ledger.view").allowed
        for address in (reverse("code_lists"), reverse("code_list", args=["channel"])):
            assert client.get(address).status_code == (200 if may else 403), actor.key
        edit = decide(actor.scope, "hubs.ledger.codes").allowed
        got = client.get(reverse("code_version", args=["theme"])).status_code
        assert got == (200 if edit else 403), actor.key
    assert sign_in(cast.hq).get(reverse("code_list", args=["nothing"])).status_code == 404


def test_a_spelling_is_added_once_and_read_at_once(cast, sign_in):
    client = sign_in(cast.hq)
    address = reverse("code_list", args=["channel"])
    visit = CodeItem.objects.get(code_list__kind="channel", code="1")
    assert code_book(2026).find("channel", "お店") is None
    assert client.post(address, {"item": visit.pk, "alias": "お店"}).status_code == 302
    assert code_book(2026).find("channel", "お店") == "1"
    assert code_book(2026).find("channel", "１") == "1"
    assert code_book(2026).find("channel", "来訪") == "1"
    for taken in ("お店", "電話", "TEL", "2", ""):
        assert client.post(address, {"item": visit.pk, "alias": taken}).status_code == 422, taken
    assert sign_in(cast.cc_tokyo).post(address, {"item": visit.pk, "alias": "x"}).status_code == 403
    with pytest.raises(Refused):
        add_alias(actor=cast.cc_tokyo.scope, item=visit, alias="x")


def test_a_new_version_is_for_a_coming_year_and_leaves_the_past_alone(cast, sign_in):
    client = sign_in(cast.hq)
    address = reverse("code_version", args=["theme"])
    assert "01 売上拡大" in client.get(address).context["form"]["items"].value()
    sent = {"fiscal_year": "2027", "items": "01 売上の拡大\n02　事業再生\n98 新分野"}
    for wrong in ("01 A\n01 B", "01", "長いコード 名", "01 A\n02 A"):
        assert client.post(address, {**sent, "items": wrong}).status_code == 422, wrong
    assert client.post(address, {**sent, "fiscal_year": "2026"}).status_code == 422
    assert client.post(address, sent).status_code == 302
    books = code_books([2026, 2027])
    assert (books[2026].label("theme", "01"), books[2027].label("theme", "01")) == (
        "売上拡大",
        "売上の拡大",
    )
    assert books[2026].holds("theme", "03")
    assert not books[2027].holds("theme", "03")
    assert books[2027].find("theme", "販路開拓") == "01", "spellings go along"
    with pytest.raises(InvalidInput, match="令和9年度からの版がすでにあります"):
        new_version(actor=cast.hq.scope, kind=CodeKind.THEME, fiscal_year=2027, items=[("01", "A")])
    with pytest.raises(InvalidInput, match="来訪"):
        new_version(
            actor=cast.hq.scope, kind=CodeKind.CHANNEL, fiscal_year=2027, items=[("2", "電話")]
        )
    with pytest.raises(Refused):
        new_version(
            actor=cast.agency.scope, kind=CodeKind.THEME, fiscal_year=2028, items=[("01", "A")]
        )
    assert entered(cast.cc_tokyo.scope, theme="03").theme == "03"


def test_the_database_keeps_lists_as_they_are(db):
    for rows, change in (
        (CodeItem.objects.filter(code="1"), {"label": "別"}),
        (CodeList.objects.all(), {"valid_from_fiscal_year": 2020}),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)
    CodeAlias.objects.all().delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        CodeItem.objects.all().delete()
