"""What one transaction at a time may do: the numbers of all advisory locks of PostgreSQL.

SQLite needs none of them: its IMMEDIATE transaction already holds the whole database.
"""

from enum import IntEnum, unique

from django.db import connection


@unique
class Turn(IntEnum):
    """Acts that wait for each other. Two acts with one number would wait without a reason."""

    AUDIT_CHAIN = 7_261_001
    IMPORT_WRITE = 7_261_002
    LEDGER_ROLL_UP = 7_261_003


def take_turn(turn: Turn) -> None:
    """Wait until nobody else is at this act, and keep the others waiting until the commit."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [turn.value])
