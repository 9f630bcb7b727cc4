"""Database triggers that hold the past: the same guards on SQLite and PostgreSQL.

Python guards are polite; QuerySet.update, raw SQL and bulk operations pass them
(reliability.md 0.1).
Each slice declares its guards beside its models; its app's ``ready`` hands them to ``protect``.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.apps import AppConfig
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate, pre_migrate

REGISTERED: dict[str, list["Guard"]] = {}


@dataclass(frozen=True)
class Guard:
    """Refuse ``event`` on ``table`` when ``condition`` (SQL over OLD/NEW) holds.

    ``message`` is the text of the database error; condition "" means always.
    """

    table: str
    event: str
    condition: str
    message: str
    name: str = ""

    @property
    def trigger(self) -> str:
        """Name of the trigger, unique for table, event and optional name."""
        return f"guard_{self.table}_{self.event.lower()}{'_' + self.name if self.name else ''}"


def append_only(table: str, message: str) -> list[Guard]:
    """Rows of this table are never changed or deleted."""
    return [Guard(table, event, "", message) for event in ("UPDATE", "DELETE")]


def changed(columns: Iterable[str]) -> str:
    """SQL for a condition: one of these columns changes."""
    return " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)


def exists(rows: str, where: str) -> str:
    """SQL for a condition: one of ``rows`` (tables with their joins) satisfies ``where``.

    Triggers take no parameters: every part is a constant of the code.
    """
    found = f"FROM {rows} WHERE {where}"
    return f"EXISTS (SELECT 1 {found})"


def how_many(rows: str, where: str) -> str:
    """SQL for a condition: how many of ``rows`` satisfy ``where``; parts as in ``exists``."""
    found = f"FROM {rows} WHERE {where}"
    return f"(SELECT COUNT(*) {found})"


def frozen_columns(table: str, columns: Iterable[str], when: str, message: str) -> Guard:
    """While ``when`` (over OLD) holds, none of the columns may change."""
    return Guard(table, "UPDATE", f"({when}) AND ({changed(columns)})", message, "columns")


def frozen_children(
    table: str, parent: str, parent_key: str, when: str, message: str
) -> list[Guard]:
    """Rows whose parent row satisfies ``when`` (SQL over alias p) stay exactly as they are.

    None is added, changed, moved or deleted.
    """

    def parent_is_frozen(side: str) -> str:
        return exists(f"{parent} p", f"p.id = {side}.{parent_key} AND {when}")

    return [
        Guard(table, "INSERT", parent_is_frozen("NEW"), message, "child"),
        Guard(
            table,
            "UPDATE",
            f"{parent_is_frozen('OLD')} OR {parent_is_frozen('NEW')}",
            message,
            "child",
        ),
        Guard(table, "DELETE", parent_is_frozen("OLD"), message, "child"),
    ]


def first_of_month(column: str) -> str:
    """SQL for a condition: the first day of the month of a date, on either database."""
    return f"FIRST_OF_MONTH({column})"


_FIRST_OF_MONTH = re.compile(r"FIRST_OF_MONTH\(([A-Za-z_.]+)\)")
_MONTH_SQL = {
    "sqlite": r"date(\1, 'start of month')",
    "postgresql": r"CAST(date_trunc('month', \1) AS date)",
}


def _create_sql(vendor: str, guard: Guard) -> list[str]:
    message = guard.message.replace("'", "''")
    condition = _FIRST_OF_MONTH.sub(_MONTH_SQL[vendor], guard.condition or "1 = 1")
    if vendor == "sqlite":
        refuse = f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{message}'); END"
        return [f"{_head(guard)} {refuse}"]
    result = "OLD" if guard.event == "DELETE" else "NEW"
    error = f"RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'"
    body = f"BEGIN IF {condition} THEN {error}; END IF; RETURN {result}; END"
    function = f"CREATE OR REPLACE FUNCTION {guard.trigger}() RETURNS trigger"
    return [
        f"{function} AS $guard$ {body} $guard$ LANGUAGE plpgsql",
        f"{_head(guard)} EXECUTE FUNCTION {guard.trigger}()",
    ]


def _head(guard: Guard) -> str:
    return f"CREATE TRIGGER {guard.trigger} BEFORE {guard.event} ON {guard.table} FOR EACH ROW"


def _drop_sql(vendor: str, guard: Guard) -> list[str]:
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {guard.trigger}"]
    return [
        f"DROP TRIGGER IF EXISTS {guard.trigger} ON {guard.table}",
        f"DROP FUNCTION IF EXISTS {guard.trigger}()",
    ]


def install(connection: BaseDatabaseWrapper, guards: Iterable[Guard]) -> None:
    """Create the triggers on this connection's database."""
    with connection.cursor() as cursor:
        for guard in guards:
            for sql in [
                *_drop_sql(connection.vendor, guard),
                *_create_sql(connection.vendor, guard),
            ]:
                cursor.execute(sql)


def remove(connection: BaseDatabaseWrapper, guards: Iterable[Guard]) -> None:
    """Drop the triggers (reverse of the migration)."""
    with connection.cursor() as cursor:
        for guard in guards:
            for sql in _drop_sql(connection.vendor, guard):
                cursor.execute(sql)


def lift(connection: BaseDatabaseWrapper) -> None:
    """Drop every guard there is, also those of an earlier version of the code (SQLite only).

    SQLite renames a rebuilt table into place and refuses while a trigger of another table names it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in cursor.fetchall():
            if name.startswith("guard_"):
                cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")


def lift_before(plan: list[object], using: str, **_: object) -> None:
    """Lift the guards when there is something to migrate; ``protect`` lays them anew afterwards."""
    if plan and connections[using].vendor == "sqlite":
        lift(connections[using])


def protect(app_config: AppConfig, *guard_lists: Iterable[Guard]) -> None:
    """Install the app's guards after every migrate.

    Not a migration of its own: SQLite rebuilds a table on many schema changes and silently drops
    its triggers with it, so the triggers are laid anew each time the schema has settled.
    """
    guards = [guard for guards in guard_lists for guard in guards]
    REGISTERED[app_config.label] = guards

    def lay_anew(sender: AppConfig, using: str, **_: object) -> None:
        connection = connections[using]
        tables = set(connection.introspection.table_names())
        install(connection, [guard for guard in guards if guard.table in tables])

    # One lifting serves all apps; each lays its own again when the schema has settled.
    pre_migrate.connect(lift_before, dispatch_uid="guards-lift")
    post_migrate.connect(
        lay_anew, sender=app_config, weak=False, dispatch_uid=f"guards-{app_config.label}"
    )
