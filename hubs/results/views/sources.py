"""From the grid to the check page, and figures drawn from the ledger on the way."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from hubs.results import operations, queries
from hubs.results.forms import month_of_code, posted_months
from hubs.results.operations import MonthConflict
from hubs.results.queries import Grid
from hubs.results.views.frame import find, grid_url
from hubs.results.views.grid import conflict_page, grid_page, save
from yorozu.core.access import Scope, allow
from yorozu.core.errors import InvalidInput, Problem
from yorozu.core.fiscal import wareki_month


@require_POST
@allow("hubs.results.enter")
def results_check(request: HttpRequest, pk: int, hub_pk: int) -> HttpResponse:
    """Save what is typed, draw what is blank from the ledger, and go on to the check page."""
    scope, grid, month = _asked(request, pk, hub_pk)
    stopped, version = _saved(request, scope, grid, month)
    if stopped is not None:
        return stopped
    try:
        report = operations.ready_month(actor=scope, hub=grid.hub, month=month, version=version)
    except MonthConflict as conflict:
        return _shown(request, grid, month, conflict)
    return redirect("month_detail", pk=report.pk)


@require_POST
@allow("hubs.results.enter")
def results_take(request: HttpRequest, pk: int, hub_pk: int) -> HttpResponse:
    """Take over the ledger's counts of one month, over what stands there (相談記録から取り込む)."""
    scope, grid, month = _asked(request, pk, hub_pk)
    stopped, version = _saved(request, scope, grid, month)
    if stopped is not None:
        return stopped
    try:
        entered = operations.take_over(actor=scope, hub=grid.hub, month=month, version=version)
    except MonthConflict as conflict:
        return _shown(request, grid, month, conflict)
    messages.success(
        request,
        f"{wareki_month(month)}の相談記録の件数を取り込みました。内容を確認して提出してください。",
    )
    if request.POST.get("back") == "check" and entered.report is not None:
        return redirect("month_detail", pk=entered.report.pk)
    return redirect(f"{grid_url(grid.term, grid.hub)}#row-{month:%Y%m}")


def _shown(request: HttpRequest, grid: Grid, month: date, conflict: MonthConflict) -> HttpResponse:
    row = grid.row(month)
    return conflict_page(request, grid, [(row, conflict)] if row else [])


def _asked(request: HttpRequest, pk: int, hub_pk: int) -> tuple[Scope, Grid, date]:
    scope, term, hub = find(request, pk, hub_pk)
    grid = queries.results_grid(hub, term)
    month = month_of_code(request.POST.get("month", ""))
    if month is None or grid.row(month) is None:
        raise InvalidInput([Problem(None, "対象月", "月次実績の表から月を選んでください。")])
    return scope, grid, month


def _saved(
    request: HttpRequest, scope: Scope, grid: Grid, month: date
) -> tuple[HttpResponse | None, int]:
    """Keep what the page sent along; a page to show instead when that needs another look.

    Returns the version of the month to go on with.
    """
    posted = posted_months(request.POST.dict())
    done, conflicts = save(scope, grid, posted)
    if conflicts:
        return conflict_page(request, grid, conflicts), 0
    if any(entered.problems for entered in done):
        fresh = queries.results_grid(grid.hub, grid.term)
        return grid_page(request, fresh, scope, status=422), 0
    versions = {one.month: one.version for one in posted}
    versions |= {one.report.month: one.report.version for one in done if one.report is not None}
    row = grid.row(month)
    return None, versions.get(month, row.version if row else 0)
