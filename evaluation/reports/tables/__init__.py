"""Tables and pictures of the reports: built once, drawn on screen and paper, in CSV and XLSX."""

from evaluation.reports.tables.beside import earlier_table, peer, peer_facts, remark_facts
from evaluation.reports.tables.budget import (
    budget_lines,
    budget_record,
    budget_total_facts,
    component_yen,
    formula_distance,
)
from evaluation.reports.tables.certificates import (
    certificate,
    run_certificate,
    scenario_certificate,
)
from evaluation.reports.tables.common import LEGEND, ROUNDING_NOTE, Fact, day_of, run_label
from evaluation.reports.tables.compilation import (
    area_table,
    compilation_pictures,
    compilation_rows,
    component_table,
    flag_table,
    grade_table,
    hub_total_table,
    result_table,
    tile_values,
)
from evaluation.reports.tables.judgement import adjustment, evaluator_table, outlook_facts
from evaluation.reports.tables.ministry import THOUSANDS_NOTE, by_funding_line, ministry
from evaluation.reports.tables.money import budget_bars, budget_facts, budget_parts
from evaluation.reports.tables.pictures import pictures
from evaluation.reports.tables.scores import (
    arithmetic,
    closing,
    components,
    head_facts,
    indicators,
    lines_table,
    month_table,
    verdict,
)
from evaluation.reports.tables.sources import (
    check_table,
    excluded_table,
    partner_table,
    partner_value,
    source_table,
    survey_facts,
    survey_table,
)

__all__ = [
    "LEGEND",
    "ROUNDING_NOTE",
    "THOUSANDS_NOTE",
    "Fact",
    "adjustment",
    "area_table",
    "arithmetic",
    "budget_bars",
    "budget_facts",
    "budget_lines",
    "budget_parts",
    "budget_record",
    "budget_total_facts",
    "by_funding_line",
    "certificate",
    "check_table",
    "closing",
    "compilation_pictures",
    "compilation_rows",
    "component_table",
    "component_yen",
    "components",
    "day_of",
    "earlier_table",
    "evaluator_table",
    "excluded_table",
    "flag_table",
    "formula_distance",
    "grade_table",
    "head_facts",
    "hub_total_table",
    "indicators",
    "lines_table",
    "ministry",
    "month_table",
    "outlook_facts",
    "partner_table",
    "partner_value",
    "peer",
    "peer_facts",
    "pictures",
    "remark_facts",
    "result_table",
    "run_certificate",
    "run_label",
    "scenario_certificate",
    "source_table",
    "survey_facts",
    "survey_table",
    "tile_values",
    "verdict",
]
