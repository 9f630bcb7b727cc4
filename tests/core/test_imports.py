"""Imports: nothing written before 反映, then the whole file or nothing, and back as a unit."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cast import Actor, Cast
from yorozu.core.access import Scope
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import Conflict, InvalidInput, Problem, Refused
from yorozu.core.imports import checking, kinds, operations
from yorozu.core.imports.kinds import ADDED, CHANGED, UNCHANGED, Change, Comparison, ImportKind
from yorozu.core.imports.models import BatchState, ImportBatch
from yorozu.core.jobs import runner
from yorozu.core.jobs.models import Job, JobState
from yorozu.core.notices.models import Notice
from yorozu.core.sheets import Column, Table, cells


class YearForm(forms.Form):
    """The condition of the test kind."""

    fiscal_year = forms.IntegerField(label="年度", initial=2026)


class Words(ImportKind):
    """見出し and 本文, kept as notices of the actor: key and text."""

    code = "tests.words"
    label = "試験の言葉"
    action = "hubs.people.import"
    description = "試験のための種類です。"
    params_form = YearForm

    def columns(self, params: dict[str, Any]) -> list[Column]:
        return [
            Column("key", "見出し", cells.text(40), key=True),
            Column("text", "本文", cells.text(200), blank=True),
        ]

    def example_rows(self, params: dict[str, Any]) -> list[list[Any]]:
        return [["例", "=これは例です"]]

    def compare(self, table: Table, params: dict[str, Any], actor: Scope) -> Comparison:
        there = dict(Notice.objects.visible_to(actor).values_list("key", "text"))
        changes, problems = [], []
        for row in table.rows:
            key, text = row["key"], row["text"] or ""
            if key == "禁止":
                problems.append(Problem(row.number, "見出し", "使えない言葉です。"))
            kind = ADDED if key not in there else UNCHANGED if there[key] == text else CHANGED
            before = there.get(key, "")
            data = {"key": key, "text": text}
            changes.append(Change(row.number, key, kind, key, (("本文", before, text),), data))
        return Comparison(changes, problems)

    def write(
        self, changes: Sequence[Change], params: dict[str, Any], actor: Scope, batch_id: int
    ) -> list[dict[str, Any]]:
        undo = []
        for change in changes:
            old = Notice.objects.filter(user_id=actor.user_id, key=change.key).first()
            undo.append({"key": change.key, "before": old.text if old else None})
            values = {"text": change.data["text"]}
            Notice.objects.update_or_create(user_id=actor.user_id, key=change.key, defaults=values)
            if change.data["text"] == "途中で壊れる":
                raise RuntimeError("in the middle")
        return undo

    def revert(
        self, undo: list[dict[str, Any]], params: dict[str, Any], actor: Scope, batch_id: int
    ) -> None:
        for entry in undo:
            row = Notice.objects.filter(key=entry["key"])
            if entry["before"] is None:
                row.delete()
            else:
                row.update(text=entry["before"])


@pytest.fixture(autouse=True)
def kind() -> Iterator[Words]:
    """The test kind, for the time of a test."""
    words = Words()
    kinds.register(words)
    yield words
    del kinds._KINDS[words.code]


def sheet(*rows: str, header: str = "見出し,本文") -> bytes:
    return "\r\n".join([header, *rows, ""]).encode()


def brought(actor: Actor, data: bytes, year: int = 2026) -> ImportBatch:
    """Uploaded and checked."""
    batch = operations.upload(
        actor.scope,
        kind="tests.words",
        params={"fiscal_year": year},
        filename="言葉.csv",
        data=data,
    )
    runner.run(batch.check_job_id or 0)
    batch.refresh_from_db()
    return batch


def applied(actor: Actor, batch: ImportBatch) -> ImportBatch:
    """Applied by its job."""
    job = operations.start_apply(actor.scope, batch=batch)
    runner.run(job.pk)
    batch.refresh_from_db()
    return batch


def words_of(actor: Actor) -> dict[str, str]:
    return dict(Notice.objects.visible_to(actor.scope).values_list("key", "text"))


def test_a_check_writes_nothing_and_counts_what_would_happen(cast: Cast) -> None:
    Notice.objects.create(user=cast.hq.user, key="同じ", text="x")
    Notice.objects.create(user=cast.hq.user, key="違う", text="古い")
    batch = brought(cast.hq, sheet("同じ,x", "違う,新しい", "新規,y"))
    assert batch.state == BatchState.READY
    counts = (batch.rows_total, batch.rows_added, batch.rows_changed, batch.rows_unchanged)
    assert counts == (3, 1, 1, 1)
    assert [change["label"] for change in batch.changes] == ["違う", "新規"]
    assert words_of(cast.hq) == {"同じ": "x", "違う": "古い"}


def test_every_fault_of_reading_and_of_comparing_is_told_at_once(cast: Cast) -> None:
    batch = brought(cast.hq, sheet("禁止,x", ",y", "良い,z"))
    assert batch.state == BatchState.REFUSED
    assert [(row, column) for row, column, _ in batch.problems] == [(2, "見出し"), (3, "見出し")]
    assert batch.problems_total == 2
    with pytest.raises(Conflict, match="取込不可"):
        operations.start_apply(cast.hq.scope, batch=batch)
    assert words_of(cast.hq) == {}


@pytest.mark.parametrize("data", [b"", b"x" * (operations.MAX_BYTES + 1)], ids=["empty", "large"])
def test_an_empty_and_a_huge_file_are_refused_before_they_are_kept(cast: Cast, data: bytes) -> None:
    with pytest.raises(InvalidInput):
        operations.upload(cast.hq.scope, kind="tests.words", params={}, filename="x", data=data)
    assert not ImportBatch.objects.exists()


def test_the_kinds_own_policy_decides_who_may_bring_it(cast: Cast) -> None:
    with pytest.raises(Refused):
        brought(cast.cc_tokyo, sheet("a,b"))


def test_apply_writes_the_whole_file_with_one_event(cast: Cast) -> None:
    batch = applied(cast.hq, brought(cast.hq, sheet("a,1", "b,2")))
    assert batch.state == BatchState.APPLIED
    assert words_of(cast.hq) == {"a": "1", "b": "2"}
    event = AuditEvent.objects.get(object_id=str(batch.pk))
    assert event.action == "hubs.people.import"
    assert batch.sha256 in event.after


def test_a_write_that_breaks_in_the_middle_leaves_nothing_behind(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    batch = applied(cast.hq, brought(cast.hq, sheet("a,1", "b,途中で壊れる", "c,3")))
    assert words_of(cast.hq) == {}
    assert batch.state == BatchState.APPLYING
    assert Job.objects.get(pk=batch.apply_job_id).state == JobState.FAILED
    assert not AuditEvent.objects.filter(object_type="imports.ImportBatch").exists()


def test_data_that_moved_on_after_the_preview_refuse_the_write(cast: Cast) -> None:
    batch = brought(cast.hq, sheet("a,1"))
    Notice.objects.create(user=cast.hq.user, key="a", text="その間に")
    batch = applied(cast.hq, batch)
    assert batch.state == BatchState.REFUSED
    assert "プレビューのあとで" in batch.problems[0][2]
    assert words_of(cast.hq) == {"a": "その間に"}


def test_a_right_lost_after_the_preview_refuses_the_write(cast: Cast) -> None:
    batch = brought(cast.hq, sheet("a,1"))
    job = operations.start_apply(cast.hq.scope, batch=batch)
    cast.hq.user.is_active = False
    cast.hq.user.save()
    runner.run(job.pk)
    batch.refresh_from_db()
    assert batch.state == BatchState.REFUSED
    assert words_of(cast.hq) == {}


def test_applying_twice_is_one_job_and_one_write(cast: Cast) -> None:
    batch = brought(cast.hq, sheet("a,1"))
    operations.start_apply(cast.hq.scope, batch=batch)
    with pytest.raises(Conflict, match="反映中"):
        operations.start_apply(cast.hq.scope, batch=batch)
    assert Job.objects.filter(kind="imports.apply").count() == 1


def test_the_same_file_twice_changes_nothing_and_says_who_and_when(
    cast: Cast, sign_in: Any
) -> None:
    applied(cast.hq, brought(cast.hq, sheet("a,1")))
    events = AuditEvent.objects.count()
    again = brought(cast.hq, sheet("a,1"))
    assert again.state == BatchState.UNCHANGED
    assert AuditEvent.objects.count() == events
    page = sign_in(cast.hq).get(f"/imports/{again.pk}/").content.decode()
    assert "同じファイルが" in page
    assert cast.hq.user.name in page
    other_year = brought(cast.hq, sheet("a,1"), year=2025)
    page = sign_in(cast.hq).get(f"/imports/{other_year.pk}/").content.decode()
    assert "同じファイルが" not in page


def test_undo_brings_back_what_was_there(cast: Cast) -> None:
    Notice.objects.create(user=cast.hq.user, key="b", text="元の値")
    batch = applied(cast.hq, brought(cast.hq, sheet("a,1", "b,2")))
    with pytest.raises(InvalidInput):
        operations.undo(cast.hq.scope, batch=batch, reason="　")
    undone = operations.undo(cast.hq.scope, batch=batch, reason="誤り")
    assert undone.state == BatchState.UNDONE
    assert words_of(cast.hq) == {"b": "元の値"}
    with pytest.raises(Conflict, match="取消済"):
        operations.undo(cast.hq.scope, batch=batch, reason="もう一度")
    assert AuditEvent.objects.filter(object_id=str(batch.pk), reason="誤り").count() == 1


def test_a_large_file_keeps_few_differences_but_hashes_and_undoes_them_all(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "SHOWN_CHANGES", 5)
    rows = [f"k{number},{number}" for number in range(20)]
    batch = brought(cast.hq, sheet(*rows))
    assert (len(batch.changes), batch.rows_added) == (5, 20)
    changed_tail = brought(cast.hq, sheet(*rows[:-1], "k19,違う"))
    assert changed_tail.changes == batch.changes
    assert changed_tail.changes_hash != batch.changes_hash
    batch = applied(cast.hq, batch)
    assert len(batch.undo) == 20
    assert len(words_of(cast.hq)) == 20
    operations.undo(cast.hq.scope, batch=batch, reason="x")
    assert words_of(cast.hq) == {}


# --- Screens ---------------------------------------------------------------------------------


def send(client: Client, data: bytes, name: str = "言葉.csv", **more: Any) -> Any:
    file = SimpleUploadedFile(name, data, content_type="text/csv")
    return client.post("/imports/new/tests.words/", {"fiscal_year": "2026", "file": file, **more})


def test_the_whole_way_on_the_screen(
    cast: Cast, sign_in: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client: Client = sign_in(cast.hq)
    assert "試験の言葉" in client.get("/imports/new/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(client, sheet("a,1", "b,"))
    batch = ImportBatch.objects.get()
    assert answer["Location"] == f"/imports/{batch.pk}/"
    page = client.get(f"/imports/{batch.pk}/").content.decode()
    assert "2行を反映する" in page
    assert "2026" in page
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/imports/{batch.pk}/apply/")
    page = client.get(f"/imports/{batch.pk}/").content.decode()
    assert "反映しました" in page
    assert "この取込を取り消す" in page
    assert "取込を取り消す" in client.get(f"/imports/{batch.pk}/undo/").content.decode()
    assert client.post(f"/imports/{batch.pk}/undo/", {"reason": ""}).status_code == 422
    client.post(f"/imports/{batch.pk}/undo/", {"reason": "誤り"})
    assert "取り消されました" in client.get(f"/imports/{batch.pk}/").content.decode()
    listed = client.get("/imports/?kind=tests.words&state=undone").content.decode()
    assert "言葉.csv" in listed
    assert "言葉.csv" not in client.get("/imports/?state=ready").content.decode()


def test_progress_is_asked_for_while_checking_and_the_page_comes_anew_after(
    cast: Cast, sign_in: Any
) -> None:
    client: Client = sign_in(cast.hq)
    send(client, sheet("a,1"))
    batch = ImportBatch.objects.get()
    page = client.get(f"/imports/{batch.pk}/").content.decode()
    assert f'hx-get="/imports/{batch.pk}/progress/"' in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "HX-Refresh" not in client.get(f"/imports/{batch.pk}/progress/").headers
    runner.run(batch.check_job_id or 0)
    assert client.get(f"/imports/{batch.pk}/progress/")["HX-Refresh"] == "true"
    assert "hx-get" not in client.get(f"/imports/{batch.pk}/").content.decode()


def test_a_check_that_broke_offers_to_try_again(
    cast: Cast, sign_in: Any, kind: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any) -> Comparison:
        raise RuntimeError("broken")

    monkeypatch.setattr(kind, "compare", broken)
    batch = brought(cast.hq, sheet("a,1"))
    assert batch.state == BatchState.CHECKING
    page = sign_in(cast.hq).get(f"/imports/{batch.pk}/").content.decode()
    assert f'action="/jobs/{batch.check_job_id}/retry/"' in page


def test_problems_stand_by_row_and_column_and_come_as_csv(cast: Cast, sign_in: Any) -> None:
    batch = brought(cast.hq, sheet("禁止,x"))
    client: Client = sign_in(cast.hq)
    page = client.get(f"/imports/{batch.pk}/").content.decode()
    assert "使えない言葉です。" in page
    assert "反映する</button>" not in page
    answer = client.get(f"/imports/{batch.pk}/problems.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows == [["行", "列", "誤りの内容"], ["2", "見出し", "使えない言葉です。"]]


def test_the_template_reads_back_through_the_same_door(cast: Cast, sign_in: Any) -> None:
    client: Client = sign_in(cast.hq)
    for extension in ("csv", "xlsx"):
        answer = client.get(f"/imports/new/tests.words/template.{extension}")
        batch = brought(cast.hq, answer.content)
        assert batch.problems == []
        assert batch.changes[0]["data"] == {"key": "例", "text": "=これは例です"}


@pytest.mark.parametrize(
    ("data", "more", "said"),
    [
        (b"", {}, "ファイルが空です"),
        (sheet("a,1"), {"fiscal_year": "いつか"}, "年度"),
    ],
)
def test_a_faulty_upload_is_told_at_its_field_and_keeps_nothing(
    cast: Cast, sign_in: Any, data: bytes, more: dict[str, str], said: str
) -> None:
    answer = send(sign_in(cast.hq), data, **more)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    assert "<title>エラー：" in page
    assert not ImportBatch.objects.exists()


def test_a_file_over_the_limit_is_told_at_its_field(
    cast: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yorozu.core.imports.forms.MAX_BYTES", 10)
    answer = send(sign_in(cast.hq), sheet("a,1"))
    assert answer.status_code == 422
    assert "20MBを超えています" in answer.content.decode()


def test_roles_without_imports_do_not_reach_the_screens(cast: Cast, sign_in: Any) -> None:
    batch = brought(cast.hq, sheet("a,1"))
    for path in ("/imports/", "/imports/new/", f"/imports/{batch.pk}/"):
        assert sign_in(cast.agency).get(path).status_code == 403


def test_a_chief_coordinator_sees_own_imports_only_and_own_kinds_only(
    cast: Cast, sign_in: Any
) -> None:
    batch = brought(cast.hq, sheet("a,1"))
    client: Client = sign_in(cast.cc_tokyo)
    assert "言葉.csv" not in client.get("/imports/").content.decode()
    assert "試験の言葉" not in client.get("/imports/new/").content.decode()
    assert client.get("/imports/new/tests.words/").status_code == 403
    assert client.get("/imports/new/tests.none/").status_code == 404
    for path in ("", "progress/", "problems.csv", "undo/"):
        assert client.get(f"/imports/{batch.pk}/{path}").status_code == 404
    assert client.post(f"/imports/{batch.pk}/apply/").status_code == 404


def test_an_auditor_reads_imports_and_applies_none(cast: Cast, sign_in: Any) -> None:
    batch = brought(cast.hq, sheet("a,1"))
    client: Client = sign_in(cast.auditor)
    page = client.get(f"/imports/{batch.pk}/").content.decode()
    assert "反映する</button>" not in page
    assert client.post(f"/imports/{batch.pk}/apply/").status_code == 403


def test_the_list_of_many_imports_never_loads_the_files(
    cast: Cast, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        operations.upload(
            cast.hq.scope, kind="tests.words", params={}, filename=f"{number}.csv", data=b"x" * 1000
        )
    client: Client = sign_in(cast.hq)
    with django_assert_max_num_queries(12) as queries:
        page = client.get("/imports/").content.decode()
    assert "29.csv" in page
    assert not any('"content"' in query["sql"] for query in queries.captured_queries)
