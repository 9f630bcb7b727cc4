"""Who has sent what: the door from the navigation, the submission matrix, and its files."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hubs.results import queries
from hubs.results.flow import RESULT_FLOW
from hubs.results.queries import HubMonths, MatrixCell, Need, need_of
from hubs.results.queries.changes import changes_since_acceptance
from hubs.results.queries.compilation import months_over
from hubs.results.views.frame import crumbs
from hubs.terms.models import Term
from hubs.terms.queries import current_term, next_due
from yorozu.core.access import Scope, allow, decide, scope_of
from yorozu.core.fiscal import nendo
from yorozu.core.web.addresses import addresses
from yorozu.core.web.chips import Chip
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.downloads import sheet_file
from yorozu.core.web.kept import keep
from yorozu.core.web.tables import Cell, Column, Empty, Table

# Acts that find nothing to do before somebody else has acted.
WAITED_FOR = {"confirm", "accept"}
OFFERS = ("submit", "confirm", "accept", "remind", "compile")


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
    """Submission matrix of a term: hubs down, months across, with filters."""
    scope, term = scope_of(request), get_object_or_404(Term, pk=pk)
    need = need_of(request.GET.get("show", ""))
    context = {
        "title": f"{nendo(term.fiscal_year)} 月次実績",
        "breadcrumbs": [*crumbs(term)[:-1], Crumb("月次実績")],
        "term": term,
        "kept": keep(request, partial(_list_content, scope, term, need), until=next_due),
    }
    return render(request, "hubs/results/list.html", context)


def _list_content(scope: Scope, term: Term, need: Need | None) -> dict[str, Any]:
    found = queries.submission_matrix(scope, term)
    return {
        "table": _table(term, found, need),
        "filters": _filters(term, found, need),
        "need": need,
        "late": sum(bool(row.waits_for(Need.OVERDUE)) for row in found),
        "offers": {verb: _is_offered(scope, term, verb) for verb in OFFERS},
        "has_ended_months": bool(months_over(term)),
        "may_see_records": decide(scope, "hubs.ledger.view").allowed,
        "may_see_flags": decide(scope, "hubs.integrity.view").allowed,
        "changed": changes_since_acceptance(scope, term).count,
        "query": f"?show={need.code}" if need else "",
    }


def _is_offered(scope: Scope, term: Term, verb: str) -> bool:
    """The role may do it, and for the acts of the later readers some month waits for it."""
    action = f"hubs.results.{verb}"
    if not decide(scope, action).allowed:
        return False
    if verb not in WAITED_FOR:
        return True
    sources = RESULT_FLOW.by_action[action].sources
    return queries.visible_reports(scope).filter(term=term, state__in=sources).exists()


def _filters(term: Term, found: list[HubMonths], need: Need | None) -> list[dict[str, Any]]:
    """Every filter with the number of hubs it leaves."""
    url = reverse("results_list", args=[term.pk])
    rows: list[dict[str, Any]] = [
        {"label": "すべて", "url": url, "count": len(found), "is_current": need is None}
    ]
    rows += [
        {
            "label": one.label,
            "url": f"{url}?show={one.code}",
            "count": sum(bool(row.waits_for(one)) for row in found),
            "is_current": one is need,
        }
        for one in Need
    ]
    return rows


def _shown(found: list[HubMonths], need: Need | None) -> list[HubMonths]:
    return [row for row in found if need is None or row.waits_for(need)]


def _table(term: Term, found: list[HubMonths], need: Need | None) -> Table:
    months = [(cell.month, f"m{cell.month:%m}") for cell in found[0].cells] if found else []
    links = _Links(addresses("month_detail"), addresses("results_grid", term.pk))
    empty = Empty("該当する拠点はありません。", "ほかの絞り込みを選んでください。")
    return Table(
        caption=f"月次実績の提出状況（{nendo(term.fiscal_year)}）",
        columns=[
            Column("hub", "拠点", header=True),
            Column("accepted", "確認済", numeric=True, unit="か月"),
            Column("timely", "期限内の提出", numeric=True),
            *(Column(key, f"{month.month}月", css="yz-month") for month, key in months),
        ],
        rows=[_matrix_row(links, row) for row in _shown(found, need)],
        empty=empty,
        sticky=True,
    )


@dataclass(frozen=True)
class _Links:
    """Where the cells lead: a month that has a report, and the grid of a hub."""

    month: Callable[[int], str]
    grid: Callable[[int], str]


def _matrix_row(links: _Links, row: HubMonths) -> dict[str, Any]:
    grid = links.grid(row.hub.pk)
    cells = {f"m{cell.month.month:02d}": _matrix_cell(links, grid, cell) for cell in row.cells}
    timely = Cell(row.timeliness, note=f"{row.in_time}/{row.due}か月" if row.due else "")
    return {
        "hub": Cell(row.hub.name, url=grid),
        "accepted": row.accepted,
        "timely": timely,
        **cells,
    }


def _matrix_cell(links: _Links, grid: str, cell: MatrixCell) -> Cell:
    """The chip leads to the month, or to its row in the grid while there is no report."""
    if cell.is_future:
        return Cell("")
    if cell.report_id is not None:
        url = links.month(cell.report_id)
    else:
        url = f"{grid}#row-{cell.month:%Y%m}"
    return Cell(Chip(cell.chip.status, cell.chip.note, url), note=cell.note)


@require_safe
@allow("hubs.results.view")
def results_matrix_file(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The matrix as CSV or XLSX, with the filter of the page."""
    scope, term = scope_of(request), get_object_or_404(Term, pk=pk)
    found = queries.submission_matrix(scope, term)
    rows = _shown(found, need_of(request.GET.get("show", "")))
    header = ["拠点コード", "拠点名", "経済産業局", "確認済（か月）", "期限到来（か月）"]
    header += ["期限内の提出（か月）"]
    header += [f"{cell.month.month}月" for cell in found[0].cells] if found else []
    return sheet_file(
        request,
        kind=kind,
        name=f"{nendo(term.fiscal_year)}_月次実績の提出状況",
        header=header,
        rows=[_file_row(row) for row in rows],
    )


def _file_row(row: HubMonths) -> list[object]:
    cells = [_words(cell) for cell in row.cells]
    facts = [row.hub.code, row.hub.name, row.hub.bureau.name]
    return [*facts, row.accepted, row.due, row.in_time, *cells]


def _words(cell: MatrixCell) -> str:
    if cell.is_future:
        return ""
    parts = [cell.chip.status.label, cell.chip.note, cell.note]
    return " ".join(part for part in parts if part)
