"""Screens of the monthly results: who has sent what, grid with autosave, check pages, files."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.network.models import Hub
from hubs.results import operations, queries
from hubs.results.flow import RESULT_FLOW, missing_for
from hubs.results.forms import (
    BulkForm,
    PostedMonth,
    ReturnForm,
    field_month,
    posted_months,
)
from hubs.results.models import MonthlyReport
from hubs.results.operations import Entered, MonthConflict
from hubs.results.queries import Grid, GridCell, GridRow
from hubs.terms.models import Term
from hubs.terms.queries import current_term
from yorozu.core import clock
from yorozu.core.access import Scope, allow, decide, require, scope_of
from yorozu.core.errors import Conflict, Missing, NotReady
from yorozu.core.fiscal import nendo, wareki_month
from yorozu.core.sheets import Sheet, to_csv, to_xlsx
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.tables import Cell, Column, Table

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _crumbs(term: Term, *steps: tuple[str, str | None]) -> list[Crumb]:
    name = nendo(term.fiscal_year)
    return [
        Crumb("ホーム", "/"),
        Crumb(f"{name}の期", reverse("term_detail", args=[term.pk])),
        Crumb("月次実績", reverse("results_list", args=[term.pk])),
        *(Crumb(label, url) for label, url in steps),
    ]


def _grid_url(term: Term, hub: Hub) -> str:
    return reverse("results_grid", args=[term.pk, hub.pk])


def _find(request: HttpRequest, pk: int, hub_pk: int) -> tuple[Scope, Term, Hub]:
    scope = scope_of(request)
    term = get_object_or_404(Term, pk=pk)
    return scope, term, get_object_or_404(Hub.objects.visible_to(scope), pk=hub_pk)


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
        "breadcrumbs": [*_crumbs(term)[:-1], Crumb("月次実績")],
        "term": term,
        "table": table,
        "offers": offers,
    }
    return render(request, "hubs/results/list.html", context)


def _matrix_row(term: Term, row: queries.HubMonths) -> dict[str, Any]:
    cells = {f"m{cell.month:%m}": cell.chip for cell in row.cells}
    url = _grid_url(term, row.hub)
    return {"hub": Cell(row.hub.name, url=url), "accepted": row.accepted, **cells}


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.results.view")
def results_grid(request: HttpRequest, pk: int, hub_pk: int) -> HttpResponse:
    """The monthly grid; without JavaScript its one form saves every month that was changed."""
    if request.method == "POST":
        require(scope_of(request), "hubs.results.enter")
    scope, term, hub = _find(request, pk, hub_pk)
    grid = queries.results_grid(hub, term)
    if request.method != "POST":
        return _grid_page(request, grid, scope)
    posted = posted_months(request.POST.dict())
    saved, conflicts = _save(scope, grid, posted)
    if conflicts:
        return _conflict_page(request, grid, conflicts)
    if any(entered.problems for entered in saved):
        return _grid_page(request, queries.results_grid(hub, term), scope, status=422)
    messages.success(request, "月次実績を保存しました。内容を確認して提出してください。")
    return redirect(_grid_url(term, hub))


def _save(
    scope: Scope, grid: Grid, posted: Sequence[PostedMonth]
) -> tuple[list[Entered], list[tuple[GridRow, MonthConflict]]]:
    """Save every posted month that differs from the grid; months nobody touched cost nothing."""
    saved, conflicts = [], []
    for month in posted:
        row = grid.row(month.month)
        if row is None or not _is_changed(row, month):
            continue
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


def _is_changed(row: GridRow, month: PostedMonth) -> bool:
    return any(
        month.values.get(cell.column.key, cell.text).strip() != cell.text
        or month.reasons.get(cell.column.key, cell.reason).strip() != cell.reason
        for cell in row.cells
    )


def _grid_page(request: HttpRequest, grid: Grid, scope: Scope, status: int = 200) -> HttpResponse:
    may_enter = decide(scope, "hubs.results.enter", hub_id=grid.hub.pk).allowed
    faults = [cell for row in grid.rows for cell in row.cells if cell.problem]
    context = {
        "title": f"{grid.hub} 月次実績",
        "breadcrumbs": _crumbs(grid.term, (str(grid.hub), None)),
        "grid": grid,
        "may_enter": may_enter and any(row.is_editable for row in grid.rows),
        "faults": faults if may_enter else [],
        "has_errors": status == 422,
        "autosave_url": reverse("results_autosave", args=[grid.term.pk, grid.hub.pk]),
        "plan": queries.plan_of(grid.hub, grid.term),
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


def _conflict_page(
    request: HttpRequest, grid: Grid, conflicts: Sequence[tuple[GridRow, MonthConflict]]
) -> HttpResponse:
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
    url = _grid_url(grid.term, grid.hub)
    context = {
        "title": "他の人が先に更新しました",
        "breadcrumbs": _crumbs(grid.term, (str(grid.hub), url), ("入力の確認", None)),
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
    scope, term, hub = _find(request, pk, hub_pk)
    grid = queries.results_grid(hub, term)
    at = field_month(request.headers.get("HX-Trigger-Name", ""))
    try:
        _, conflicts = _save(scope, grid, posted_months(request.POST.dict()))
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
        "grid_url": _grid_url(grid.term, grid.hub),
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


@require_safe
@allow("hubs.results.view")
def results_print(request: HttpRequest, pk: int, hub_pk: int) -> HttpResponse:
    """The grid on paper."""
    _, term, hub = _find(request, pk, hub_pk)
    context = {
        "title": f"{hub} {nendo(term.fiscal_year)} 月次実績",
        "grid": queries.results_grid(hub, term),
        "back_url": _grid_url(term, hub),
        "printed_on": clock.today(),
        "for_pdf": False,
    }
    return render(request, "hubs/results/print.html", context)


@require_safe
@allow("hubs.results.view")
def results_export(request: HttpRequest, pk: int, hub_pk: int, kind: str) -> HttpResponse:
    """The grid as CSV (UTF-8, or CP932 on request) or XLSX, in the import's own shape."""
    _, term, hub = _find(request, pk, hub_pk)
    header, rows = queries.export_rows(queries.results_grid(hub, term))
    name = f"monthly_{term.fiscal_year}_{hub.code}.{kind}"
    if kind == "xlsx":
        title = f"{hub} {nendo(term.fiscal_year)}"
        data, content_type = to_xlsx([Sheet(title, header, rows)]), XLSX
    elif request.GET.get("encoding") == "cp932":
        data = to_csv(header, rows, "cp932", replace=True)
        content_type = "text/csv; charset=shift_jis"
    else:
        data, content_type = to_csv(header, rows), "text/csv; charset=utf-8"
    return HttpResponse(
        data,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _get(scope: Scope, pk: int) -> MonthlyReport:
    return get_object_or_404(queries.visible_reports(scope), pk=pk)


VERBS = {
    "hubs.results.submit": "提出する",
    "hubs.results.confirm": "実施機関として確認する",
    "hubs.results.accept": "確認済にする",
}
URLS = {
    "hubs.results.submit": "month_submit",
    "hubs.results.confirm": "month_confirm",
    "hubs.results.accept": "month_accept",
}


@require_safe
@allow("hubs.results.view")
def month_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Check page of one month: all figures, what is missing, and the button of whose turn it is."""
    return _month_page(request, _get(scope_of(request), pk))


def _month_page(request: HttpRequest, report: MonthlyReport, status: int = 200) -> HttpResponse:
    scope = scope_of(request)
    grid = queries.results_grid(report.hub, report.term)
    row = grid.row(report.month)
    offers = [one.action for one in RESULT_FLOW.offers(report, scope)]
    step = next((action for action in VERBS if action in offers), "")
    missing = missing_for(report, step, scope) if step else []
    context = {
        "title": f"{report.hub} {wareki_month(report.month)} 月次実績",
        "breadcrumbs": _crumbs(
            report.term,
            (str(report.hub), _grid_url(report.term, report.hub)),
            (wareki_month(report.month), None),
        ),
        "report": report,
        "row": row,
        "chip": row.chip if row else None,
        "grid_url": _grid_url(report.term, report.hub),
        "missing": _linked(report, missing),
        "act_url": reverse(URLS[step], args=[report.pk]) if step else "",
        "act_label": VERBS.get(step, ""),
        "may_return": "hubs.results.return" in offers,
    }
    return render(request, "hubs/results/month.html", context, status=status)


def _linked(report: MonthlyReport, missing: Sequence[Missing]) -> list[dict[str, str]]:
    addresses = {
        "results_grid": _grid_url(report.term, report.hub),
        "term_detail": reverse("term_detail", args=[report.term_id]),
    }
    return [{"text": item.text, "url": addresses.get(item.link_name or "", "")} for item in missing]


def _step(
    request: HttpRequest, pk: int, act: Callable[..., MonthlyReport], done: str
) -> HttpResponse:
    """One flow step from the check page; what is missing comes back on the same page."""
    scope = scope_of(request)
    report = _get(scope, pk)
    try:
        act(actor=scope, report=report)
    except NotReady:
        return _month_page(request, report, status=409)
    messages.success(request, done)
    return redirect("month_detail", pk=report.pk)


@require_POST
@allow("hubs.results.submit")
def month_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Submit from the check page."""
    done = "月次実績を提出しました。次は実施機関が確認します。"
    return _step(request, pk, operations.submit_month, done)


@require_POST
@allow("hubs.results.confirm")
def month_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The implementing body's confirmation."""
    done = "月次実績を確認しました。次は経済産業局が確認します。"
    return _step(request, pk, operations.confirm_month, done)


@require_POST
@allow("hubs.results.accept")
def month_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """The bureau's acceptance."""
    done = "月次実績を確認済にしました。この月の実績は変更できません。"
    return _step(request, pk, operations.accept_month, done)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.results.return")
def month_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Send back with a reason."""
    scope = scope_of(request)
    report = _get(scope, pk)
    form = ReturnForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        operations.return_month(actor=scope, report=report, reason=form.cleaned_data["reason"])
        messages.success(request, "月次実績を差し戻しました。拠点が直して、もう一度提出します。")
        return redirect("month_detail", pk=report.pk)
    context = {
        "title": f"{report.hub} {wareki_month(report.month)} 月次実績の差戻し",
        "breadcrumbs": _crumbs(
            report.term,
            (str(report.hub), _grid_url(report.term, report.hub)),
            ("差戻し", None),
        ),
        "report": report,
        "form": form,
    }
    return render(request, "hubs/results/return.html", context, status=422 if form.errors else 200)


def _bulk(
    request: HttpRequest, pk: int, action: str, act: Callable[..., list[MonthlyReport]]
) -> HttpResponse:
    """A list of months with boxes: the ready ones ticked, the others say what they lack."""
    scope, term = scope_of(request), get_object_or_404(Term, pk=pk)
    states = RESULT_FLOW.by_action[action].sources
    reports = queries.reports_in(scope, term, states)
    rows = [(report, _linked(report, missing_for(report, action, scope))) for report in reports]
    ready = [report for report, missing in rows if not missing]
    form = BulkForm(
        request.POST if request.method == "POST" else None,
        choices=[(report.pk, str(report)) for report in ready],
    )
    if request.method == "POST" and form.is_valid():
        chosen = [report for report in ready if report.pk in form.cleaned_data["reports"]]
        done = act(actor=scope, reports=chosen)
        label = RESULT_FLOW.by_action[action].label
        messages.success(request, f"{len(done)}件の月次実績について「{label}」を行いました。")
        return redirect("results_list", pk=term.pk)
    context = {
        "title": f"月次実績をまとめて{VERBS[action]}",
        "breadcrumbs": _crumbs(term, (f"まとめて{VERBS[action]}", None)),
        "term": term,
        "rows": rows,
        "ready_count": len(ready),
        "act_label": VERBS[action],
        "form": form,
        "faults": form.errors.get("reports", []),
    }
    return render(request, "hubs/results/bulk.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.results.submit")
def results_submit_many(request: HttpRequest, pk: int) -> HttpResponse:
    """まとめて提出."""
    return _bulk(request, pk, "hubs.results.submit", operations.submit_months)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.results.confirm")
def results_confirm_many(request: HttpRequest, pk: int) -> HttpResponse:
    """まとめて確認（実施機関）."""
    return _bulk(request, pk, "hubs.results.confirm", operations.confirm_months)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.results.accept")
def results_accept_many(request: HttpRequest, pk: int) -> HttpResponse:
    """まとめて確認済."""
    return _bulk(request, pk, "hubs.results.accept", operations.accept_months)
