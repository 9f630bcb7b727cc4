"""The hearing sheet as print view and PDF, and the batch of all sheets."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from evaluation.hearings.models import Hearing
from evaluation.hearings.operations.seats import own_seat
from evaluation.hearings.operations.sheets import start_sheets
from evaluation.hearings.papers import sheet_context, sheet_name, sheet_pdf
from evaluation.hearings.views.frame import BY_SEAT, term_of
from yorozu.core.access import Scope, allow, scope_of
from yorozu.core.web.downloads import attachment


def _hearing(scope: Scope, year: int, code: str) -> Hearing:
    """A planned hearing that the person may read: of the hubs of the scope, or by a seat."""
    rows = Hearing.objects.filter(term__fiscal_year=year, hub__code=code)
    row = rows.select_related("hub__bureau", "term", "checklist").first()
    if row is None or row.is_filed:
        raise Http404
    if Hearing.objects.seated(scope.user_id).filter(pk=row.pk).exists():
        own_seat(scope, row)
    elif scope.role in BY_SEAT or not scope.covers(row.hub_id):
        raise Http404
    return row


@require_safe
@allow("evaluation.hearings.evidence_view")
def hearing_sheet(request: HttpRequest, year: int, code: str) -> HttpResponse:
    """The sheet as a page to print."""
    hearing = _hearing(scope_of(request), year, code)
    context = {**sheet_context(hearing), "back_url": _back(scope_of(request), hearing)}
    return render(request, "evaluation/hearings/sheet_print.html", context)


def _back(scope: Scope, hearing: Hearing) -> str:
    if scope.role in BY_SEAT:
        return reverse("hearing_score", args=[hearing.pk])
    return reverse("hearing_hub", args=[hearing.term.fiscal_year, hearing.hub.code])


@require_safe
@allow("evaluation.hearings.evidence_view")
def hearing_sheet_pdf(request: HttpRequest, year: int, code: str) -> HttpResponse:
    """The sheet as PDF."""
    hearing = _hearing(scope_of(request), year, code)
    return attachment(sheet_pdf(hearing), f"{sheet_name(hearing)}.pdf", "application/pdf")


@require_POST
@allow("evaluation.hearings.make_sheets")
def hearing_sheets_make(request: HttpRequest, year: int) -> HttpResponse:
    """Queue all sheets of the term."""
    job = start_sheets(scope_of(request), term=term_of(year))
    messages.success(request, "ヒアリング票の作成を受け付けました。")
    return redirect("job_detail", pk=job.pk)
