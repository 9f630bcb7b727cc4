"""What the screens of this slice share: the way back and the addressed hub."""

from collections.abc import Sequence

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from hubs.network.models import Hub
from hubs.results.models import MonthlyReport
from hubs.terms.models import Term
from yorozu.core.access import Scope, scope_of
from yorozu.core.errors import Missing
from yorozu.core.fiscal import nendo
from yorozu.core.web.crumbs import Crumb

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
VERBS = {
    "hubs.results.submit": "提出する",
    "hubs.results.confirm": "実施機関として確認する",
    "hubs.results.accept": "確認済にする",
}


def crumbs(term: Term, *steps: tuple[str, str | None]) -> list[Crumb]:
    """Home, term, matrix, then the given steps."""
    name = nendo(term.fiscal_year)
    return [
        Crumb("ホーム", "/"),
        Crumb(f"{name}の期", reverse("term_detail", args=[term.pk])),
        Crumb("月次実績", reverse("results_list", args=[term.pk])),
        *(Crumb(label, url) for label, url in steps),
    ]


def grid_url(term: Term, hub: Hub) -> str:
    """Address of a hub's grid."""
    return reverse("results_grid", args=[term.pk, hub.pk])


def find(request: HttpRequest, pk: int, hub_pk: int) -> tuple[Scope, Term, Hub]:
    """Scope, term and hub of an address; 404 for a stranger's hub."""
    scope = scope_of(request)
    term = get_object_or_404(Term, pk=pk)
    return scope, term, get_object_or_404(Hub.objects.visible_to(scope), pk=hub_pk)


def linked(report: MonthlyReport, missing: Sequence[Missing]) -> list[dict[str, str]]:
    """What is missing, with the address where it is supplied."""
    addresses = {
        "results_grid": grid_url(report.term, report.hub),
        "term_detail": reverse("term_detail", args=[report.term_id]),
    }
    return [{"text": item.text, "url": addresses.get(item.link_name or "", "")} for item in missing]
