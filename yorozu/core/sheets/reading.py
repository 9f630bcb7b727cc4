"""Bytes of an upload -> checked rows, with every fault of the whole file by row and column."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from yorozu.core.errors import InvalidInput, Problem
from yorozu.core.sheets.csv_source import SAVE_AGAIN, open_csv
from yorozu.core.sheets.grid import (
    Cell,
    CellFault,
    Grid,
    NumberedRow,
    column_letters,
    first_rows,
    refuse,
)
from yorozu.core.sheets.header import (
    HEADER_WITHIN,
    Column,
    Header,
    best_row,
    keys_of,
    match_header,
)
from yorozu.core.sheets.keys import BLANKS, match_key, trim
from yorozu.core.sheets.limits import DEFAULT_LIMITS, MEGABYTE, Limits, Problems, TooManyProblems
from yorozu.core.sheets.package_check import OLE_MAGIC, ZIP_MAGICS, refuse_ole
from yorozu.core.sheets.xlsx_source import open_xlsx

REQUIRED = "必須です。値を入力してください。"
_TOTALS = frozenset(
    {
        "合計",
        "計",
        "小計",
        "総計",
        "総合計",
        "累計",
        "全国計",
        "全国合計",
        "合計欄",
        "平均",
        "total",
        "subtotal",
    }
)
_MERGE_ROWS = re.compile(r"[A-Z]+([0-9]+):[A-Z]+([0-9]+)")


@dataclass(frozen=True, slots=True)
class Row:
    """One checked row: its number in the file and its values by column name."""

    number: int
    _values: tuple[Any, ...]
    _index: dict[str, int]

    def __getitem__(self, name: str) -> Any:
        return self._values[self._index[name]]

    def as_dict(self) -> dict[str, Any]:
        """All values by column name; an absent optional column is None."""
        return {name: self._values[place] for name, place in self._index.items()}


@dataclass(slots=True)
class Table:
    """What was read: the faultless rows, every fault, and how the file was understood."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    format: str = ""
    encoding: str = ""
    sheet: str = ""
    header_row: int | None = None
    columns: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """True when the file has no fault at all."""
        return not self.problems

    def checked_rows(self) -> list[Row]:
        """The rows of a faultless file; a file with any fault is refused as a whole."""
        if self.problems:
            raise InvalidInput(self.problems)
        return self.rows


def open_grid(data: bytes, *, limits: Limits = DEFAULT_LIMITS, sheet: str | None = None) -> Grid:
    """Choose the reader by the content, never by the file's name; raises InvalidInput."""
    if len(data) > limits.max_bytes:
        raise refuse(f"ファイルが大きすぎます（{limits.max_bytes // MEGABYTE:,}MBまで）。")
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise refuse("ファイルが空です。")
    if data.startswith(OLE_MAGIC):
        raise refuse_ole(data)
    if data.startswith(ZIP_MAGICS):
        return open_xlsx(data, limits, sheet)
    return open_csv(data, limits)


def read_table(
    data: bytes,
    filename: str,
    columns: Sequence[Column],
    *,
    limits: Limits = DEFAULT_LIMITS,
    sheet: str | None = None,
    unique: tuple[str, ...] = (),
) -> Table:
    """Read a whole upload. Never raises for a bad file: the faults are in `problems`.

    `unique` names the columns that together may occur only once in the file.
    """
    table, problems = Table(), Problems(limits)
    try:
        grid = open_grid(data, limits=limits, sheet=sheet)
        _describe(table, grid, filename)
        _Reading(columns, unique, limits, problems).run(grid, table)
    except InvalidInput as error:
        for problem in error.problems:
            problems.add(problem.row, problem.column, problem.message)
    except TooManyProblems:
        pass
    table.problems = problems.as_list()
    return table


def _describe(table: Table, grid: Grid, filename: str) -> None:
    table.format, table.encoding, table.sheet = grid.format, grid.encoding, grid.sheet
    table.notes = list(grid.notes)
    extension = filename.rpartition(".")[2].lower() if "." in filename else ""
    if extension and extension != grid.format.lower():
        table.notes.append(
            f"拡張子は.{extension[:10]}ですが、中身は{grid.format}として読みました。"
        )


