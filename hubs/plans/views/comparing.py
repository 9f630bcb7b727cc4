"""Two editions of a plan side by side: versions, submissions, last year."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from hubs.plans.models import Plan
from hubs.plans.queries.editions import default_comparison, edition, editions_of
from hubs.plans.tables.differences import DifferenceSheet, difference_sheet
from hubs.plans.views.frame import crumbs, get_plan, plan_crumb
from yorozu.core import clock
from yorozu.core.access import allow, scope_of
from yorozu.core.fiscal import nendo


def _sheet(request: HttpRequest, plan: Plan) -> DifferenceSheet:
    """The two editions named in the address, or the pair worth looking at first."""
    first, second = default_comparison(plan)
    old = edition(plan, request.GET.get("old", first))
    new = edition(plan, request.GET.get("new", second))
    if old is None or new is None:
        raise Http404
    return difference_sheet(old, new)


def _query(sheet: DifferenceSheet) -> str:
    return urlencode({"old": sheet.old.key, "new": sheet.new.key})


@require_safe
@allow("hubs.plans.view")
def plan_difference(request: HttpRequest, pk: int) -> HttpResponse:
    """What differs between two editions, with the choice of both."""
    plan = get_plan(scope_of(request), pk)
    sheet = _sheet(request, plan)
    context = {
        "title": f"{plan.hub} 事業計画の比較",
        "breadcrumbs": crumbs(plan.term, plan_crumb(plan), ("比較", None)),
        "plan": plan,
        "sheet": sheet,
        "choices": editions_of(plan),
        "print_url": f"{reverse('plan_difference_print', args=[plan.pk])}?{_query(sheet)}",
    }
    return render(request, "hubs/plans/difference.html", context)


@require_safe
@allow("hubs.plans.view")
def plan_difference_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The same on paper."""
    plan = get_plan(scope_of(request), pk)
    sheet = _sheet(request, plan)
    context: dict[str, Any] = {
        "plan": plan,
        "sheet": sheet,
        "title": f"{nendo(plan.term.fiscal_year)} 事業計画の比較",
        "made_on": clock.today(),
        "is_sample_data": plan.term.is_sample,
        "for_pdf": False,
        "back_url": f"{reverse('plan_difference', args=[plan.pk])}?{_query(sheet)}",
    }
    return render(request, "hubs/plans/difference_print.html", context)
