"""Tables and chips as HTML, joined from escaped parts: a template per cell would cost the page.

47 hubs by twelve months are some seven hundred cells; an include for each was most of the CPU of
the page (performance.md 5). The look is that of the templates this replaced, letter by letter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from yorozu.core.web.chips import Chip
from yorozu.core.web.tables import Cell, Column, Row, Table, prepare

NOTHING = format_html(
    '<span class="yz-dash" aria-hidden="true">{}</span><span class="yz-hidden">{}</span>',
    "—",
    "該当なし",
)


@lru_cache(maxsize=2_048)
def draw_chip(one: Chip) -> SafeString:
    """The word in its outline with what stands beside it; the same chip is drawn once."""
    beside = format_html(' <span class="yz-chip__note">{}</span>', one.note) if one.note else ""
    css = f"yz-chip yz-chip--{one.status.kind.value}"
    if one.url:
        return format_html(
            '<a class="{}" href="{}">{}</a>{}', css, one.url, one.status.label, beside
        )
    return format_html('<span class="{}">{}</span>{}', css, one.status.label, beside)


def draw_head(table: Table) -> SafeString:
    """The header row with its sorting links."""
    return format_html_join("", "{}", ((_head_cell(cell),) for cell in table.head))


def _head_cell(cell: Mapping[str, Any]) -> SafeString:
    column = cell["column"]
    css = format_html(' class="{}"', "yz-num") if column.numeric else ""
    order = format_html(' aria-sort="{}"', cell["aria_sort"]) if cell["aria_sort"] else ""
    label = column.label
    if cell["link"]:
        label = format_html('<a href="{}">{}</a>', cell["link"], label)
    unit = ""
    if column.unit:
        unit = format_html('<span class="yz-table__unit">（{}）</span>', column.unit)
    return format_html('<th scope="col"{}{}>{}{}</th>', css, order, label, unit)


def draw_body(table: Table) -> SafeString:
    """All rows."""
    return format_html_join("\n", "{}", ((_row(table.columns, row),) for row in table.rows))


def draw_foot(table: Table) -> SafeString | str:
    """The totals row, if the table has one; its first cell names it."""
    return _row(table.columns, table.totals, names_first=True) if table.totals else ""


def _row(columns: Sequence[Column], row: Row, *, names_first: bool = False) -> SafeString:
    cells = [_cell(column, row.get(column.key)) for column in columns]
    if names_first:
        cells[0] = _cell(replace(columns[0], header=True), row.get(columns[0].key))
    return format_html(f"<tr>{'{}' * len(cells)}</tr>", *cells)


def _cell(column: Column, value: Any) -> SafeString:
    """One cell: the same content is drawn once (hundreds of chips of a page are a dozen)."""
    cell = value if isinstance(value, Cell) else Cell(value)
    if isinstance(cell.value, Chip):
        css = " ".join(
            part for part in ("yz-num" if column.numeric else "", column.css, cell.css) if part
        )
        return _drawn(cell.value, "", cell.url, cell.note, column.header, css)
    found = prepare(column, value)
    return _drawn(
        found["chip"], found["text"], found["url"], found["note"], found["header"], found["css"]
    )


@lru_cache(maxsize=4_096)
def _drawn(chip: Chip | None, text: str, url: str, note: str, header: bool, css: str) -> SafeString:
    inner: SafeString | str = text or NOTHING
    if chip:
        inner = draw_chip(chip)
    elif url:
        inner = format_html('<a href="{}">{}</a>', url, text)
    if note:
        inner = format_html('{}<span class="yz-cell__note">{}</span>', inner, note)
    tag = "th" if header else "td"
    scope = format_html(' scope="{}"', "row") if header else ""
    look = format_html(' class="{}"', css) if css else ""
    return format_html("<{}{}{}>{}</{}>", tag, scope, look, inner, tag)
