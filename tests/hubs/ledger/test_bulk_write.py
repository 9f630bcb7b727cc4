"""Applying a file of consultations and taking it back: whole or not at all, on every screen."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hubs.ledger.models import (
    DirtyMonth,
    IndividualConsultation,
    LedgerMonth,
    SampleCheck,
    SampleDraw,
)
from hubs.ledger.operations import correct_consultation, withdraw_consultation
from hubs.ledger.operations.rollup import compare_months, roll_up
from hubs.ledger.queries import fresh_month, values_of
from hubs.results.models import MonthlyReport, ReportState
from hubs.terms.operations import close_term
from tests.hubs.ledger.bulk import KIND, applied, brought, row, run, sheet, undone, uploaded
from tests.hubs.ledger_ground import GOOD, entered
from tests.hubs.year import NOW, SYSTEM, accepted, open_year
from yorozu.core import clock
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import Conflict, InvalidInput, Refused
from yorozu.core.imports import operations
from yorozu.core.imports.bulk import keys
from yorozu.core.imports.models import BatchState, ImportBatch
from yorozu.core.jobs import live, runner
from yorozu.core.jobs.models import Job, JobState
from yorozu.core.jobs.queries import panel
from yorozu.core.locks import Turn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]
TABLE = IndividualConsultation._meta.db_table


def dirty():
    return sorted({f"{one.hub.code} {one.month:%Y-%m}" for one in DirtyMonth.objects.all()})


def rolled_up(monkeypatch, minute):
    """The roll-up some minutes later, and that the nightly count would find nothing to mend."""
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: NOW + timedelta(minutes=minute))
        roll_up()
    assert DirtyMonth.objects.count() == 0
    assert compare_months() == []


def months():
    """What the ledger stores of each month: consultations, resolved issues, minutes."""
    return {
        (one.hub.code, f"{one.month:%Y-%m}"): (one.consultations, one.issues_resolved, one.minutes)
        for one in LedgerMonth.objects.select_related("hub")
    }


def test_the_rows_are_stored_with_their_origin_and_their_months_are_counted_anew(cast):
    rows = [row(1), row(2, 課題解決日="2026-11-01", 概要="二\n行と\\N"), row(3, 拠点コード="14")]
    batch = applied(cast.hq, brought(cast.hq, *rows))
    assert (batch.state, batch.applied_at) == (BatchState.APPLIED, NOW)
    stored = IndividualConsultation.objects.get(record_no="R-2")
    assert stored.note == "二\n行と\\N"
    assert (stored.held_on, stored.resolved_on) == (date(2026, 10, 5), date(2026, 11, 1))
    assert stored.client_confirmed_on is None
    assert (stored.import_batch_id, stored.import_line) == (batch.pk, 3)
    assert (stored.created_by_name, stored.created_at) == (cast.hq.user.name, NOW)
    assert (stored.revision, stored.is_current, stored.is_withdrawn) == (1, True, False)
    assert dirty() == ["13 2026-10", "13 2026-11", "14 2026-10"]


def test_the_months_of_the_ledger_follow_a_file_and_its_undo(cast, monkeypatch):
    """Not only noted: the figures stored for results and screens are those of the rows."""
    entered(cast.co_tokyo.scope, record_no="H-1", held_on=date(2026, 10, 1))
    rows = [
        row(1),
        row(2, 課題解決日="2026-11-01"),
        row(3, 拠点コード="14"),
        row(4, **{"相談時間（分）": "15"}),
    ]
    rolled_up(monkeypatch, 1)
    before = months()
    batch = applied(cast.hq, brought(cast.hq, *rows))
    assert months() == before, "until the roll-up, stored months are as they were"
    october = fresh_month(LedgerMonth.objects.get().hub_id, date(2026, 10, 1))
    assert october.figures.consultations == 4, "screens show what is so now"
    rolled_up(monkeypatch, 2)
    assert {key: value for key, value in months().items() if key not in before} == {
        ("13", "2026-11"): (0, 1, 0),
        ("14", "2026-10"): (1, 0, 60),
    }
    assert months()["13", "2026-10"][0] == before["13", "2026-10"][0] + 3
    assert months()["13", "2026-10"][2] == before["13", "2026-10"][2] + 135
    undone(cast.hq, batch)
    assert months() != before
    rolled_up(monkeypatch, 3)
    assert months() == before


def test_the_trail_keeps_counts_and_hashes(cast):
    batch = brought(cast.cc_tokyo, row(1), row(2, 相談日="x"), leave_out=True)
    applied(cast.cc_tokyo, batch)
    event = AuditEvent.objects.get(action="hubs.ledger.import")
    after = json.loads(event.after)
    assert (after["added"], after["left_out"], after["unchanged"]) == (1, 1, 0)
    assert after["sha256"] == batch.sha256
    assert after["changes_hash"] == batch.changes_hash
    assert after["faults"] == "leave_out"


def test_rows_that_are_left_out_or_stand_already_are_not_loaded(cast):
    applied(cast.cc_tokyo, brought(cast.cc_tokyo, row(1)))
    rows = [row(1), row(2), row(2, 概要="x"), row(3, 相談日="x"), row(4)]
    applied(cast.cc_tokyo, brought(cast.cc_tokyo, *rows, leave_out=True))
    numbers = IndividualConsultation.objects.order_by("record_no").values_list(
        "record_no", flat=True
    )
    assert list(numbers) == ["R-1", "R-2", "R-4"]


def test_the_working_files_go_and_the_upload_and_its_problems_stay(cast):
    batch = brought(cast.cc_tokyo, row(1), row(2, 相談日="x"), leave_out=True)
    work = f"{batch.folder}/{batch.work}"
    assert "facts.json" in default_storage.listdir(work)[1]
    run(operations.start_apply(cast.cc_tokyo.scope, batch=batch).pk)
    # What waits for the commit of the test's own transaction has not happened yet.
    assert default_storage.exists(f"{batch.folder}/source")


def test_working_files_are_removed_after_the_commit(
    cast, django_capture_on_commit_callbacks, monkeypatch
):
    batch = brought(cast.cc_tokyo, row(1), row(2, 相談日="x"), leave_out=True)
    with django_capture_on_commit_callbacks(execute=True):
        applied(cast.cc_tokyo, batch)
    assert default_storage.listdir(f"{batch.folder}/{batch.work}")[1] == ["problems.csv"]
    assert default_storage.exists(f"{batch.folder}/source")


def test_a_number_given_by_hand_after_the_check_stops_the_whole_file(cast):
    batch = brought(cast.cc_tokyo, row(1), row(2), row(3))
    entered(cast.co_tokyo.scope, record_no="R-2")
    batch = applied(cast.cc_tokyo, batch)
    assert batch.state == BatchState.REFUSED
    assert "同じ番号の行がほかから登録されました" in batch.problems[0][2]
    assert IndividualConsultation.objects.count() == 1


def test_a_month_accepted_after_the_check_stops_the_whole_file(cast):
    open_year()
    batch = brought(cast.cc_tokyo, row(1), row(2, 相談日="2026-11-02"))
    accepted(date(2026, 10, 1))
    batch = applied(cast.cc_tokyo, batch)
    assert batch.state == BatchState.REFUSED
    assert "東京都よろず支援拠点の令和8年10月の月次実績が確認済み" in batch.problems[0][2]
    assert not IndividualConsultation.objects.exists()


def test_a_year_closed_after_the_check_stops_the_whole_file(cast):
    term = open_year(2025)
    batch = brought(cast.cc_tokyo, row(1, 相談日="2025-10-05"))
    close_term(actor=SYSTEM, term=term)
    assert applied(cast.cc_tokyo, batch).state == BatchState.REFUSED


def test_rows_of_a_hub_that_is_no_longer_ones_own_are_not_written(cast):
    batch = brought(cast.cc_tokyo, row(1))
    job = operations.start_apply(cast.cc_tokyo.scope, batch=batch)
    membership = cast.cc_tokyo.membership
    membership.hub = cast.cc_kanagawa.membership.hub
    membership.save()
    assert run(job.pk).state == JobState.FAILED
    batch.refresh_from_db()
    assert "担当しなくなった拠点" in batch.problems[0][2]
    assert not IndividualConsultation.objects.exists()


def test_files_changed_behind_the_portal_are_noticed(cast):
    batch = brought(cast.cc_tokyo, row(1))
    work = f"{batch.folder}/{batch.work}"
    (rows,) = [name for name in default_storage.listdir(work)[1] if name.startswith("rows-")]
    name = f"{work}/{rows}"
    with default_storage.open(name) as stream:
        data = stream.read()
    default_storage.delete(name)
    default_storage.save(name, ContentFile(data.replace(b"\t60\t", b"\t90\t")))
    batch = applied(cast.cc_tokyo, batch)
    assert batch.state == BatchState.REFUSED
    assert "ファイルが変わっています" in batch.problems[0][2]
    assert not IndividualConsultation.objects.exists()


def test_applying_twice_writes_once(cast):
    batch = brought(cast.cc_tokyo, row(1))
    job = operations.start_apply(cast.cc_tokyo.scope, batch=batch)
    run(job.pk)
    assert run(job.pk).state == JobState.SUCCEEDED
    with pytest.raises(Conflict, match="反映済"):
        operations.start_apply(cast.cc_tokyo.scope, batch=batch)
    assert IndividualConsultation.objects.count() == 1


def test_a_worker_that_lost_its_lease_on_the_way_leaves_nothing(cast, monkeypatch):
    batch = brought(cast.cc_tokyo, row(1))
    job = operations.start_apply(cast.cc_tokyo.scope, batch=batch)
    monkeypatch.setattr(
        "hubs.ledger.resources.consultations.mark_dirty",
        lambda pairs: Job.objects.filter(pk=job.pk).update(lease_token="another"),
    )
    assert runner.run(job.pk) == ""
    assert not IndividualConsultation.objects.exists()


# --- Keys taken off and put on again ------------------------------------------------------------


SHARED = ("import_batch_id", "created_by_name", "created_at")


def keys_of_table():
    """Names and definitions of every index and constraint of the table."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE tbl_name = %s", [TABLE])
            return sorted(cursor.fetchall())
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s", [TABLE])
        found = cursor.fetchall()
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = CAST(%s AS regclass)",
            [TABLE],
        )
        return sorted(found + cursor.fetchall())


