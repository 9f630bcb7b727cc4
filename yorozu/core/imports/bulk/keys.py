"""A load that is large beside its table: keys off, rows in, keys on again, in one transaction.

Keeping the indexes up row by row costs more than everything else of a load; building them at once
is several times faster. The table is locked meanwhile, so this is done only where it pays.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction

from yorozu.core.imports.bulk.sql import statement
from yorozu.core.imports.bulk.tables import is_postgresql
from yorozu.core.locks import Turn, take_turn

# Below this, a load is over before anybody would notice a difference.
FEWEST_ROWS = 50_000
# Rebuilding costs by all rows, keeping up by the new ones; it costs about four times as much a row.
MOST_OLD_PER_NEW = 2
# Shorter than the second after which PostgreSQL looks for a deadlock: the load is who gives way.
PATIENCE = "800ms"
ATTEMPTS = 5

_COUNT = "SELECT COUNT(*) FROM (SELECT 1 FROM $table LIMIT %s) t"

Rebuilt = list[tuple[str, str]]


@contextmanager
def without_keys(table: str, new_rows: int) -> Iterator[bool]:
    """Take indexes and foreign keys of the table off and put them on again, if that pays.

    Yields whether it does. The caller's transaction holds the table from the first step on.
    """
    if not (pays(table, new_rows) and _is_held(table)):
        yield False
        return
    dropped = _drop(table)
    yield True
    with connection.cursor() as cursor:
        if is_postgresql():
            cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        for _, making in dropped:
            cursor.execute(making)


@contextmanager
def filled_in(table: str, values: Mapping[str, Any]) -> Iterator[None]:
    """Let PostgreSQL fill these columns of all new rows, which costs less than sending them.

    Only while the caller holds the table (``without_keys``): they are its defaults meanwhile.
    """
    before = dict(_rows(_POSTGRESQL_DEFAULTS, table))
    # The driver puts the values into the statement itself: this one takes no parameters.
    _alter_columns(table, dict.fromkeys(values, "SET DEFAULT %s"), [*values.values()])
    yield
    _alter_columns(
        table,
        {
            name: f"SET DEFAULT {before[name]}" if name in before else "DROP DEFAULT"
            for name in values
        },
    )


def _alter_columns(
    table: str, acts: Mapping[str, str], values: Sequence[Any] | None = None
) -> None:
    quoted = connection.ops.quote_name
    altered = ", ".join(f"ALTER COLUMN {quoted(name)} {act}" for name, act in acts.items())
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} {altered}", values)


def pays(table: str, new_rows: int) -> bool:
    """Is the load large enough, also beside what stands in the table?"""
    if not settings.BULK_REBUILDS_KEYS or new_rows < FEWEST_ROWS:
        return False
    most = MOST_OLD_PER_NEW * new_rows
    with connection.cursor() as cursor:
        cursor.execute(statement(_COUNT, table=table), [most + 1])
        return int(cursor.fetchone()[0]) <= most


def _is_held(table: str) -> bool:
    """Hold the table, and those its foreign keys lead to, until the end of the transaction.

    False when others were at work in them all the time. In the order in which the acts of the
    portal come to them, and the trail before: who waits at the end of an act waits for nobody here.
    """
    if not is_postgresql():
        return True
    for _ in range(ATTEMPTS):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
                take_turn(Turn.AUDIT_CHAIN)
                names = [*(name for name, _ in _rows(_REFERENCED, table) if name != table), table]
                cursor.execute(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE")
                cursor.execute("SET LOCAL lock_timeout = DEFAULT")
        except OperationalError:
            continue
        return True
    return False


def _drop(table: str) -> Rebuilt:
    """Drop what can be made again; (name, statement that makes it), in the order of making."""
    dropped = []
    with connection.cursor() as cursor:
        if is_postgresql():
            for name, definition in _rows(_POSTGRESQL_KEYS, table):
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
                dropped.append((name, f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}'))
            indexes = _rows(_POSTGRESQL_INDEXES, table)
        else:
            indexes = _rows(_SQLITE_INDEXES, table)
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
    return [*indexes, *dropped]


def _rows(sql: str, table: str) -> Rebuilt:
    with connection.cursor() as cursor:
        cursor.execute(sql, [table])
        return [(str(name), str(definition)) for name, definition in cursor.fetchall()]


_REFERENCED = """
SELECT DISTINCT CAST(CAST(confrelid AS regclass) AS text), '' FROM pg_constraint
WHERE conrelid = CAST(%s AS regclass) AND contype = 'f' ORDER BY 1
"""
# Foreign keys and unique constraints. The primary key stays: other tables may lean on it.
_POSTGRESQL_KEYS = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = CAST(%s AS regclass) AND contype IN ('f', 'u') ORDER BY contype DESC, conname
"""
_POSTGRESQL_INDEXES = """
SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = CAST(%s AS regclass) AND NOT EXISTS
 (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY c.relname
"""
_POSTGRESQL_DEFAULTS = """
SELECT a.attname, pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d
JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE d.adrelid = CAST(%s AS regclass)
"""
_SQLITE_INDEXES = """
SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql IS NOT NULL
ORDER BY name
"""
