"""XLSX bytes -> rows of text: one visible sheet, values only, formulas named by address."""

import datetime
import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any, BinaryIO
from xml.etree.ElementTree import Element, ParseError, SubElement, iterparse

from defusedxml.common import DefusedXmlException
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._reader import INLINE_STRING, ROW_TAG, WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

from yorozu.core.sheets.escaping import from_xml_text, unescape
from yorozu.core.sheets.grid import (
    Cell,
    CellFault,
    Grid,
    NumberedRow,
    column_letters,
    refuse,
    too_long_cell,
)
from yorozu.core.sheets.limits import Limits
from yorozu.core.sheets.package_check import BROKEN, SheetFacts, check_package
from yorozu.core.sheets.xlsx_rows import Ways, read_rows, read_strings

# Everything openpyxl has been seen to raise on damaged parts.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    DefusedXmlException,
    InvalidFileException,
    OSError,
    EOFError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    RecursionError,
)
_MAX_ROW = 1_048_576
_STRING_ITEM = f"{{{SHEET_MAIN_NS}}}si"
_RUN = f"{{{SHEET_MAIN_NS}}}r"
_TEXT = f"{{{SHEET_MAIN_NS}}}t"
_VALUE = f"{{{SHEET_MAIN_NS}}}v"
ParsedRow = tuple[int | None, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class _Sheet:
    title: str
    state: str
    path: str


class _Book(ExcelReader):
    """openpyxl's reader for the small parts; strings and rows go through the fast parser.

    The fast parser has no guard of its own against DTDs: check_package has refused them in
    every part, and every encoding that could hide one.
    """

    def read_strings(self) -> None:
        """The shared strings without phonetic readings."""
        part = self.package.find(SHARED_STRINGS)
        if part is None:
            return
        with self.archive.open(part.PartName[1:]) as stream:
            plain = read_strings(stream)
        if plain is not None:
            self.shared_strings = plain
            return
        with self.archive.open(part.PartName[1:]) as stream:
            for _, element in iterparse(stream):  # noqa: S314 (every DTD is refused before)
                if element.tag == _STRING_ITEM:
                    self.shared_strings.append(_text_of(element))
                    element.clear()

    def open(self) -> list[_Sheet]:
        """Read what the rows need and list the worksheets in the order of the tabs."""
        self.read_manifest()
        self.read_strings()
        self.read_workbook()
        apply_stylesheet(self.archive, self.wb)
        return [
            _Sheet(sheet.name, sheet.state, relation.target)
            for sheet, relation in self.parser.find_sheets()
            if relation.target in self.valid_files and "chartsheet" not in relation.Type
        ]

    def rows(self, sheet: _Sheet, limits: Limits) -> Iterator[NumberedRow]:
        """The rows of one sheet, straight from the parser: a far cell costs no padding."""
        single = self._parser(io.BytesIO())
        strings = [_cell(text, "s", (0, 0), limits) for text in self.shared_strings]
        ways = Ways(
            strings,
            limits.max_columns,
            lambda found, place: _single(single, found, place, limits),
            lambda xml, before: self._carefully(io.BytesIO(xml), limits, before),
        )
        with self.archive.open(sheet.path) as stream:
            rows = read_rows(stream, ways)
            if rows is not None:
                yield from rows
                return
        with self.archive.open(sheet.path) as stream:
            yield from self._carefully(stream, limits)

    def _carefully(
        self, stream: IO[bytes], limits: Limits, before: int = 0
    ) -> Iterator[NumberedRow]:
        parser = self._parser(stream)
        parser.row_counter = before
        parsed = parser.parse()
        while True:
            with _quietly():
                number, cells = next(parsed, (None, []))
            if number is None:
                return
            yield number, _line(number, cells, limits)

    def _parser(self, stream: IO[bytes]) -> "_SheetParser":
        return _SheetParser(
            stream,
            self.shared_strings,
            epoch=self.wb.epoch,
            date_formats=self.wb._date_formats,  # noqa: SLF001 (no public name)
            timedelta_formats=self.wb._timedelta_formats,  # noqa: SLF001 (as above)
        )


class _SheetParser(WorkSheetParser):
    """Cells only: everything else on a sheet is decoration."""

    def parse(self) -> Iterator[ParsedRow]:
        """Row number and cells, row by row."""
        for _, element in iterparse(self.source):  # noqa: S314 (every DTD is refused before)
            if element.tag == ROW_TAG:
                row = self.parse_row(element)
                element.clear()
                yield row

    def parse_cell(self, element: Element) -> dict[str, Any]:
        """As openpyxl, but inline text without the slow object in between."""
        inline = element.find(INLINE_STRING) if element.get("t") == "inlineStr" else None
        cell: dict[str, Any] = super().parse_cell(element if inline is None else _bare(element))
        if inline is not None:
            cell.update(value=_text_of(inline), data_type="s")
        return cell


def _bare(element: Element) -> Element:
    attributes = {name: value for name, value in element.items() if name != "t"}
    return Element(element.tag, attributes)


def _text_of(element: Element) -> str:
    """Plain and rich text; the phonetic reading (furigana) beside it is not the text."""
    pieces = [
        part.text if part.tag == _TEXT else "".join(t.text or "" for t in part.findall(_TEXT))
        for part in element
        if part.tag in {_TEXT, _RUN}
    ]
    return "".join(piece or "" for piece in pieces)


def open_xlsx(data: bytes, limits: Limits, sheet: str | None) -> Grid:
    """The rows of a workbook that lies in memory."""
    return open_workbook(io.BytesIO(data), limits, sheet)


def open_workbook(source: BinaryIO, limits: Limits, sheet: str | None) -> Grid:
    """Check the package, open it without links or macros, and choose the sheet."""
    facts = check_package(source, limits)
    with _quietly():
        try:
            book = _Book(source, read_only=True, keep_links=False)
            sheets = book.open()
        except _DAMAGE as error:
            raise refuse(BROKEN) from error
    chosen, notes = _choose(sheets, sheet)
    merged = facts.get(chosen.path, SheetFacts()).merged
    rows = _numbered(book.rows(chosen, limits))
    return Grid("XLSX", rows, sheet=chosen.title, notes=notes, merged=merged)


@contextmanager
def _quietly() -> Iterator[None]:
    """openpyxl reports lost decoration as warnings; only values matter here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _choose(sheets: list[_Sheet], wanted: str | None) -> tuple[_Sheet, list[str]]:
    if wanted is not None:
        return _named(sheets, wanted), []
    visible = [sheet for sheet in sheets if sheet.state == "visible"]
    if not visible:
        raise refuse("表示されているシートがありません。シートを再表示して保存し直してください。")
    notes = []
    if len(visible) > 1:
        others = _titles(visible[1:])
        notes.append(f"シート「{visible[0].title}」を読みました。{others}は読んでいません。")
    hidden = [sheet for sheet in sheets if sheet.state != "visible"]
    if hidden:
        notes.append(f"非表示のシート{_titles(hidden)}は読んでいません。")
    return visible[0], notes


def _named(sheets: list[_Sheet], wanted: str) -> _Sheet:
    for sheet in sheets:
        if sheet.title == wanted:
            return sheet
    raise refuse(f"シート「{wanted}」がありません（あるシート：{_titles(sheets)}）。")


def _titles(sheets: list[_Sheet]) -> str:
    return "、".join(f"「{sheet.title}」" for sheet in sheets[:10])


def _numbered(rows: Iterator[NumberedRow]) -> Iterator[NumberedRow]:
    last = 0
    while True:
        try:
            found = next(rows, None)
        except _DAMAGE as error:
            raise refuse(BROKEN) from error
        if found is None:
            return
        if not last < found[0] <= _MAX_ROW:
            raise refuse(BROKEN, None)
        last = found[0]
        yield found


def _single(
    parser: _SheetParser, found: tuple[str, str, str], place: tuple[int, int], limits: Limits
) -> Cell | None:
    """One cell by its style, type and text, as the careful parser reads it."""
    style, kind, text = found
    if kind == "inlineStr":
        return _cell(text, "s", place, limits)
    element = Element("c", {"r": f"A{place[1]}", "s": style or "0", "t": kind or "n"})
    SubElement(element, _VALUE).text = text
    with _quietly():
        cell = parser.parse_cell(element)
    value = cell["value"]
    return None if value is None else _cell(value, cell["data_type"], place, limits)


def _line(number: int, cells: list[dict[str, Any]], limits: Limits) -> list[Cell]:
    line: list[Cell] = []
    for cell in cells:
        value = cell["value"]
        if value is None:
            continue
        index = cell["column"] - 1
        if not 0 <= index < limits.max_columns:
            raise refuse(f"列が多すぎます（{limits.max_columns}列まで）。", number)
        if index < len(line):
            raise refuse(BROKEN, number)
        line.extend([""] * (index - len(line)))
        line.append(_cell(value, cell["data_type"], (index, number), limits))
    return line


def _cell(value: Any, kind: str, place: tuple[int, int], limits: Limits) -> Cell:
    address = f"{column_letters(place[0])}{place[1]}" if kind in "fe" else ""
    if kind == "f":
        return CellFault(f"数式のセルです（{address}）。値に置き換えてください（値の貼り付け）。")
    if kind == "e":
        return CellFault(f"エラー値（{value}）のセルです（{address}）。")
    if isinstance(value, str):
        if len(value) > limits.max_cell_characters:
            return too_long_cell(limits)
        return unescape(from_xml_text(value))
    return _plain(value)


def _plain(value: Any) -> str:
    """A typed cell as the text a user would type for it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime):
        whole_day = value.time() == datetime.time(0)
        return value.date().isoformat() if whole_day else value.isoformat(" ", "seconds")
    if isinstance(value, float):
        # A spreadsheet stores and shows 15 digits; more would print binary noise.
        return str(int(value)) if value.is_integer() else f"{Decimal(format(value, '.15g')):f}"
    return str(value)
