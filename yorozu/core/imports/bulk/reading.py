"""Chunks of raw rows -> lines for the database, problems and warnings. Touches no table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any

from yorozu.core.errors import Problem
from yorozu.core.imports.bulk.kinds import RowReader, Texts
from yorozu.core.sheets.columnwise import FAULT
from yorozu.core.sheets.grid import Cell, column_letters
from yorozu.core.sheets.header import Column, Header
from yorozu.core.sheets.keys import trim
from yorozu.core.sheets.reading import is_filled, is_total_word

BEYOND = "見出しより右にはみ出した値があります。"
TOTAL = "合計の行（{word}）です。合計行を削除してください。"


@dataclass
class Taken:
    """What a chunk came to: the good rows, and what was found in all of them."""

    filled: int = 0
    numbers: Sequence[str] = ()
    lines: Sequence[str] = ()
    keys: Sequence[Sequence[str]] = ()
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    faulty_rows: int = 0


class ChunkReader:
    """Turns chunks of one file about, lets the reader of the kind read them, sorts good from bad.

    A good chunk is never looked at row by row; of the others only the suspicious rows are.
    """

    def __init__(
        self,
        reader: RowReader,
        header: Header,
        columns: Sequence[Column],
        names: tuple[Sequence[str], Sequence[str]],
    ) -> None:
        """``names``: the columns that are stored, in their order, and those of the key."""
        self._reader, self._header = reader, header
        self._places = [(name, header.places.get(name)) for name in reader.readers]
        self._keys = [column for column in columns if column.key] or [columns[0]]
        self._stored, self._key = names
        self._checked_only = [name for name in reader.readers if name not in self._stored]
        self._in_order = [column.name for column in columns if column.name in reader.readers]
        self._noted = {*self._key, *reader.noted}
        self._width = header.width

    def take(self, first: int, rows: Sequence[list[Cell]]) -> Taken:
        """The rows from row ``first`` of the file on."""
        beyond = self._even_out(rows)
        cells = self._cells(rows)
        texts = self._reader.read(cells)
        numbers = list(map(str, range(first, first + len(rows))))
        stored = [*(texts[name] for name in self._stored), numbers]
        lines = list(map("\t".join, zip(*stored, strict=True)))
        suspects = {place for place, line in enumerate(lines) if FAULT in line}
        for name in self._checked_only:
            if FAULT in texts[name]:
                suspects |= {place for place, text in enumerate(texts[name]) if text == FAULT}
        suspects.update(beyond, self._reader.suspects(texts))
        taken = Taken(len(rows), numbers, lines)
        noted: Texts = texts
        if suspects:
            noted = self._sort_out(taken, first, sorted(suspects), (cells, texts, beyond))
        taken.warnings = self._reader.warnings(taken.numbers, noted)
        self._reader.accept(noted)
        taken.keys = [noted[name] for name in self._key]
        return taken

    def _even_out(self, rows: Sequence[list[Cell]]) -> dict[int, list[Cell]]:
        """Give every row the width of the heading; what stood beyond it comes back by place."""
        beyond: dict[int, list[Cell]] = {}
        if {*map(len, rows)} == {self._width}:
            return beyond
        for place, row in enumerate(rows):
            if len(row) > self._width:
                beyond[place] = row[self._width :]
                del row[self._width :]
            elif len(row) < self._width:
                row.extend([""] * (self._width - len(row)))
        return beyond

    def _cells(self, rows: Sequence[list[Cell]]) -> dict[str, Sequence[Cell]]:
        turned = list(zip(*rows, strict=True))
        blank = ("",) * len(rows)
        return {name: blank if at is None else turned[at] for name, at in self._places}

    def _sort_out(
        self,
        taken: Taken,
        first: int,
        suspects: Sequence[int],
        found: tuple[Mapping[str, Sequence[Cell]], Mapping[str, Sequence[str]], dict[int, Any]],
    ) -> Texts:
        """Look at the suspicious rows one by one; of the good ones the noted columns come back."""
        cells, texts, beyond = found
        is_good = bytearray(b"\1") * len(taken.lines)
        for place in suspects:
            row = {name: column[place] for name, column in cells.items()}
            more = beyond.get(place, [])
            if not any(map(is_filled, [*row.values(), *more])):
                taken.filled -= 1
                is_good[place] = 0
                continue
            problems = self._problems(
                first + place, row, {name: column[place] for name, column in texts.items()}, more
            )
            if problems:
                taken.problems += problems
                taken.faulty_rows += 1
                is_good[place] = 0
        taken.lines = list(compress(taken.lines, is_good))
        taken.numbers = list(compress(taken.numbers, is_good))
        return {name: list(compress(texts[name], is_good)) for name in self._noted}

    def _problems(
        self, number: int, row: Mapping[str, Cell], texts: Mapping[str, str], more: list[Cell]
    ) -> list[Problem]:
        for column in self._keys:
            cell = row.get(column.name, "")
            if isinstance(cell, str) and len(cell) < 20 and is_total_word(cell):
                return [Problem(number, column.heading, TOTAL.format(word=trim(cell)))]
        problems = [
            Problem(number, f"{column_letters(self._width + place)}列", BEYOND)
            for place, cell in enumerate(more)
            if is_filled(cell)
        ]
        problems += [
            self._reader.readers[name].problem(number, row[name])
            for name in self._in_order
            if texts[name] == FAULT
        ]
        return problems + self._reader.row_problems(number, texts)
