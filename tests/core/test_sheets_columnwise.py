"""Reading by columns comes to the same as reading cell by cell."""

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yorozu.core.sheets import Column, cells, columnwise
from yorozu.core.sheets.columnwise import (
    FAULT,
    NULL,
    ClosedReader,
    ColumnReader,
    OpenReader,
    TextReader,
    copy_text,
    uncopy_text,
)
from yorozu.core.sheets.grid import CellFault

TODAY = datetime.date(2026, 11, 22)
KEY = r"[A-Za-z0-9][A-Za-z0-9._-]*"
DAY = Column("day", "相談日", cells.date(latest=TODAY))
DAY_OR_BLANK = Column("solved", "課題解決日", cells.date(latest=TODAY), blank=True)
CHANNEL = Column("channel", "相談方法", cells.choice({"来訪": "1", "電話": "2"}, {"TEL": "電話"}))
NUMBER = Column("no", "受付番号", cells.text(8))
NOTE = Column("note", "概要", cells.text(12, multiline=True), blank=True)


@pytest.mark.parametrize("text", ["", "あ", "a\\b", "\\N", "a\tb", "a\nb\r\nc", "\\t", "'"])
def test_a_text_comes_back_from_copys_format(text: str) -> None:
    field = copy_text(text)
    assert uncopy_text(field) == text
    assert not set("\t\n\r") & set(field)


def test_a_missing_value_is_not_the_text_that_looks_like_it() -> None:
    assert uncopy_text(NULL) is None
    assert uncopy_text(copy_text(NULL)) == NULL


@pytest.mark.parametrize(
    ("column", "typed", "stored"),
    [
        (DAY, "2026-04-01", "2026-04-01"),
        (DAY, "令和8年4月1日", "2026-04-01"),
        (DAY, "２０２６／４／１", "2026-04-01"),
        (DAY, "2026-13-45", FAULT),
        (DAY, "2026-11-23", FAULT),
        (DAY, "", FAULT),
        (DAY, "=TODAY()", FAULT),
        (DAY_OR_BLANK, " 　", NULL),
        (CHANNEL, "tel", "2"),
        (CHANNEL, "電話 ", "2"),
        (CHANNEL, "伝書鳩", FAULT),
    ],
)
def test_a_closed_column_is_read_as_its_cells_are(column: Column, typed: str, stored: str) -> None:
    reader = ClosedReader(column)
    assert list(reader.read([typed, typed])) == [stored, stored]


def test_a_memo_stops_growing_and_goes_on_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columnwise, "MEMO_KEYS", 3)
    reader = ClosedReader(DAY)
    days = [f"2026-04-{day:02d}" for day in range(1, 31)]
    assert list(reader.read(days)) == days
    assert list(reader.read(days)) == days
    assert len(reader._memo) == 3
    for day in days:
        assert reader.problem(2, f"x{day}").message
    assert len(reader._reasons) <= 3


def test_usual_numbers_and_texts_are_taken_as_they_stand_in_one_look() -> None:
    numbers = ("R-001", "R-002", "a.b_c")
    assert OpenReader(NUMBER, KEY, 8).read(numbers) is numbers
    texts = ("㈱髙橋の①", "", "全角　空白", "𠮷野家")
    assert TextReader(NOTE, 12).read(texts) is texts


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" 前後 ", "前後"),
        ("　前後　", "前後"),
        ("a\\b", "a\\\\b"),
        ("二\r\n行", "二\\n行"),
        ("=1+1", FAULT),
        ("'=1+1", "=1+1"),
        ("''", "''"),
        ("零\u200b幅", FAULT),
        ("外字\ue000", FAULT),
        ("\x1f", FAULT),
        ("\ufffd", FAULT),
        ("あ" * 13, FAULT),
        ("", ""),
    ],
)
def test_an_unusual_text_among_usual_ones_is_read_by_its_parser(typed: str, stored: str) -> None:
    assert list(TextReader(NOTE, 12).read(["並", typed, "み"])) == ["並", stored, "み"]


@pytest.mark.parametrize("typed", ["", "a b", "あ", "123456789", "=a", "a\x1fb"])
def test_an_unusual_number_is_read_by_its_parser(typed: str) -> None:
    reader = OpenReader(NUMBER, KEY, 8)
    assert reader.read(["ok", typed])[1] == reader.read_one(typed)


ANY_CELL = st.one_of(
    st.text(max_size=14),
    st.sampled_from(["", " ", "　", "=1", "'=1", "'", "\\", "\\N", "\t", "a\nb", "\x1f", "\0"]),
)


@given(st.lists(ANY_CELL, min_size=1, max_size=6))
def test_a_column_at_once_equals_its_cells_one_by_one(typed: list[str]) -> None:
    readers: list[ColumnReader] = [
        TextReader(NOTE, 12),
        OpenReader(NUMBER, KEY, 8),
        ClosedReader(DAY_OR_BLANK),
    ]
    for reader in readers:
        assert list(reader.read(typed)) == [reader.read_one(cell) for cell in typed]


def test_a_fault_of_the_file_is_a_fault_of_its_cell_in_every_reader() -> None:
    fault = CellFault("数式のセルです（B3）。")
    readers: list[ColumnReader] = [
        TextReader(NOTE, 12),
        OpenReader(NUMBER, KEY, 8),
        ClosedReader(DAY),
    ]
    for reader in readers:
        assert list(reader.read(["2026-04-01", fault]))[1] == FAULT
        assert reader.problem(3, fault).message == "数式のセルです（B3）。"


def test_a_workbook_may_hold_a_text_that_begins_like_a_formula() -> None:
    reader = TextReader(NOTE, 12)
    reader.read_as(csv=False)
    assert list(reader.read(["=1+1", "'=1"])) == ["=1+1", "'=1"]


@pytest.mark.parametrize(
    ("column", "typed", "said"),
    [
        (DAY, "2026-13-45", "「2026-13-45」は暦にない日付です。"),
        (DAY, "2026-11-23", "「2026-11-23」：2026-11-22までの日付を入力してください。"),
        (DAY, " ", "必須です。値を入力してください。"),
        (NUMBER, "123456789", "「123456789」：8文字以内で入力してください（9文字）。"),
    ],
)
def test_a_problem_names_row_column_value_and_what_to_do(
    column: Column, typed: str, said: str
) -> None:
    problem = ClosedReader(column).problem(12, typed)
    assert (problem.row, problem.column, problem.message) == (12, column.heading, said)


def test_a_long_value_is_shown_shortened_and_on_one_line() -> None:
    said: Any = ClosedReader(NUMBER).problem(2, "長い\n" + "あ" * 100).message
    assert said.startswith("「長い あああ")
    assert "…」：" in said
