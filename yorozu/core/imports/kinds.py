"""What an import kind must offer; slices subclass ImportKind in resources.py and register it."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from django import forms
from django.db import models

from yorozu.core.access import Scope
from yorozu.core.errors import Problem
from yorozu.core.sheets import Column, Table, read_table

ADDED, CHANGED, UNCHANGED = "added", "changed", "unchanged"


@dataclass(frozen=True)
class Change:
    """One row of the preview: ``row`` is the line in the file, ``key`` the natural key as text.

    ``fields`` are (label, before, after) texts for people; ``data`` is what ``write`` needs,
    JSON-able.
    """

    row: int
    key: str
    kind: str
    label: str
    fields: tuple[tuple[str, str, str], ...] = ()
    data: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For the batch row and its hash."""
        return {
            "row": self.row,
            "key": self.key,
            "kind": self.kind,
            "label": self.label,
            "fields": [list(field) for field in self.fields],
            "data": self.data,
        }


@dataclass(frozen=True)
class Comparison:
    """What the file would do: changes in file order, or every problem (then nothing is written)."""

    changes: Sequence[Change]
    problems: Sequence[Problem]


class FileKind(ABC):
    """What every kind of file says of itself: its name, who may import it, and its columns."""

    code: str
    label: str
    action: str
    description: str = ""
    params_form: type[forms.Form] | None = None
    is_bulk = False

    @abstractmethod
    def columns(self, params: dict[str, Any]) -> list[Column]:
        """Columns of the file, with aliases and parsers."""

    def params_from(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """What the params form said, as plain values: records by their id, dates as text."""
        return {name: _plain(value) for name, value in cleaned.items()}

    def audit_facts(self, params: dict[str, Any]) -> dict[str, Any]:
        """Facts for the audit event beside the counts."""
        return dict(params)

    def example_rows(self, params: dict[str, Any]) -> list[list[Any]]:
        """Rows of the downloadable template file (header comes from ``columns``)."""
        return []


class ImportKind(FileKind):
    """A kind of file that is compared as a whole: its comparison, its write and its undo.

    ``write`` and ``revert`` run inside one transaction opened by core.imports, which also records
    the audit event; they use the slice's own rules and bulk writes. All are called with the
    actor's scope. Files of hundreds of thousands of rows have a kind of their own (bulk.kinds).
    """

    def read(self, data: bytes, filename: str, params: dict[str, Any]) -> Table:
        """Bytes to checked rows; InvalidInput with every problem. Override for other shapes."""
        return read_table(data, filename, self.columns(params))

    @abstractmethod
    def compare(self, table: Table, params: dict[str, Any], actor: Scope) -> Comparison:
        """Compare with the database; writes nothing. Must not issue one query per row.

        ``table.rows`` are the faultless rows: while ``table.problems`` holds anything, rows are
        missing from it, so questions of completeness must wait until the file is clean
        (``table.ok``).
        """

    @abstractmethod
    def write(
        self, changes: Sequence[Change], params: dict[str, Any], actor: Scope, batch_id: int
    ) -> list[dict[str, Any]]:
        """Write added and changed rows in the caller's transaction; JSON-able undo records."""

    @abstractmethod
    def revert(
        self, undo: list[dict[str, Any]], params: dict[str, Any], actor: Scope, batch_id: int
    ) -> None:
        """Take the batch back as a unit. Raises Conflict when a row has been changed since."""


def _plain(value: Any) -> Any:
    if isinstance(value, models.Model):
        return value.pk
    return value.isoformat() if isinstance(value, date) else value


_KINDS: dict[str, FileKind] = {}
Kind = TypeVar("Kind", bound=FileKind)


def register(kind: Kind) -> Kind:
    """Make a kind known to the import screens."""
    _KINDS[kind.code] = kind
    return kind


def find(code: str) -> FileKind:
    """The kind of this code; KeyError for an unknown one."""
    return _KINDS[code]


def find_table_kind(code: str) -> ImportKind:
    """The kind of this code, for a file that is compared as a whole; TypeError for a bulk kind."""
    kind = find(code)
    if not isinstance(kind, ImportKind):
        raise TypeError(f"{code} is a bulk kind")
    return kind


def all_kinds() -> list[FileKind]:
    """All kinds by label."""
    return sorted(_KINDS.values(), key=lambda kind: kind.label)
