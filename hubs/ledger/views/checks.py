"""Screens of the sample check: the layers by month, drawing, and looking at what was drawn."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from hubs.ledger import operations, queries
from hubs.ledger.forms import DrawForm
from hubs.ledger.models import CheckOutcome, SampleCheck, SampleDraw
from hubs.ledger.queries import CheckedMonth
from hubs.ledger.rules import suggested_size
from hubs.ledger.views.frame import crumbs, find_hub, show_refusal, tabs
from hubs.network.models import Hub
from yorozu.core import clock, fiscal
from yorozu.core.access import Scope, allow, decide, require, scope_of
from yorozu.core.errors import NotReady
from yorozu.core.figures import format_percent, percent
from yorozu.core.web.chips import Chip, Status
from yorozu.core.web.forms import status_of
from yorozu.core.web.tables import Cell, Column, Empty, Table


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.ledger.view")
def ledger_checks(request: HttpRequest, code: str) -> HttpResponse:
    """The three layers by month; bureau and HQ draw from here."""
    if request.method == "POST":
        require(scope_of(request), "hubs.ledger.check")
    scope, hub = find_hub(request, code)
    year = fiscal.fiscal_year_of(clock.today())
    months = queries.checked_months(hub, year)
    form = DrawForm(request.POST if request.method == "POST" else None, initial=_offered(months))
    if request.method == "POST" and form.is_valid():
        try:
            draw = operations.draw_sample(actor=scope, hub=hub, **form.cleaned_data)
        except NotReady as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, f"{draw.checks.count()}件を抽出しました。")
            return redirect("check_draw", pk=draw.pk)
    context = {
        "title": f"{hub.name} 抽出確認",
        "breadcrumbs": crumbs(hub, ("抽出確認", None)),
        "hub": hub,
        "tabs": tabs(scope, hub, "ledger_checks"),
        "form": form,
        "may_check": decide(scope, "hubs.ledger.check", hub_id=hub.pk).allowed,
        "months": _months_table(hub, months),
        "draws": _draws_table(hub),
    }
    return render(request, "hubs/ledger/checks.html", context, status=status_of(form))


def _offered(months: list[CheckedMonth]) -> dict[str, Any]:
    """The newest month with something left to draw."""
    left = [row for row in months if row.resolved > row.drawn]
    if not left:
        return {}
    newest = left[-1]
    return {"month": newest.month, "size": suggested_size(newest.resolved - newest.drawn)}


def _months_table(hub: Hub, months: list[CheckedMonth]) -> Table:
    url = reverse("ledger_list", args=[hub.code])
    return Table(
        caption="課題解決の確認の状況（今年度）",
        columns=[
            Column("month", "解決した月", header=True),
            Column("resolved", "拠点の報告", numeric=True, unit="件"),
            Column("client", "相談者が確認", numeric=True, unit="件"),
            Column("drawn", "抽出", numeric=True, unit="件"),
            Column("checked", "うち確認済", numeric=True, unit="件"),
            Column("confirmed", "うち解決を確認", numeric=True, unit="件"),
            Column("share", "確認できた割合", numeric=True),
        ],
        rows=[
            {
                "month": Cell(
                    fiscal.wareki_month(row.month),
                    url=f"{url}?month={row.month:%Y-%m}&indicator=SOLVE",
                ),
                **_cells(row),
            }
            for row in months
        ],
        totals={"month": "計", **_cells(_total(months))} if months else None,
        empty=Empty(
            "今年度に解決した課題の記録はまだありません。",
            "拠点が課題解決日を記録すると、ここから抽出できます。",
        ),
    )


def _total(months: list[CheckedMonth]) -> CheckedMonth:
    return CheckedMonth(
        months[0].month,
        *(
            sum(getattr(row, name) for row in months)
            for name in ("resolved", "client_confirmed", "drawn", "checked", "check_confirmed")
        ),
    )


def _cells(row: CheckedMonth) -> dict[str, Any]:
    return {
        "resolved": row.resolved,
        "client": row.client_confirmed,
        "drawn": row.drawn,
        "checked": row.checked,
        "confirmed": row.check_confirmed,
        "share": format_percent(percent(row.check_confirmed, row.checked)),
    }


def _draws_table(hub: Hub) -> Table:
    return Table(
        caption="抽出の一覧",
        columns=[
            Column("month", "解決した月", header=True),
            Column("at", "抽出日時"),
            Column("by", "抽出者"),
            Column("size", "抽出", numeric=True, unit="件"),
            Column("population", "対象", numeric=True, unit="件"),
            Column("state", "状態"),
        ],
        rows=[
            {
                "month": Cell(
                    fiscal.wareki_month(draw.month), url=reverse("check_draw", args=[draw.pk])
                ),
                "at": draw.drawn_at,
                "by": draw.drawn_by_name,
                "size": draw.size,
                "population": draw.population,
                "state": Chip(Status.WAITING, f"残り{draw.open}件")
                if draw.open
                else Chip(Status.FINISHED),
            }
            for draw in queries.draws(hub)
        ],
        empty=Empty(
            "抽出はまだ行われていません。",
            "経済産業局または全国本部が、解決した記録から抽出します。",
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.ledger.view")
def check_draw(request: HttpRequest, pk: int) -> HttpResponse:
    """What was drawn; who may check fills in what was found."""
    if request.method == "POST":
        require(scope_of(request), "hubs.ledger.check")
    scope = scope_of(request)
    rows = SampleDraw.objects.visible_to(scope).select_related("hub")
    draw = get_object_or_404(rows, pk=pk)
    checks = queries.checks_of(draw)
    problem = ""
    if request.method == "POST":
        problem = _record(request, scope, checks)
        if not problem:
            return redirect("check_draw", pk=draw.pk)
        checks = queries.checks_of(draw)
    context = {
        "title": f"抽出確認 {fiscal.wareki_month(draw.month)}",
        "breadcrumbs": crumbs(
            draw.hub,
            ("抽出確認", reverse("ledger_checks", args=[draw.hub.code])),
            (fiscal.wareki_month(draw.month), None),
        ),
        "draw": draw,
        "lines": _lines(checks, request.POST.dict()),
        "may_check": decide(scope, "hubs.ledger.check", hub_id=draw.hub_id).allowed
        and any(not check.outcome for check in checks),
        "outcomes": CheckOutcome.choices,
        "problems": [problem] if problem else [],
        "has_errors": bool(problem),
    }
    return render(request, "hubs/ledger/check_draw.html", context, status=422 if problem else 200)


def _record(request: HttpRequest, scope: Scope, checks: list[SampleCheck]) -> str:
    """Keep every result that was chosen; the sentence of the first that could not be kept."""
    chosen = [
        check
        for check in checks
        if not check.outcome and request.POST.get(f"outcome-{check.pk}", "")
    ]
    if not chosen:
        return "確認した記録の結果を選んでください。"
    done = 0
    for check in chosen:
        try:
            operations.record_check(
                actor=scope,
                check=check,
                outcome=request.POST[f"outcome-{check.pk}"],
                remark=request.POST.get(f"remark-{check.pk}", ""),
            )
        except NotReady as refusal:
            return refusal.message
        done += 1
    messages.success(request, f"{done}件の結果を記録しました。")
    return ""


def _lines(checks: list[SampleCheck], typed: dict[str, str]) -> list[dict[str, Any]]:
    years = {fiscal.fiscal_year_of(check.consultation.held_on) for check in checks}
    books = queries.code_labels(years)
    return [
        {
            "check": check,
            "row": check.consultation,
            "theme": books[fiscal.fiscal_year_of(check.consultation.held_on)].label(
                "theme", check.consultation.theme
            ),
            "typed_outcome": typed.get(f"outcome-{check.pk}", ""),
            "typed_remark": typed.get(f"remark-{check.pk}", ""),
        }
        for check in checks
    ]
