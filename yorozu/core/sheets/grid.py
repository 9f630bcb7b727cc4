"""What both readers hand on: numbered rows of plain cells, and how a file is refused."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from yorozu.core.errors import InvalidInput, Problem
from yorozu.core.sheets.limits import Limits


@dataclass(frozen=True, slots=True)
class CellFault:
    """A cell whose content can never be taken (formula, error value), with the reason."""

    message: str


Cell = str | CellFault
NumberedRow = tuple[int, list[Cell]]


@dataclass(slots=True)
class Grid:
    """The cells of one file. `rows` is read once, lazily; it may raise InvalidInput."""

    format: str
    rows: Iterator[NumberedRow]
    encoding: str = ""
    sheet: str = ""
    notes: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)


def refuse(message: str, row: int | None = None, column: str = "") -> InvalidInput:
    """The error for a file that cannot be read any further."""
    return InvalidInput([Problem(row, column, message)])


def too_long_cell(limits: Limits) -> CellFault:
    """The fault of a cell with too much text."""
    return CellFault(f"1つのセルに{limits.max_cell_characters:,}文字を超えて入力されています。")


def column_letters(index: int) -> str:
    """Spreadsheet name of a column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


class _Broken:
    """An iterator that has only an error to give."""

    def __init__(self, error: InvalidInput) -> None:
        self._error = error

    def __iter__(self) -> Iterator[NumberedRow]:
        return self

    def __next__(self) -> NumberedRow:
        raise self._error


def first_rows(
    rows: Iterator[NumberedRow], within: int
) -> tuple[list[NumberedRow], Iterator[NumberedRow]]:
    """The rows of the first `within` lines, and the rest.

    A break in the file so early is kept for later, so that the rows before it are read too.
    """
    head: list[NumberedRow] = []
    try:
        for row in rows:
            head.append(row)
            if row[0] >= within:
                break
    except InvalidInput as error:
        return head, _Broken(error)
    return head, rows
