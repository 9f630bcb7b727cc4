"""Reports as bytes: CSV, XLSX and PDF of the objects that the screens show."""

from collections.abc import Iterable
from typing import Any

from django.template.loader import render_to_string

from evaluation.budget.models import BudgetScenario
from evaluation.budget.queries import BARS, BOUNDS
from evaluation.budget.tables import funding
from evaluation.reports import queries, tables
from evaluation.reports.queries import BudgetTable, Compilation, HubSheet
from evaluation.reports.sheets import (
    Encoding,
    as_rows,
    as_sheet,
    csv_file,
    fact_sheet,
    headings,
)
from evaluation.scoring.analysis.queries import rank_texts
from evaluation.scoring.analysis.tables import national_part
from evaluation.scoring.comparing import Outcome, under_other_schemes
from evaluation.scoring.models import EvaluationRun, RunState
from evaluation.scoring.queries import COMPONENTS, HubLine
from evaluation.scoring.tables import hub_schemes_table, schemes_table
from hubs.terms.queries import rules_stamp, year_rules_note
from yorozu.core import clock, fiscal
from yorozu.core.access import Scope
from yorozu.core.pdf import render_pdf
from yorozu.core.sheets import Sheet, to_xlsx
from yorozu.core.web.tables import Table

RESULT_HEADER = (
    "拠点コード",
    "拠点名",
    "経済産業局",
    *[name for _, name in COMPONENTS],
    "算定点",
    "総合点",
    "評語",
    "順位",
    "充足率",
    "状況",
)
BUDGET_HEADER = (
    "拠点コード",
    "拠点名",
    "経済産業局",
    "総合点",
    "係数",
    "前年度契約額（円）",
    *[f"{name}（円）" for _, name in BARS],
    "配分案（円）",
    "増減（円）",
    "第1段階の制限",
    "第2段階の制限",
)


# --- Evaluation results -------------------------------------------------------------------------


def evaluation_rows(lines: Iterable[HubLine]) -> list[list[Any]]:
    """One row per hub, in the order of RESULT_HEADER."""
    return [
        [
            line.result.hub.code,
            line.result.hub_name,
            line.result.bureau_name,
            *line.points,
            line.result.mechanical,
            line.result.final,
            line.result.grade if line.result.is_graded else "",
            line.result.rank,
            line.result.coverage,
            queries.result_status(line.result),
        ]
        for line in lines
    ]


def _evaluation(run: EvaluationRun, scope: Scope) -> tuple[list[str], list[list[Any]]]:
    """The result table, with the results under other schemes of the year behind it."""
    lines, others = queries.result_rows(run, scope), under_other_schemes(run)
    header, rows = list(RESULT_HEADER), evaluation_rows(lines)
    if ranks := rank_texts(run):
        header.append("順位（90％区間）")
        for row, line in zip(rows, lines, strict=True):
            row.append(ranks.get(line.result.hub.code, ""))
    for other in others:
        header += [f"{name}（{other.label}）" for name in ("総合点", "評語", "順位")]
        for row, line in zip(rows, lines, strict=True):
            one = other.hubs.get(line.result.hub.code)
            row.extend(_outcome(one))
    return header, rows


def _outcome(one: Outcome | None) -> list[Any]:
    """Score, grade and rank of a hub under another scheme."""
    if one is None:
        return [None, "", None]
    return [one.final, one.grade if one.is_graded else "", one.rank]


def evaluation_csv(run: EvaluationRun, scope: Scope, encoding: Encoding = "utf-8-sig") -> bytes:
    """The evaluation result table of the hubs in the scope, one row per hub, no totals."""
    header, rows = _evaluation(run, scope)
    return csv_file(header, rows, encoding, year_rules_note(run.term))


