"""Corrections of accepted figures: asking, deciding, and the list of what has changed since."""

from collections.abc import Callable, Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.results import operations, queries
from hubs.results.flow import CORRECTION_FLOW
from hubs.results.forms import CorrectionForm, RefusalForm
from hubs.results.models import MonthlyReport, ResultCorrection
from hubs.results.operations import Wanted
from hubs.results.queries import LedgerDrift, shown
from hubs.results.queries.changes import (
    CORRECTION_HEADER,
    CorrectionLine,
    changes_since_acceptance,
    correction_rows,
    visible_corrections,
)
from hubs.results.queries.totals import signed
from hubs.results.views.frame import crumbs, grid_url
from hubs.terms.models import Term
from yorozu.core.access import Scope, allow, scope_of
from yorozu.core.errors import Conflict, InvalidInput, NotReady
from yorozu.core.fiscal import nendo, wareki_month
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.downloads import sheet_file
from yorozu.core.web.tables import Cell, Column, Empty, Table

_BUREAU = "実施機関が確認した修正が、ここに並びます。"
_BODY = "拠点が申請した修正が、ここに並びます。"
_ACCEPTED = "経済産業局が反映すると、ここに並びます。"
_DRIFT = (
    "確認済のあとに相談記録が登録・訂正された数値が、ここに並びます。確認済の値は変わりません。"
)
_CLOSED = "不承認や取下げになった修正が、ここに並びます。数値には影響しません。"
FIELDS = {"項目": "key", "修正後の値": "value", "修正の理由": "reason", "根拠": "evidence"}


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.results.correction_request")
def correction_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a correction of one figure of an accepted month."""
    scope = scope_of(request)
    report = get_object_or_404(queries.visible_reports(scope), pk=pk)
    if request.method != "POST":
        operations.require_correctable(report)
    row = queries.results_grid(report.hub, report.term).row(report.month)
    cells = row.cells if row else []
    form = CorrectionForm(
        request.POST if request.method == "POST" else None,
        columns=[
            (cell.column.key, f"{cell.column.label}（いまの値 {cell.effective_shown or '未報告'}）")
            for cell in cells
        ],
        initial={"key": request.GET.get("item", "")},
    )
    status, refusal = 200, ""
    if request.method == "POST":
        correction, refusal = _requested(scope, report, form)
        if correction is not None:
            messages.success(request, _next(correction))
            return redirect("correction_detail", pk=correction.pk)
        status = 409 if refusal else 422
    context = {
        "title": f"{report.hub} {wareki_month(report.month)} 実績の修正申請",
        "breadcrumbs": _crumbs(report, "修正申請"),
        "report": report,
        "form": form,
        "refusal": refusal,
    }
    return render(request, "hubs/results/correction_new.html", context, status=status)


def _requested(
    scope: Scope, report: MonthlyReport, form: CorrectionForm
) -> tuple[ResultCorrection | None, str]:
    """The new correction, or why there is none; faults of a field go to the field."""
    if not form.is_valid():
        return None, ""
    data = form.cleaned_data
    wanted = Wanted(data["key"], data["value"], data["reason"], data["evidence"])
    try:
        done = operations.request_correction(actor=scope, report=report, wanted=wanted)
    except InvalidInput as error:
        for problem in error.problems:
            form.add_error(FIELDS.get(problem.column), problem.message)
        return None, ""
    except (Conflict, NotReady) as error:
        return None, error.message
    return done, ""


def _next(correction: ResultCorrection) -> str:
    if correction.confirmed_at is None:
        return "修正を申請しました。次は実施機関が確認します。"
    return "修正を申請しました。次は経済産業局が判断します。"


def _crumbs(report: MonthlyReport, last: str) -> list[Crumb]:
    month = (wareki_month(report.month), reverse("month_detail", args=[report.pk]))
    hub = (str(report.hub), grid_url(report.term, report.hub))
    return crumbs(report.term, hub, month, (last, None))


def _find(scope: Scope, pk: int) -> ResultCorrection:
    row: ResultCorrection = get_object_or_404(visible_corrections(scope), pk=pk)
    return row


@require_safe
@allow("hubs.results.view")
def correction_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One correction: both values, reason, evidence, effect on the total, and whose turn it is."""
    return _page(request, _find(scope_of(request), pk))


def _page(
    request: HttpRequest,
    correction: ResultCorrection,
    *,
    form: RefusalForm | None = None,
    refusal: str = "",
) -> HttpResponse:
    scope, report = scope_of(request), correction.report
    line = CorrectionLine(correction)
    offers = {one.action.rpartition("_")[2] for one in CORRECTION_FLOW.offers(correction, scope)}
    total = next(
        total
        for total in queries.results_grid(report.hub, report.term).totals
        if total.column.owner == correction.owner
    )
    context = {
        "title": f"{report.hub} {wareki_month(report.month)} {line.name}の修正",
        "breadcrumbs": _crumbs(report, "修正"),
        "line": line,
        "total": total,
        "would_be": None if correction.decided_at else (total.corrected or 0) + line.effect,
        "offers": offers,
        "form": form or RefusalForm(),
        "refuse_url": _refuse_url(correction, offers),
        "refusal": refusal,
        "grid_url": grid_url(report.term, report.hub),
    }
    status = 409 if refusal else 422 if form is not None else 200
    return render(request, "hubs/results/correction.html", context, status=status)


def _refuse_url(correction: ResultCorrection, offers: set[str]) -> str:
    for verb in ("refuse", "decline"):
        if verb in offers:
            return reverse(f"correction_{verb}", args=[correction.pk])
    return ""


