"""What a file would do: read it, compare it with the database, and keep what a screen can show.

The hash covers every difference; the row keeps the first ones only, so that a file of 200,000 rows
weighs no more in the database than a small one.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from yorozu.core.access import Scope, require
from yorozu.core.canonical import canonical_json
from yorozu.core.errors import InvalidInput, Problem
from yorozu.core.imports.kinds import ADDED, CHANGED, UNCHANGED, Change, find_table_kind
from yorozu.core.imports.models import BatchState, ImportBatch

if TYPE_CHECKING:
    from yorozu.core.sheets import Table

SHOWN_CHANGES = 2_000
SHOWN_PROBLEMS = 2_000


@dataclass(frozen=True)
class Finding:
    """The outcome of a check: what ``write`` needs, and the columns to store."""

    moving: list[Change]
    problems: list[Problem]
    changes_hash: str
    columns: dict[str, Any]


def read_file(batch: ImportBatch) -> "Table | list[Problem]":
    """The checked rows of the file, or the problems that make it unreadable. Touches no table.

    Apart from ``compare``, so that a large file is not read while the writing transaction is open.
    """
    try:
        return find_table_kind(batch.kind).read(bytes(batch.content), batch.filename, batch.params)
    except InvalidInput as error:
        return error.problems


def compare(batch: ImportBatch, table: "Table | list[Problem]", actor: Scope) -> Finding:
    """Compare what was read with the database. Writes nothing; Refused when the right was lost."""
    kind = find_table_kind(batch.kind)
    require(actor, kind.action)
    changes: Iterable[Change] = []
    rows_total, encoding = 0, ""
    if isinstance(table, list):
        problems = table
    else:
        rows_total, encoding = len(table.rows), table.encoding
        problems = list(table.problems)
        try:
            comparison = kind.compare(table, batch.params, actor)
            changes = comparison.changes
            found: Iterable[Problem] = comparison.problems
        except InvalidInput as error:
            found = error.problems
        known = set(problems)
        problems += [problem for problem in found if problem not in known]
    return _finding(changes, problems, {"rows_total": rows_total, "encoding": encoding})


def _finding(
    changes: Iterable[Change], problems: list[Problem], columns: dict[str, Any]
) -> Finding:
    counts = Counter[str]()
    moving = []
    digest = hashlib.sha256()
    for change in changes:
        counts[change.kind] += 1
        if change.kind != UNCHANGED:
            moving.append(change)
            digest.update(canonical_json(change.as_json()).encode())
            digest.update(b"\n")
    problems.sort(key=lambda problem: problem.row or 0)
    stored = {
        **columns,
        "state": _state(problems, moving),
        "rows_added": counts[ADDED],
        "rows_changed": counts[CHANGED],
        "rows_unchanged": counts[UNCHANGED],
        "problems_total": len(problems),
        "problems": [[p.row, p.column, p.message] for p in problems[:SHOWN_PROBLEMS]],
        "changes": [change.as_json() for change in moving[:SHOWN_CHANGES]],
        "changes_hash": digest.hexdigest(),
    }
    return Finding(moving, problems, digest.hexdigest(), stored)


def _state(problems: list[Problem], moving: list[Change]) -> str:
    if problems:
        return BatchState.REFUSED
    return BatchState.READY if moving else BatchState.UNCHANGED