def test_a_first_load_builds_the_keys_anew_and_they_are_the_same(cast, monkeypatch):
    monkeypatch.setattr(keys, "FEWEST_ROWS", 2)
    # Foreign keys are held until the end of a transaction, and here that is the end of the test.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    before = keys_of_table()
    batch = brought(cast.cc_tokyo, row(1), row(2))
    assert keys.pays(TABLE, batch.rows_added)
    with CaptureQueriesContext(connection) as queries:
        assert applied(cast.cc_tokyo, batch).state == BatchState.APPLIED
    if connection.vendor == "postgresql":
        said = [query["sql"] for query in queries]
        locked = f"LOCK TABLE hubs_hub, {TABLE} IN ACCESS EXCLUSIVE MODE"
        assert locked in said, "in the order in which a record is entered by hand"
        trail = f"SELECT pg_advisory_xact_lock({Turn.AUDIT_CHAIN.value})"
        assert trail in said[: said.index(locked)], "who waits at the end of an act holds the trail"
    assert keys_of_table() == before
    assert len(before) > 5
    assert IndividualConsultation.objects.count() == 2


def defaults_of_table():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, column_default FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = %s",
            [TABLE],
        )
        return dict(cursor.fetchall())


@pytest.mark.parametrize("name", ["100% 見本's \\n 太郎", "見本%s太郎"])
def test_what_all_rows_of_a_first_load_share_is_stored_as_ever(cast, monkeypatch, name):
    """The table fills it in for the time of the load and forgets it after."""
    monkeypatch.setattr(keys, "FEWEST_ROWS", 2)
    postgres = connection.vendor == "postgresql"
    if postgres:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {TABLE} ALTER COLUMN created_by_name SET DEFAULT 'x''y'")
    before = defaults_of_table() if postgres else {}
    cast.cc_tokyo.user.name = name
    cast.cc_tokyo.user.save()
    batch = applied(cast.cc_tokyo, brought(cast.cc_tokyo, row(1), row(2)))
    stored = IndividualConsultation.objects.values_list(*SHARED)
    assert set(stored) == {(batch.pk, name, NOW)}
    if postgres:
        assert defaults_of_table() == before
        assert before["created_by_name"].startswith("'x''y'")
        assert before["created_at"] is None


