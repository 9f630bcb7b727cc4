"""The rows of a sheet in the plain form that spreadsheet programs write, many cells at a time.

A parser that builds a tree takes several microseconds for each cell. Nearly every sheet is written
in one plain form, which a pattern reads; every tag of a stretch of rows must have been accounted
for, else that stretch goes to the careful parser. What is read is the same either way.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import IO

from yorozu.core.sheets.grid import Cell, NumberedRow, refuse
from yorozu.core.sheets.package_check import BROKEN

_NAMESPACE = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_ROOT = re.compile(rb"<(?:worksheet|sst)\s[^>]*[^/>]>")
_DATA, _DATA_END, _ROW_END, _ITEM_END = b"<sheetData>", b"</sheetData>", b"</row>", b"</si>"
_PIECE = 1 << 17
_MEMO = 50_000
# What a parser refuses or folds: such a stretch is not read by patterns.
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n")
_SPACED = r'(?: xml:space="preserve")?'
# A cell: column, style and type, value or inline text | a row begins.
_TOKEN = re.compile(
    r'<c r="([A-Z]{1,3})[0-9]{1,7}"((?: [st]="[a-zA-Z0-9]{1,9}")*)(?:/>|>'
    rf"(?:<(?:v|is><t{_SPACED})>([^<]*)</(?:v|t></is)>)?</c>)"
    r'|<row r="([0-9]{1,7})"(?:[^>]*[^/>])?>'
)
_NEXT_ROW = re.compile(r"</row>\s*<row ")
_ATTRIBUTE = re.compile(r'([st])="([^"]*)"')
_STRING = re.compile(rf"<si><t{_SPACED}>([^<]*)</t></si>")
_ENTITY = re.compile(r"&(lt|gt|amp|quot|apos);")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
Tokens = list[tuple[str, ...]]
# One row more than there is, so that the last one comes out like every other.
_END: Tokens = [("", "", "", "1")]


@dataclass(frozen=True, slots=True)
class Ways:
    """How single cells and stretches in another form are read.

    ``cell``: (style, type, text), (column, row) -> the cell, None for an empty one.
    ``carefully``: a whole sheet's XML, the number of the row before -> its rows.
    """

    strings: Sequence[Cell]
    max_columns: int
    cell: Callable[[tuple[str, str, str], tuple[int, int]], Cell | None]
    carefully: Callable[[bytes, int], Iterator[NumberedRow]]


def read_rows(stream: IO[bytes], ways: Ways) -> Iterator[NumberedRow] | None:
    """The rows of the sheet; None when its first lines are not in the plain form.

    The stream is then to be opened again.
    """
    head = stream.read(_PIECE)
    begins, root = head.find(_DATA), _ROOT.search(head)
    if begins < 0 or root is None or _NAMESPACE not in root.group():
        return None
    return _Stretches(stream, root.group(), ways).rows(head[begins + len(_DATA) :])


class _Stretches:
    """Goes through the sheet by stretches of whole rows."""

    def __init__(self, stream: IO[bytes], root: bytes, ways: Ways) -> None:
        self._stream, self._root, self._ways = stream, root, ways
        self._memo: dict[tuple[str, str], Cell] = {}
        # Styles and types of cells that hold the number of a shared string.
        self._shared: set[str] = set()
        self._places: dict[str, int] = {}
        self._last = 0

    def rows(self, begun: bytes) -> Iterator[NumberedRow]:
        """All rows; a sheet that does not end as it should is broken."""
        rest = begun
        while (ends := rest.find(_DATA_END)) < 0:
            cut = rest.rfind(_ROW_END) + len(_ROW_END)
            if cut >= len(_ROW_END):
                yield from self._stretch(rest[:cut])
                rest = rest[cut:]
            piece = self._stream.read(_PIECE)
            if not piece:
                raise refuse(BROKEN)
            rest += piece
        yield from self._stretch(rest[:ends])
        self._close(rest[ends:])

    def _close(self, rest: bytes) -> None:
        """Read to the end, which also proves the part's checksum."""
        end = rest
        while piece := self._stream.read(_PIECE):
            end = end[-100:] + piece
        if not end.rstrip().endswith(b"</worksheet>"):
            raise refuse(BROKEN)

    def _stretch(self, xml: bytes) -> Iterator[NumberedRow]:
        tokens = _tokens(xml)
        if tokens is None:
            whole = b"".join((self._root, _DATA, xml, _DATA_END, b"</worksheet>"))
            rows = self._ways.carefully(whole, self._last)
        else:
            rows = self._plain(tokens)
        for number, cells in rows:
            self._last = number
            yield number, cells

    def _plain(self, tokens: Tokens) -> Iterator[NumberedRow]:
        number, line = 0, list[Cell]()
        strings, memo, places = self._ways.strings, self._memo, self._places
        for column, attributes, text, row in chain(tokens, _END):
            if row:
                if number:
                    yield number, line
                number, line = int(row), []
                continue
            if not text:
                continue
            if places.get(column) != len(line):
                self._reach(column, line, number)
            if attributes in self._shared:
                line.append(strings[int(text)])
                continue
            found = memo.get((attributes, text))
            if found is None:
                found = self._read(attributes, text, (len(line), number))
            line.append(found)

    def _reach(self, letters: str, line: list[Cell], row: int) -> None:
        """Blank cells up to a column; a cell to the left of the one before is a broken row."""
        place = 0
        for letter in letters:
            place = place * 26 + ord(letter) - ord("A") + 1
        if place > self._ways.max_columns:
            raise refuse(f"列が多すぎます（{self._ways.max_columns}列まで）。", row)
        if place <= len(line):
            raise refuse(BROKEN, row)
        self._places[letters] = place - 1
        line.extend([""] * (place - 1 - len(line)))

    def _read(self, attributes: str, text: str, place: tuple[int, int]) -> Cell:
        said = dict(_ATTRIBUTE.findall(attributes))
        kind = said.get("t", "")
        if kind == "s":
            self._shared.add(attributes)
            return self._ways.strings[int(text)]
        read = self._ways.cell((said.get("s", ""), kind, _unescaped(text)), place)
        cell = "" if read is None else read
        if isinstance(cell, str) and len(self._memo) < _MEMO:
            # A fault names its place; a text is the same wherever it stands.
            self._memo[attributes, text] = cell
        return cell


