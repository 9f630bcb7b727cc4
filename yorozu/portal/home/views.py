"""Screens of the top floor: the home page, the process matrix, the record of a hub by year."""

from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hubs.network.models import Hub
from hubs.terms.models import Term
from hubs.terms.queries import current_term
from yorozu.core.access import Role, Scope, allow, decide, scope_of
from yorozu.core.fiscal import nendo
from yorozu.core.notices.queries import unread
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.downloads import sheet_file
from yorozu.core.web.kept import afresh, keep
from yorozu.portal.home import matrix as matrices
from yorozu.portal.home import tables
from yorozu.portal.home.board import home_of
from yorozu.portal.home.files import ready_keys
from yorozu.portal.home.judging import next_moment
from yorozu.portal.home.matrix import Matrix
from yorozu.portal.home.record import hub_record as record_of
from yorozu.portal.home.steps import Need, Stage

# Who oversees many hubs: their pages cost most, and show little that moves without an act.
OVERSEERS = {Role.BUREAU, Role.PROJECT_MANAGER, Role.SME_AGENCY, Role.NATIONAL_HQ}


@require_safe
@allow("portal.home")
def home(request: HttpRequest) -> HttpResponse:
    """What waits for me, what I wait for, what happened lately."""
    scope = scope_of(request)
    content = partial(_home_content, scope)
    kept = afresh(content)
    if scope.role in OVERSEERS:
        besides = [*unread(request), ready_keys(scope)]
        kept = keep(request, content, until=next_moment, personal=True, besides=besides)
    return render(request, "portal/home/home.html", {"title": "ホーム", "kept": kept})


def _home_content(scope: Scope) -> dict[str, Any]:
    return {
        "home": home_of(scope),
        "may_see_matrix": decide(scope, "portal.matrix").allowed,
        "may_see_audit": decide(scope, "core.audit.view").allowed,
    }


def _term(request: HttpRequest) -> Term | None:
    """The term of ?fiscal_year=, else the running one; an unknown year is not found."""
    asked = request.GET.get("fiscal_year", "")
    if not asked:
        return current_term()
    if not (asked.isascii() and asked.isdigit() and len(asked) == 4):
        raise Http404
    return get_object_or_404(Term, fiscal_year=int(asked))


def _filter(request: HttpRequest) -> tuple[Need | None, Stage | None]:
    need = matrices.need_of(request.GET.get("show", ""))
    stage = matrices.stage_of(request.GET.get("stage", "")) if need else None
    return need, stage


@require_safe
@allow("portal.matrix")
def process_matrix(request: HttpRequest) -> HttpResponse:
    """拠点 x 工程 of a term, with filters that home pages link to."""
    term = _term(request)
    crumbs = [Crumb("ホーム", reverse("home")), Crumb("工程マトリクス")]
    if term is None:
        empty = {"title": "工程マトリクス", "breadcrumbs": crumbs}
        return render(request, "portal/home/matrix_empty.html", empty)
    context = {
        "title": f"工程マトリクス（{nendo(term.fiscal_year)}）",
        "breadcrumbs": crumbs,
        "term": term,
        "kept": keep(request, partial(_matrix_content, request, term), until=next_moment),
    }
    return render(request, "portal/home/matrix.html", context)


def _matrix_content(request: HttpRequest, term: Term) -> dict[str, Any]:
    scope = scope_of(request)
    found = matrices.matrix(scope, term)
    need, stage = _filter(request)
    lines = found.waiting(need, stage) if need else list(found.lines)
    kept: dict[str, Any] = {"fiscal_year": term.fiscal_year}
    kept |= {"show": need.code} if need else {}
    kept |= {"stage": stage.code} if stage else {}
    table = tables.matrix_table(scope, found, lines, narrowed=need is not None)
    return {
        "table": table.sorted_by(request.GET.get("sort", ""), kept),
        "filters": _filters(found, need, stage),
        "stage": stage,
        "years": _years(term),
        "export_query": "&".join(f"{key}={value}" for key, value in kept.items()),
    }


def _filters(found: Matrix, need: Need | None, stage: Stage | None) -> list[dict[str, object]]:
    """Chips with the number of hubs that each would list."""
    every = {
        "label": f"すべて（{len(found.lines)}）",
        "url": matrices.address(found.term),
        "current": need is None,
    }
    return [every] + [
        {
            "label": f"{one.label}（{len(found.waiting(one))}）",
            "url": matrices.address(found.term, one),
            "current": one is need and stage is None,
        }
        for one in Need
    ]


def _years(term: Term) -> list[dict[str, object]]:
    return [
        {
            "label": nendo(one.fiscal_year),
            "url": matrices.address(one),
            "current": one.pk == term.pk,
        }
        for one in Term.objects.all()
    ]


@require_safe
@allow("portal.matrix")
def matrix_export(request: HttpRequest, kind: str) -> HttpResponse:
    """The same lines as a file."""
    term = _term(request)
    if term is None:
        raise Http404
    found = matrices.matrix(scope_of(request), term)
    need, stage = _filter(request)
    lines = found.waiting(need, stage) if need else found.lines
    name = f"工程マトリクス_{nendo(term.fiscal_year)}"
    rows = tables.file_rows(found, lines)
    return sheet_file(request, kind=kind, name=name, header=tables.FILE_HEADER, rows=rows)


@require_safe
@allow("hubs.network.view")
def hub_record(request: HttpRequest, code: str) -> HttpResponse:
    """Everything of one hub, year by year."""
    scope = scope_of(request)
    hub = _hub(scope, code)
    context = {
        "title": f"{hub.name} 年度別の記録",
        "breadcrumbs": [
            Crumb("ホーム", reverse("home")),
            Crumb("拠点", reverse("hub_list")),
            Crumb(hub.name, reverse("hub_detail", args=[hub.code])),
            Crumb("年度別の記録"),
        ],
        "hub": hub,
        "years": record_of(scope, hub),
    }
    return render(request, "portal/home/record.html", context)


def _hub(scope: Scope, code: str) -> Hub:
    hubs = Hub.objects.visible_to(scope).select_related("bureau")
    hub: Hub = get_object_or_404(hubs, code=code)
    return hub
