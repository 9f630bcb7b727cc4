"""The grid on paper and as a file."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hubs.network.models import Hub
from hubs.results import queries
from hubs.results.models import CorrectionState
from hubs.results.queries.changes import (
    CORRECTION_HEADER,
    CorrectionLine,
    correction_lines,
    correction_rows,
    visible_corrections,
)
from hubs.results.views.frame import XLSX, find, grid_url
from hubs.terms.files import note_sheets, noted
from hubs.terms.models import Term
from hubs.terms.queries import year_rules_note
from yorozu.core import clock
from yorozu.core.access import Scope, allow
from yorozu.core.fiscal import nendo
from yorozu.core.sheets import Sheet, to_csv, to_xlsx


@require_safe
@allow("hubs.results.view")
def results_print(request: HttpRequest, pk: int, hub_pk: int) -> HttpResponse:
    """The grid on paper."""
    scope, term, hub = find(request, pk, hub_pk)
    grid = queries.results_grid(hub, term)
    context = {
        "title": f"{hub} {nendo(term.fiscal_year)} 月次実績",
        "grid": grid,
        "has_corrections": any(total.corrections for total in grid.totals),
        "corrections": _accepted(scope, term, hub),
        "back_url": grid_url(term, hub),
        "printed_on": clock.today(),
        "for_pdf": False,
    }
    return render(request, "hubs/results/print.html", context)


@require_safe
@allow("hubs.results.view")
def results_export(request: HttpRequest, pk: int, hub_pk: int, kind: str) -> HttpResponse:
    """The grid as CSV (UTF-8, or CP932 on request) or XLSX, in the import's own shape."""
    scope, term, hub = find(request, pk, hub_pk)
    header, rows = queries.export_rows(queries.results_grid(hub, term))
    note = year_rules_note(term)
    name = f"monthly_{term.fiscal_year}_{hub.code}.{kind}"
    if kind == "xlsx":
        title = f"{hub} {nendo(term.fiscal_year)}"
        lines = _accepted(scope, term, hub)
        second = Sheet("修正", CORRECTION_HEADER, correction_rows(lines))
        sheets = [Sheet(title, header, rows), *([second] if lines else []), *note_sheets(note)]
        data, content_type = to_xlsx(sheets), XLSX
    elif request.GET.get("encoding") == "cp932":
        data = to_csv(*noted(header, rows, note), "cp932", replace=True)
        content_type = "text/csv; charset=shift_jis"
    else:
        data, content_type = to_csv(*noted(header, rows, note)), "text/csv; charset=utf-8"
    return HttpResponse(
        data,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _accepted(scope: Scope, term: Term, hub: Hub) -> list[CorrectionLine]:
    """The corrections of a hub that count."""
    rows = visible_corrections(scope).filter(report__hub=hub, report__term=term)
    accepted = rows.filter(state=CorrectionState.ACCEPTED)
    return correction_lines(accepted.order_by("report__month", "decided_at", "pk"))
