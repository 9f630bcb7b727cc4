"""Duplicates within the file and against the table, found in SQL: memory stays flat."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from django.db import connection

from yorozu.core.errors import Problem
from yorozu.core.imports.bulk.files import Findings, RowSet, whole_lines
from yorozu.core.imports.bulk.kinds import BulkImportKind, RowReader
from yorozu.core.imports.bulk.sql import statement
from yorozu.core.imports.bulk.tables import TemporaryTable, is_postgresql, stream

WITHIN = "「{value}」は{first}行目と重複しています。どちらかの行を削除してください。"
_WITHIN = """
SELECT k.$line, d.first, k.$last FROM $keys k
JOIN (SELECT $key, MIN($line) AS first FROM $keys GROUP BY $key HAVING COUNT(*) > 1) d
ON $same WHERE k.$line > d.first ORDER BY k.$line
"""
# Sorting a million numbers is several times faster than grouping by texts: only rows whose hash
# occurs twice are then compared by the key itself.
_ALIKE = """
WITH twice AS MATERIALIZED (SELECT hash FROM (SELECT $hash AS hash FROM bulk_keys ORDER BY 1) h
 GROUP BY hash HAVING COUNT(*) > 1),
alike AS MATERIALIZED (SELECT * FROM bulk_keys WHERE $hash IN (SELECT hash FROM twice))
"""
_STANDING = "SELECT k.$line FROM bulk_keys k JOIN $table t ON $same_key AND $current"
_PAST = """
SELECT DISTINCT k.$line, k.$last FROM bulk_keys k JOIN $table t ON $same_key AND NOT ($current)
WHERE NOT EXISTS (SELECT 1 FROM $table t WHERE $same_key AND $current) ORDER BY 1
"""
_DIFFERING = """
SELECT k.$line, k.$last, $values FROM bulk_rows k JOIN $table t ON $same_key AND $current
WHERE $differ ORDER BY k.$line
"""
_ANY = "SELECT 1 FROM $table LIMIT 1"
_ADD_ROWS = 16_000
_BATCH = 1_000


def _key_lines(keys: Sequence[Sequence[str]], numbers: Sequence[str]) -> str:
    return "\n".join(map("\t".join, zip(*keys, numbers, strict=True))) + "\n"


class Keys(Protocol):
    """Where the keys of good rows go."""

    def add(self, keys: Sequence[Sequence[str]], numbers: Sequence[str]) -> None:
        """Take the keys of a chunk."""


class KeyFile:
    """The keys on their way from a process that has no database."""

    def __init__(self, path: Path) -> None:
        self._out = path.open("w", encoding="utf-8", newline="")

    def add(self, keys: Sequence[Sequence[str]], numbers: Sequence[str]) -> None:
        """Take the keys of a chunk."""
        if numbers:
            self._out.write(_key_lines(keys, numbers))

    def close(self) -> None:
        """All keys are there."""
        self._out.close()


class KeyTable:
    """The keys of all good rows with the numbers of their rows."""

    def __init__(self, kind: BulkImportKind) -> None:
        self.kind = kind
        columns = (*kind.key, kind.line_column)
        self._table = TemporaryTable("bulk_keys", kind.table, columns)
        self._waiting: list[str] = []
        self._rows = 0

    def __enter__(self) -> "KeyTable":
        self._table.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._table.__exit__(*error)

    def add(self, keys: Sequence[Sequence[str]], numbers: Sequence[str]) -> None:
        """Take the keys of a chunk."""
        if not numbers:
            return
        self._waiting.append(_key_lines(keys, numbers))
        self._rows += len(numbers)
        if self._rows >= _ADD_ROWS:
            self.flush()

    def flush(self) -> None:
        """Send what waits to the database."""
        if self._waiting:
            self._table.add(["".join(self._waiting).encode()])
            self._waiting, self._rows = [], 0

    def take_over(self, path: Path) -> None:
        """Add the keys that another reader of the file wrote (KeyFile)."""
        with path.open("rb") as stream:
            self._table.add(whole_lines(stream))

    def ready(self) -> None:
        """All keys are there."""
        self.flush()
        self._table.ready()

    def within(self) -> Iterator[tuple[int, int, str]]:
        """(row, row of the first with the same key, last part of the key), by row."""
        same = " AND ".join(f"k.{name} = d.{name}" for name in self.kind.key)
        parts = {"same": same, **self._parts()}
        if is_postgresql():
            parts["hash"] = f"hash_record_extended(ROW({parts['key']}), 0)"
            yield from stream(statement(_ALIKE + _WITHIN, keys="alike", **parts))
        else:
            yield from stream(statement(_WITHIN, keys="bulk_keys", **parts))

    def standing(self) -> Iterator[tuple[int]]:
        """Rows whose key has a row in force in the table."""
        yield from stream(statement(_STANDING, **self._parts()))

    def past(self) -> Iterator[tuple[int, str]]:
        """(row, last part of the key) whose key has only rows of the past in the table, by row."""
        yield from stream(statement(_PAST, **self._parts()))

    def _parts(self) -> dict[str, str]:
        return {"key": ", ".join(self.kind.key), **_parts(self.kind)}


def _parts(kind: BulkImportKind) -> dict[str, str]:
    return {
        "line": kind.line_column,
        "last": kind.key[-1],
        "table": kind.table,
        "same_key": " AND ".join(f"t.{name} = k.{name}" for name in kind.key),
        "current": kind.current,
    }


def table_is_empty(kind: BulkImportKind) -> bool:
    """True when there is nothing to compare with."""
    with connection.cursor() as cursor:
        cursor.execute(statement(_ANY, table=kind.table))
        return cursor.fetchone() is None


@dataclass
class Duplicates:
    """What the keys came to. ``left_out``: rows that are not to be loaded, for whatever reason."""

    left_out: RowSet = field(default_factory=RowSet)
    within: int = 0
    unchanged: int = 0
    differing: int = 0
    past: int = 0


class DuplicateCheck:
    """Goes through the keys and names every row that cannot be added, and why."""

    def __init__(self, keys: KeyTable, reader: RowReader, findings: Findings) -> None:
        self._keys, self._kind = keys, keys.kind
        self._reader, self._findings = reader, findings
        self._heading = reader.readers[keys.kind.key[-1]].column.heading
        self.found = Duplicates()

    def run(self, lines: Callable[[RowSet], Iterable[bytes]]) -> Duplicates:
        """``lines`` gives the lines of certain rows, for the comparison of their contents."""
        self._keys.ready()
        self._note("within", self._within())
        if not table_is_empty(self._kind):
            self._note("past", self._past())
            standing = RowSet()
            for (number,) in self._keys.standing():
                if number not in self.found.left_out:
                    standing.add(number)
            if standing.count:
                self._compare(standing, lines)
        return self.found

    def _within(self) -> Iterator[Problem]:
        for number, first, value in self._keys.within():
            self.found.within += self.found.left_out.add(number)
            yield Problem(number, self._heading, WITHIN.format(value=value, first=first))

    def _past(self) -> Iterator[Problem]:
        for number, value in self._keys.past():
            if self.found.left_out.add(number):
                self.found.past += 1
                yield Problem(number, self._heading, self._kind.past_message.format(value=value))

    def _note(self, source: str, problems: Iterator[Problem]) -> None:
        waiting: list[Problem] = []
        for problem in problems:
            waiting.append(problem)
            if len(waiting) == _BATCH:
                self._findings.add(source, waiting)
                waiting = []
        self._findings.add(source, waiting)

    def _compare(self, standing: RowSet, lines: Callable[[RowSet], Iterable[bytes]]) -> None:
        """Rows that stand in the table already: the same, or different and then a fault."""
        kind = self._kind
        table = TemporaryTable("bulk_rows", kind.table, (*kind.stored, kind.line_column))
        with table:
            table.add(lines(standing))
            table.ready()
            self._note("differing", self._differing())
        for number in standing:
            if self.found.left_out.add(number):
                self.found.unchanged += 1

    def _differing(self) -> Iterator[Problem]:
        kind = self._kind
        others = [name for name in kind.stored if name not in kind.key]
        differ = " OR ".join(f"k.{name} IS DISTINCT FROM t.{name}" for name in others)
        values = ", ".join(f"k.{name}, t.{name}" for name in others)
        rows = stream(statement(_DIFFERING, differ=differ, values=values, **_parts(kind)))
        for number, key, *pairs in rows:
            self.found.left_out.add(number)
            self.found.differing += 1
            # SQLite gives a text of the one table and a date of the other.
            texts = ["" if value is None else str(value) for value in pairs]
            for name, mine, theirs in zip(others, texts[::2], texts[1::2], strict=True):
                if mine != theirs:
                    yield self._difference(number, key, name, (mine, theirs))

    def _difference(self, number: int, key: str, name: str, values: tuple[str, str]) -> Problem:
        mine, theirs = (self._reader.shown(name, value) for value in values)
        message = self._kind.stands_message.format(key=key, mine=mine, theirs=theirs)
        return Problem(number, self._reader.readers[name].column.heading, message)
