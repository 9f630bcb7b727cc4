"""Rows into tables by the fastest way of each database: COPY, or executemany from a generator."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

from django.db import DatabaseError, connection, transaction

from yorozu.core.imports.bulk.sql import statement
from yorozu.core.sheets.columnwise import uncopy_text

Line = tuple[Any, ...]
_FETCH, _FEW_COLUMNS = 2_000, 4
_INSERT = "INSERT INTO $table ($names) VALUES ($marks)"
_CREATE = "CREATE TEMPORARY TABLE $name AS SELECT $names FROM $like WHERE 1 = 0"


def is_postgresql() -> bool:
    """COPY and temporary tables of PostgreSQL, or SQLite's own ways?"""
    return connection.vendor == "postgresql"


def insert_lines(table: str, columns: Sequence[str], blocks: Iterable[bytes]) -> int:
    """Append lines of COPY's text format to a table; how many there were."""
    names = ", ".join(map(connection.ops.quote_name, columns))
    with connection.cursor() as cursor:
        if is_postgresql():
            copying = statement("COPY $table ($names) FROM STDIN", table=table, names=names)
            with connection.wrap_database_errors, cursor.copy(copying) as copy:
                for block in blocks:
                    copy.write(block)
            return int(cursor.rowcount)
        marks = ", ".join(["%s"] * len(columns))
        inserting = statement(_INSERT, table=table, names=names, marks=marks)
        done = 0
        # Block by block: Django keeps whatever a generator gives until the whole call is over.
        for block in blocks:
            rows = _values(block)
            cursor.executemany(inserting, rows)
            done += len(rows)
        return done


def _values(block: bytes) -> list[list[str | None]]:
    text = block.decode()
    if "\\" in text:
        return [list(map(uncopy_text, line.split("\t"))) for line in text.split("\n")[:-1]]
    return [list(line.split("\t")) for line in text.split("\n")[:-1]]


@contextmanager
def quick_writes() -> Iterator[None]:
    """Many writes to a temporary table as one: SQLite would end a transaction after each row.

    Not Django's transaction, which would hold the write lock of the whole database meanwhile.
    """
    if is_postgresql() or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("COMMIT")


class TemporaryTable:
    """A table of this connection alone, with columns like those of a stored one."""

    def __init__(self, name: str, like: str, columns: Sequence[str]) -> None:
        self.name, self.columns = name, tuple(columns)
        self._like = like

    def __enter__(self) -> "TemporaryTable":
        self._drop()
        names = ", ".join(map(connection.ops.quote_name, self.columns))
        with connection.cursor() as cursor:
            cursor.execute(statement(_CREATE, name=self.name, names=names, like=self._like))
        return self

    def __exit__(self, *error: object) -> None:
        # After a fault of the database nothing may work any more; it goes with the connection.
        with suppress(DatabaseError) if error[0] else nullcontext():
            self._drop()

    def _drop(self) -> None:
        schema = "pg_temp" if is_postgresql() else "temp"
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {schema}.{self.name}")

    def add(self, blocks: Iterable[bytes]) -> int:
        """Append lines of COPY's text format."""
        with quick_writes():
            return insert_lines(self.name, self.columns, blocks)

    def ready(self) -> None:
        """All rows are there: let the planner know (SQLite joins well by an index only)."""
        names = ", ".join(map(connection.ops.quote_name, self.columns))
        with connection.cursor() as cursor:
            if is_postgresql():
                cursor.execute(f"ANALYZE {self.name}")
            elif len(self.columns) <= _FEW_COLUMNS:
                cursor.execute(f"CREATE INDEX temp.{self.name}_all ON {self.name} ({names})")


def stream(sql: str) -> Iterator[Line]:
    """The rows of a query some thousands at a time, however many there are."""
    if not is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute(sql)
            while rows := cursor.fetchmany(_FETCH):
                yield from rows
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Sorting and hashing a million keys should not have to go by the disk.
            cursor.execute("SET LOCAL work_mem = '64MB'")
        with connection.chunked_cursor() as cursor:
            cursor.execute(sql)
            while rows := cursor.fetchmany(_FETCH):
                yield from rows
