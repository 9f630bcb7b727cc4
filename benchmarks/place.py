"""Where a benchmark runs: a database and a folder of its own, randomly named, gone afterwards."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

FOREIGN = ("REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "EMAIL_URL", "SERVER_DATABASE_URL")


@contextmanager
def place(*, postgres: bool) -> Iterator[Path]:
    """Set the environment for Django to a fresh database and folder; yields the folder.

    With ``postgres`` the database is made on the server that DATABASE_URL names
    (scripts/with-services); its name is random, so two runs never meet.
    """
    server = os.environ.pop("DATABASE_URL", "")
    for name in FOREIGN:
        os.environ.pop(name, None)
    folder = Path(tempfile.mkdtemp(prefix="yorozu-bench-"))
    os.environ["YOROZU_DATA_DIR"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    try:
        if postgres:
            with _database(server):
                yield folder
        else:
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _database(server: str) -> Iterator[None]:
    if not server:
        raise SystemExit("bench: --postgres needs DATABASE_URL (./run bench brings a server along)")
    name = f"bench_{uuid.uuid4().hex[:16]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    os.environ["DATABASE_URL"] = f"{server.rpartition('/')[0]}/{name}"
    try:
        yield
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
