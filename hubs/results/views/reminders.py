"""Reminding the late hubs: the list of whom, and one act for all of them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from hubs.results import operations
from hubs.results.forms import ReminderForm
from hubs.results.queries import LateMonth, late_months
from hubs.results.queries.reminding import working_day
from hubs.results.views.frame import crumbs
from hubs.terms.models import Term
from yorozu.core.access import allow, scope_of
from yorozu.core.errors import NotReady


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.results.remind")
def results_remind(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom to remind of which month; sending is one act."""
    scope, term = scope_of(request), get_object_or_404(Term, pk=pk)
    found = late_months(scope, term)
    posted = request.POST if request.method == "POST" else None
    form = ReminderForm(posted, choices=[(row.key, row.key) for row in found])
    refusal = ""
    if posted is not None and form.is_valid():
        try:
            sent = operations.send_reminders(
                actor=scope, term=term, keys=form.cleaned_data["months"]
            )
        except NotReady as error:
            refusal = error.message
        else:
            messages.success(request, _done(sent))
            return redirect(f"{reverse('results_list', args=[term.pk])}?show=overdue")
    ready = [row for row in found if not row.problem]
    context: dict[str, Any] = {
        "title": "期限を過ぎた月次実績の督促",
        "breadcrumbs": crumbs(term, ("督促", None)),
        "term": term,
        "rows": found,
        "ready": ready,
        "hubs": len({row.hub.pk for row in ready}),
        "people": _people(ready),
        "working_day": working_day(),
        "faults": [refusal] if refusal else form.errors.get("months", []),
    }
    status = 409 if refusal else 422 if form.errors else 200
    return render(request, "hubs/results/remind.html", context, status=status)


def _people(rows: list[LateMonth]) -> int:
    return len({one.user_id for row in rows for one in row.open_recipients})


def _done(sent: list[Any]) -> str:
    hubs = len({row.hub_id for row in sent})
    people = len({row.recipient_id for row in sent})
    return f"{hubs}拠点の{people}人に督促を送りました。画面の通知とメールで届きます。"
