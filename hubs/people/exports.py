"""The qualification table as files: rows for CSV and XLSX, the paper's own layout, and the PDF."""

from typing import Any

from django.template.loader import render_to_string

from hubs.people.models import CoordinatorRole, QualificationSurvey
from hubs.people.queries import WHOLE_NATION, Unit, answered, summary_of
from hubs.people.rules import CC, CO, Summary, SummaryRow, difference
from yorozu.core import clock
from yorozu.core.pdf import render_pdf
from yorozu.core.sheets import to_csv

BLOCKS = ((1, "上段"), (2, "下段"))
CC_LABEL, CO_LABEL = (str(CoordinatorRole(role).label) for role in (CC, CO))
HEADER = ["段", "保有資格", CC_LABEL, CO_LABEL, "計"]
COMPARED = ["増減（チーフ）", "増減（コーディネーター）", "増減（計）"]


def table_rows(this: Summary, other: Summary | None = None) -> tuple[list[str], list[list[Any]]]:
    """Heading and rows: 22 categories, a subtotal per half, the total; changes when compared."""
    rows: list[list[Any]] = []
    for block, label in BLOCKS:
        before = other.of_block(block) if other else ()
        for place, row in enumerate(this.of_block(block)):
            rows.append(_line(label, row, before[place] if other else None))
        rows.append(
            _line(label, this.block_total(block), other.block_total(block) if other else None)
        )
    rows.append(_line("", this.total, other.total if other else None))
    return [*HEADER, *(COMPARED if other else [])], rows


def _line(label: str, row: SummaryRow, before: SummaryRow | None) -> list[Any]:
    line: list[Any] = [label, row.name, row.cc, row.co, row.total]
    return [*line, *difference(row, before)] if before else line


def paper_layout_csv(survey: QualificationSurvey) -> bytes:
    """The paper's own layout: one CC row and one CO row by 22 columns in its order (S43-S45)."""
    rows = summary_of(survey).rows
    return to_csv(
        ["区分", *(row.name for row in rows)],
        [
            [CC_LABEL, *(row.cc for row in rows)],
            [CO_LABEL, *(row.co for row in rows)],
        ],
    )


def blocks_of(this: Summary, other: Summary | None = None) -> list[dict[str, Any]]:
    """The two halves for the templates: caption, rows and subtotal, each with its change."""
    found = []
    for block, label in BLOCKS:
        before = other.of_block(block) if other else ()
        rows = [
            {"row": row, "change": difference(row, before[place]) if other else None}
            for place, row in enumerate(this.of_block(block))
        ]
        subtotal = this.block_total(block)
        change = difference(subtotal, other.block_total(block)) if other else None
        found.append({"label": label, "rows": rows, "subtotal": subtotal, "change": change})
    return found


def table_context(
    survey: QualificationSurvey, unit: Unit = WHOLE_NATION, other: QualificationSurvey | None = None
) -> dict[str, Any]:
    """What screen and PDF print: the same query, the same inner template."""
    this = summary_of(survey, unit.hub_ids)
    compared = summary_of(other, unit.hub_ids) if other else None
    people = answered(survey, unit.hub_ids)
    return {
        "survey": survey,
        "unit": unit,
        "other": other,
        "blocks": blocks_of(this, compared),
        "total": this.total,
        "total_change": difference(this.total, compared.total) if compared else None,
        "answered": people,
        "answered_total": sum(people.values()) if people else None,
        "cc_label": CC_LABEL,
        "co_label": CO_LABEL,
    }


def summary_pdf(
    survey: QualificationSurvey, unit: Unit = WHOLE_NATION, other: QualificationSurvey | None = None
) -> bytes:
    """The table on one A4 page."""
    context = {**table_context(survey, unit, other), "for_pdf": True, "made_on": clock.today()}
    return render_pdf(
        render_to_string(
            "hubs/people/survey_print.html", {**context, "is_sample_data": survey.is_sample}
        )
    )
