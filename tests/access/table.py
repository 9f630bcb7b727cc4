"""The reviewed table of who may open which address (matrix.csv)."""

import csv
from pathlib import Path

from tests.access.targets import ACTORS

TABLE = Path(__file__).with_name("matrix.csv")
PUBLIC = {"healthz", "readyz", "survey_answer"}


def _table() -> dict[tuple[str, str], dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {(row["name"], row["method"]): row for row in csv.DictReader(file)}


ROWS = _table()


def allowed_actors(name: str, method: str) -> list[str]:
    """All actors whose role may do this, in the order of the cast."""
    row = ROWS[name, method]
    return [
        actor for actor, (column, _) in ACTORS.items() if column != "nobody" and row[column] == "o"
    ]
