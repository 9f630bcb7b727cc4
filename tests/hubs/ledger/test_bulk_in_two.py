"""A large file is read by two processes: nothing in its outcome tells that from one."""

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from benchmarks.generate import HEADER, Shape, write
from hubs.ledger.models import IndividualConsultation
from tests.cast import Actor, Cast
from tests.hubs.ledger.bulk import applied, row, sheet, uploaded
from yorozu.core.imports.bulk import checking, second
from yorozu.core.imports.bulk.kinds import bulk_kind
from yorozu.core.imports.bulk.second import NotInTwoError, Order, SecondReader
from yorozu.core.imports.models import BatchState, ImportBatch
from yorozu.core.jobs.runner import JobContext, LeaseLost
from yorozu.core.sheets import streaming
from yorozu.core.sheets.header import Header
from yorozu.core.sheets.streaming import Cut

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]
PHONE = "電話は090-1234-5678"
Outcome = dict[str, Any]


@pytest.fixture
def joined(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often the work of a second process was taken over."""
    times: list[int] = []
    take_over = SecondReader.take_over

    def noted(self: SecondReader, *everything: Any) -> None:
        times.append(1)
        take_over(self, *everything)

    monkeypatch.setattr(second, "processors", lambda: 2)
    monkeypatch.setattr(SecondReader, "take_over", noted)
    return times


@pytest.fixture
def both(settings: Any, joined: list[int]) -> Callable[..., tuple[Outcome, ImportBatch]]:
    """Check a file by one process and by two; says what it came to, which must be the same."""

    def check(
        actor: Actor, data: bytes, *, taken_over: int = 1, leave_out: bool = True
    ) -> tuple[Outcome, ImportBatch]:
        joined.clear()
        settings.BULK_TWO_READERS_FROM = 0
        alone = outcome(uploaded(actor, data, leave_out=leave_out))
        assert joined == []
        settings.BULK_TWO_READERS_FROM = 1
        batch = uploaded(actor, data, leave_out=leave_out)
        assert outcome(batch) == alone
        assert len(joined) == taken_over
        return alone, batch

    return check


def outcome(batch: ImportBatch) -> Outcome:
    """Everything a check leaves behind: columns of the batch, and its files byte by byte."""
    names = (
        "state",
        "encoding",
        "rows_total",
        "rows_added",
        "rows_unchanged",
        "rows_left_out",
        "problems_total",
        "problems",
        "changes",
        "changes_hash",
        "summary",
    )
    work = f"{batch.folder}/{batch.work}"
    files = {}
    for name in default_storage.listdir(work)[1]:
        with default_storage.open(f"{work}/{name}") as stream:
            files[name] = stream.read()
    return {**{name: getattr(batch, name) for name in names}, "files": files}


def rows(count: int = 60, **changes: str) -> list[dict[str, str]]:
    """Good rows of three hubs, told apart by their numbers."""
    return [row(n, 拠点コード=("13", "14", "27")[n % 3], **changes) for n in range(count)]


def broken() -> bytes:
    """Faults, warnings, totals, blank rows, cells too far and duplicates, in and across parts."""
    found = [
        one | {"相談方法": "伝書鳩"} if n % 7 == 3 else one | {"概要": PHONE} if n % 9 == 4 else one
        for n, one in enumerate(rows())
    ]
    found[50] = found[50] | {"受付番号": "R-2", "拠点コード": "27"}
    found[55] = found[55] | {"受付番号": "R-54", "拠点コード": "13"}
    lines = sheet(*found).decode().splitlines()
    lines[45:45] = ["", "合計,,,,,,,,,60,,,", ",,,,", f"{lines[2]},はみ出し"]
    lines[9:9] = ["", "合計,,,,,,,,,60,,,"]
    return ("\r\n".join(lines) + "\r\n").encode()


def with_line(data: bytes, place: int, line: bytes) -> bytes:
    """The file with one more line at this place, counted from the heading."""
    lines = data.splitlines(keepends=True)
    return b"".join([*lines[:place], line + b"\r\n", *lines[place:]])


def test_a_clean_file(cast: Cast, both: Any) -> None:
    alone, batch = both(cast.hq, sheet(*rows()))
    assert (alone["state"], alone["rows_added"]) == (BatchState.READY, 60)
    assert len([name for name in alone["files"] if name.startswith("rows-")]) == 3
    applied(cast.hq, batch)
    lines = IndividualConsultation.objects.values_list("record_no", "import_line")
    assert set(lines) == {(f"R-{n}", n + 2) for n in range(60)}


def test_a_file_with_faults_of_every_sort(cast: Cast, both: Any) -> None:
    alone, _ = both(cast.hq, broken())
    counts = dict(alone["summary"])
    assert counts["誤りのある行"] == 12
    assert counts["ファイルの中で重複する行"] == 2
    assert counts["注意が必要な行"] > 3
    assert "problems.csv" in alone["files"]
    assert [number for number, _, _ in alone["problems"]] == sorted(
        number for number, _, _ in alone["problems"]
    )
    assert both(cast.hq, broken(), leave_out=False)[0]["state"] == BatchState.REFUSED


@pytest.mark.parametrize("share", [0.3, 0.5, 0.501, 0.502, 0.505, 0.6, 0.9, 0.97])
def test_line_ends_within_cells_at_any_place_of_the_cut(
    cast: Cast, both: Any, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    monkeypatch.setattr(second, "FIRST_SHARE", share)
    data = sheet(*rows(概要='一行目\n二行目の「"引用"」\r\n三行目\n'))
    alone, _ = both(cast.hq, data)
    assert alone["rows_added"] == 60


def test_a_file_in_cp932(cast: Cast, both: Any) -> None:
    alone, _ = both(cast.hq, sheet(*rows(担当="髙橋　花子", 概要="①㈱ソ能表"), encoding="cp932"))
    assert (alone["encoding"], alone["rows_added"]) == ("cp932", 60)


def test_a_file_with_a_mark_of_its_encoding(cast: Cast, both: Any) -> None:
    alone, _ = both(cast.hq, b"\xef\xbb\xbf" + sheet(*rows()))
    assert alone["rows_added"] == 60


def test_faults_in_one_part_only(cast: Cast, both: Any) -> None:
    good, bad = rows(60), rows(60, 相談時間="", 課題解決日="2026-01-01")
    for found in (bad[:40] + good[40:], good[:40] + bad[40:]):
        alone, _ = both(cast.hq, sheet(*found))
        assert alone["rows_added"] in {20, 40}
        assert alone["changes"][0]["row"] in {2, 42}
    assert both(cast.hq, sheet(*bad))[0]["state"] == BatchState.REFUSED


def test_months_that_only_the_second_part_names(cast: Cast, both: Any) -> None:
    found = rows()
    found[-1] = found[-1] | {"相談日": "2026-05-07", "課題解決日": "2026-06-02"}
    alone, _ = both(cast.hq, sheet(*found))
    assert b'"2026-05"' in alone["files"]["facts.json"]
    assert b'"2026-06"' in alone["files"]["facts.json"]


def test_rows_that_the_ledger_has_already(cast: Cast, both: Any, settings: Any) -> None:
    settings.BULK_TWO_READERS_FROM = 0
    applied(cast.hq, uploaded(cast.hq, sheet(*rows())))
    changed = [
        one | {"相談時間（分）": "90"} if n % 20 == 7 else one for n, one in enumerate(rows(70))
    ]
    alone, _ = both(cast.hq, sheet(*changed))
    assert (alone["rows_unchanged"], alone["rows_added"], alone["problems_total"]) == (57, 10, 3)


STRAY = ",".join((row(900) | {"概要": '5"モニター'}).values()).encode()
OUT_OF_THE_ORDINARY = {
    # A quote that is none leads the search for the cut astray; the reader of the first part knows.
    "stray quote": (with_line(sheet(*rows()), 20, STRAY), ""),
    "open quote": (with_line(sheet(*rows()), 50, b'13,"R-900'), "閉じられて|対応が取れて"),
    "open quote in front": (with_line(sheet(*rows()), 12, b'13,"R-900'), "閉じられて|対応が取れて"),
    "too many columns": (with_line(sheet(*rows()), 50, b"," * 301), "列が多すぎます"),
    "no text": (with_line(sheet(*rows()), 50, b"13,\xff\xff"), "壊れた文字"),
    "no text, far down": (
        with_line(sheet(*rows(9_000, 概要="長" * 40)), 8_990, b"13,\xff\xff"),
        "壊れた文字",
    ),
    "lines ended by returns": (sheet(*rows()).replace(b"\r\n", b"\r"), ""),
}


@pytest.mark.parametrize("name", OUT_OF_THE_ORDINARY)
def test_what_is_out_of_the_ordinary_is_read_by_one_process(
    cast: Cast, both: Any, name: str
) -> None:
    data, said = OUT_OF_THE_ORDINARY[name]
    alone, _ = both(cast.hq, data, taken_over=0, leave_out=False)
    assert alone["state"] == (BatchState.REFUSED if said else BatchState.READY)
    assert re.search(said, str(alone["problems"]))


def test_a_file_of_blank_rows(cast: Cast, both: Any) -> None:
    alone, _ = both(cast.hq, sheet(header=HEADER) + b"\r\n" * 1_000)
    assert "データの行がありません" in str(alone["problems"])


def test_limits_hold_over_both_parts(
    cast: Cast, both: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "ENOUGH_PROBLEMS", 50)
    wrong = sheet(*rows(相談方法="x"))
    assert "確認を止めました" in str(both(cast.hq, wrong, leave_out=False)[0]["problems"])
    monkeypatch.setattr(checking, "BULK_LIMITS", replace(streaming.BULK_LIMITS, max_rows=55))
    assert "55行を超えています" in both(cast.hq, sheet(*rows()))[0]["problems"][-1][2]


def test_the_generated_file(cast: Cast, both: Any, tmp_path: Path) -> None:
    path, manifest = write(Shape(rows=3_000), tmp_path)
    alone, _ = both(cast.hq, path.read_bytes())
    assert alone["rows_added"] == manifest.stored


def test_small_files_and_single_processors_need_no_second_process(
    cast: Cast, settings: Any, joined: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = sheet(*rows())
    settings.BULK_TWO_READERS_FROM = len(data) + 1
    uploaded(cast.hq, data)
    settings.BULK_TWO_READERS_FROM = len(data)
    monkeypatch.setattr(second, "processors", lambda: 1)
    uploaded(cast.hq, data)
    assert joined == []


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("raise SystemExit(7)", "ended with 7"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "ended with -9"),
        ("import time; time.sleep(60)", "stood still"),
    ],
)
def test_a_second_process_that_fails_costs_time_only(
    cast: Cast, both: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any, start: str, said: str
) -> None:
    monkeypatch.setattr(second, "_START", start)
    monkeypatch.setattr(second, "_PATIENCE", -1_000)
    monkeypatch.setattr(second, "_LOOK", 0.5 if "sleep" in start else 30)
    alone, _ = both(cast.hq, broken(), taken_over=0)
    assert dict(alone["summary"])["誤りのある行"] == 12
    assert said in caplog.text


def test_the_second_process_ends_when_the_job_is_lost(
    cast: Cast, both: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    enter = SecondReader.__enter__

    def noted(self: SecondReader) -> SecondReader:
        started.append(enter(self)._child)
        return self

    def lost(self: JobContext, done: int, total: int, step: str) -> None:
        if step == checking.READING_IN_TWO:
            raise LeaseLost(self.job_id)

    monkeypatch.setattr(SecondReader, "__enter__", noted)
    monkeypatch.setattr(JobContext, "progress", lost)
    settings.BULK_TWO_READERS_FROM = 1
    assert uploaded(cast.hq, sheet(*rows())).state == BatchState.CHECKING
    assert [child.returncode for child in started] == [-9]


def test_the_second_process_ends_with_the_first(cast: Cast, tmp_path: Path) -> None:
    """Its input closes when the first process is killed; it hangs on a pipe nobody writes to."""
    os.mkfifo(tmp_path / "source")
    kind = bulk_kind("ledger.consultations")
    order = Order(
        source=str(tmp_path / "source"),
        cut=Cut(1, 1),
        encoding="utf-8",
        kind=kind.code,
        ground=kind.ground({}, cast.hq.scope),
        header=Header(1, {}, 0),
        columns=second.without_parsers(kind.columns({})),
    )
    with SecondReader(order, tmp_path / "second") as reader:
        child = reader._child
        assert child is not None
        assert child.stdin is not None
        assert child.poll() is None
        child.stdin.close()
        assert child.wait(30) == 1
        with pytest.raises(NotInTwoError):
            reader.look()
