"""Files of a check on their way: rows ready for the database, and problems without a limit.

They are written to a folder of the worker and moved to the storage in the end, under a name of
this attempt: a worker that lost its lease writes nothing where another one reads.
"""

import csv
import hashlib
import heapq
import io
import json
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage

from yorozu.core.errors import Problem
from yorozu.core.sheets.escaping import escape

ERROR, WARNING = "誤り", "注意"
WARNED = "注意が必要な行"
PROBLEMS = "problems.csv"
FACTS = "facts.json"
LEFT_OUT = "left-out"
_BUCKETS = 64
_FLUSH_ROWS = 20_000
_BLOCK = 1 << 18


@contextmanager
def workshop() -> Iterator[Path]:
    """A folder for the files of one attempt, on the disk of the data; gone afterwards."""
    place = Path(settings.DATA_DIR) / "work"
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="import-", dir=place) as folder:
        yield Path(folder)


class _Moved(File):
    """A finished file that the storage may move instead of copying it."""

    def temporary_file_path(self) -> str:
        """Where it lies now."""
        return str(self.name)


def keep(path: Path, name: str) -> None:
    """Move a finished file into the storage under exactly this name."""
    if default_storage.exists(name):
        default_storage.delete(name)
    with path.open("rb") as stream:
        default_storage.save(name, _Moved(stream, str(path)))


def forget(folder: str, *, but: str = "") -> None:
    """Remove the files of a folder of the storage, all but one; what is not there is no fault."""
    if not folder or not default_storage.exists(folder):
        return
    for name in default_storage.listdir(folder)[1]:
        if name != but:
            default_storage.delete(f"{folder}/{name}")
    if not but:
        default_storage.delete(folder)


