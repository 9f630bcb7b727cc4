"""The finalized versions of a plan: list, one version on screen and paper, its record as JSON."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hubs.plans import queries
from hubs.plans.models import Plan
from hubs.plans.papers import paper_name, paper_sheet
from hubs.plans.queries.amending import open_amendment_of
from hubs.plans.queries.editions import Edition, version_edition, version_label
from hubs.plans.queries.records import version_record
from hubs.plans.tables.overview import AMENDMENT_CHIPS
from hubs.plans.views.frame import crumbs, get_plan, may_amend, may_read_minutes, plan_crumb
from hubs.plans.views.paper import pdf_file, print_page
from yorozu.core import fiscal
from yorozu.core.access import Scope, allow, decide, scope_of
from yorozu.core.pdf import pdf_available
from yorozu.core.web.chips import Chip
from yorozu.core.web.downloads import attachment
from yorozu.core.web.tables import Cell, Column, Empty, Table

RECORD = "hubs.plans.read_minutes"
COLUMNS = (
    Column("number", "版", header=True),
    Column("month", "適用開始月"),
    Column("at", "確定"),
    Column("reason", "変更の理由"),
    Column("hash", "内容のハッシュ"),
)

AMENDMENT_COLUMNS = (
    Column("number", "計画変更", header=True),
    Column("state", "状態"),
    Column("month", "適用開始月"),
    Column("reason", "変更の理由"),
    Column("at", "最後の動き"),
)


def _edition(scope: Scope, pk: int, number: int) -> tuple[Plan, Edition]:
    plan = get_plan(scope, pk)
    found = version_edition(plan, number)
    if found is None:
        raise Http404
    return plan, found


@require_safe
@allow("hubs.plans.view")
def plan_versions(request: HttpRequest, pk: int) -> HttpResponse:
    """All versions of a plan."""
    scope = scope_of(request)
    plan = get_plan(scope, pk)
    context = {
        "title": f"{plan.hub} 事業計画の版と計画変更",
        "breadcrumbs": crumbs(plan.term, plan_crumb(plan), ("版と計画変更", None)),
        "plan": plan,
        "chip": queries.plan_chip(plan),
        "table": _table(plan),
        "amendments": _amendments(plan),
        "open_amendment": open_amendment_of(plan),
        "may_amend": may_amend(plan, scope),
    }
    return render(request, "hubs/plans/versions.html", context)


def _table(plan: Plan) -> Table:
    versions = plan.versions.order_by("number").defer("content")
    return Table(
        caption="確定した版",
        columns=COLUMNS,
        rows=[
            {
                "number": Cell(
                    version_label(row), url=reverse("plan_version", args=[plan.pk, row.number])
                ),
                "month": fiscal.wareki_month(row.effective_month),
                "at": Cell(row.finalized_at, note=row.finalized_by_name),
                "reason": Cell(row.reason, css="yz-pre"),
                "hash": Cell(row.content_hash[:16] + "…"),
            }
            for row in versions
        ],
        empty=Empty(
            "確定した版はまだありません。",
            "経済産業局が計画を確定すると、ここに第1版が表示されます。",
            reverse("plan_detail", args=[plan.pk]),
            "計画の画面へ戻る",
        ),
    )


def _amendments(plan: Plan) -> Table:
    return Table(
        caption="計画変更",
        columns=AMENDMENT_COLUMNS,
        rows=[
            {
                "number": Cell(
                    f"計画変更{row.number}", url=reverse("amendment_detail", args=[row.pk])
                ),
                "state": Chip(AMENDMENT_CHIPS[row.state]),
                "month": fiscal.wareki_month(row.effective_month) if row.effective_month else "",
                "reason": Cell(row.reason, css="yz-pre"),
                "at": Cell(row.decided_at or row.submitted_at or row.updated_at),
            }
            for row in plan.amendments.order_by("-number")
        ],
    )


@require_safe
@allow("hubs.plans.view")
def plan_version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One version as it was fixed."""
    scope = scope_of(request)
    plan, edition = _edition(scope, pk, number)
    step = ("版と計画変更", reverse("plan_versions", args=[plan.pk]))
    context = {
        "title": f"{plan.hub} 事業計画 第{number}版",
        "breadcrumbs": crumbs(plan.term, plan_crumb(plan), step, (f"第{number}版", None)),
        "plan": plan,
        "edition": edition,
        "sheet": paper_sheet(edition, minutes=may_read_minutes(plan, scope)),
        "pdf_problem": pdf_available(),
        "may_read_record": decide(scope, RECORD, hub_id=plan.hub_id).allowed,
    }
    return render(request, "hubs/plans/version.html", context)


@require_safe
@allow("hubs.plans.view")
def plan_version_print(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The version on paper."""
    scope = scope_of(request)
    plan, edition = _edition(scope, pk, number)
    back_url = reverse("plan_version", args=[plan.pk, number])
    return print_page(request, edition, scope, back_url)


@require_safe
@allow("hubs.plans.view")
def plan_version_pdf(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The version as PDF form."""
    scope = scope_of(request)
    return pdf_file(_edition(scope, pk, number)[1], scope)


@require_safe
@allow(RECORD)
def plan_version_json(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The record of a version, minutes included: what `./run manage check_plan` recomputes."""
    _, edition = _edition(scope_of(request), pk, number)
    data = version_record(edition).encode("utf-8")
    return attachment(data, f"{paper_name(edition)}.json", "application/json")