def evaluation_xlsx(run: EvaluationRun, scope: Scope) -> bytes:
    """The same table as a workbook, with the record of the run on a second sheet."""
    header, rows = _evaluation(run, scope)
    caption = f"{fiscal.nendo(run.term.fiscal_year)} 評価結果　{tables.run_label(run)}"
    return to_xlsx(
        [
            Sheet("評価結果", header, rows, caption=caption),
            fact_sheet("算定の記録", tables.run_certificate(run, rules_stamp(run.term))),
        ]
    )


# --- Hub sheet ----------------------------------------------------------------------------------


def hub_sheet_name(sheet: HubSheet) -> str:
    """File name without ending: 01_北海道よろず支援拠点_令和7年度評価票."""
    year = fiscal.nendo(sheet.run.term.fiscal_year)
    return safe_name(f"{sheet.result.hub.code}_{sheet.result.hub_name}_{year}評価票")


def safe_name(name: str) -> str:
    """A name that no file system takes for a path."""
    kept = "".join("_" if char in '\\/:*?"<>|' or ord(char) < 32 else char for char in name)
    return kept.strip(" .") or "report"


def hub_sheet_csv(sheet: HubSheet, encoding: Encoding = "utf-8-sig") -> bytes:
    """Every line of the arithmetic of one hub."""
    table = tables.lines_table(sheet)
    return csv_file(headings(table), as_rows(table), encoding, sheet.data.rules.note)


def hub_sheet_xlsx(sheet: HubSheet) -> bytes:
    """All tables of the sheet, one worksheet each."""
    verdict = tables.verdict(sheet)
    head = [
        *tables.head_facts(sheet),
        tables.Fact("総合点", verdict["final"]),
        tables.Fact("評語", verdict["grade"]),
        tables.Fact("順位", f"{verdict['rank']} {verdict['graded']}"),
        tables.Fact("充足率", verdict["coverage"]),
        tables.Fact("総合点の全国平均", verdict["mean"]),
        *tables.peer_facts(sheet),
        *tables.outlook_facts(sheet),
        *tables.adjustment(sheet),
        *tables.remark_facts(sheet),
        *[tables.Fact("評語の制限", text) for text in sheet.limits],
    ]
    listed = [
        fact_sheet("概要", head),
        *[as_sheet(table) for table in _sheet_tables(sheet)],
        fact_sheet("顧客満足度調査", tables.survey_facts(sheet)),
        fact_sheet("算定の証明", tables.certificate(sheet)),
    ]
    return to_xlsx(listed)


def _sheet_tables(sheet: HubSheet) -> list[Table]:
    known = [
        _hub_schemes(sheet),
        tables.components(sheet),
        tables.earlier_table(sheet),
        tables.indicators(sheet, "IND", "活動指標"),
        tables.indicators(sheet, "FOC", "重点分野"),
        tables.lines_table(sheet),
        tables.month_table(sheet),
        tables.survey_table(sheet),
        tables.partner_table(sheet),
        tables.excluded_table(sheet),
        tables.check_table(sheet, "CHK", "チェックリスト"),
        tables.check_table(sheet, "UNQ", "独自の取組"),
        tables.evaluator_table(sheet),
        tables.budget_bars(sheet),
        tables.budget_parts(sheet),
        tables.source_table(sheet),
    ]
    return [table for table in known if table is not None]


def _hub_schemes(sheet: HubSheet) -> Table | None:
    """The hub under every scheme registered for the year; None while there is one."""
    data = sheet.data
    return hub_schemes_table(sheet.run, sheet.result, data.summary, data.others)


def _schemes(compilation: Compilation) -> Table | None:
    results = [line.result for line in compilation.hubs]
    return schemes_table(results, compilation.data.others)


