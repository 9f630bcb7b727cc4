"""The ministry's table and the comparison of scenarios as files and on paper."""

from typing import Any

from django.conf import settings

from evaluation.budget import tables as budget_tables
from evaluation.budget.comparing import Comparison
from evaluation.reports import tables
from evaluation.reports.queries import BudgetTable
from evaluation.reports.sheets import Encoding, as_rows, as_sheet, csv_file, fact_sheet, headings
from hubs.terms.files import note_sheets
from hubs.terms.queries import rules_stamp
from yorozu.core import fiscal
from yorozu.core.sheets import Sheet, to_xlsx


def ministry_csv(table: BudgetTable, encoding: Encoding = "utf-8-sig") -> bytes:
    """The ministry's table in thousand yen; the first column says what a row is."""
    found = tables.ministry(table)
    return csv_file(headings(found), as_rows(found), encoding, table.rules.note)


def ministry_xlsx(table: BudgetTable) -> bytes:
    """The ministry's table with unit and note on rounding above it, and where it comes from."""
    found = tables.ministry(table)
    title = f"{fiscal.nendo(table.scenario.fiscal_year)} よろず支援拠点 配分案"
    sheet = Sheet(
        "配分案（提出用）",
        headings(found),
        as_rows(found),
        caption=f"{title}「{table.scenario.title}」　{tables.THOUSANDS_NOTE}",
    )
    facts = [*tables.budget_total_facts(table), *tables.scenario_certificate(table)]
    return to_xlsx([sheet, fact_sheet("算定の記録", facts)])


def compare_csv(found: Comparison, encoding: Encoding = "utf-8-sig") -> bytes:
    """Hubs x scenarios in whole yen, one row a hub, no totals between the data."""
    table = budget_tables.compared_hubs(found)
    codes = [row.code for row in found.hubs]
    header = ["拠点コード", *_named(headings(table), found)]
    rows = [[code, *row] for code, row in zip(codes, as_rows(table, totals=False), strict=True)]
    note = rules_stamp(found.term).note
    return csv_file(header, rows, encoding, note)


def _named(header: list[str], found: Comparison) -> list[str]:
    """Headings that a reader without the page understands: 案1「標準案」 前年度差（円）."""
    named = header
    for place, side in enumerate(found.sides, start=1):
        short, full = f"案{place}", f"案{place}「{side.scenario.title}」"
        named = [full + text[len(short) :] if text.startswith(short) else text for text in named]
    return named


def compare_xlsx(found: Comparison) -> bytes:
    """All tables of the comparison, one worksheet each."""
    sheets = [
        Sheet(
            "並べた案",
            ["案", "名称", "状態", "もとの評価", "説明", "注意", "結果のハッシュ"],
            [
                [
                    entry["short"],
                    entry["scenario"].title,
                    entry["scenario"].get_state_display(),
                    str(entry["scenario"].run),
                    entry["scenario"].note,
                    "　".join(entry["flags"]),
                    entry["scenario"].result_hash,
                ]
                for entry in budget_tables.legend(found)
            ],
        ),
        as_sheet(budget_tables.compared_hubs(found), "拠点別"),
        as_sheet(budget_tables.compared_parameters(found)),
    ]
    measures = budget_tables.compared_measures(found, as_numbers=True)
    if measures is not None:
        sheets.insert(1, as_sheet(measures))
    return to_xlsx([*sheets, *note_sheets(rules_stamp(found.term).note)])


def compare_context(found: Comparison) -> dict[str, Any]:
    """What the print view needs."""
    term = found.term
    return {
        "nendo": fiscal.nendo(found.fiscal_year),
        "found": found,
        "legend": budget_tables.legend(found),
        "measures": budget_tables.compared_measures(found),
        "hubs": budget_tables.compared_hubs(found, thousands=True),
        "parameters": budget_tables.compared_parameters(found),
        "thousands_note": tables.THOUSANDS_NOTE,
        "rules_note": rules_stamp(term).note,
        "is_sample_data": settings.IS_SAMPLE_DATA or term.is_sample,
    }
