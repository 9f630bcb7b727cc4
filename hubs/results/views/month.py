"""Check page of one month and its steps."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.results import operations, queries
from hubs.results.flow import RESULT_FLOW, missing_for, month_is_accepted, term_is_open
from hubs.results.forms import ReturnForm
from hubs.results.models import MonthlyReport, ReportState
from hubs.results.queries.changes import correction_lines, visible_corrections
from hubs.results.queries.counting import counting_of
from hubs.results.queries.trace import month_trace
from hubs.results.views.frame import VERBS, crumbs, grid_url, linked
from yorozu.core.access import Scope, allow, decide, scope_of
from yorozu.core.errors import NotReady
from yorozu.core.fiscal import wareki, wareki_month
from yorozu.core.marks import marks_for
from yorozu.core.web.tables import Cell, Column, Table


def _get(scope: Scope, pk: int) -> MonthlyReport:
    return get_object_or_404(queries.visible_reports(scope), pk=pk)


URLS = {
    "hubs.results.submit": "month_submit",
    "hubs.results.confirm": "month_confirm",
    "hubs.results.accept": "month_accept",
}


# Whose turn it is, said to those who cannot act now.
_WAITS_FOR: dict[str, str] = {
    ReportState.SUBMITTED: "実施機関の確認を待っています。",
    ReportState.CONFIRMED: "経済産業局の確認を待っています。",
    ReportState.RETURNED: "拠点が直して、もう一度提出するのを待っています。",
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
    trace = month_trace(report)
    context = {
        "title": f"{report.hub} {wareki_month(report.month)} 月次実績",
        "breadcrumbs": crumbs(
            report.term,
            (str(report.hub), grid_url(report.term, report.hub)),
            (wareki_month(report.month), None),
        ),
        "report": report,
        "row": row,
        "marks": marks_for("results", scope, report.hub_id, report.term.fiscal_year),
        "chip": row.chip if row else None,
        "grid_url": grid_url(report.term, report.hub),
        "missing": linked(report, missing),
        "act_url": reverse(URLS[step], args=[report.pk]) if step else "",
        "act_label": VERBS.get(step, ""),
        "waits_for": "" if step else _WAITS_FOR.get(report.state, ""),
        "may_return": "hubs.results.return" in offers,
        "may_withdraw": "hubs.results.withdraw" in offers,
        "may_correct": _may_correct(report, scope),
        "corrections": _corrections(report, scope),
        "trace": trace,
        "cells": [(cell, trace.of(cell.column.key)) for cell in row.cells] if row else [],
        "remarks": _remarks(report),
        "may_take": step == "hubs.results.submit" and row is not None and row.may_be_drawn,
        "counting": counting_of(grid.columns),
    }
    return render(request, "hubs/results/month.html", context, status=status)


def _may_correct(report: MonthlyReport, scope: Scope) -> bool:
    decision = decide(scope, "hubs.results.correction_request", hub_id=report.hub_id)
    return decision.allowed and month_is_accepted(report) and not term_is_open(report, scope)


def _corrections(report: MonthlyReport, scope: Scope) -> Table | None:
    rows = visible_corrections(scope).filter(report=report).order_by("requested_at", "pk")
    lines = correction_lines(rows)
    columns = [
        Column("number", "修正", header=True),
        Column("name", "項目"),
        Column("old", "修正前", numeric=True),
        Column("new", "修正後", numeric=True),
        Column("effect", "計への影響", numeric=True),
        Column("state", "状態"),
        Column("reason", "理由"),
    ]
    found = [
        {
            "number": Cell(
                f"修正{line.correction.pk}",
                url=reverse("correction_detail", args=[line.correction.pk]),
            ),
            "name": line.name,
            "old": line.old,
            "new": line.new,
            "effect": line.effect_text,
            "state": line.chip,
            "reason": line.correction.reason,
        }
        for line in lines
    ]
    return Table("この月の修正", columns, found) if found else None


def _remarks(report: MonthlyReport) -> Table | None:
    """The remarks on single figures, the last return first."""
    columns = [
        Column("round", "差戻し", header=True),
        Column("name", "項目"),
        Column("text", "指摘"),
        Column("by", "指摘した人"),
        Column("answer", "回答"),
    ]
    rows = report.remarks.select_related("indicator", "focus_area").order_by("-round", "pk")
    found = [
        {
            "round": f"{row.round}回目",
            "name": str(row.indicator or row.focus_area),
            "text": row.text,
            "by": Cell(row.by_name, note=wareki(timezone.localdate(row.at))),
            "answer": Cell(row.answer, note=row.answered_by_name),
        }
        for row in rows
        if row.owner != (None, None)
    ]
    return Table("差戻しの指摘と回答", columns, found) if found else None


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


@require_POST
@allow("hubs.results.withdraw")
def month_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the month back before the implementing body has confirmed it."""
    done = "提出を取り下げました。数値を直して、もう一度提出できます。"
    return _step(request, pk, operations.withdraw_month, done)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.results.return")
def month_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Send back with a reason."""
    scope = scope_of(request)
    report = _get(scope, pk)
    RESULT_FLOW.require(report, "hubs.results.return", scope)
    row = queries.results_grid(report.hub, report.term).row(report.month)
    cells = row.cells if row else []
    form = ReturnForm(
        request.POST if request.method == "POST" else None,
        columns=[(cell.column.key, cell.column.label) for cell in cells],
    )
    if request.method == "POST" and form.is_valid():
        operations.return_month(
            actor=scope,
            report=report,
            reason=form.cleaned_data["reason"],
            remarks=form.remarks(),
        )
        messages.success(request, "月次実績を差し戻しました。拠点が直して、もう一度提出します。")
        return redirect("month_detail", pk=report.pk)
    context = {
        "title": f"{report.hub} {wareki_month(report.month)} 月次実績の差戻し",
        "breadcrumbs": crumbs(
            report.term,
            (str(report.hub), grid_url(report.term, report.hub)),
            ("差戻し", None),
        ),
        "report": report,
        "form": form,
        "lines": [(cell, form[f"remark-{cell.column.key}"]) for cell in cells],
    }
    return render(request, "hubs/results/return.html", context, status=422 if form.errors else 200)
