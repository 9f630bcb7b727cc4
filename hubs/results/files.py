"""The compilation as bytes: CSV, XLSX and PDF of the tables that the screen shows."""

from typing import Any, Literal

from django.template.loader import render_to_string

from hubs.results import tables
from hubs.results.queries.compilation import Compilation
from hubs.terms.files import note_sheets, noted
from hubs.terms.queries import year_rules_note
from yorozu.core import clock, figures, fiscal
from yorozu.core.pdf import render_pdf
from yorozu.core.sheets import Sheet, to_csv, to_xlsx
from yorozu.core.web.tables import Cell, Table

Encoding = Literal["utf-8-sig", "cp932"]
TEMPLATE = "hubs/results/compilation_print.html"


def compilation_name(found: Compilation) -> str:
    """File name without ending."""
    part = "" if found.shares is None else "_内訳"
    year = fiscal.nendo(found.term.fiscal_year)
    return f"{year}_月次実績取りまとめ_{found.period.label}{part}"


def _rows(table: Table) -> list[list[Any]]:
    rows = [*table.rows, *([table.totals] if table.totals else [])]
    return [[_value(row.get(column.key)) for column in table.columns] for row in rows]


def _value(value: Any) -> Any:
    return value.value if isinstance(value, Cell) else value


def _headings(table: Table) -> list[str]:
    return [
        f"{column.label}（{column.unit}）" if column.unit else column.label
        for column in table.columns
    ]


def _sheet(table: Table, title: str) -> Sheet:
    return Sheet(title, _headings(table), _rows(table), caption=table.caption)


def compilation_csv(found: Compilation, encoding: Encoding = "utf-8-sig") -> bytes:
    """Nation, bureaus and hubs below each other, or the breakdown when that was asked for."""
    table = tables.long_table(found) if found.shares is None else tables.share_rows(found)
    header, rows = noted(_headings(table), _rows(table), year_rules_note(found.term))
    return to_csv(header, rows, encoding, replace=encoding == "cp932")


def compilation_xlsx(found: Compilation) -> bytes:
    """One worksheet per table of the screen."""
    sheets = []
    for one in found.indicators:
        sheets.append(_sheet(tables.area_table(found, one), f"{one.name} 局別"))
        sheets.append(_sheet(tables.hub_table(found, one), f"{one.name} 拠点別"))
    sheets.append(_sheet(tables.focus_table(found), "重点分野"))
    sheets.append(_sheet(tables.missing_table(found), "確認済でない拠点"))
    sheets += [
        _sheet(tables.share_table(found, shares), f"内訳 {shares.kind.label}")
        for shares in found.shares or ()
    ]
    return to_xlsx([*sheets, *note_sheets(year_rules_note(found.term))])


def compilation_context(found: Compilation) -> dict[str, Any]:
    """What the shared inside of screen, print view and PDF needs."""
    nation = found.nation
    return {
        "found": found,
        "nendo": fiscal.nendo(found.term.fiscal_year),
        "sections": tables.sections(found),
        "focus": tables.focus_table(found),
        "missing": tables.missing_table(found),
        "with_shares": found.shares is not None,
        "shares": [tables.share_table(found, one) for one in found.shares or ()],
        "completeness": figures.format_percent(figures.percent(nation.accepted, nation.owed)),
        "note": tables.NOTE,
        "is_sample_data": found.is_sample,
    }


def print_context(found: Compilation, *, for_pdf: bool = False) -> dict[str, Any]:
    """What the paper needs beside its content."""
    made = {"for_pdf": for_pdf, "made_on": clock.today(), "back_url": "", "on_paper": True}
    return {**compilation_context(found), **made, "paper_hubs": tables.paper_hub_table(found)}


def compilation_pdf(found: Compilation) -> bytes:
    """The compilation as PDF/UA."""
    return render_pdf(render_to_string(TEMPLATE, print_context(found, for_pdf=True)))
