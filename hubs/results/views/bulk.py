"""Many months in one act."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from hubs.results import operations, queries
from hubs.results.flow import RESULT_FLOW, missing_for
from hubs.results.forms import BulkForm
from hubs.results.models import MonthlyReport
from hubs.results.origins import SENT
from hubs.results.queries.doubts import doubts_in
from hubs.results.views.frame import VERBS, crumbs, linked
from hubs.terms.models import Term
from yorozu.core.access import Scope, allow, scope_of
from yorozu.core.errors import Conflict, NotReady
from yorozu.core.marks import Marks, marks_of_hubs


@dataclass(frozen=True)
class _Row:
    """One month of the list: what it lacks, and what should be looked at first."""

    report: MonthlyReport
    missing: Sequence[dict[str, str]]
    doubts: Sequence[str]
    is_ticked: bool

    @property
    def is_ready(self) -> bool:
        """Whether the act would go through."""
        return not self.missing


def _rows(scope: Scope, term: Term, action: str, posted: Collection[int] | None) -> list[_Row]:
    """All preselected; those that lack something cannot be ticked, doubtful ones are not."""
    reports = queries.reports_in(scope, term, RESULT_FLOW.by_action[action].sources)
    doubts = doubts_in(reports, term)
    beside = queries.beside_ledger([report.pk for report in reports if report.state in SENT])
    hub_ids = {report.hub_id for report in reports}
    marks = marks_of_hubs("results", scope, hub_ids, term.fiscal_year)
    rows = []
    for report in reports:
        missing = linked(report, missing_for(report, action, scope))
        marked = _marked(marks.get(report.hub_id, Marks()), report.month)
        found = [*doubts[report.pk], *beside.get(report.pk, ()), *marked]
        ticked = not found if posted is None else report.pk in posted
        rows.append(_Row(report, missing, found, ticked and not missing))
    return rows


def _marked(marks: Marks, month: date) -> list[str]:
    """What a higher slice asks about figures of this month."""
    return [
        f"{mark.word}：{mark.sentence}" for (at, _), mark in marks.at_figures.items() if at == month
    ]


# What has to happen before the list has a row.
_NOTHING = {
    "hubs.results.submit": "拠点が数値を入力した月が、ここに表示されます。",
    "hubs.results.confirm": "拠点が提出した月が、ここに表示されます。",
    "hubs.results.accept": "実施機関が確認した月が、ここに表示されます。",
}


def _bulk(
    request: HttpRequest, pk: int, action: str, act: Callable[..., list[MonthlyReport]]
) -> HttpResponse:
    """A list of months with boxes, one act for the ticked ones: all of them or none."""
    scope, term = scope_of(request), get_object_or_404(Term, pk=pk)
    # A month that moved on meanwhile is still a choice: the act names it in its refusal.
    known = {report.pk: report for report in queries.visible_reports(scope).filter(term=term)}
    form = BulkForm(
        request.POST if request.method == "POST" else None,
        choices=[(report.pk, str(report)) for report in known.values()],
    )
    posted, refusal = None, ""
    if request.method == "POST" and form.is_valid():
        posted = form.cleaned_data["reports"]
        try:
            done = act(actor=scope, reports=[known[pk] for pk in posted])
        except (Conflict, NotReady) as error:
            refusal = f"{error.message}1件も処理していません。"
        else:
            label = RESULT_FLOW.by_action[action].label
            messages.success(request, f"{len(done)}件の月次実績について「{label}」を行いました。")
            return redirect("results_list", pk=term.pk)
    rows = _rows(scope, term, action, posted)
    context = {
        "title": f"月次実績をまとめて{VERBS[action]}",
        "breadcrumbs": crumbs(term, (f"まとめて{VERBS[action]}", None)),
        "term": term,
        "rows": rows,
        "ready_count": sum(row.is_ready for row in rows),
        "ticked_count": sum(row.is_ticked for row in rows),
        "doubtful_count": sum(row.is_ready and bool(row.doubts) for row in rows),
        "act_label": VERBS[action],
        "nothing": _NOTHING[action],
        "form": form,
        "faults": [refusal] if refusal else form.errors.get("reports", []),
    }
    status = 409 if refusal else 422 if form.errors else 200
    return render(request, "hubs/results/bulk.html", context, status=status)


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
