"""A stream of chunks gives the rows of the ordinary reading, and refuses what that refuses."""

import io
from pathlib import Path
from typing import Any

import pytest

from benchmarks import workbook
from tests.core.sheet_corpus import COLUMNS, HEADINGS, Case, all_cases, csv_text, raw_sheet
from yorozu.core.errors import InvalidInput
from yorozu.core.sheets import (
    Column,
    Grid,
    Sheet,
    cells,
    columnwise,
    open_grid,
    streaming,
    to_xlsx,
    xlsx_source,
)
from yorozu.core.sheets.streaming import (
    Cut,
    OtherEncodingError,
    find_cut,
    open_stream,
    rows_behind,
)

CASES = all_cases()
GOOD = ("01", "山田太郎", "2026-04", "12", "○", "")


def streamed(data: bytes, encoding: str = "") -> list[tuple[int, list[Any]]]:
    """Rows with numbers; what follows an encoding found out late is read with that one."""
    try:
        stream = open_stream(io.BytesIO(data), COLUMNS, encoding=encoding)
        return [
            (first + place, row) for first, rows in stream.chunks for place, row in enumerate(rows)
        ]
    except OtherEncodingError as other:
        return streamed(data, other.encoding)


def told(error: InvalidInput) -> list[tuple[int | None, str]]:
    return [(problem.row, problem.message) for problem in error.problems]


def of_grid(data: bytes) -> list[tuple[int, list[Any]]]:
    return list(open_grid(data).rows)


def outcome(read: Any, data: bytes) -> tuple[list[Any], set[str]]:
    """The rows, or what was said against the file."""
    try:
        return read(data), set()
    except InvalidInput as error:
        return [], {message for _, message in told(error)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_file_of_the_corpus_gives_the_same_rows_or_the_same_refusal(case: Case) -> None:
    expected, refusals = outcome(of_grid, case.data)
    found, said = outcome(streamed, case.data)
    if refusals or said:
        # A heading that is not as asked for is refused at once, before any row; of an endless line
        # the columns are too many before it is too long.
        same = said & refusals or case.name == "line of commas"
        assert same or (not refusals and case.faults), (said, refusals)
        return
    below = [(number, _plain(row)) for number, row in expected if row]
    rows = [(number, _raw(row)) for number, row in found if row]
    assert rows == below[len(below) - len(rows) :]


def _plain(row: list[Any]) -> list[Any]:
    """What the stream leaves to the readers: an apostrophe, formulas, overlong cells."""
    return [cell if isinstance(cell, str) else "fault" for cell in row]


def _raw(row: list[Any]) -> list[Any]:
    return [
        cell if isinstance(cell := columnwise._plain(one), str) and len(cell) <= 10_000 else "fault"
        for one in row
    ]


def test_numbers_are_those_of_a_spreadsheet_blank_rows_and_breaks_within_a_cell_included() -> None:
    text = "表題\r\n" + csv_text(GOOD, ("02", "二\n行", "2026-04", "1", "", ""), ("",) * 6, GOOD)
    rows = streamed(text.encode())
    assert [number for number, _ in rows] == [3, 4, 5, 6]
    assert rows[1][1][1] == "二\n行"


def test_many_rows_come_in_chunks_without_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "CHUNK", 7)
    data = csv_text(*[(f"{n:02d}", *GOOD[1:]) for n in range(1, 48)]).encode()
    stream = open_stream(io.BytesIO(data), COLUMNS)
    sizes, last = [], 1
    for first, rows in stream.chunks:
        assert first == last + 1
        last = first + len(rows) - 1
        sizes.append(len(rows))
    assert last == 48
    assert max(sizes) <= 9
    assert stream.position() == len(data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_the_encoding_is_found_and_told(encoding: str) -> None:
    data = csv_text(("01", "㈱髙橋①", *GOOD[2:])).encode(encoding)
    stream = open_stream(io.BytesIO(data), COLUMNS)
    assert stream.encoding == encoding.replace("utf-8-sig", "utf-8").replace("utf-8", "utf-8-sig")
    assert next(stream.chunks)[1][0][1] == "㈱髙橋①"


def test_a_file_that_proves_to_be_cp932_far_down_is_begun_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streaming, "_HEAD", 4_000)
    header = ("拠点番号", *HEADINGS[1:])
    plain = [("01", f"N{n}", "2026-04", "1", "", "") for n in range(400)]
    data = csv_text(*plain, header=header).encode("cp932")
    late = data.replace(b"N399", "髙".encode("cp932"))
    # The heading in Japanese is CP932 itself; a heading in ASCII hides it.
    with pytest.raises(InvalidInput, match="見出し"):
        open_stream(io.BytesIO(b"a,b\r\n" * 4_000 + late[-40:]), COLUMNS)
    utf8 = csv_text(*plain).encode()
    mixed = utf8 + ("01,髙,2026-04,1,,\r\n").encode("cp932")
    stream = open_stream(io.BytesIO(mixed), COLUMNS)
    with pytest.raises(InvalidInput, match="UTF-8でもShift_JIS"):
        list(stream.chunks)
    assert streamed(late)[-1][1][1] == "髙"


