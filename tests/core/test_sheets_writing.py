"""What is written is inert, exact and comes back the same."""

import io
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from yorozu.core.errors import InvalidInput
from yorozu.core.figures import Blank
from yorozu.core.sheets import Column, Sheet, cells, open_grid, read_table, to_csv, to_xlsx
from yorozu.core.sheets.escaping import escape, unescape

PAYLOADS = [
    "=1+1", "==1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\x00=1", "＝1", "＋1",
    "－1+1", "＠A1", "−1",
    " =1", "　=1", "=cmd|'/C calc'!A0", '=HYPERLINK("x","y")', "'=1", "''=1",
    "'", "''", "'abc", "-", "－", "'-", "'－", "=", "_x0041_", "_x000D_", "_x005F_",
    "#N/A", "#REF!",
    "=\x00", "a\r\nb", "TRUE", "001", "1e3", "\ufeff=1", "﹦1",
]  # fmt: skip
# Every character of CP932 that is text: no controls, no user-defined ones, no holes of the table.
CP932 = "".join(
    ch
    for ch in map(chr, (*range(0x20, 0x7F), *range(0xA1, 0xD800), *range(0xF900, 0xFFFE)))
    if ch.encode("cp932", "ignore").decode("cp932") == ch
)


def grid_texts(data: bytes) -> list[Any]:
    return [cells_ for _, cells_ in open_grid(data).rows]


def starts_a_formula(text: str) -> bool:
    body = text.lstrip(" \u3000")
    return len(text) > 1 and (body[:1] in set("=+-@＝＋－＠") or text[:1] in set("\t\r\n\0"))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_payload_stays_live_and_each_comes_back(payload: str) -> None:
    assert not starts_a_formula(escape(payload))
    assert unescape(escape(payload)) == payload
    assert grid_texts(to_csv(["見出し"], [[payload]]))[1] == [payload]
    book = to_xlsx([Sheet("表", ["見出し"], [[payload]])])
    assert grid_texts(book)[1] == [payload]
    kinds = {cell.data_type for row in load_workbook(io.BytesIO(book)).active for cell in row}
    assert kinds == {"s"}


@given(st.text(alphabet=st.sampled_from("'=+-@＝＋－＠ \t\r\n\x00a_x0D山"), max_size=8))
def test_escape_is_undone_exactly(text: str) -> None:
    assert unescape(escape(text)) == text


@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=5))
@settings(max_examples=60)
def test_any_text_comes_back_from_both_formats(texts: list[str]) -> None:
    texts = [text.encode("utf-8", "ignore").decode() or "x" for text in texts]
    rows = [[f"r{n}", text] for n, text in enumerate(texts)]
    assert grid_texts(to_csv(["a", "b"], rows))[1:] == rows
    assert grid_texts(to_xlsx([Sheet("表", ["a", "b"], rows)]))[1:] == rows


NAMES = st.lists(
    st.text(alphabet=st.sampled_from(CP932), min_size=1, max_size=20), min_size=100, max_size=100
)
NAMED = [Column("code", "番号", cells.code(5), key=True), Column("name", "氏名", cells.text(20))]


def read_names(data: bytes) -> list[str]:
    table = read_table(data, "names.csv", NAMED)
    return [row["name"] for row in table.checked_rows()]


@given(NAMES)
@settings(max_examples=100, deadline=None)
def test_ten_thousand_cp932_names_come_back_as_typed(names: list[str]) -> None:
    names = [name.strip(" \u3000") or "名" for name in names]
    rows = list(enumerate(names))
    assert read_names(to_csv(["番号", "氏名"], rows, "cp932")) == names
    assert read_names(to_csv(["番号", "氏名"], rows)) == names


def test_every_cp932_character_comes_back() -> None:
    assert len(CP932) > 7_000
    names = [f"山{ch}" if ch not in " \u3000" else "山" for ch in CP932]
    assert read_names(to_csv(["番号", "氏名"], list(enumerate(names)), "cp932")) == names


def test_what_cp932_lacks_is_refused_by_place() -> None:
    rows = [["山田", "東京"], ["𠮷田", "a—b¥𠮷"]]
    with pytest.raises(InvalidInput) as refusal:
        to_csv(["氏名", "住所"], rows, "cp932")
    assert [(p.row, p.column) for p in refusal.value.problems] == [(3, "氏名"), (3, "住所")]
    assert "𠮷（U+20BB7）" in refusal.value.problems[0].message
    assert "—（U+2014）、¥（U+00A5）、𠮷（U+20BB7）" in refusal.value.problems[1].message


def test_what_cp932_lacks_becomes_geta_on_request() -> None:
    data = to_csv(["氏名"], [["𠮷田—"]], "cp932", replace=True)
    assert data == "氏名\r\n〓田〓\r\n".encode("cp932")


def test_csv_has_bom_crlf_and_plain_numbers() -> None:
    values = [1234567, Decimal("0.10"), -5, None, True, False, Blank.NOT_REPORTED,
              Blank.NOT_APPLICABLE, date(2026, 4, 1), datetime(2026, 4, 1, 9, 5), 'a"b,c']  # noqa: DTZ001 # fmt: skip
    data = to_csv(["値"] * len(values), [values])
    assert data.startswith(b"\xef\xbb\xbf")
    line = data.decode("utf-8-sig").split("\r\n")[1]
    assert line == '1234567,0.10,-5,,○,,,－,2026-04-01,2026-04-01 09:05,"a""b,c"'


@pytest.mark.parametrize("value", [1.5, object(), b"x"])
def test_inexact_or_strange_values_are_a_programming_error(value: Any) -> None:
    with pytest.raises(TypeError):
        to_csv(["a"], [[value]])
    with pytest.raises(TypeError):
        to_xlsx([Sheet("a", ["a"], [[value]])])


def test_a_workbook_is_ready_for_screen_and_print() -> None:
    rows: Iterable[list[Any]] = [["北海道よろず支援拠点", 1234, Decimal("12.5"), date(2026, 4, 1)]]
    data = to_xlsx(
        [
            Sheet("実績", ["拠点", "件数", "率", "日"], rows, "単位：件", {"率": '0.0"%"'}),
            Sheet("実績", ["a"], []),
            Sheet("a/b:c" + "長" * 40, ["a"], [[10**17]]),
        ]
    )
    book = load_workbook(io.BytesIO(data))
    sheet = book.worksheets[0]
    assert [s.title for s in book.worksheets[:2]] == ["実績", "実績(2)"]
    assert len(book.worksheets[2].title) == 31
    assert sheet.freeze_panes == "A3"
    assert sheet.print_title_rows == "$1:$2"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.column_dimensions["A"].width >= 20
    assert [cell.data_type for cell in sheet[3]] == ["s", "n", "n", "d"]
    assert (sheet["B3"].value, sheet["C3"].value) == (1234, 12.5)
    assert sheet["B3"].number_format.startswith("#,##0")
    assert sheet["C3"].number_format == '0.0"%"'
    assert sheet["A2"].font.bold
    assert book.worksheets[2]["A2"].value == str(10**17)


def test_text_too_long_for_a_cell_is_refused_not_cut() -> None:
    with pytest.raises(InvalidInput) as refusal:
        to_xlsx([Sheet("a", ["備考"], [["あ" * 32_768]])])
    assert [(p.row, p.column) for p in refusal.value.problems] == [(2, "備考")]
