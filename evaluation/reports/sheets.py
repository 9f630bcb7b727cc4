"""Tables and facts of reports as rows, sheets and CSV."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from evaluation.reports.tables import Fact
from hubs.terms.files import noted
from hubs.terms.queries import RulesNote
from yorozu.core.sheets import Sheet, to_csv
from yorozu.core.web.tables import Cell, Table

Encoding = Literal["utf-8-sig", "cp932"]


def as_rows(table: Table, *, totals: bool = True) -> list[list[Any]]:
    """The values of a table, without links and notes."""
    rows = [*table.rows, table.totals] if totals and table.totals is not None else table.rows
    return [[_value(row.get(column.key)) for column in table.columns] for row in rows]


def _value(cell: Any) -> Any:
    return cell.value if isinstance(cell, Cell) else cell


def headings(table: Table) -> list[str]:
    """Headings with their units."""
    return [
        f"{column.label}（{column.unit}）" if column.unit else column.label
        for column in table.columns
    ]


def as_sheet(table: Table, title: str = "") -> Sheet:
    """A table as a sheet of a workbook, with its totals row."""
    return Sheet(title or table.caption, headings(table), as_rows(table), caption=table.caption)


def fact_sheet(title: str, facts: Iterable[Fact]) -> Sheet:
    """A list of facts as a sheet; amounts are numbers with the unit beside their names."""
    return Sheet(title, ["項目", "内容"], [_fact_row(fact) for fact in facts])


def _fact_row(fact: Fact) -> list[Any]:
    if fact.yen is None:
        return [fact.label, fact.value]
    return [f"{fact.label}（円）", fact.yen]


def csv_file(
    header: Sequence[str],
    rows: Iterable[Sequence[Any]],
    encoding: Encoding,
    note: RulesNote | None,
) -> bytes:
    """A table as CSV; a change of the year's rules stands in its last column."""
    return to_csv(*noted(header, rows, note), encoding, replace=encoding == "cp932")
