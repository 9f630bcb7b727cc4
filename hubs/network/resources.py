"""Files of this slice: commission contracts and regional figures, compared, written, taken back."""

from abc import abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from django.db import models, transaction
from django.db.models import ProtectedError

from hubs.network.forms import SampleFlagForm
from hubs.network.hub_rows import HubFinder, hub_columns
from hubs.network.models import (
    CommissionContract,
    FigureKind,
    Hub,
    ImplementingBody,
    RegionalFigure,
)
from yorozu.core.access import Scope
from yorozu.core.errors import Conflict, Problem
from yorozu.core.figures import Blank, format_count
from yorozu.core.fiscal import NENDO_OVERRIDES, fiscal_year_of, nendo, parse_month, wareki
from yorozu.core.imports.kinds import (
    ADDED,
    CHANGED,
    UNCHANGED,
    Change,
    Comparison,
    ImportKind,
    register,
)
from yorozu.core.sheets import Column, Row, Table, cells, trim
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
            if obj is None or self.stored_values(obj) != entry["after"]:
                raise Conflict(MOVED)
        changed = [entry for entry in entries if entry["before"]]
        for entry in changed:
            self.assign(held[entry["id"]], entry["before"])
        self.save([], [held[entry["id"]] for entry in changed])
        added = [entry["id"] for entry in entries if not entry["before"]]
        self.rows().select_related(None).filter(pk__in=added).delete()
        self.clear(head["made"])


class ContractKind(KeyedKind):
    """Commission contracts: one row per hub, fiscal year and funding line (S24)."""

    code = "network.contracts"
    label = "委託契約"
    description = "拠点ごと・年度ごとの実施機関、契約額、契約期間を取り込みます。"
    model = CommissionContract
    key_fields = ("fiscal_year", "funding_line")
    labels = {
        "body": "実施機関",
        "amount_yen": "契約額（円）",
        "document_number": "文書番号",
        "starts_on": "開始日",
        "ends_on": "終了日",
        "is_sample": "サンプル",
    }

    def columns(self, params: dict[str, Any]) -> list[Column]:
        """拠点コード to 終了日."""
        return [
            *hub_columns(),
            Column("body", "実施機関", cells.text(80), aliases=("実施機関名",)),
            Column("fiscal_year", "年度", fiscal_year(), key=True),
            Column("funding_line", "予算区分", cells.text(40)),
            Column(
                "amount_yen", "契約額（円）", whole_number(999_999_999_999), aliases=("契約額",)
            ),
            Column("document_number", "文書番号", cells.text(60), optional=True, blank=True),
            Column("starts_on", "開始日", cells.date()),
            Column("ends_on", "終了日", cells.date()),
        ]

    def example_rows(self, params: dict[str, Any]) -> list[list[Any]]:
        """One row that shows the spelling."""
        return [
            ["13", "東京都よろず支援拠点", "（実施機関の名称）", 2026, "当初予算", 60_000_000,
             "", date(2026, 4, 1), date(2027, 3, 31)]
        ]  # fmt: skip

    def row_problems(self, row: Row) -> list[Problem]:
        """The period lies in its fiscal year and does not run backwards."""
        problems = []
        if row["ends_on"] < row["starts_on"]:
            text = "開始日以後の日付を入力してください。"
            problems.append(Problem(row.number, "終了日", text))
        for name, heading in (("starts_on", "開始日"), ("ends_on", "終了日")):
            if fiscal_year_of(row[name]) != row["fiscal_year"]:
                text = f"{nendo(row['fiscal_year'])}の中の日付を入力してください。"
                problems.append(Problem(row.number, heading, text))
        return problems

    def key_of(self, row: Row) -> dict[str, Any]:
        """Fiscal year and funding line."""
        return {"fiscal_year": row["fiscal_year"], "funding_line": row["funding_line"]}

    def values_of(self, row: Row) -> dict[str, Any]:
        """What the contract says."""
        return {
            "body": row["body"],
            "amount_yen": row["amount_yen"],
            "document_number": row["document_number"] or "",
            "starts_on": row["starts_on"].isoformat(),
            "ends_on": row["ends_on"].isoformat(),
        }

    def rows(self) -> models.QuerySet:
        """Contracts with their bodies."""
        return CommissionContract.objects.select_related("implementing_body")

    def assign(self, obj: Any, values: dict[str, Any]) -> None:
        """Days from their text; the body by its name, resolved for all rows when they are saved."""
        for name, value in values.items():
            if name == "body":
                obj.wanted_body = value
            else:
                setattr(obj, name, date.fromisoformat(value) if name.endswith("_on") else value)

    def save(self, fresh: list[Any], kept: list[Any]) -> None:
        """Resolve the bodies in one query, then save."""
        wanted = {obj.wanted_body for obj in (*fresh, *kept)}
        found = ImplementingBody.objects.filter(name__in=wanted)
        ids = dict(found.values_list("name", "pk"))
        for obj in (*fresh, *kept):
            obj.implementing_body_id = ids[obj.wanted_body]
        super().save(fresh, kept)

    def stored_values(self, obj: Any) -> dict[str, Any]:
        """The same of a stored contract."""
        return {
            "body": obj.implementing_body.name,
            "amount_yen": obj.amount_yen,
            "document_number": obj.document_number,
            "starts_on": obj.starts_on.isoformat(),
            "ends_on": obj.ends_on.isoformat(),
            "is_sample": obj.is_sample,
        }

    def shown(self, name: str, value: Any) -> str:
        """Money with commas, days in the Japanese calendar."""
        if name == "amount_yen":
            return format_count(value)
        if name in {"starts_on", "ends_on"}:
            return wareki(date.fromisoformat(value))
        return "はい" if value is True else "いいえ" if value is False else str(value)

    def key_label(self, hub: Hub, key: dict[str, Any]) -> str:
        """Hub, year and line."""
        return f"{hub.name} {nendo(key['fiscal_year'])} {key['funding_line']}"

    def prepare(self, values: Sequence[dict[str, Any]], params: dict[str, Any]) -> list[int]:
        """Create the bodies that are new; returns their ids."""
        wanted = {value["body"] for value in values}
        known = set(ImplementingBody.objects.filter(name__in=wanted).values_list("name", flat=True))
        made = ImplementingBody.objects.bulk_create(
            ImplementingBody(name=name, is_sample=bool(params.get("is_sample")))
            for name in sorted(wanted - known)
        )
        return [body.pk for body in made]

    def clear(self, ids: list[int]) -> None:
        """Remove the bodies this import brought, unless something else refers to them now."""
        for body in ImplementingBody.objects.filter(pk__in=ids):
            with suppress(ProtectedError), transaction.atomic():
                body.delete()


