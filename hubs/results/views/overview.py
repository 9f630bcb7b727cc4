"""Who has sent what: the door from the navigation and the submission matrix."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from hubs.results import queries
from hubs.results.views.frame import crumbs, grid_url
from hubs.terms.models import Term
from hubs.terms.queries import current_term
from yorozu.core.access import allow, decide, scope_of
from yorozu.core.fiscal import nendo
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.tables import Cell, Column, Table


@require_safe
@allow("hubs.results.view")
def results_overview(request: HttpRequest) -> HttpResponse:
    """Door from the navigation: one's own grid, or the matrix, of the running term."""
    term = current_term()
    if term is None:
        messages.info(request, "まだ期がありません。期が開かれると、月次実績を入力できます。")
        return redirect("term_list")
    hub_ids = scope_of(request).hub_ids
    if hub_ids is not None and len(hub_ids) == 1:
        return redirect("results_grid", term.pk, next(iter(hub_ids)))
    return redirect("results_list", term.pk)


@require_safe
@allow("hubs.results.view")
def results_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Submission matrix of a term: hubs down, months across."""
    scope, term = scope_of(request), get_object_or_404(Term, pk=pk)
    found = queries.submission_matrix(scope, term)
    months = [(cell.month, f"m{cell.month:%m}") for cell in found[0].cells] if found else []
    table = Table(
        caption=f"月次実績の提出状況（{nendo(term.fiscal_year)}）",
        columns=[
            Column("hub", "拠点", header=True),
            Column("accepted", "確認済", numeric=True, unit="か月"),
            *(Column(key, f"{month.month}月") for month, key in months),
        ],
        rows=[_matrix_row(term, row) for row in found],
        sticky=True,
    )
    offers = {
        verb: decide(scope, f"hubs.results.{verb}").allowed
        for verb in ("submit", "confirm", "accept")
    }
    context = {
        "title": f"{nendo(term.fiscal_year)} 月次実績",
        "breadcrumbs": [*crumbs(term)[:-1], Crumb("月次実績")],
        "term": term,
        "table": table,
        "offers": offers,
        "may_see_flags": decide(scope, "hubs.integrity.view").allowed,
    }
    return render(request, "hubs/results/list.html", context)


def _matrix_row(term: Term, row: queries.HubMonths) -> dict[str, Any]:
    cells = {f"m{cell.month:%m}": cell.chip for cell in row.cells}
    url = grid_url(term, row.hub)
    return {"hub": Cell(row.hub.name, url=url), "accepted": row.accepted, **cells}