def hub_sheet_context(sheet: HubSheet) -> dict[str, Any]:
    """What the shared inside of screen, print view and PDF needs."""
    return {
        "sheet": sheet,
        "run": sheet.run,
        "result": sheet.result,
        "nendo": fiscal.nendo(sheet.run.term.fiscal_year),
        "head": tables.head_facts(sheet),
        "verdict": tables.verdict(sheet),
        "limits": sheet.limits,
        "pictures": tables.pictures(sheet),
        "components": tables.components(sheet),
        "indicators": tables.indicators(sheet, "IND", "活動指標の目標と実績"),
        "focus": tables.indicators(sheet, "FOC", "重点分野の目標と実績"),
        "arithmetic": tables.arithmetic(sheet),
        "closing": tables.closing(sheet),
        "months": tables.month_table(sheet),
        "survey_facts": tables.survey_facts(sheet),
        "survey": tables.survey_table(sheet),
        "partners": tables.partner_table(sheet),
        "partner_value": tables.partner_value(sheet),
        "excluded": tables.excluded_table(sheet),
        "checklist": tables.check_table(sheet, "CHK", "チェックリスト"),
        "initiatives": tables.check_table(sheet, "UNQ", "独自の取組"),
        "budget_facts": tables.budget_facts(sheet),
        "budget_bars": tables.budget_bars(sheet),
        "budget_parts": tables.budget_parts(sheet),
        "sources": tables.source_table(sheet),
        "certificate": tables.certificate(sheet),
        "rules_note": sheet.data.rules.note,
        "schemes": _hub_schemes(sheet),
        "peer": tables.peer(sheet),
        "outlook": tables.outlook_facts(sheet),
        "adjustment": tables.adjustment(sheet),
        "evaluators": tables.evaluator_table(sheet),
        "earlier": tables.earlier_table(sheet),
        "remarks": sheet.remarks,
        "others": sheet.data.others,
        "is_sample_data": sheet.data.is_sample,
    }


def hub_sheet_html(sheet: HubSheet) -> str:
    """The whole document from which the PDF is made."""
    return _document("hub_sheet", hub_sheet_context(sheet))


def hub_sheet_pdf(sheet: HubSheet) -> bytes:
    """One sheet as PDF/UA."""
    return render_pdf(hub_sheet_html(sheet))


def print_context(context: dict[str, Any], *, for_pdf: bool = False) -> dict[str, Any]:
    """What a paper document needs beside its content."""
    return {**context, "for_pdf": for_pdf, "made_on": clock.today(), "back_url": ""}


def _document(name: str, context: dict[str, Any]) -> str:
    return render_to_string(
        f"evaluation/reports/{name}_print.html", print_context(context, for_pdf=True)
    )


# --- National compilation -----------------------------------------------------------------------


def compilation_name(compilation: Compilation) -> str:
    """File name without ending."""
    return f"{fiscal.nendo(compilation.run.term.fiscal_year)}_実績取りまとめ"


def compilation_csv(compilation: Compilation, encoding: Encoding = "utf-8-sig") -> bytes:
    """Indicators of nation, bureaus and hubs; the first column names the level of a row."""
    table = tables.compilation_rows(compilation)
    return csv_file(headings(table), as_rows(table), encoding, compilation.data.rules.note)


def compilation_xlsx(compilation: Compilation) -> bytes:
    """All tables of the compilation, one worksheet each."""
    known = [
        (tables.area_table(compilation), "経済産業局別・全国"),
        (tables.hub_total_table(compilation), "拠点別"),
        (tables.result_table(compilation.hubs, rank_texts(compilation.run)), "評価結果"),
        (tables.grade_table(compilation), ""),
        (tables.component_table(compilation), "評価区分別"),
        (tables.flag_table(compilation), ""),
    ]
    if outlook := national_part(compilation.run):
        known += [(outlook[name], "") for name in ("agreement", "variants", "correlation")]
    if (schemes := _schemes(compilation)) is not None:
        known.append((schemes, "変更前後の基準"))
    sheets = [as_sheet(table, title) for table, title in known]
    facts = tables.run_certificate(compilation.run, compilation.data.rules)
    return to_xlsx([*sheets, fact_sheet("算定の記録", facts)])