class _Reading:
    """One pass over a grid: heading, then rows."""

    def __init__(
        self,
        columns: Sequence[Column],
        unique: tuple[str, ...],
        limits: Limits,
        problems: Problems,
    ) -> None:
        self._columns = columns
        self._known = keys_of(columns)
        self._unique = unique
        self._limits = limits
        self._problems = problems
        self._index = {column.name: place for place, column in enumerate(columns)}
        self._keys = {column.name for column in columns if column.key} or {columns[0].name}
        self._seen: dict[tuple[Any, ...], int] = {}
        self._cells = 0

    def run(self, grid: Grid, table: Table) -> None:
        header, rest = self._find_header(grid)
        table.header_row = header.row
        table.columns = tuple(header.places)
        check_merges(grid.merged, header.row, self._problems)
        sound = len(self._problems) == 0
        filled = 0
        for number, cells in rest:
            if not any(map(is_filled, cells)):
                continue
            filled += 1
            self._check_size(number, filled, len(cells))
            row = self._read_row(number, cells, header)
            if row is not None and sound:
                table.rows.append(row)
        if not filled:
            self._problems.add(None, "", "見出しの下にデータの行がありません。")

    def _find_header(self, grid: Grid) -> tuple[Header, Iterator[NumberedRow]]:
        head, rest = first_rows(grid.rows, HEADER_WITHIN)
        found = best_row(head, self._known)
        if found is None:
            for _ in rest:
                break
            raise missing_header(self._columns, grid, head)
        header = match_header(found, self._columns, self._known, self._problems)
        after = [row for row in head if row[0] > found[0]]
        return header, chain(after, rest)

    def _check_size(self, number: int, filled: int, width: int) -> None:
        limits = self._limits
        self._cells += width
        if filled > limits.max_rows:
            raise refuse(f"データが{limits.max_rows:,}行を超えています。分けてください。", number)
        if width > limits.max_columns:
            raise refuse(f"列が多すぎます（{limits.max_columns}列まで）。", number)
        if self._cells > limits.max_cells:
            raise refuse(f"セルが多すぎます（{limits.max_cells:,}個まで）。", number)

    def _read_row(self, number: int, cells: list[Cell], header: Header) -> Row | None:
        if self._is_total(number, cells, header):
            return None
        before = len(self._problems)
        self._check_width(number, cells, header)
        values = tuple(self._value(number, cells, header, column) for column in self._columns)
        if len(self._problems) > before:
            return None
        row = Row(number, values, self._index)
        return row if self._is_new(row) else None

    def _is_total(self, number: int, cells: list[Cell], header: Header) -> bool:
        for column in self._columns:
            place = header.places.get(column.name)
            if column.name not in self._keys or place is None or place >= len(cells):
                continue
            cell = cells[place]
            if isinstance(cell, str) and len(cell) < 20 and is_total_word(cell):
                self._problems.add(
                    number,
                    column.heading,
                    f"合計の行（{trim(cell)}）です。合計行を削除してください。",
                )
                return True
        return False

    def _check_width(self, number: int, cells: list[Cell], header: Header) -> None:
        used = set(header.places.values())
        for index, cell in enumerate(cells):
            if index not in used and index >= header.width and is_filled(cell):
                place = f"{column_letters(index)}列"
                self._problems.add(number, place, "見出しより右にはみ出した値があります。")

    def _value(self, number: int, cells: list[Cell], header: Header, column: Column) -> Any:
        place = header.places.get(column.name)
        if place is None:
            return None
        cell = cells[place] if place < len(cells) else ""
        if isinstance(cell, CellFault):
            self._problems.add(number, column.heading, cell.message)
            return None
        if not column.parse.takes_blank and not trim(cell):
            if not column.blank:
                self._problems.add(number, column.heading, REQUIRED)
            return None
        try:
            return column.parse(cell)
        except ValueError as error:
            self._problems.add(number, column.heading, str(error))
            return None

    def _is_new(self, row: Row) -> bool:
        if not self._unique:
            return True
        key = tuple(_comparable(row[name]) for name in self._unique)
        first = self._seen.setdefault(key, row.number)
        if first == row.number:
            return True
        headings = "・".join(c.heading for c in self._columns if c.name in self._unique)
        self._problems.add(row.number, headings, f"{first}行目と重複しています。")
        return False


def missing_header(columns: Sequence[Column], grid: Grid, head: list[NumberedRow]) -> InvalidInput:
    """The refusal of a file whose first rows hold none of the headings, with a guess why."""
    if not any(is_filled(cell) for _, cells in head for cell in cells):
        return refuse("先頭の10行が空です。見出しの行から始めてください。")
    expected = "、".join(f"「{column.heading}」" for column in columns[:8])
    message = f"見出しの行が先頭の{HEADER_WITHIN}行に見つかりません（必要な見出し：{expected}）。"
    return refuse(message + _guess(grid, head))


def _guess(grid: Grid, head: list[NumberedRow]) -> str:
    texts = [cell for _, cells in head for cell in cells if isinstance(cell, str)]
    if any("\t" in cell or ";" in cell for cell in texts):
        return "区切り文字がタブかセミコロンのようです。カンマ区切りのCSVで保存し直してください。"
    if grid.encoding == "cp932" and any(map(_misread, texts)):
        return f"文字コードの違う（UTF-8が壊れた、EUC-JPなど）ファイルのようです。{SAVE_AGAIN}"
    return ""


def is_filled(cell: Cell) -> bool:
    """Anything but blanks."""
    return bool(cell.strip(BLANKS)) if isinstance(cell, str) else True


def _comparable(value: Any) -> Any:
    return match_key(value) if isinstance(value, str) else value


def is_total_word(cell: str) -> bool:
    """合計, 小計, 平均 and their like, also in brackets."""
    return match_key(cell).replace(" ", "").strip("()[]【】<>:") in _TOTALS


def _misread(cell: str) -> bool:
    """Japanese in another encoding shows as half-width katakana among rare characters."""
    return any("\uff61" <= character <= "\uff9f" for character in cell)


def check_merges(merged: list[str], header_row: int, problems: Problems) -> None:
    """Note every merged cell from the heading down."""
    for address in merged:
        rows = _MERGE_ROWS.fullmatch(address)
        if rows and int(rows.group(2)) >= header_row:
            problems.add(
                int(rows.group(1)),
                address,
                "セルが結合されています。結合を解除し、各セルに値を入力してください。",
            )