def test_a_number_taken_meanwhile_stops_a_first_load_too(cast, monkeypatch):
    monkeypatch.setattr(keys, "FEWEST_ROWS", 2)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    before = keys_of_table()
    batch = brought(cast.cc_tokyo, row(1), row(2))
    entered(cast.co_tokyo.scope, record_no="R-2")
    batch = applied(cast.cc_tokyo, batch)
    assert batch.state == BatchState.REFUSED
    assert "同じ番号の行がほかから登録されました" in batch.problems[0][2]
    assert keys_of_table() == before


def test_keys_are_kept_up_where_building_them_anew_does_not_pay(cast, settings, monkeypatch):
    assert not keys.pays(TABLE, keys.FEWEST_ROWS - 1)
    monkeypatch.setattr(keys, "FEWEST_ROWS", 1)
    for number in range(3):
        entered(cast.co_tokyo.scope, record_no=f"H-{number}")
    assert not keys.pays(TABLE, 1)
    assert keys.pays(TABLE, 2)
    settings.BULK_REBUILDS_KEYS = False
    assert not keys.pays(TABLE, 2)


# --- Undo -----------------------------------------------------------------------------------------


def test_undo_takes_exactly_the_rows_of_the_file_away(cast):
    kept = entered(cast.co_tokyo.scope, record_no="H-1")
    other = applied(cast.cc_tokyo, brought(cast.cc_tokyo, row(9)))
    batch = applied(cast.cc_tokyo, brought(cast.cc_tokyo, row(1), row(2, 課題解決日="2026-11-01")))
    DirtyMonth.objects.all().delete()
    batch = undone(cast.cc_tokyo, batch, "前年度のファイル")
    assert (batch.state, batch.undone_at) == (BatchState.UNDONE, NOW)
    assert set(IndividualConsultation.objects.values_list("record_no", flat=True)) == {
        kept.record_no,
        "R-9",
    }
    assert dirty() == ["13 2026-10", "13 2026-11"]
    event = AuditEvent.objects.filter(action="hubs.ledger.import").first()
    assert (event.reason, json.loads(event.after)["deleted"]) == ("前年度のファイル", 2)
    assert other.state == BatchState.APPLIED
    assert applied(cast.cc_tokyo, brought(cast.cc_tokyo, row(1))).state == BatchState.APPLIED


