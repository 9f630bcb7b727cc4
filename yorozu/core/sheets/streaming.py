"""A file far larger than memory as chunks of rows: same formats, headings and refusals as reading.

The whole is never held: a CSV is read as it is decoded, a workbook row by row.
"""

import csv
import io
import sys
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
_HEAD, _PIECE, _SCANNED = 1 << 20, 1 << 16, 1 << 18

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


@dataclass(frozen=True)
class Cut:
    """Where a CSV may be cut in two: ``records`` of it seem to end before the byte ``at``.

    Seem: a quote within an unquoted cell misleads the search. Whoever reads the part before knows:
    the cut is right when that part ends outside of quotes, with this number of records.
    """

    at: int
    records: int


@dataclass
class RowStream:
    """An open file: its format, its heading, and its rows from the one below the heading on.

    ``chunks`` gives (number of the first row, rows); blank rows are among them, so that numbers are
    those a spreadsheet shows. ``position`` says how many bytes of the file have been read,
    ``records`` how many records of a CSV.
    """

    format: str
    encoding: str
    notes: list[str]
    header: Header
    chunks: Iterator[Chunk]
    position: Callable[[], int]
    records: Callable[[], int] = int


def open_stream(
    source: BinaryIO,
    columns: Sequence[Column],
    *,
    limits: Limits = BULK_LIMITS,
    encoding: str = "",
    cut: Cut | None = None,
) -> RowStream:
    """Open a file by its content; InvalidInput with every problem of format and heading.

    Of a CSV with a ``cut`` only the part before it is read.

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
    text = _CsvText(source, encoding, limits, end=cut.at if cut else None)
    grid = Grid("CSV", text.numbered(), encoding=encoding)
    stream = _opened(grid, columns, lambda rows: text.chunks(), source.tell)
    stream.records = text.records
    return stream


def find_cut(source: BinaryIO, near: int) -> Cut | None:
    """The first end of a record that lies ``near`` bytes down a CSV or further.

    None in a workbook, or when there is none, or nothing behind it. Reads the bytes before it,
    without decoding them: in UTF-8 and CP932 the bytes of quotes and line ends mean nothing else.
    """
    source.seek(0)
    if source.read(8).startswith((OLE_MAGIC, *ZIP_MAGICS)):
        return None
    source.seek(0)
    at = records = 0
    quoted = False
    while at < near and (piece := source.read(min(_SCANNED, near - at))):
        at += len(piece)
        ends, quoted = _record_ends(piece, quoted=quoted)
        records += ends
    while line := source.readline(_SCANNED):
        at += len(line)
        ends, quoted = _record_ends(line, quoted=quoted)
        records += ends
        if ends:
            # The heading must lie before the cut.
            return Cut(at, records) if records >= HEADER_WITHIN and source.read(1) else None
    return None


def _record_ends(piece: bytes, *, quoted: bool) -> tuple[int, bool]:
    """How many records end in the piece, and whether it ends within quotes."""
    if b'"' not in piece:
        return 0 if quoted else piece.count(b"\n"), quoted
    # A doubled quote closes and opens again, with nothing in between.
    parts = piece.split(b'"')
    outside = b"".join(parts[quoted::2])
    return outside.count(b"\n"), quoted == bool(len(parts) % 2)


def rows_behind(
    source: BinaryIO, cut: Cut, encoding: str, limits: Limits = BULK_LIMITS
) -> Iterator[Chunk]:
    """The rows of a CSV behind a cut, with the numbers they have in the whole file."""
    # A mark of the encoding is one at the start of the file only.
    plain = "utf-8" if encoding == "utf-8-sig" else encoding
    return _CsvText(source, plain, limits, begin=cut).chunks()


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
    """The records of a CSV: one by one with their numbers at first, in chunks after that.

    All of them, or those behind the cut ``begin``, or those before the byte ``end``.
    """

    def __init__(
        self,
        source: BinaryIO,
        encoding: str,
        limits: Limits,
        *,
        begin: Cut | None = None,
        end: int | None = None,
    ) -> None:
        self._source, self._encoding, self._limits = source, encoding, limits
        self._begin, self._end = begin or Cut(0, 0), end
        self._reader = self._open()
        self._read = self._begin.records
        self._fault: Exception | None = None

    def records(self) -> int:
        """The number of the last record read."""
        return self._read

    def _open(self) -> Any:
        self._source.seek(self._begin.at)
        raw = io.BufferedReader(_Borrowed(self._source, self._end), _PIECE)
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
    """Reads from another file, up to the byte ``end``; the file stays open, it is the caller's."""

    def __init__(self, source: BinaryIO, end: int | None = None) -> None:
        self._source = source
        self._left = sys.maxsize if end is None else end - source.tell()

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Bytes of the other file."""
        piece = self._source.read(min(len(buffer), self._left))
        self._left -= len(piece)
        buffer[: len(piece)] = piece
        return len(piece)