def compilation_context(compilation: Compilation) -> dict[str, Any]:
    """What the shared inside of screen, print view and PDF needs."""
    found = compilation.data.summary
    return {
        "compilation": compilation,
        "run": compilation.run,
        "run_label": tables.run_label(compilation.run),
        "nendo": fiscal.nendo(compilation.run.term.fiscal_year),
        "summary": found,
        "mean": "－" if found.mean is None else str(found.mean),
        "areas": tables.area_table(compilation),
        "hub_totals": tables.hub_total_table(compilation),
        "results": tables.result_table(compilation.hubs, rank_texts(compilation.run)),
        "grades": tables.grade_table(compilation),
        "components": tables.component_table(compilation),
        "flags": tables.flag_table(compilation),
        "pictures": tables.compilation_pictures(compilation),
        "certificate": tables.run_certificate(compilation.run, compilation.data.rules),
        "rules_note": compilation.data.rules.note,
        "outlook": national_part(compilation.run),
        "schemes": _schemes(compilation),
        "others": compilation.data.others,
        "is_whole": compilation.is_whole,
        "is_sample_data": compilation.data.is_sample,
    }


def compilation_pdf(compilation: Compilation) -> bytes:
    """The compilation as PDF/UA."""
    return render_pdf(_document("compilation", compilation_context(compilation)))


# --- Budget table -------------------------------------------------------------------------------


def budget_name(scenario: BudgetScenario) -> str:
    """File name without ending."""
    return safe_name(f"{fiscal.nendo(scenario.fiscal_year)}_配分案_{scenario.title}")


def budget_csv(scenario: BudgetScenario, scope: Scope, encoding: Encoding = "utf-8-sig") -> bytes:
    """The lines of the scope in whole yen, one row per hub, no totals between the data."""
    table = queries.budget_table(scenario, scope)
    rows = [
        [
            line.hub.code,
            line.hub_name,
            line.hub.bureau.name,
            line.score,
            line.multiplier,
            line.prior_yen,
            *[getattr(line, key) for key, _ in BARS],
            line.budget_yen,
            line.change,
            BOUNDS[line.bound_1],
            BOUNDS[line.bound_2],
        ]
        for line in table.lines
    ]
    return csv_file(BUDGET_HEADER, rows, encoding, table.rules.note)


def budget_xlsx(table: BudgetTable) -> bytes:
    """The lines with their sums, what stands behind them, the sum check and the record."""
    by_line = tables.by_funding_line(table)
    return to_xlsx(
        [
            as_sheet(tables.budget_lines(table), "配分案"),
            *([as_sheet(by_line, "予算区分")] if by_line else []),
            as_sheet(tables.component_yen(table), "評価反映の内訳"),
            as_sheet(tables.formula_distance(table), "配分式との距離"),
            fact_sheet("総額の確認", tables.budget_total_facts(table)),
            fact_sheet("案の記録と配分基準", tables.budget_record(table)),
            fact_sheet("算定の記録", tables.scenario_certificate(table)),
        ]
    )


def budget_context(table: BudgetTable) -> dict[str, Any]:
    """What the shared inside of screen, print view and PDF needs."""
    return {
        "scenario": table.scenario,
        "run": table.scenario.run,
        "nendo": fiscal.nendo(table.scenario.fiscal_year),
        "facts": tables.budget_total_facts(table),
        "flags": table.flags,
        "lines": tables.budget_lines(table),
        "funding": funding(table.scenario) if table.is_whole else None,
        "by_line": tables.by_funding_line(table),
        "components": tables.component_yen(table),
        "formula": tables.formula_distance(table),
        "record": tables.budget_record(table),
        "superseded": table.scenario.run.state == RunState.SUPERSEDED,
        "certificate": tables.scenario_certificate(table),
        "rules_note": table.rules.note,
        "rounding_note": tables.ROUNDING_NOTE,
        "adopted_on": tables.day_of(table.scenario.adopted_at),
        "is_whole": table.is_whole,
        "is_sample_data": table.is_sample,
    }


def budget_pdf(table: BudgetTable) -> bytes:
    """The budget table as PDF/UA."""
    return render_pdf(_document("budget", budget_context(table)))