def refused_undo(cast, batch, said):
    rows = IndividualConsultation.objects.count()
    batch = undone(cast.cc_tokyo, batch)
    assert batch.state == BatchState.APPLIED
    assert said in batch.refusal
    assert IndividualConsultation.objects.count() == rows
    return batch


def test_undo_is_refused_once_a_record_was_corrected(cast):
    batch = applied(cast.cc_tokyo, brought(cast.cc_tokyo, row(1), row(2)))
    stored = IndividualConsultation.objects.get(record_no="R-2")
    values = values_of(stored)
    correct_consultation(
        actor=cast.cc_tokyo.scope,
        row=stored,
        values=type(values)(**{**vars(values), "minutes": 90}),
        reason="誤り",
    )
    refused_undo(cast, batch, "受付番号R-2は、取込のあとに訂正または取消されています")


def test_undo_is_refused_once_a_record_was_withdrawn(cast):
    batch = applied(cast.cc_tokyo, brought(cast.cc_tokyo, *map(row, range(1, 6))))
    for stored in IndividualConsultation.objects.all():
        withdraw_consultation(actor=cast.cc_tokyo.scope, row=stored, reason="誤り")
    refused_undo(cast, batch, "受付番号R-1、R-2、R-3ほかは")


def test_undo_is_refused_once_its_month_is_accepted(cast, sign_in):
    batch = applied(cast.cc_tokyo, brought(cast.cc_tokyo, row(1)))
    MonthlyReport.objects.create(
        hub=cast.cc_tokyo.membership.hub,
        term=open_year(),
        month=date(2026, 10, 1),
        state=ReportState.ACCEPTED,
        accepted_at=NOW,
    )
    refused_undo(cast, batch, "東京都よろず支援拠点の令和8年10月の月次実績が確認済みのため")
    page = sign_in(cast.cc_tokyo).get(reverse("import_detail", args=[batch.pk])).content.decode()
    assert "取込を取り消せませんでした" in page
    assert "令和8年10月" in page
    assert "この取込を取り消す" in page, "it may be asked for again"