class RegionalFigureKind(KeyedKind):
    """Public figures of a hub's region, with source and year (product.md hubs/network)."""

    code = "network.regional_figures"
    label = "地域の数値"
    description = "拠点の地域の中小企業数や面積を、時点と出典とともに取り込みます。"
    model = RegionalFigure
    key_fields = ("code", "year")
    labels = {"value": "値", "unit": "単位", "source": "出典", "is_sample": "サンプル"}

    def columns(self, params: dict[str, Any]) -> list[Column]:
        """拠点コード to 出典."""
        kinds = {kind.label: kind.value for kind in FigureKind}
        return [
            *hub_columns(),
            Column("kind", "種類", cells.choice(kinds), key=True),
            Column("year", "時点", calendar_year(), aliases=("時点（年）", "年")),
            Column("value", "値", whole_number(999_999_999_999)),
            Column("unit", "単位", cells.text(10)),
            Column("source", "出典", cells.text(120)),
        ]

    def example_rows(self, params: dict[str, Any]) -> list[list[Any]]:
        """One row that shows the spelling."""
        return [["13", "東京都よろず支援拠点", "中小企業数", 2021, 411_600, "者", "（統計の名称）"]]

    def key_of(self, row: Row) -> dict[str, Any]:
        """Kind and year."""
        return {"code": row["kind"], "year": row["year"]}

    def values_of(self, row: Row) -> dict[str, Any]:
        """The figure with unit and source."""
        return {"value": row["value"], "unit": row["unit"], "source": row["source"]}

    def stored_values(self, obj: Any) -> dict[str, Any]:
        """The same of a stored figure."""
        return {name: getattr(obj, name) for name in ("value", "unit", "source", "is_sample")}

    def shown(self, name: str, value: Any) -> str:
        """Figures with commas."""
        if name == "value":
            return format_count(value)
        return "はい" if value is True else "いいえ" if value is False else str(value)

    def key_label(self, hub: Hub, key: dict[str, Any]) -> str:
        """Hub, kind and year."""
        return f"{hub.name} {FigureKind(key['code']).label} {key['year']}年"


register(ContractKind())
register(RegionalFigureKind())
