"""The list of terms, one term with its calendar and definitions, its beginning and its end."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.terms import operations, queries
from hubs.terms.flow import TERM_FLOW
from hubs.terms.forms import PrepareForm
from hubs.terms.models import Term, TermState
from hubs.terms.views.frame import crumbs, term_crumb
from yorozu.core import clock
from yorozu.core.access import allow, decide, scope_of
from yorozu.core.errors import Conflict, InvalidInput, NotReady
from yorozu.core.fiscal import fiscal_year_of, nendo
from yorozu.core.web.tables import Cell, Column, Empty, Table

COLUMNS = (
    Column("year", "年度", header=True),
    Column("state", "状態"),
    Column("phase", "現在の段階"),
    Column("policy", "活動方針"),
    Column("rules", "年度の規則"),
)


def _next_year() -> int:
    """The year to prepare: this one when it has no term, else the next."""
    year = fiscal_year_of(clock.today())
    return year if queries.term_for(year) is None else year + 1


@require_safe
@allow("hubs.terms.view")
def term_list(request: HttpRequest) -> HttpResponse:
    """All terms with state, running phase, policy in force and registered rules."""
    scope = scope_of(request)
    year = _next_year()
    may_open = decide(scope, "hubs.terms.open").allowed
    table = Table(
        caption="期の一覧",
        columns=COLUMNS,
        rows=[_term_row(term) for term in queries.terms()],
        empty=Empty(
            "まだ期がありません。", "全国本部またはシステム管理者が、年度の期を準備して開始します。"
        ),
    )
    context = {
        "title": "期",
        "breadcrumbs": crumbs()[:1] + crumbs(("期", None))[2:],
        "table": table,
        "next_year": year if may_open and queries.term_for(year) is None else None,
    }
    return render(request, "hubs/terms/list.html", context)


def _term_row(term: Term) -> dict[str, Any]:
    policy, rules = queries.published_policy(term), queries.registered(term)
    phase = next((one.phase.label for one in queries.calendar(term) if one.is_current), "")
    return {
        "year": Cell(nendo(term.fiscal_year), url=reverse("term_detail", args=[term.pk])),
        "state": queries.term_chip(term),
        "phase": phase,
        "policy": Cell(str(policy), url=reverse("policy_detail", args=[policy.pk]))
        if policy
        else "未公表",
        "rules": Cell(f"第{rules.version}版", url=reverse("year_rules", args=[term.pk]))
        if rules
        else "未登録",
    }


@require_safe
@allow("hubs.terms.view")
def term_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One term: phases with deadlines, policy, rules, indicators, links to the work."""
    term, scope = get_object_or_404(Term, pk=pk), scope_of(request)
    offers = {row.action for row in TERM_FLOW.offers(term, scope)}
    may_decide = decide(scope, "hubs.terms.decide").allowed
    context = {
        "title": f"{nendo(term.fiscal_year)}の期",
        "breadcrumbs": crumbs((nendo(term.fiscal_year), None)),
        "term": term,
        "chip": queries.term_chip(term),
        "calendar": queries.calendar(term),
        "is_closed": term.state == TermState.CLOSED,
        "is_preparing": term.state == TermState.PREPARING,
        "indicators": queries.indicators(term),
        "policies": [(row, queries.policy_chip(row)) for row in queries.policies(scope, term)],
        "rules": queries.registered(term),
        "may_draft": decide(scope, "hubs.terms.draft_policy").allowed,
        "may_see_plans": decide(scope, "hubs.plans.view").allowed,
        "may_see_results": decide(scope, "hubs.results.view").allowed,
        "may_register": term.state == TermState.OPEN
        and decide(scope, "hubs.terms.register_rules").allowed,
        "may_close": "hubs.terms.close" in offers,
        "may_decide": may_decide,
    }
    return render(request, "hubs/terms/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.terms.open")
def term_open(request: HttpRequest) -> HttpResponse:
    """Begin the preparation of a fiscal year."""
    form = PrepareForm(
        request.POST if request.method == "POST" else None, initial={"fiscal_year": _next_year()}
    )
    if request.method == "POST" and form.is_valid():
        year = form.cleaned_data["fiscal_year"]
        try:
            term = operations.prepare_term(actor=scope_of(request), fiscal_year=year)
        except Conflict as conflict:
            form.add_error("fiscal_year", conflict.message)
        except InvalidInput as refusal:
            form.add_error("fiscal_year", refusal.problems[0].message)
        else:
            name = nendo(term.fiscal_year)
            text = (
                f"{name}の期の準備を始めました。項目を1つずつ確認して、引き継ぐか変更してください。"
            )
            messages.success(request, text)
            return redirect("term_parts", pk=term.pk)
    context = {
        "title": "期の準備",
        "breadcrumbs": crumbs(("期の準備", None)),
        "form": form,
    }
    return render(request, "hubs/terms/open.html", context, status=422 if form.errors else 200)


@require_POST
@allow("hubs.terms.open")
def term_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up a preparation in which nothing is decided yet."""
    term = get_object_or_404(Term, pk=pk)
    name = nendo(term.fiscal_year)
    operations.discard_term(actor=scope_of(request), term=term)
    messages.success(request, f"{name}の期の準備を取りやめました。")
    return redirect("term_list")


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.terms.close")
def term_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Check page and act: close the term."""
    term = get_object_or_404(Term, pk=pk)
    missing: list[Any] = []
    if request.method == "POST":
        try:
            operations.close_term(actor=scope_of(request), term=term)
        except NotReady as refusal:
            missing = refusal.missing
        else:
            messages.success(request, f"{nendo(term.fiscal_year)}の期を終了しました。")
            return redirect("term_detail", pk=term.pk)
    context = {
        "title": "期の終了",
        "breadcrumbs": crumbs(term_crumb(term), ("期の終了", None)),
        "term": term,
        "missing": missing,
    }
    return render(request, "hubs/terms/close.html", context, status=409 if missing else 200)