def test_undo_is_refused_once_a_record_was_drawn_for_a_check(cast):
    batch = applied(cast.cc_tokyo, brought(cast.cc_tokyo, row(1, 課題解決日="2026-11-01")))
    stored = IndividualConsultation.objects.get()
    draw = SampleDraw.objects.create(
        hub=stored.hub, month=date(2026, 11, 1), seed="x", population=1, drawn_at=NOW
    )
    SampleCheck.objects.create(draw=draw, consultation=stored)
    refused_undo(cast, batch, "抽出確認の対象")


def test_undo_needs_a_reason_the_right_and_an_applied_file(cast):
    batch = brought(cast.cc_tokyo, row(1))
    with pytest.raises(Conflict, match="反映待ち"):
        undone(cast.cc_tokyo, batch)
    batch = applied(cast.cc_tokyo, batch)
    with pytest.raises(InvalidInput, match="理由"):
        undone(cast.cc_tokyo, batch, " ")
    with pytest.raises(Refused):
        undone(cast.bureau_kanto, batch)
    undone(cast.cc_tokyo, batch)
    with pytest.raises(Conflict, match="取消済"):
        undone(cast.cc_tokyo, batch)


# --- Screens --------------------------------------------------------------------------------------


def send(client, data, **more):
    file = SimpleUploadedFile("相談記録.csv", data, content_type="text/csv")
    return client.post(f"/imports/new/{KIND}/", {"faults": "refuse", "file": file, **more})


def test_the_whole_way_on_the_screen(cast, sign_in, django_capture_on_commit_callbacks):
    client = sign_in(cast.cc_tokyo)
    assert "相談記録" in client.get("/imports/new/").content.decode()
    page = client.get(f"/imports/new/{KIND}/").content.decode()
    assert "400MB" in page
    assert "誤りのある行を除いて" in page
    for extension in ("csv", "xlsx"):
        template = client.get(f"/imports/new/{KIND}/template.{extension}").content
        assert uploaded(cast.cc_tokyo, template).problems == []
    ImportBatch.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(client, sheet(row(1), row(2, 相談日="x"), row(3)), faults="leave_out")
    batch = ImportBatch.objects.get()
    assert answer["Location"] == f"/imports/{batch.pk}/"
    page = client.get(f"/imports/{batch.pk}/").content.decode()
    assert "2行を反映する" in page
    assert "1行は誤りがあるため除き" in page
    assert "「x」：日付として読めません" in page
    assert "誤りのある行を除いて、正しい行だけを取り込む" in page
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/imports/{batch.pk}/apply/")
    page = client.get(f"/imports/{batch.pk}/").content.decode()
    assert "除いた行を直して" in page
    answer = client.get(f"/imports/{batch.pk}/problems.csv")
    assert "日付として読めません" in b"".join(answer.streaming_content).decode("utf-8-sig")
    page = client.get(f"/imports/{batch.pk}/undo/").content.decode()
    assert "追加した2行を除きます" in page
    assert client.post(f"/imports/{batch.pk}/undo/", {"reason": ""}).status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/imports/{batch.pk}/undo/", {"reason": "誤り"})
    assert "取り消されました" in client.get(f"/imports/{batch.pk}/").content.decode()
    assert "取消済" in client.get("/imports/").content.decode()


