"""One file writes after the other."""

from django.db import connection

_LOCK_KEY = 7_261_002


def one_at_a_time() -> None:
    """Two files about the same rows must not be compared side by side, in the caller's transaction.

    SQLite's IMMEDIATE transaction does it by itself.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK_KEY])