def _step(
    request: HttpRequest, pk: int, act: Callable[..., ResultCorrection], done: str
) -> HttpResponse:
    scope = scope_of(request)
    correction = _find(scope, pk)
    try:
        act(actor=scope, correction=correction)
    except NotReady as error:
        said = "".join(item.text for item in error.missing) or error.message
        return _page(request, correction, refusal=said)
    messages.success(request, done)
    return redirect("correction_detail", pk=pk)


@require_POST
@allow("hubs.results.correction_confirm")
def correction_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The implementing body's confirmation."""
    done = "修正を確認しました。次は経済産業局が判断します。"
    return _step(request, pk, operations.confirm_correction, done)


@require_POST
@allow("hubs.results.correction_accept")
def correction_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """The bureau's acceptance."""
    done = "修正を反映しました。確認済の値はそのまま残り、計には修正後の値が入ります。"
    return _step(request, pk, operations.accept_correction, done)


@require_POST
@allow("hubs.results.correction_withdraw")
def correction_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the request back."""
    return _step(request, pk, operations.withdraw_correction, "修正申請を取り下げました。")


def _refuse(request: HttpRequest, pk: int, act: Callable[..., ResultCorrection]) -> HttpResponse:
    scope = scope_of(request)
    correction, form = _find(scope, pk), RefusalForm(request.POST)
    if not form.is_valid():
        return _page(request, correction, form=form)
    act(actor=scope, correction=correction, reason=form.cleaned_data["reason"])
    messages.success(request, "修正を不承認にしました。理由は拠点と実施機関に通知しました。")
    return redirect("correction_detail", pk=pk)


@require_POST
@allow("hubs.results.correction_decline")
def correction_decline(request: HttpRequest, pk: int) -> HttpResponse:
    """The implementing body says no."""
    return _refuse(request, pk, operations.decline_correction)


@require_POST
@allow("hubs.results.correction_refuse")
def correction_refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """The bureau says no."""
    return _refuse(request, pk, operations.refuse_correction)


@require_safe
@allow("hubs.results.view")
def results_changed(request: HttpRequest, pk: int) -> HttpResponse:
    """What has changed, or wants to change, since the bureau accepted."""
    term = get_object_or_404(Term, pk=pk)
    found = changes_since_acceptance(scope_of(request), term)
    context = {
        "title": f"{nendo(term.fiscal_year)} 確認後に変わった数値",
        "breadcrumbs": crumbs(term, ("確認後に変わった数値", None)),
        "term": term,
        "changes": found,
        "sections": [
            (key, _table(caption, lines, empty))
            for key, caption, lines, empty in (
                ("bureau", "経済産業局の判断待ち", found.bureau_turn, _BUREAU),
                ("body", "実施機関の確認待ち", found.body_turn, _BODY),
                ("accepted", "反映した修正", found.accepted, _ACCEPTED),
                ("closed", "不承認・取下げ", found.closed, _CLOSED),
            )
        ]
        + [("drift", _drift_table(found.drifts))],
    }
    return render(request, "hubs/results/changed.html", context)


@require_safe
@allow("hubs.results.view")
def results_changed_file(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """All corrections of the scope as CSV or XLSX."""
    term = get_object_or_404(Term, pk=pk)
    found = changes_since_acceptance(scope_of(request), term)
    return sheet_file(
        request,
        kind=kind,
        name=f"{nendo(term.fiscal_year)}_実績の修正",
        header=CORRECTION_HEADER,
        rows=correction_rows(found.lines),
    )


def _table(caption: str, lines: Sequence[CorrectionLine], empty: str) -> Table:
    columns = [
        Column("hub", "拠点", header=True),
        Column("month", "対象月"),
        Column("name", "項目"),
        Column("old", "修正前", numeric=True),
        Column("new", "修正後", numeric=True),
        Column("effect", "計への影響", numeric=True),
        Column("state", "状態"),
        Column("asked", "申請"),
    ]
    return Table(
        caption, columns, [_row(line) for line in lines], empty=Empty("ありません。", empty)
    )


def _drift_table(drifts: Sequence[LedgerDrift]) -> Table:
    """Accepted figures whose records have changed since the month was sent."""
    columns = [
        Column("hub", "拠点", header=True),
        Column("month", "対象月"),
        Column("name", "項目"),
        Column("value", "確認済の値", numeric=True),
        Column("then", "提出時の相談記録", numeric=True),
        Column("now", "現在の相談記録", numeric=True),
        Column("text", "変化"),
    ]
    rows = [
        {
            "hub": Cell(row.hub.name, url=reverse("month_detail", args=[row.report_id])),
            "month": f"{row.month.month}月",
            "name": f"{row.indicator.name}（{row.indicator.unit}）",
            "value": shown(row.entry) or "未報告",
            "then": row.origin.then,
            "now": row.origin.now,
            "text": row.text,
        }
        for row in drifts
    ]
    return Table("相談記録が変わった数値", columns, rows, empty=Empty("ありません。", _DRIFT))


def _row(line: CorrectionLine) -> dict[str, object]:
    correction = line.correction
    return {
        "hub": Cell(line.hub.name, url=reverse("correction_detail", args=[correction.pk])),
        "month": f"{line.report.month.month}月",
        "name": f"{line.name}（{line.unit}）",
        "old": line.old,
        "new": line.new,
        "effect": signed(line.effect),
        "state": line.chip,
        "asked": Cell(correction.requested_at, note=correction.requested_by_name),
    }
