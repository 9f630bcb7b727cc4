"""Files under a natural key: parsers of years and numbers, compare, write, take back."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from django.db import models

from hubs.network.forms import SampleFlagForm
from hubs.network.hub_rows import HubFinder
from hubs.network.models import Hub
from yorozu.core.access import Scope
from yorozu.core.errors import Conflict, Problem
from yorozu.core.figures import Blank
from yorozu.core.fiscal import NENDO_OVERRIDES, fiscal_year_of, parse_month
from yorozu.core.imports.kinds import (
    ADDED,
    CHANGED,
    UNCHANGED,
    Change,
    Comparison,
    ImportKind,
)
from yorozu.core.sheets import Row, Table, cells, trim
from yorozu.core.sheets.cells import CellError, Parser

EARLIEST_YEAR, LATEST_YEAR = 2014, 2100
MOVED = "この取込で書いた値が、あとで変わっています。先にあとの変更を取り消してください。"


def whole_number(maximum: int) -> Parser:
    """A whole number from 0; an empty cell or a dash is no answer here."""
    read_count = cells.count(0, maximum)

    def read(cell: str) -> int:
        value = read_count(cell)
        if isinstance(value, Blank):
            raise CellError("「－」は使えません。数を入力してください。")
        return int(value)

    return Parser(read)


def fiscal_year() -> Parser:
    """2026, 2026年度, 令和8年度 or R8, as the year of its April."""
    said = {label: year for year, label in NENDO_OVERRIDES.items()}

    def read(cell: str) -> int:
        typed = trim(cell)
        if typed in said:
            return said[typed]
        year = fiscal_year_of(parse_month(f"{typed.removesuffix('度').removesuffix('年')}年4月"))
        if not EARLIEST_YEAR <= year <= LATEST_YEAR:
            raise CellError(f"{EARLIEST_YEAR}から{LATEST_YEAR}までの年度を入力してください。")
        return year

    return Parser(read)


def calendar_year() -> Parser:
    """A calendar year: 2021, 2021年, 令和3年."""

    def read(cell: str) -> int:
        typed = trim(cell).removesuffix("年")
        return parse_month(f"{typed}年12月").year

    return Parser(read)


class KeyedKind(ImportKind):
    """Rows of one table under a natural key: added, changed or unchanged; undone as a unit."""

    action = "hubs.network.import"
    params_form = SampleFlagForm
    model: type[models.Model]
    key_fields: tuple[str, ...]
    labels: dict[str, str]

    @abstractmethod
    def key_of(self, row: Row) -> dict[str, Any]:
        """Values of the natural key besides the hub."""

    @abstractmethod
    def values_of(self, row: Row) -> dict[str, Any]:
        """JSON-able values to store, by field name."""

    @abstractmethod
    def stored_values(self, obj: Any) -> dict[str, Any]:
        """The same values of a stored row."""

    @abstractmethod
    def shown(self, name: str, value: Any) -> str:
        """A value as the preview prints it."""

    @abstractmethod
    def key_label(self, hub: Hub, key: dict[str, Any]) -> str:
        """How the preview names the row."""

    def row_problems(self, row: Row) -> list[Problem]:
        """Faults that lie between the cells of one row."""
        return []

    def assign(self, obj: Any, values: dict[str, Any]) -> None:
        """Put JSON values on a model row."""
        for name, value in values.items():
            setattr(obj, name, value)

    def prepare(self, values: Sequence[dict[str, Any]], params: dict[str, Any]) -> list[int]:
        """Create what the rows refer to; returns ids to clear away on undo."""
        return []

    def clear(self, ids: list[int]) -> None:
        """Remove what ``prepare`` made, where nothing else refers to it."""

    def compare(self, table: Table, params: dict[str, Any], actor: Scope) -> Comparison:
        """Compare by hub and key: two queries whatever the number of rows."""
        problems: list[Problem] = []
        finder = HubFinder(actor)
        stored = self._stored()
        seen: dict[tuple[Any, ...], int] = {}
        changes = []
        for row in table.rows:
            hub = finder.find(row, problems)
            problems += self.row_problems(row)
            if hub is None:
                continue
            key = self.key_of(row)
            whole = (hub.pk, *key.values())
            if seen.setdefault(whole, row.number) != row.number:
                text = f"{seen[whole]}行目と重複しています。"
                problems.append(Problem(row.number, "拠点コード", text))
                continue
            values = {**self.values_of(row), "is_sample": bool(params.get("is_sample"))}
            changes.append(self._change(row, hub, key, values, stored.get(whole)))
        return Comparison(changes, sorted(problems, key=lambda problem: problem.row or 0))

    def rows(self) -> models.QuerySet:
        """The stored rows, with what ``stored_values`` reads."""
        return self.model._default_manager.all()

    def _stored(self) -> dict[tuple[Any, ...], Any]:
        return {
            (row.hub_id, *(getattr(row, name) for name in self.key_fields)): row
            for row in self.rows()
        }

    def _change(
        self, row: Row, hub: Hub, key: dict[str, Any], values: dict[str, Any], old: Any
    ) -> Change:
        before = self.stored_values(old) if old is not None else {}
        moved = [name for name, value in values.items() if before.get(name) != value]
        kind = ADDED if old is None else CHANGED if moved else UNCHANGED
        return Change(
            row=row.number,
            key="-".join([hub.code, *map(str, key.values())]),
            kind=kind,
            label=self.key_label(hub, key),
            fields=tuple(
                (
                    self.labels[name],
                    self.shown(name, before[name]) if before else "",
                    self.shown(name, values[name]),
                )
                for name in moved
            ),
            data={
                "id": old.pk if old is not None else None,
                "hub_id": hub.pk,
                "key": key,
                "before": before,
                "values": values,
            },
        )

    def write(
        self, changes: Sequence[Change], params: dict[str, Any], actor: Scope, batch_id: int
    ) -> list[dict[str, Any]]:
        """Create and change rows in bulk; the undo record keeps before and after."""
        made = self.prepare([change.data["values"] for change in changes], params)
        fresh: list[tuple[Any, dict[str, Any]]] = []
        kept: list[tuple[Any, dict[str, Any]]] = []
        held = self._held([change.data["id"] for change in changes if change.data["id"]])
        for change in changes:
            data = change.data
            obj = held.get(data["id"]) or self.model(hub_id=data["hub_id"], **data["key"])
            self.assign(obj, data["values"])
            (kept if data["id"] else fresh).append((obj, data))
        self.save([obj for obj, _ in fresh], [obj for obj, _ in kept])
        return [
            {"made": made},
            *(
                {"id": obj.pk, "before": data["before"], "after": data["values"]}
                for obj, data in (*fresh, *kept)
            ),
        ]

    def _held(self, ids: list[int]) -> dict[int, Any]:
        return self.rows().select_for_update(of=("self",)).in_bulk(ids)

    def save(self, fresh: list[Any], kept: list[Any]) -> None:
        """Create the fresh rows and update the kept ones."""
        manager = self.model._default_manager
        manager.bulk_create(fresh)
        if kept:
            names = [
                field.name
                for field in self.model._meta.concrete_fields
                if not field.primary_key and field.name not in {"hub", *self.key_fields}
            ]
            manager.bulk_update(kept, names)

    def revert(
        self, undo: list[dict[str, Any]], params: dict[str, Any], actor: Scope, batch_id: int
    ) -> None:
        """Delete the added and restore the changed rows; Conflict when one has moved since."""
        head, *entries = undo
        held = self._held([entry["id"] for entry in entries])
        for entry in entries:
            obj = held.get(entry["id"])
            if obj is None or self._has_moved(obj, entry["after"]):
                raise Conflict(MOVED)
        changed = [entry for entry in entries if entry["before"]]
        for entry in changed:
            self.assign(held[entry["id"]], entry["before"])
        self.save([], [held[entry["id"]] for entry in changed])
        added = [entry["id"] for entry in entries if not entry["before"]]
        self.rows().select_related(None).filter(pk__in=added).delete()
        self.clear(head["made"])

    def _has_moved(self, obj: Any, after: dict[str, Any]) -> bool:
        """Whether a value that the import wrote is another one now."""
        now = self.stored_values(obj)
        return any(now[name] != value for name, value in after.items())