def test_a_quote_that_never_closes_is_named_by_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    data = csv_text(*[GOOD] * 500).encode() + '01,"開いた,2026-04\r\n'.encode()
    with pytest.raises(InvalidInput) as error:
        streamed(data)
    assert told(error.value)[0][0] == 502
    assert "引用符" in told(error.value)[0][1]


def both_ways(data: bytes, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """A workbook by patterns, and by the careful parser alone."""

    def read() -> Any:
        try:
            grid: Grid = open_grid(data)
            return list(grid.rows), grid.notes
        except InvalidInput as error:
            return told(error)

    fast = read()
    with monkeypatch.context() as patch:
        patch.setattr(xlsx_source, "read_rows", lambda *_: None)
        patch.setattr(xlsx_source, "read_strings", lambda *_: None)
        return fast, read()


XLSX = [case for case in CASES if case.data.startswith(b"PK")]


@pytest.mark.parametrize("case", XLSX, ids=lambda case: case.name)
def test_a_workbook_reads_the_same_by_patterns_and_by_the_careful_parser(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast, careful = both_ways(case.data, monkeypatch)
    assert fast == careful


SHEETS = {
    "entities": b'<row r="1"><c r="A1" t="inlineStr"><is><t>a&amp;b &lt;c&gt;</t></is></c></row>',
    "numeric entity": b'<row r="1"><c r="A1" t="inlineStr"><is><t>&#12354;</t></is></c></row>',
    "unknown entity": b'<row r="1"><c r="A1" t="inlineStr"><is><t>&foo;</t></is></c></row>',
    "bare ampersand": b'<row r="1"><c r="A1" t="inlineStr"><is><t>a & b</t></is></c></row>',
    "rich text": (
        b'<row r="1"><c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c></row>'
    ),
    "cdata": b'<row r="1"><c r="A1"><v><![CDATA[5]]></v></c></row>',
    "comment": b'<row r="1"><c r="A1"><v>5</v></c><!-- x --></row>',
    "formula": b'<row r="1"><c r="B1"><f>A1+1</f><v>5</v></c></row>',
    "error": b'<row r="1"><c r="B1" t="e"><v>#N/A</v></c></row>',
    "boolean": b'<row r="1"><c r="A1" t="b"><v>1</v></c></row>',
    "text result": b'<row r="1"><c r="A1" t="str"><v>x</v></c></row>',
    "no numbers": b"<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>",
    "half numbered": (
        b'<row r="4"><c r="A4"><v>1</v></c></row><row><c><v>3</v></c></row>'
        b'<row r="9"><c r="C9"><v>1</v></c></row>'
    ),
    "gaps": b'<row r="3"><c r="C3"><v>1</v></c><c r="AB3"><v>2</v></c></row>',
    "empty cells": b'<row r="1"><c r="A1" s="1"/><c r="B1"></c><c r="C1"><v>1</v></c></row>',
    "empty row": b'<row r="1"/><row r="2" ht="3"></row><row r="3"><c r="A3"><v>1</v></c></row>',
    "attributes": (
        b'<row r="1" spans="1:2" ht="20" customHeight="1">'
        b'<c r="A1" t="n" s="0"><v>1.50</v></c></row>'
    ),
    "other attributes": b'<row r="1"><c s="0" r="A1" cm="1"><v>7</v></c></row>',
    "line breaks": b'<row r="1">\n <c r="A1">\n  <v>7</v>\n </c>\n</row>\n',
    "carriage return": b'<row r="1"><c r="A1" t="inlineStr"><is><t>a\r\nb</t></is></c></row>',
    "spaces": (
        b'<row r="1"><c r="A1" t="inlineStr"><is><t xml:space="preserve"> a </t></is></c></row>'
    ),
    "control": b'<row r="1"><c r="A1" t="inlineStr"><is><t>\x01</t></is></c></row>',
    "not utf-8": b'<row r="1"><c r="A1" t="inlineStr"><is><t>\xff</t></is></c></row>',
    "nested row": b'<row r="1"><row r="2"><c r="A2"><v>1</v></c></row></row>',
    "left of the last": b'<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>',
    "unclosed": b'<row r="1"><c r="A1"><v>1</v></c>',
    "wrong value": b'<row r="1"><c r="A1"><v>nine</v></c></row>',
    "scientific": b'<row r="1"><c r="A1"><v>1.5E3</v></c><c r="B1"><v>1e-7</v></c></row>',
}


@pytest.mark.parametrize("body", SHEETS.values(), ids=SHEETS)
def test_odd_but_possible_sheets_read_the_same_either_way(
    body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast, careful = both_ways(raw_sheet(body), monkeypatch)
    assert fast == careful


def test_a_stretch_in_another_form_does_not_disturb_its_neighbours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("yorozu.core.sheets.xlsx_rows._PIECE", 300)
    rows = [
        b'<row r="%d"><c r="A%d"><v>%d</v></c></row>' % (n, n, n)
        if n % 5
        else b"<row><c><f>1+1</f><v>2</v></c></row>"
        for n in range(1, 60)
    ]
    fast, careful = both_ways(raw_sheet(b"".join(rows)), monkeypatch)
    assert fast == careful
    assert len(fast[0]) == 59


def test_our_own_workbooks_read_the_same_either_way(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = [["=式", "a&b", "二\n行", 12, "", "①㈱"], ["'", " 空白 ", "x_x000D_y", 0, "－", "<b>"]]
    fast, careful = both_ways(to_xlsx([Sheet("表", list("abcdef"), cells)]), monkeypatch)
    assert fast == careful


def test_shared_strings_read_the_same_either_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "rows.csv"
    source.write_text(csv_text(GOOD, ("02", "a&b<c>", "x", "", "y", "")), encoding="utf-8")
    book = workbook.write(source, tmp_path / "rows.xlsx").read_bytes()
    fast, careful = both_ways(book, monkeypatch)
    assert fast == careful
    assert fast[0][2][1][1] == "a&b<c>"


TWO = [Column(name, name, cells.text(40)) for name in "ab"]


def numbered(chunks: Any) -> dict[int, list[Any]]:
    return {first + place: row for first, rows in chunks for place, row in enumerate(rows)}


def cuts(data: bytes) -> set[Cut]:
    found = (find_cut(io.BytesIO(data), near) for near in range(len(data)))
    return {cut for cut in found if cut is not None}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_csv_cut_anywhere_gives_the_same_rows_with_the_same_numbers(encoding):
    kinds = ["1,表ソ", '"2","a""b"', '3,"上\r\n下\n"', "", '"",""""', ",", '4,"一\n二""\n三"']
    lines = [kinds[n % 7] for n in range(40)]
    data = "\r\n".join(["a,b", *lines, "5,終"]).encode(encoding)
    whole = numbered(open_stream(io.BytesIO(data), TWO, encoding=encoding).chunks)
    assert len(whole) == 41
    assert {cut.records for cut in cuts(data)} == {*range(10, 42)}
    for cut in cuts(data):
        source = io.BytesIO(data)
        stream = open_stream(source, TWO, encoding=encoding, cut=cut)
        rows = numbered(stream.chunks)
        assert stream.records() == cut.records
        assert min(behind := numbered(rows_behind(source, cut, encoding))) == cut.records + 1
        assert rows | behind == whole


def test_a_mark_of_the_encoding_behind_a_cut_is_text_as_it_is_in_the_whole():
    data = b"a,b\r\n" + b"1,2\r\n" * 12 + "\ufeff3,4\r\n".encode() + b"5,6\r\n"
    cut = find_cut(io.BytesIO(data), data.index(b"\xef") - 1)
    assert cut is not None
    assert cut.records == 13
    behind = list(rows_behind(io.BytesIO(data), cut, "utf-8-sig"))
    assert behind == [(14, [["\ufeff3", "4"], ["5", "6"]])]
    assert numbered(open_stream(io.BytesIO(data), TWO).chunks)[14] == ["\ufeff3", "4"]


def test_no_cut_in_the_heading_within_quotes_at_the_end_or_in_a_workbook():
    short = b"a,b\r\n" + b"1,2\r\n" * 12
    assert {cut.records for cut in cuts(short)} == {10, 11, 12}
    assert find_cut(io.BytesIO(b"a,b\r\n" + b'1,"2\r\n' + b"1,2\r\n" * 12), 20) is None
    assert find_cut(io.BytesIO(b"PK\x03\x04" + short), 60) is None
    assert find_cut(io.BytesIO(short), len(short) + 5) is None


def test_a_cut_within_quotes_is_not_the_end_of_a_record():
    data = b"a,b\r\n" + b"1,2\r\n" * 12 + b'3,"4\r\n5"\r\n'
    stream = open_stream(io.BytesIO(data), TWO, cut=Cut(data.index(b"5"), 14))
    with pytest.raises(InvalidInput):
        list(stream.chunks)
