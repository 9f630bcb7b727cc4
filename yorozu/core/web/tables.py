"""What a screen's table is made of: a caption, described columns, rows and a totals row.

A view builds one `Table`; `includes/table.html` draws it with scopes, sorting links and an empty
state, and the print view and CSV use the same columns. Rows are mappings from column key to value:
a figure, a text, a date, a `Chip` or `Status`, or a `Cell` when a link or a note belongs to it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone

from yorozu.core import figures, fiscal
from yorozu.core.web.chips import Chip, Status

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """A value with a link, a small note below it, or a sorting key of its own."""

    value: Any
    url: str = ""
    note: str = ""
    sort_key: Any = None
    css: str = ""


@dataclass(frozen=True)
class Column:
    """One column; `header` marks the cells that name their row (mostly the first)."""

    key: str
    label: str
    numeric: bool = False
    unit: str = ""
    sort: bool = False
    header: bool = False
    css: str = ""


@dataclass(frozen=True)
class Empty:
    """Instead of a blank table: what will be here and why not yet, who acts next, one link."""

    title: str
    text: str = ""
    url: str = ""
    link_text: str = ""


@dataclass(frozen=True)
class Table:
    """A table as the template needs it; build it with keywords, sort it with `sorted_by`."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    totals: Row | None = None
    empty: Empty = field(default_factory=lambda: Empty("該当するデータはありません。"))
    sticky: bool = False
    sort: str = ""
    query: Mapping[str, Any] = field(default_factory=dict)
    csv_url: str = ""

    def sorted_by(self, wanted: str, query: Mapping[str, Any] | None = None) -> "Table":
        """The same table in the order of ?sort= (a leading - turns it).

        An unknown key changes nothing; values not there stay at the end both ways. `query` holds
        the other parameters of the page, which the sorting links must keep.
        """
        kept = {key: value for key, value in (query or {}).items() if key not in {"sort", "page"}}
        key, down = wanted.removeprefix("-"), wanted.startswith("-")
        if key not in {column.key for column in self.columns if column.sort}:
            return self._with(self.rows, "", kept)
        there = [row for row in self.rows if _sort_value(row.get(key)) is not None]
        missing = [row for row in self.rows if _sort_value(row.get(key)) is None]
        there.sort(key=lambda row: _sort_value(row.get(key)), reverse=down)
        return self._with([*there, *missing], wanted, kept)

    def _with(self, rows: Sequence[Row], sort: str, query: Mapping[str, Any]) -> "Table":
        return Table(
            self.caption,
            self.columns,
            rows,
            self.totals,
            self.empty,
            self.sticky,
            sort,
            query,
            self.csv_url,
        )

    @property
    def head(self) -> list[dict[str, Any]]:
        """Header cells with their sorting links."""
        return [self._head_cell(column) for column in self.columns]

    def _head_cell(self, column: Column) -> dict[str, Any]:
        order = {column.key: "ascending", f"-{column.key}": "descending"}.get(self.sort, "none")
        turned = f"-{column.key}" if order == "ascending" else column.key
        link = "?" + urlencode({**self.query, "sort": turned}, doseq=True) if column.sort else ""
        return {"column": column, "aria_sort": order if column.sort else "", "link": link}

    @property
    def body(self) -> list[list[dict[str, Any]]]:
        """Rows of prepared cells."""
        return [self._cells(row) for row in self.rows]

    @property
    def foot(self) -> list[dict[str, Any]] | None:
        """The prepared totals row; its first cell is a row header."""
        if self.totals is None:
            return None
        cells = self._cells(self.totals)
        cells[0]["header"] = True
        return cells

    def _cells(self, row: Row) -> list[dict[str, Any]]:
        return [prepare(column, row.get(column.key)) for column in self.columns]


def shown(value: Any) -> str:
    """A value as text: figures with commas and ▲, dates in the Japanese calendar."""
    if value is None:
        return ""
    kinds = (kind for kind in _SHOWN if isinstance(value, kind))
    kind = next(kinds, None)
    return str(value) if kind is None else _SHOWN[kind](value)


def _shown_decimal(value: Decimal) -> str:
    return figures.format_decimal(value, max(0, -int(value.as_tuple().exponent)))


def _shown_moment(value: datetime) -> str:
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{fiscal.wareki(local.date())} {local:%H:%M}"


# The narrow kinds stand before the wide ones: bool is an int, datetime is a date.
_SHOWN: dict[type, Callable[[Any], str]] = {
    bool: lambda value: "はい" if value else "いいえ",
    int: figures.format_count,
    figures.Blank: figures.format_count,
    Decimal: _shown_decimal,
    datetime: _shown_moment,
    date: fiscal.wareki,
}


def prepare(column: Column, value: Any) -> dict[str, Any]:
    """A cell's value as its parts: text, chip, link, note, and how it looks."""
    cell = value if isinstance(value, Cell) else Cell(value)
    inner = cell.value
    chip = Chip(inner) if isinstance(inner, Status) else inner if isinstance(inner, Chip) else None
    day = "yz-date" if isinstance(inner, date) else ""
    looks = ("yz-num" if column.numeric else "", column.css, cell.css, day)
    css = [part for part in looks if part]
    negative = isinstance(inner, int | Decimal) and not isinstance(inner, bool) and inner < 0
    return {
        "text": "" if chip else shown(inner),
        "chip": chip,
        "url": cell.url,
        "note": cell.note,
        "header": column.header,
        "css": " ".join([*css, "yz-neg"] if negative else css),
    }


def _sort_value(value: Any) -> Any:
    if isinstance(value, Cell):
        value = value.value if value.sort_key is None else value.sort_key
    if isinstance(value, Chip):
        value = value.status
    if isinstance(value, Status):
        return list(Status).index(value)
    return None if value == "" else value
