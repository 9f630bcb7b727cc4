"""Screens of the term: list, calendar and definitions, activity policy."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from hubs.terms import operations, queries
from hubs.terms.flow import POLICY_FLOW, TERM_FLOW
from hubs.terms.forms import OpenTermForm, PolicyForm
from hubs.terms.models import ActivityPolicy, Term, TermState
from yorozu.core import clock
from yorozu.core.access import Scope, allow, decide, scope_of
from yorozu.core.errors import Conflict, NotReady
from yorozu.core.fiscal import fiscal_year_of, nendo
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.tables import Cell, Column, Empty, Table

COLUMNS = (
    Column("year", "年度", header=True),
    Column("state", "状態"),
    Column("phase", "現在の段階"),
    Column("policy", "活動方針"),
)


def _crumbs(*steps: tuple[str, str | None]) -> list[Crumb]:
    root = [Crumb("ホーム", "/"), Crumb("期", reverse("term_list"))]
    return [*root, *(Crumb(label, url) for label, url in steps)]


def _term_crumb(term: Term) -> tuple[str, str]:
    return nendo(term.fiscal_year), reverse("term_detail", args=[term.pk])


@require_safe
@allow("hubs.terms.view")
def term_list(request: HttpRequest) -> HttpResponse:
    """All terms with state, running phase and policy in force."""
    scope = scope_of(request)
    table = Table(
        caption="期の一覧",
        columns=COLUMNS,
        rows=[_term_row(term) for term in queries.terms()],
        empty=Empty(
            "まだ期がありません。", "全国本部またはシステム管理者が、年度の期を開始します。"
        ),
    )
    context = {
        "title": "期",
        "breadcrumbs": [*_crumbs()[:1], Crumb("期")],
        "table": table,
        "may_open": decide(scope, "hubs.terms.open").allowed,
    }
    return render(request, "hubs/terms/list.html", context)


def _term_row(term: Term) -> dict[str, Any]:
    policy = queries.published_policy(term)
    phase = next((one.phase.label for one in queries.calendar(term) if one.is_current), "")
    return {
        "year": Cell(nendo(term.fiscal_year), url=reverse("term_detail", args=[term.pk])),
        "state": queries.term_chip(term),
        "phase": phase,
        "policy": Cell(str(policy), url=reverse("policy_detail", args=[policy.pk]))
        if policy
        else "未公表",
    }


@require_safe
@allow("hubs.terms.view")
def term_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One term: phases with deadlines, policy, indicators with definitions, links to the work."""
    term, scope = get_object_or_404(Term, pk=pk), scope_of(request)
    context = {
        "title": f"{nendo(term.fiscal_year)}の期",
        "breadcrumbs": _crumbs((nendo(term.fiscal_year), None)),
        "term": term,
        "chip": queries.term_chip(term),
        "calendar": queries.calendar(term),
        "is_closed": term.state == TermState.CLOSED,
        "indicators": queries.indicators(term),
        "policies": [(row, queries.policy_chip(row)) for row in queries.policies(scope, term)],
        "may_draft": decide(scope, "hubs.terms.draft_policy").allowed,
        "may_see_plans": decide(scope, "hubs.plans.view").allowed,
        "may_see_results": decide(scope, "hubs.results.view").allowed,
        "may_close": bool(TERM_FLOW.offers(term, scope)),
    }
    return render(request, "hubs/terms/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.terms.open")
def term_open(request: HttpRequest) -> HttpResponse:
    """Open the term of a fiscal year."""
    year = fiscal_year_of(clock.today())
    initial = {"fiscal_year": year if queries.term_for(year) is None else year + 1}
    form = OpenTermForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            term = operations.open_term(
                actor=scope_of(request), fiscal_year=form.cleaned_data["fiscal_year"]
            )
        except Conflict as conflict:
            form.add_error("fiscal_year", conflict.message)
        else:
            name = nendo(term.fiscal_year)
            messages.success(request, f"{name}の期を開始しました。次は活動方針の公表です。")
            return redirect("term_detail", pk=term.pk)
    context = {
        "title": "期の開始",
        "breadcrumbs": _crumbs(("期の開始", None)),
        "form": form,
    }
    return render(request, "hubs/terms/open.html", context, status=422 if form.errors else 200)


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
        "breadcrumbs": _crumbs(_term_crumb(term), ("期の終了", None)),
        "term": term,
        "missing": missing,
    }
    return render(request, "hubs/terms/close.html", context, status=409 if missing else 200)


def _visible_policy(scope: Scope, pk: int) -> ActivityPolicy:
    """A draft that the scope may not see is not found."""
    term = get_object_or_404(Term, policies=pk)
    return get_object_or_404(queries.policies(scope, term), pk=pk)


@require_safe
@allow("hubs.terms.view")
def policy_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One version of the activity policy."""
    scope = scope_of(request)
    policy = _visible_policy(scope, pk)
    context = {
        "title": policy.title,
        "breadcrumbs": _crumbs(_term_crumb(policy.term), (f"活動方針 第{policy.version}版", None)),
        "policy": policy,
        "chip": queries.policy_chip(policy),
        "may_publish": bool(POLICY_FLOW.offers(policy, scope)),
        "may_draft": decide(scope, "hubs.terms.draft_policy").allowed,
    }
    return render(request, "hubs/terms/policy_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.terms.draft_policy")
def policy_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the draft of the policy: the open one, or a new version from the published text."""
    term = get_object_or_404(Term, pk=pk)
    draft = queries.draft_of(term)
    base = draft or queries.published_policy(term)
    initial = {
        "title": base.title if base else f"{nendo(term.fiscal_year)}活動方針",
        "body": base.body if base else "",
        "seen": operations.text_hash(draft.title, draft.body) if draft else "",
    }
    form = PolicyForm(request.POST if request.method == "POST" else None, initial=initial)
    context = {
        "title": "活動方針の作成",
        "breadcrumbs": _crumbs(_term_crumb(term), ("活動方針の作成", None)),
        "form": form,
        "term": term,
        "draft": draft,
        "theirs": None,
    }
    if request.method != "POST":
        return render(request, "hubs/terms/policy_edit.html", context)
    if not form.is_valid():
        return render(request, "hubs/terms/policy_edit.html", context, status=422)
    try:
        policy = operations.draft_policy(actor=scope_of(request), term=term, **form.cleaned_data)
    except Conflict:
        # Both texts stay on the page; sending again from here means: mine, knowing theirs.
        mine = {**form.cleaned_data, "seen": initial["seen"]}
        context.update(form=PolicyForm(initial=mine), theirs=draft, has_errors=True)
        return render(request, "hubs/terms/policy_edit.html", context, status=409)
    messages.success(request, "活動方針の下書きを保存しました。内容を確認して公表してください。")
    return redirect("policy_detail", pk=policy.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.terms.publish_policy")
def policy_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Check page and act: publish the draft."""
    policy = _visible_policy(scope_of(request), pk)
    if request.method == "POST":
        published = operations.publish_policy(
            actor=scope_of(request), policy=policy, seen=request.POST.get("seen", "")
        )
        messages.success(request, "活動方針を公表しました。各拠点は事業計画を作成できます。")
        return redirect("policy_detail", pk=published.pk)
    context = {
        "title": "活動方針の公表（内容の確認）",
        "breadcrumbs": _crumbs(_term_crumb(policy.term), ("活動方針の公表", None)),
        "policy": policy,
        "digest": operations.policy_hash(policy),
        "is_offered": bool(POLICY_FLOW.offers(policy, scope_of(request))),
    }
    return render(request, "hubs/terms/policy_publish.html", context)
