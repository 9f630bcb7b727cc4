"""The monthly grid with its autosave and its conflict page."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from hubs.results import operations, queries
from hubs.results.forms import PostedMonth, field_month, posted_months
from hubs.results.operations import Entered, MonthConflict
from hubs.results.queries import Grid, GridCell, GridRow
from hubs.results.queries.counting import counting_of
from hubs.results.queries.outlook import outlook
from hubs.results.views.frame import crumbs, find, grid_url
from hubs.terms.models import TermState
from yorozu.core import clock
from yorozu.core.access import Scope, allow, decide, require, scope_of
from yorozu.core.errors import Conflict, NotReady
from yorozu.core.fiscal import wareki_month
from yorozu.core.marks import marks_for


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.results.view")
def results_grid(request: HttpRequest, pk: int, hub_pk: int) -> HttpResponse:
    """The monthly grid; without JavaScript its one form saves every month that was changed."""
    if request.method == "POST":
        require(scope_of(request), "hubs.results.enter")
    scope, term, hub = find(request, pk, hub_pk)
    grid = queries.results_grid(hub, term)
    if request.method != "POST":
        return grid_page(request, grid, scope)
    posted = posted_months(request.POST.dict())
    saved, conflicts = save(scope, grid, posted)
    if conflicts:
        return conflict_page(request, grid, conflicts)
    if any(entered.problems for entered in saved):
        return grid_page(request, queries.results_grid(hub, term), scope, status=422)
    messages.success(request, "月次実績を保存しました。内容を確認して提出してください。")
    return redirect(grid_url(term, hub))


def save(
    scope: Scope, grid: Grid, posted: Sequence[PostedMonth]
) -> tuple[list[Entered], list[tuple[GridRow, MonthConflict]]]:
    """Save every posted month that differs from the grid; months nobody touched cost nothing."""
    saved, conflicts = [], []
    for month in posted:
        row = grid.row(month.month)
        if row is None or not _is_changed(row, month):
            continue
        if row.report is not None and _is_answered(row, month):
            operations.answer_remarks(actor=scope, report=row.report, answers=month.answers)
        try:
            entered = operations.enter_month(
                actor=scope,
                hub=grid.hub,
                month=month.month,
                values=month.values,
                version=month.version,
                reasons=month.reasons,
            )
        except MonthConflict as conflict:
            conflicts.append((row, conflict))
        else:
            saved.append(entered)
    return saved, conflicts


def _is_answered(row: GridRow, month: PostedMonth) -> bool:
    """Whether an answer to a remark differs from the stored one."""
    return any(
        month.answers.get(cell.column.key, cell.answer).strip() != cell.answer for cell in row.cells
    )


def _is_changed(row: GridRow, month: PostedMonth) -> bool:
    return _is_answered(row, month) or any(
        month.values.get(cell.column.key, cell.text).strip() != cell.text
        or month.reasons.get(cell.column.key, cell.reason).strip() != cell.reason
        for cell in row.cells
    )


def grid_page(request: HttpRequest, grid: Grid, scope: Scope, status: int = 200) -> HttpResponse:
    """The grid as a page; 422 when what was sent needs another look."""
    may_enter = decide(scope, "hubs.results.enter", hub_id=grid.hub.pk).allowed
    faults = [cell for row in grid.rows for cell in row.cells if cell.problem]
    context = {
        "title": f"{grid.hub} 月次実績",
        "breadcrumbs": crumbs(grid.term, (str(grid.hub), None)),
        "grid": grid,
        "may_enter": may_enter and any(row.is_editable for row in grid.rows),
        "is_before": may_enter and all(row.is_future for row in grid.rows),
        "faults": faults if may_enter else [],
        "has_errors": status == 422,
        "autosave_url": reverse("results_autosave", args=[grid.term.pk, grid.hub.pk]),
        "plan": queries.plan_of(grid.hub, grid.term),
        "marks": marks_for("results", scope, grid.hub.pk, grid.term.fiscal_year),
        "returned": [row for row in grid.rows if row.report and row.report.return_reason],
        "may_correct": decide(scope, "hubs.results.correction_request", hub_id=grid.hub.pk).allowed
        and grid.term.state == TermState.OPEN,
        "has_corrections": any(total.corrections for total in grid.totals),
        "outlook": outlook(grid),
        "counting": counting_of(grid.columns),
    }
    return render(request, "hubs/results/grid.html", context, status=status)


def _difference(
    row: GridRow, found: tuple[str, str, str], posted: Mapping[str, str] | None = None
) -> dict[str, Any]:
    key, theirs, mine = found
    cell = next(cell for cell in row.cells if cell.column.key == key)
    return {
        "name": cell.name,
        "label": f"{wareki_month(row.month)} {cell.column.label}",
        "theirs": theirs,
        "mine": mine,
        "typed": (posted or {}).get(cell.name, ""),
        "reason_name": cell.reason_name,
        "typed_reason": (posted or {}).get(cell.reason_name, ""),
    }


def conflict_page(
    request: HttpRequest, grid: Grid, conflicts: Sequence[tuple[GridRow, MonthConflict]]
) -> HttpResponse:
    """Both values of every field that somebody else changed first."""
    posted = request.POST.dict()
    months = [
        {
            "version_name": row.version_name,
            "version": conflict.report.version,
            "message": conflict.message,
            "month": row.month,
            "differences": [_difference(row, found, posted) for found in conflict.differences],
        }
        for row, conflict in conflicts
    ]
    url = grid_url(grid.term, grid.hub)
    context = {
        "title": "他の人が先に更新しました",
        "breadcrumbs": crumbs(grid.term, (str(grid.hub), url), ("入力の確認", None)),
        "grid": grid,
        "months": months,
        "grid_url": url,
        "has_errors": True,
    }
    return render(request, "hubs/results/conflict.html", context, status=409)


@require_POST
@allow("hubs.results.enter")
def results_autosave(request: HttpRequest, pk: int, hub_pk: int) -> HttpResponse:
    """One change on the way: 200 saved, 422 kept but to be checked, 409 both values (ui.md 2.2)."""
    scope, term, hub = find(request, pk, hub_pk)
    grid = queries.results_grid(hub, term)
    at = field_month(request.headers.get("HX-Trigger-Name", ""))
    try:
        _, conflicts = save(scope, grid, posted_months(request.POST.dict()))
    except (NotReady, Conflict) as refusal:
        return _autosave_refused(request, refusal.message)
    if conflicts:
        return _autosave_conflict(request, grid, conflicts, at[1] if at else "")
    return _autosave_saved(request, queries.results_grid(hub, term), at)


def _autosave_refused(request: HttpRequest, message: str) -> HttpResponse:
    """Sent or closed meanwhile: say so beside the field."""
    return render(request, "hubs/results/_refused.html", {"message": message}, status=409)


def _autosave_conflict(
    request: HttpRequest,
    grid: Grid,
    conflicts: Sequence[tuple[GridRow, MonthConflict]],
    key: str,
) -> HttpResponse:
    row, conflict = conflicts[0]
    found = next((one for one in conflict.differences if one[0] == key), conflict.differences[0])
    context = {
        "grid": grid,
        "message": conflict.message,
        "difference": _difference(row, found),
        "version_name": row.version_name,
        "version": conflict.report.version,
        "grid_url": grid_url(grid.term, grid.hub),
        "autosave_url": reverse("results_autosave", args=[grid.term.pk, grid.hub.pk]),
    }
    return render(request, "hubs/results/_conflict.html", context, status=409)


def _autosave_saved(request: HttpRequest, grid: Grid, at: tuple[Any, str] | None) -> HttpResponse:
    row = grid.row(at[0]) if at else None
    cell: GridCell | None = None
    if row is not None and at is not None:
        cell = next((one for one in row.cells if one.column.key == at[1]), None)
    context = {
        "cell": cell,
        "kind": request.headers.get("HX-Trigger-Name", "")[:1],
        "at": clock.now(),
        "rows": [row for row in grid.rows if row.is_editable],
        "autosave_url": reverse("results_autosave", args=[grid.term.pk, grid.hub.pk]),
    }
    status = 422 if cell is not None and cell.problem else 200
    response = render(request, "hubs/results/_saved.html", context, status=status)
    if request.POST.get("reload"):
        # After a conflict the other fields of the page are old: show the grid as it stands.
        response["HX-Refresh"] = "true"
    return response
