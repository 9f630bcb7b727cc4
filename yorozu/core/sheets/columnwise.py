"""Reading a file column by column: a million rows at the cost of their distinct values.

The ordinary reading (reading.py) looks at one cell after another. Here a chunk of rows is turned
into columns, and each column is mapped at once: a closed column (codes, dates, numbers) through a
memo of the texts seen so far, an open one (numbers of receipts, free text) by one look at the whole
column. Both end in the same parsers as the ordinary reading, so that the two doors never disagree.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, cast

from yorozu.core.errors import Problem
from yorozu.core.sheets.csv_source import FORMULA
from yorozu.core.sheets.escaping import unescape
from yorozu.core.sheets.grid import Cell, CellFault
from yorozu.core.sheets.header import Column
from yorozu.core.sheets.keys import trim
from yorozu.core.sheets.reading import REQUIRED

# A text no cell can hold: a cell that cannot be taken.
FAULT = "\0"
# A missing value, as COPY writes it.
NULL = "\\N"
MEMO_KEYS = 50_000
_SEPARATOR = "\x1f"
_SHOWN = 40


def copy_text(text: str) -> str:
    """A text as one field of COPY's text format."""
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    return text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_CODES = {"n": "\n", "r": "\r", "t": "\t"}


def uncopy_text(field: str) -> str | None:
    """The text of a field of COPY's text format; None for a missing value."""
    if field == NULL:
        return None
    if "\\" not in field:
        return field
    return _ESCAPED.sub(lambda found: _CODES.get(found.group(1), found.group(1)), field)


def _stored(value: Any) -> str:
    return NULL if value is None else copy_text(str(value))


def read_cell(column: Column, cell: Cell) -> Any:
    """The value of a cell, None when blank and blank is allowed; ValueError says why not."""
    if isinstance(cell, CellFault):
        raise ValueError(cell.message)
    if not column.parse.takes_blank and not trim(cell):
        if not column.blank:
            raise ValueError(REQUIRED)
        return None
    return column.parse(cell)


class _Memo(dict[Cell, str]):
    """Text of a cell -> text as stored, made when first seen; no more than MEMO_KEYS are kept."""

    def __init__(self, read: Callable[[Cell], str]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, cell: Cell) -> str:
        text = self._read(cell)
        if len(self) < MEMO_KEYS:
            self[cell] = text
        return text


class ColumnReader(ABC):
    """Reads one column of a chunk: for each cell the text as stored, or FAULT."""

    def __init__(self, column: Column, text: Callable[[Any], str] = _stored) -> None:
        self.column = column
        self._text = text
        self._reasons: dict[Cell, str] = {}
        self._is_csv = True

    def read_as(self, *, csv: bool) -> None:
        """Cells of a CSV may carry formulas and the apostrophes of our own exports."""
        self._is_csv = csv

    @abstractmethod
    def read(self, cells: Sequence[Cell]) -> Sequence[str]:
        """The column as stored."""

    def read_one(self, cell: Cell) -> str:
        """One cell as stored, or FAULT."""
        try:
            return self._text(self._value(cell))
        except ValueError:
            return FAULT

    def _value(self, cell: Cell) -> Any:
        return read_cell(self.column, _plain(cell) if self._is_csv else cell)

    def problem(self, row: int, cell: Cell) -> Problem:
        """Why the cell cannot be taken, with the text that stands there."""
        if cell not in self._reasons:
            if len(self._reasons) >= MEMO_KEYS:
                self._reasons.clear()
            self._reasons[cell] = self._reason(cell)
        return Problem(row, self.column.heading, self._reasons[cell])

    def _reason(self, cell: Cell) -> str:
        try:
            self._value(cell)
        except ValueError as error:
            reason = str(error)
        else:
            return ""
        return with_value(reason, cell if isinstance(cell, str) else "")


def _plain(cell: Cell) -> Cell:
    """The cell without the apostrophe of our own exports; a formula is a fault."""
    if isinstance(cell, CellFault):
        return cell
    if cell.startswith("="):
        return CellFault(FORMULA)
    return unescape(cell) if cell.startswith("'") else cell


def with_value(reason: str, cell: str) -> str:
    """The reason with the text it is about, unless it names it already."""
    shown = " ".join(trim(cell).split())
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
    return f"「{shown}」：{reason}" if shown and shown not in reason else reason


class ClosedReader(ColumnReader):
    """A column of few distinct texts: codes, dates, numbers, names of staff."""

    def __init__(self, column: Column, text: Callable[[Any], str] = _stored) -> None:
        super().__init__(column, text)
        self._memo = _Memo(self.read_one)

    def read(self, cells: Sequence[Cell]) -> Sequence[str]:
        """Every cell through the memo."""
        return list(map(self._memo.__getitem__, cells))


class OpenReader(ColumnReader):
    """A column in which nearly every text is another one.

    ``usual`` is the pattern of a text that is stored as it stands, of at most ``longest``
    characters; a chunk of nothing but such texts is taken after one look at all of them together.
    """

    def __init__(self, column: Column, usual: str, longest: int) -> None:
        super().__init__(column)
        self._usual = re.compile(rf"{usual}(?:{_SEPARATOR}{usual})*")
        self._longest = longest

    def read(self, cells: Sequence[Cell]) -> Sequence[str]:
        """The cells as they stand, or one by one when any of them is unusual."""
        texts, together = _together(cells)
        usual = self._usual.fullmatch(together) is not None
        if usual and max(map(len, texts)) <= self._longest:
            return texts
        return list(map(self.read_one, cells))


class TextReader(ColumnReader):
    """A column of free text of at most ``longest`` characters, stored as typed; blank is ""."""

    def __init__(self, column: Column, longest: int) -> None:
        super().__init__(column, lambda value: copy_text(value or ""))
        self._longest = longest

    def read(self, cells: Sequence[Cell]) -> Sequence[str]:
        """The cells as they stand, or one by one when any of them needs mending or escaping."""
        texts, together = _together(cells)
        if together and max(map(len, texts)) <= self._longest and _is_plain(together):
            return texts
        return list(map(self.read_one, cells))


def _together(cells: Sequence[Cell]) -> tuple[Sequence[str], str]:
    """The cells, and all of them in one text between separators.

    ("", "") when one of them is a fault of the file or holds the separator.
    """
    try:
        together = _SEPARATOR.join(cast("Sequence[str]", cells))
    except TypeError:
        return "", ""
    if together.count(_SEPARATOR) != len(cells) - 1:
        return "", ""
    return cast("Sequence[str]", cells), together


# What stands at the edge of a cell and is trimmed, refused or taken off there.
_EDGES = [f"{_SEPARATOR}{sign}" for sign in "=' \u3000"] + [
    f"{sign}{_SEPARATOR}" for sign in " \u3000"
]


def _is_plain(together: str) -> bool:
    """No odd character anywhere, no blank and no sign of a formula at the edge of a cell."""
    between = f"{_SEPARATOR}{together}{_SEPARATOR}"
    return (
        between.replace(_SEPARATOR, " ").replace("\u3000", " ").isprintable()
        and "\\" not in between
        and "\ufffd" not in between
        and not any(edge in between for edge in _EDGES)
    )