class LoadFiles:
    """Good rows as lines of COPY, grouped by the first part of their key.

    Rows of one hub lie together then, and each index of the table is filled in one place at a time.
    The file is chosen by the group alone, so that two readers of one upload agree about it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._buckets: dict[int, list[str]] = {}
        self._files: dict[int, IO[bytes]] = {}
        self._digests: dict[int, Any] = {}
        self._append: dict[str, Callable[[str], None]] = {}
        self._waiting = 0

    def add(self, groups: Sequence[str], lines: Sequence[str]) -> None:
        """Take good rows with the first part of their keys."""
        append = self._append
        for group, line in zip(groups, lines, strict=True):
            try:
                append[group](line)
            except KeyError:
                append[group] = self._bucket(_bucket_of(group)).append
                append[group](line)
        self._waiting += len(lines)
        if self._waiting >= _FLUSH_ROWS:
            self.flush()

    def _bucket(self, number: int) -> list[str]:
        if number not in self._buckets:
            self._buckets[number] = []
            self._files[number] = (self._folder / f"rows-{number:02d}").open("wb")
            self._digests[number] = hashlib.sha256()
        return self._buckets[number]

    def flush(self) -> None:
        """Write out what waits in memory."""
        for number, bucket in self._buckets.items():
            if bucket:
                self._write(number, ("\n".join(bucket) + "\n").encode())
                bucket.clear()
        self._waiting = 0

    def _write(self, number: int, block: bytes) -> None:
        self._files[number].write(block)
        self._digests[number].update(block)

    def take_over(self, folder: Path) -> None:
        """Append the files that another reader of the same upload has left in its folder."""
        self.flush()
        for number in range(_BUCKETS):
            path = folder / f"rows-{number:02d}"
            if path.exists():
                self._bucket(number)
                with path.open("rb") as stream:
                    while block := stream.read(_BLOCK):
                        self._write(number, block)
                path.unlink()

    def close(self) -> tuple[list[Path], str]:
        """The files, and one hash over all of them in order."""
        self.flush()
        for file in self._files.values():
            file.close()
        numbers = sorted(self._files)
        paths = [Path(self._files[number].name) for number in numbers]
        return paths, _together(self._digests[number] for number in numbers)


def _bucket_of(group: str) -> int:
    return (int(group) if group.isdecimal() else zlib.crc32(group.encode())) % _BUCKETS


def _together(digests: Iterable[Any]) -> str:
    return hashlib.sha256(b"".join(digest.digest() for digest in digests)).hexdigest()


class RowSet:
    """Numbers of rows, kept in one bit each."""

    def __init__(self, bits: bytes = b"") -> None:
        self._bits = bytearray(bits)
        self.count = sum(map(int.bit_count, self._bits))

    def add(self, number: int) -> bool:
        """Note a row; False when it was noted before."""
        place, bit = number >> 3, 1 << (number & 7)
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 - len(self._bits)))
        if self._bits[place] & bit:
            return False
        self._bits[place] |= bit
        self.count += 1
        return True

    def __contains__(self, number: int) -> bool:
        place = number >> 3
        return place < len(self._bits) and bool(self._bits[place] >> (number & 7) & 1)

    def __iter__(self) -> Iterator[int]:
        for place, byte in enumerate(self._bits):
            if byte:
                yield from (place * 8 + bit for bit in range(8) if byte >> bit & 1)

    def __bytes__(self) -> bytes:
        return bytes(self._bits)


def whole_lines(stream: Any) -> Iterator[bytes]:
    """The content of a file in blocks of whole lines."""
    while block := stream.read(_BLOCK):
        yield block if block.endswith(b"\n") else block + stream.readline()


class StoredRows:
    """The rows of a checked file as they lie in the storage, in blocks of whole lines."""

    def __init__(self, names: Sequence[str], open_file: Callable[[str], Any]) -> None:
        self._names, self._open = names, open_file
        self._digests: list[Any] = []

    def blocks(self) -> Iterator[bytes]:
        """All lines, some thousands at a time."""
        self._digests = []
        for name in self._names:
            self._digests.append(digest := hashlib.sha256())
            with self._open(name) as stream:
                for block in whole_lines(stream):
                    digest.update(block)
                    yield block

    @property
    def sha256(self) -> str:
        """The hash over what was read; the same as the check wrote, or the files were changed."""
        return _together(self._digests)


def without(blocks: Iterable[bytes], left_out: RowSet) -> Iterator[bytes]:
    """The blocks without the rows that are left out (a line ends with the number of its row)."""
    if not left_out.count:
        yield from blocks
        return
    for block in blocks:
        kept = [line for line in block.splitlines(keepends=True) if _number(line) not in left_out]
        if kept:
            yield b"".join(kept)


def only(blocks: Iterable[bytes], wanted: RowSet) -> Iterator[bytes]:
    """The lines of certain rows alone."""
    for block in blocks:
        kept = [line for line in block.splitlines(keepends=True) if _number(line) in wanted]
        if kept:
            yield b"".join(kept)


def _number(line: bytes) -> int:
    return int(line[line.rindex(b"\t") + 1 :])


class Findings:
    """Problems and warnings in any number: written as found, counted, the first ones kept.

    Each source is in the order of rows by itself; ``merged`` brings them together.
    """

    def __init__(self, folder: Path, shown: int) -> None:
        self._folder, self._shown = folder, shown
        self._sources: dict[str, IO[str]] = {}
        self._first: dict[str, list[Problem]] = {}
        self.errors = 0
        self.warnings = 0

    def add(self, source: str, problems: Sequence[Problem], kind: str = ERROR) -> None:
        """Note problems of one source, later rows after earlier ones."""
        if not problems:
            return
        first = self._source(source)
        self._sources[source].writelines(
            json.dumps([p.row or 0, kind, p.column, p.message], ensure_ascii=False) + "\n"
            for p in problems
        )
        if kind == ERROR:
            self.errors += len(problems)
            first += problems[: max(0, self._shown - len(first))]
        else:
            self.warnings += len(problems)

    def _source(self, name: str) -> list[Problem]:
        """The file of a source is there; the problems of it to be shown."""
        if name not in self._sources:
            path = self._folder / f"found-{len(self._sources)}"
            self._sources[name] = path.open("w+", encoding="utf-8")
            self._first[name] = []
        return self._first[name]

    def hand_over(self) -> dict[str, Any]:
        """Write everything out; what ``take_over`` of another process needs (JSON-able)."""
        for source in self._sources.values():
            source.flush()
        return {
            "sources": {name: source.name for name, source in self._sources.items()},
            "first": {
                name: [[p.row, p.column, p.message] for p in first]
                for name, first in self._first.items()
            },
            "errors": self.errors,
            "warnings": self.warnings,
        }

    def take_over(self, handed: Mapping[str, Any]) -> None:
        """Add what another process found in rows behind all those noted here."""
        for name, path in handed["sources"].items():
            first = self._source(name)
            first += [Problem(*one) for one in handed["first"][name]]
            del first[self._shown :]
            with Path(path).open(encoding="utf-8") as found:
                shutil.copyfileobj(found, self._sources[name])
        self.errors += handed["errors"]
        self.warnings += handed["warnings"]

    def first(self) -> list[Problem]:
        """The first problems of the file by row."""
        found = [problem for first in self._first.values() for problem in first]
        return sorted(found, key=lambda problem: problem.row or 0)[: self._shown]

    def write(self, path: Path) -> None:
        """All of them by row, as the CSV that the screen offers."""
        for source in self._sources.values():
            source.seek(0)
        found = heapq.merge(
            *(map(json.loads, source) for source in self._sources.values()),
            key=lambda one: int(one[0]),
        )
        with path.open("wb") as raw:
            stream = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="", write_through=True)
            writer = csv.writer(stream, lineterminator="\r\n")
            writer.writerow(["行", "区分", "列", "内容"])
            writer.writerows(
                [row or "", kind, escape(column), escape(message)]
                for row, kind, column, message in found
            )
            stream.flush()
            stream.detach()

    def close(self) -> None:
        """Let go of the files."""
        for source in self._sources.values():
            source.close()
