"""Finding the heading row and matching its cells to the columns asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

from yorozu.core.sheets.cells import Parser
from yorozu.core.sheets.grid import Cell, CellFault, NumberedRow, column_letters
from yorozu.core.sheets.keys import heading_key, trim
from yorozu.core.sheets.limits import Problems

HEADER_WITHIN = 10


@dataclass(frozen=True, slots=True)
class Column:
    """A column asked for: its name in the program, its Japanese heading, how to read a cell.

    `optional`: the column may be absent. `blank`: a cell may be empty and is then None.
    `key`: the column names the thing of the row; a total (合計) standing there is refused.
    """

    name: str
    heading: str
    parse: Parser
    aliases: tuple[str, ...] = ()
    optional: bool = False
    blank: bool = False
    key: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """The heading row that was found and where each column stands in it."""

    row: int
    places: dict[str, int]
    width: int


def keys_of(columns: Sequence[Column]) -> dict[str, Column]:
    """Normalised heading or alias -> column; a clash is a fault of the program."""
    known: dict[str, Column] = {}
    for column in columns:
        for heading in (column.heading, *column.aliases):
            if known.setdefault(heading_key(heading), column) is not column:
                raise ValueError(f"heading {heading!r} stands for two columns")
    return known


def best_row(rows: Sequence[NumberedRow], known: dict[str, Column]) -> NumberedRow | None:
    """The row with the most known headings; None when there is none."""
    best: NumberedRow | None = None
    most = 0
    for number, cells in rows:
        found = len({known[key].name for key in map(_key, cells) if key in known})
        if found > most:
            best, most = (number, cells), found
    return best


def match_header(
    row: NumberedRow, columns: Sequence[Column], known: dict[str, Column], problems: Problems
) -> Header:
    """Place every column; name the missing, the double and the unknown ones."""
    number, cells = row
    places: dict[str, int] = {}
    for index, cell in enumerate(cells):
        column = known.get(_key(cell))
        if column is None:
            _note_unknown(cell, index, number, problems)
        elif column.name in places:
            both = f"{column_letters(places[column.name])}列と{column_letters(index)}列"
            problems.add(number, column.heading, f"同じ見出しの列が2つあります（{both}）。")
        else:
            places[column.name] = index
    for column in columns:
        if column.name not in places and not column.optional:
            problems.add(number, column.heading, "この見出しの列がありません。")
    return Header(number, places, len(cells))


def _key(cell: Cell) -> str:
    return heading_key(cell[:200]) if isinstance(cell, str) else ""


def _note_unknown(cell: Cell, index: int, number: int, problems: Problems) -> None:
    place = f"{column_letters(index)}列"
    if isinstance(cell, CellFault):
        problems.add(number, place, cell.message)
    elif trim(cell):
        shown = " ".join(trim(cell)[:40].split())
        problems.add(number, shown, f"使わない見出しの列です（{place}）。列を削除してください。")
