"""Many months in one act."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from hubs.results import operations, queries
from hubs.results.flow import RESULT_FLOW, missing_for
from hubs.results.forms import BulkForm
from hubs.results.models import MonthlyReport
from hubs.results.views.frame import VERBS, crumbs, linked
from hubs.terms.models import Term
from yorozu.core.access import allow, scope_of


def _bulk(
    request: HttpRequest, pk: int, action: str, act: Callable[..., list[MonthlyReport]]
) -> HttpResponse:
    """A list of months with boxes: the ready ones ticked, the others say what they lack."""
    scope, term = scope_of(request), get_object_or_404(Term, pk=pk)
    states = RESULT_FLOW.by_action[action].sources
    reports = queries.reports_in(scope, term, states)
    rows = [(report, linked(report, missing_for(report, action, scope))) for report in reports]
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
        "breadcrumbs": crumbs(term, (f"まとめて{VERBS[action]}", None)),
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
