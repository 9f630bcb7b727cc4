"""A file far larger than memory as chunks of rows: same formats, headings and refusals as reading.

The whole is never held: a CSV is read as it is decoded, a workbook row by row.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, BinaryIO

from yorozu.core.errors import InvalidInput
from yorozu.core.sheets.csv_source import broken_record, encoding_of, refuse_other_formats
from yorozu.core.sheets.grid import Cell, Grid, NumberedRow, first_rows, refuse
from yorozu.core.sheets.header import (
    HEADER_WITHIN,
    Column,
    Header,
    best_row,
    keys_of,
    match_header,
)
from yorozu.core.sheets.limits import MEGABYTE, Limits, Problems
from yorozu.core.sheets.package_check import OLE_MAGIC, ZIP_MAGICS, refuse_ole
from yorozu.core.sheets.reading import check_merges, missing_header
from yorozu.core.sheets.xlsx_source import open_workbook

# Small enough that a chunk stays in the fast memory of a processor while it is turned about.
CHUNK = 256
_HEAD, _PIECE = 1 << 20, 1 << 16

BULK_LIMITS = Limits(
    max_bytes=400 * MEGABYTE,
    max_rows=1_100_000,
    max_cells=30_000_000,
    max_lines=1_200_000,
    max_workbook_cells=6_000_000,
    max_unpacked=800 * MEGABYTE,
    max_shared_strings=2_000_000,
)
Chunk = tuple[int, list[list[Cell]]]


class OtherEncodingError(Exception):
    """Some way down, the file proved not to be UTF-8: begin again with what ``encoding`` says."""

    def __init__(self, encoding: str) -> None:
        super().__init__(encoding)
        self.encoding = encoding


@dataclass
class RowStream:
    """An open file: its format, its heading, and its rows from the one below the heading on.

    ``chunks`` gives (number of the first row, rows); blank rows are among them, so that numbers are
    those a spreadsheet shows. ``position`` says how many bytes of the file have been read.
    """

    format: str
    encoding: str
    notes: list[str]
    header: Header
    chunks: Iterator[Chunk]
    position: Callable[[], int]


def open_stream(
    source: BinaryIO,
    columns: Sequence[Column],
    *,
    limits: Limits = BULK_LIMITS,
    encoding: str = "",
) -> RowStream:
    """Open a file by its content; InvalidInput with every problem of format and heading.

    A CSV is taken to be UTF-8 when its first megabyte is. Should it turn out otherwise later,
    reading the chunks raises OtherEncodingError: what was read so far is void, and the file is
    opened again with that ``encoding``.
    """
    source.seek(0)
    head = source.read(_HEAD)
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise refuse("ファイルが空です。")
    if head.startswith(OLE_MAGIC):
        raise refuse_ole(head)
    if head.startswith(ZIP_MAGICS):
        grid = open_workbook(source, limits, None)
        return _opened(grid, columns, _numbered_chunks, source.tell)
    refuse_other_formats(head)
    encoding = encoding or _likely_encoding(head, source)
    text = _CsvText(source, encoding, limits)
    grid = Grid("CSV", text.numbered(), encoding=encoding)
    return _opened(grid, columns, lambda rows: text.chunks(), source.tell)


def _likely_encoding(head: bytes, source: BinaryIO) -> str:
    try:
        # The last character may be cut in two.
        head[: head.rfind(b"\n") + 1].decode("utf-8-sig")
    except UnicodeDecodeError:
        return encoding_of(source)
    return "utf-8-sig"


def _opened(
    grid: Grid,
    columns: Sequence[Column],
    chunks: Callable[[Iterator[NumberedRow]], Iterator[Chunk]],
    position: Callable[[], int],
) -> RowStream:
    """Find the heading among the first rows; what stands below it there goes before the rest."""
    known, problems = keys_of(columns), Problems()
    head, rest = first_rows(grid.rows, HEADER_WITHIN)
    found = best_row(head, known)
    if found is None:
        for _ in rest:
            break
        raise missing_header(columns, grid, head)
    header = match_header(found, columns, known, problems)
    check_merges(grid.merged, header.row, problems)
    if len(problems):
        raise InvalidInput(problems.as_list())
    below = [row for row in head if row[0] > header.row]

    def all_chunks() -> Iterator[Chunk]:
        yield from _numbered_chunks(iter(below))
        yield from chunks(rest)

    return RowStream(grid.format, grid.encoding, list(grid.notes), header, all_chunks(), position)


def _numbered_chunks(rows: Iterator[NumberedRow]) -> Iterator[Chunk]:
    """Rows that bring their numbers, as chunks without a gap."""
    first, chunk = 0, list[list[Cell]]()
    for number, cells in rows:
        if chunk and (number != first + len(chunk) or len(chunk) == CHUNK):
            yield first, chunk
            chunk = []
        if not chunk:
            first = number
        chunk.append(cells)
    if chunk:
        yield first, chunk


class _CsvText:
    """The records of a CSV: one by one with their numbers at first, in chunks after that."""

    def __init__(self, source: BinaryIO, encoding: str, limits: Limits) -> None:
        self._source, self._encoding, self._limits = source, encoding, limits
        self._reader = self._open()
        self._read = 0
        self._fault: Exception | None = None

    def _open(self) -> Any:
        self._source.seek(0)
        raw = io.BufferedReader(_Borrowed(self._source), _PIECE)
        stream = io.TextIOWrapper(raw, encoding=self._encoding, newline="")
        lines = iter(partial(stream.readline, self._limits.max_line_characters + 1), "")
        return csv.reader(lines, strict=True)

    def numbered(self) -> Iterator[NumberedRow]:
        """The records as the heading is looked for; it may be left off at any record."""
        while record := self._take(1):
            yield self._read, list(record[0])

    def chunks(self) -> Iterator[Chunk]:
        """What is left of the records."""
        while records := self._take(CHUNK):
            yield self._read - len(records) + 1, records

    def _take(self, count: int) -> list[list[Cell]]:
        """The next records, read in one call; which of them is broken is asked only then."""
        if self._fault is not None:
            # The reader would go on behind the fault as if nothing had been there.
            raise self._fault
        try:
            records: list[list[Cell]] = list(islice(self._reader, count))
        except (csv.Error, UnicodeDecodeError) as error:
            self._fault = self._named(error)
            raise self._fault from error
        self._read += len(records)
        most = self._limits.max_columns
        if records and max(map(len, records)) > most:
            raise refuse(f"列が多すぎます（{most}列まで）。", self._read)
        return records

    def _named(self, error: Exception) -> Exception:
        """What is wrong by its place: read again from the start, record by record."""
        if isinstance(error, UnicodeDecodeError):
            try:
                return OtherEncodingError(encoding_of(self._source))
            except InvalidInput as refusal:
                return refusal
        reader, number, begins = self._open(), 1, 1
        try:
            for _ in reader:
                number, begins = number + 1, reader.line_num + 1
        except csv.Error as broken:
            return broken_record(broken, number, begins)
        return error


class _Borrowed(io.RawIOBase):
    """Reads from another file and leaves it open: it belongs to the caller."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Bytes of the other file."""
        piece = self._source.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)
