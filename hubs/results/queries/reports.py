"""Reports of a scope, and the grid as rows of a file."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import QuerySet

from hubs.results import rules
from hubs.results.models import MonthlyReport
from hubs.results.queries.columns import ResultColumn
from hubs.results.queries.grid import Grid
from hubs.results.rules import Entry
from hubs.terms.models import Term
from yorozu.core import figures
from yorozu.core.access import Scope


def visible_reports(scope: Scope) -> QuerySet[MonthlyReport]:
    """Reports of the scope with hub and term."""
    rows: QuerySet[MonthlyReport] = MonthlyReport.objects.visible_to(scope)
    return rows.select_related("hub", "hub__bureau", "term", "accepted_by")


class ReportLine(NamedTuple):
    """What lists of the whole network read of a report."""

    pk: int
    state: str
    return_reason: str


def report_lines(scope: Scope, term: Term) -> dict[tuple[int, date], ReportLine]:
    """The reports of the scope by hub and month, as light rows: no dates, no objects."""
    rows = MonthlyReport.objects.visible_to(scope).filter(term=term).order_by("pk")
    return {
        (hub_id, month): ReportLine(pk, state, reason)
        for hub_id, month, pk, state, reason in rows.values_list(
            "hub_id", "month", "pk", "state", "return_reason"
        )
    }


def reports_in(scope: Scope, term: Term, states: Iterable[str]) -> list[MonthlyReport]:
    """Reports of a term in given states, by hub and month (lists of まとめて…)."""
    rows = visible_reports(scope).filter(term=term, state__in=list(states))
    return list(rows.order_by("hub__code", "month"))


# Heading of a column that says what the ledger counted beside the figure; an import passes it over.
COUNTED = "（相談記録）"
CORRECTED = "（修正後）"
# Columns that a file carries for its reader; the import passes them over.
BESIDE = (COUNTED, CORRECTED)


def export_rows(grid: Grid) -> tuple[list[str], list[list[object]]]:
    """Header and rows of the grid: the import's own headings, so that a file can come back.

    Beside them stand the ledger's counts and, where a column has corrections, what counts today.
    """
    labels = [_heading(column) for column in grid.columns]
    corrected = [place for place, total in enumerate(grid.totals) if total.corrections]
    header = ["拠点コード", "拠点名", "対象月", *labels]
    header += [f"{column.label}{COUNTED}" for column in grid.columns if column.is_counted]
    header += [f"{labels[place]}{CORRECTED}" for place in corrected]
    rows: list[list[object]] = []
    for row in grid.rows:
        values = [_export_value(cell.entry) for cell in row.cells]
        counted = [cell.origin.counted for cell in row.cells if cell.column.is_counted]
        later = [_export_value(row.cells[place].effective) for place in corrected]
        place = [grid.hub.code, grid.hub.name, f"{row.month:%Y-%m}"]
        rows.append([*place, *values, *counted, *later])
    return header, rows


def _heading(column: ResultColumn) -> str:
    return column.label if column.indicator_id else f"重点分野{column.key[1:]}"


def _export_value(entry: Entry) -> object:
    if entry.state == rules.NOT_APPLICABLE:
        return figures.Blank.NOT_APPLICABLE
    return entry.value