def _tokens(xml: bytes) -> Tokens | None:
    """Rows and cells of a stretch; None unless they account for every tag of it."""
    text = _plain_text(xml)
    if text is None:
        return None
    tokens = _TOKEN.findall(text)
    rows = text.count("</row>")
    # A cell that closes itself has one tag, another two; a value and an inline text bring more.
    tags = 2 * rows + (len(tokens) - rows) + text.count("</c>") + 2 * text.count("</v>")
    if "<is>" in text:
        tags += 4 * text.count("</t></is>")
    # Every row but the first begins where the one before ends: none within another, none without.
    follows = len(_NEXT_ROW.findall(text)) == rows - 1 and text.lstrip()[:5] == "<row "
    return tokens if rows and follows and tags == text.count("<") else None


def _plain_text(xml: bytes) -> str | None:
    """The text; None when it holds what a parser would refuse, fold or look up."""
    if len(xml.translate(None, _CONTROLS)) != len(xml):
        return None
    try:
        text = xml.decode()
    except UnicodeDecodeError:
        return None
    # Anything else in Unicode that XML cannot carry does not come out of strict UTF-8 but these.
    if "\ufffe" in text or "\uffff" in text:
        return None
    return text if "&" not in text or text.count("&") == len(_ENTITY.findall(text)) else None


def _unescaped(text: str) -> str:
    return _ENTITY.sub(lambda found: _NAMED[found.group(1)], text) if "&" in text else text


def read_strings(stream: IO[bytes]) -> list[str] | None:
    """The shared strings; None unless they are in the plain form from beginning to end."""
    rest = stream.read(_PIECE)
    begins, root = rest.find(b"<si>"), _ROOT.search(rest)
    if begins < 0 or root is None or _NAMESPACE not in root.group():
        return None
    strings: list[str] = []
    rest = rest[begins:]
    while True:
        cut = rest.rfind(_ITEM_END) + len(_ITEM_END)
        if cut >= len(_ITEM_END):
            text = _plain_text(rest[:cut])
            found = _STRING.findall(text) if text is not None else []
            if text is None or text.count("<") != 4 * len(found):
                return None
            strings += map(_unescaped, found) if "&" in text else found
            rest = rest[cut:]
        piece = stream.read(_PIECE)
        if not piece:
            return strings if rest.strip() == b"</sst>" else None
        rest += piece
