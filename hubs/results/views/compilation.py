"""実績取りまとめ: screen, print view and files of one query."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from hubs.results import files, operations, tables
from hubs.results.queries.compilation import Compilation, compilation, months_over, period_of
from hubs.results.views.frame import crumbs
from hubs.terms.models import Term
from yorozu.core.access import allow, decide, scope_of
from yorozu.core.fiscal import DateError, nendo, parse_month
from yorozu.core.pdf import pdf_available
from yorozu.core.web.downloads import XLSX, attachment

NOT_YET = "まだ終わった月がないため、実績を取りまとめられません。4月が終わると表示できます。"


def _found(request: HttpRequest, pk: int) -> tuple[Term, Compilation | None]:
    """The asked period; an unreadable month counts as not asked."""
    term = get_object_or_404(Term, pk=pk)
    try:
        wanted = parse_month(request.GET["month"]) if request.GET.get("month") else None
    except DateError:
        wanted = None
    period = period_of(term, wanted, single=request.GET.get("span") == "month")
    if period is None:
        return term, None
    with_shares = request.GET.get("detail") == "ledger"
    return term, compilation(scope_of(request), term, period, with_shares=with_shares)


def _query(found: Compilation) -> str:
    return f"?month={found.period.last:%Y-%m}{_more(found)}"


def _more(found: Compilation) -> str:
    """The other parameters of the page, for the links to other months."""
    span = "&span=month" if found.period.is_single else ""
    return span + ("&detail=ledger" if found.shares is not None else "")


def _none(request: HttpRequest, term: Term) -> HttpResponse:
    messages.info(request, NOT_YET)
    return redirect("results_list", pk=term.pk)


@require_safe
@allow("hubs.results.compile")
def results_compilation(request: HttpRequest, pk: int) -> HttpResponse:
    """The compilation on the screen."""
    term, found = _found(request, pk)
    if found is None:
        return _none(request, term)
    title = f"{nendo(term.fiscal_year)} 月次実績の取りまとめ"
    context: dict[str, Any] = {
        **files.compilation_context(found),
        "title": title,
        "breadcrumbs": crumbs(term, ("実績取りまとめ", None)),
        "term": term,
        "months": tables.month_choices(months_over(term), found.period.last),
        "query": _query(found),
        "more": _more(found),
        "plain_query": _query(found).replace("&detail=ledger", ""),
        "pdf_problem": pdf_available(),
        "may_make_pdf": decide(scope_of(request), "hubs.results.make_compilation").allowed,
    }
    return render(request, "hubs/results/compilation.html", context)


@require_safe
@allow("hubs.results.compile")
def results_compilation_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The compilation on paper."""
    term, found = _found(request, pk)
    if found is None:
        return _none(request, term)
    context = files.print_context(found)
    context["back_url"] = reverse("results_compilation", args=[term.pk]) + _query(found)
    return render(request, files.TEMPLATE, context)


@require_POST
@allow("hubs.results.make_compilation")
def results_compilation_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the PDF made of what the page shows, and show the progress."""
    term, found = _found(request, pk)
    if found is None:
        return _none(request, term)
    job = operations.start_compilation(actor=scope_of(request), found=found)
    return redirect("job_detail", job.pk)


@require_safe
@allow("hubs.results.compile")
def results_compilation_file(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The compilation as CSV or XLSX."""
    term, found = _found(request, pk)
    if found is None:
        return _none(request, term)
    name = files.compilation_name(found)
    if kind == "xlsx":
        return attachment(files.compilation_xlsx(found), f"{name}.xlsx", XLSX)
    if request.GET.get("encoding") == "cp932":
        data = files.compilation_csv(found, "cp932")
        return attachment(data, f"{name}.csv", "text/csv; charset=cp932")
    return attachment(files.compilation_csv(found), f"{name}.csv", "text/csv; charset=utf-8")
