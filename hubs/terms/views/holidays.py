"""The table of holidays: year by year, editable by administrators and HQ."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.terms import operations, queries
from hubs.terms.forms import HolidayCorrectionForm, HolidayForm
from hubs.terms.models import Holiday
from hubs.terms.views.frame import crumbs
from yorozu.core.access import allow, decide, scope_of
from yorozu.core.errors import Conflict
from yorozu.core.fiscal import wareki_year


@require_safe
@allow("hubs.terms.view")
def holiday_list(request: HttpRequest) -> HttpResponse:
    """All years; the next one can be entered as the present law gives it."""
    years = queries.holiday_years()
    next_year = years[0].year + 1 if years else None
    context = {
        "title": "祝日と休日",
        "breadcrumbs": crumbs(("祝日と休日", None)),
        "years": years,
        "next_year": next_year,
        "next_label": wareki_year(date(next_year, 12, 31)) if next_year else "",
        "may_edit": decide(scope_of(request), "hubs.terms.holidays").allowed,
    }
    return render(request, "hubs/terms/holidays.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.terms.holidays")
def holiday_new(request: HttpRequest) -> HttpResponse:
    """Add a holiday."""
    form = HolidayForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            row = operations.add_holiday(actor=scope_of(request), **form.cleaned_data)
        except Conflict as conflict:
            form.add_error("day", conflict.message)
        else:
            messages.success(request, f"祝日「{row.name}」を登録しました。")
            return redirect("holiday_list")
    return _form(request, form, "祝日の登録", "登録する")


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.terms.holidays")
def holiday_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct or cancel a holiday."""
    row = get_object_or_404(Holiday, pk=pk)
    initial = {
        "name": row.name,
        "basis": row.basis,
        "is_provisional": row.is_provisional,
        "is_cancelled": row.is_cancelled,
    }
    form = HolidayCorrectionForm(
        request.POST if request.method == "POST" else None, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        operations.correct_holiday(actor=scope_of(request), holiday=row, **form.cleaned_data)
        messages.success(request, "祝日を訂正しました。決まっている期限は自動では変わりません。")
        return redirect("holiday_list")
    return _form(request, form, "祝日の訂正", "保存する", row)


def _form(
    request: HttpRequest,
    form: HolidayForm | HolidayCorrectionForm,
    title: str,
    button: str,
    row: Holiday | None = None,
) -> HttpResponse:
    context = {
        "title": title,
        "breadcrumbs": crumbs(("祝日と休日", "/terms/holidays/"), (title, None)),
        "form": form,
        "row": row,
        "button": button,
    }
    return render(request, "hubs/terms/holiday.html", context, status=422 if form.errors else 200)


@require_POST
@allow("hubs.terms.holidays")
def holiday_estimate(request: HttpRequest, year: int) -> HttpResponse:
    """Enter the next year's holidays by the present law, marked 見込み."""
    rows = operations.take_over_holidays(actor=scope_of(request), year=year)
    messages.success(request, f"{year}年の祝日{len(rows)}日を見込みとして登録しました。")
    return redirect("holiday_list")