def test_the_bar_moves_while_the_file_is_read_written_and_taken_back(cast, sign_in):
    client = sign_in(cast.cc_tokyo)
    send(client, sheet(row(1)))
    batch = ImportBatch.objects.get()
    bar = f'hx-get="/imports/{batch.pk}/progress/"'
    assert bar in client.get(f"/imports/{batch.pk}/").content.decode()
    run(batch.check_job_id)
    batch.refresh_from_db()
    applied(cast.cc_tokyo, batch)
    operations.start_undo(cast.cc_tokyo.scope, batch=batch, reason="誤り")
    page = client.get(f"/imports/{batch.pk}/").content.decode()
    assert "取消中" in page
    assert bar in page


def test_what_happens_within_the_closing_transaction_is_shown_by_the_holder_of_the_lease_alone():
    job = Job.objects.create(
        kind="imports.apply",
        key="x",
        label="x",
        state=JobState.RUNNING,
        lease_token="mine",
        progress_done=1,
        progress_total=2,
    )
    live.show(job, 300_000, 1_000_000, "書き込んでいます")
    shown = panel(Job.objects.get(pk=job.pk))
    assert (shown["percent"], shown["step"]) == (30, "書き込んでいます")
    assert not shown["is_counted"], "a million rows are shown as a share"
    Job.objects.filter(pk=job.pk).update(lease_token="another")
    assert panel(Job.objects.get(pk=job.pk))["percent"] == 50


def test_a_file_that_is_too_large_is_told_at_its_field(cast, sign_in, monkeypatch):
    monkeypatch.setattr("yorozu.core.imports.forms.MAX_BULK_BYTES", 10)
    answer = send(sign_in(cast.cc_tokyo), sheet(row(1)))
    assert answer.status_code == 422
    assert "400MBを超えています" in answer.content.decode()


def test_strangers_do_not_find_the_file(cast, sign_in):
    batch = brought(cast.cc_tokyo, row(1))
    client = sign_in(cast.cc_kanagawa)
    for path in ("", "progress/", "problems.csv", "undo/"):
        assert client.get(f"/imports/{batch.pk}/{path}").status_code == 404
    assert client.post(f"/imports/{batch.pk}/apply/").status_code == 404
    assert sign_in(cast.co_tokyo).get(f"/imports/new/{KIND}/").status_code == 403


def test_values_of_the_ledger_by_hand_and_by_file_are_alike(cast):
    by_hand = entered(cast.co_tokyo.scope, record_no="H-1", held_on=date(2026, 10, 5))
    file = row(
        1, 相談日="2026-10-05", 従業員規模="2", 担当="見本太郎", 相談者番号=by_hand.client_key
    )
    applied(cast.cc_tokyo, brought(cast.cc_tokyo, file))
    by_file = IndividualConsultation.objects.get(record_no="R-1")
    assert values_of(by_file) == values_of(by_hand)
    assert values_of(by_hand).note == GOOD.note


def test_a_large_upload_waits_on_the_disk_of_the_data_and_is_moved(cast, sign_in, settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 100
    send(sign_in(cast.cc_tokyo), sheet(*map(row, range(50))))
    batch = ImportBatch.objects.get()
    with default_storage.open(f"{batch.folder}/source") as stream:
        assert stream.read() == sheet(*map(row, range(50)))
    assert batch.size == default_storage.size(f"{batch.folder}/source")
    assert list((Path(settings.DATA_DIR) / "uploads").iterdir()) == []
