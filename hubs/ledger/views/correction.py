"""Correcting and withdrawing a record, and recording what became of the issue."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from hubs.ledger import operations, queries
from hubs.ledger.forms import CorrectionForm, OutcomeForm, WithdrawForm, initial_of
from hubs.ledger.models import IndividualConsultation
from hubs.ledger.operations import Doubtful, RecordConflict
from hubs.ledger.queries import Doubts
from hubs.ledger.rules import LABELS, RecordValues, differences
from hubs.ledger.views.entry import book_of
from hubs.ledger.views.frame import crumbs, find_record, show_refusal
from hubs.ledger.views.record import text_of
from yorozu.core import clock
from yorozu.core.access import Scope, allow, require
from yorozu.core.errors import InvalidInput, NotReady
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.forms import status_of


@dataclass(frozen=True)
class _Faults:
    """Why a correction was not stored yet, beside what the form itself says."""

    doubts: Doubts | None = None
    conflict: RecordConflict | None = None


NO_FAULTS = _Faults()


def _crumbs(row: IndividualConsultation, act: str) -> list[Crumb]:
    url = reverse("ledger_record", args=[row.pk])
    return crumbs(row.hub, (row.record_no, url), (act, None))


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.ledger.correct")
def ledger_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of the record with a reason; a new version takes the place of the old one."""
    scope, row = find_record(request, pk)
    require(scope, "hubs.ledger.correct", hub_id=row.hub_id)
    if request.method == "POST":
        book = book_of(request.POST.get("held_on", ""))
        form = CorrectionForm(request.POST, hub=row.hub, book=book)
        return _correct(request, scope, row, form)
    if not row.is_current:
        raise RecordConflict(row)
    form = CorrectionForm(hub=row.hub, book=book_of(f"{row.held_on}"), initial=initial_of(row))
    return _correction_page(request, row, form)


def _correct(
    request: HttpRequest, scope: Scope, row: IndividualConsultation, form: CorrectionForm
) -> HttpResponse:
    if not form.is_valid():
        return _correction_page(request, row, form)
    try:
        new = operations.correct_consultation(
            actor=scope,
            row=row,
            values=form.values(),
            reason=form.cleaned_data["reason"],
            confirmed=request.POST.get("confirmed", ""),
        )
    except Doubtful as doubtful:
        return _correction_page(request, row, form, _Faults(doubts=doubtful.doubts))
    except RecordConflict as conflict:
        if conflict.current is None:
            raise
        return _correction_page(request, conflict.current, form, _Faults(conflict=conflict))
    except (InvalidInput, NotReady) as refusal:
        show_refusal(form, refusal)
        return _correction_page(request, row, form)
    messages.success(request, f"受付番号{new.record_no}を訂正しました。前の版は履歴に残ります。")
    return redirect("ledger_record", pk=new.pk)


def _correction_page(
    request: HttpRequest,
    row: IndividualConsultation,
    form: CorrectionForm,
    faults: _Faults = NO_FAULTS,
) -> HttpResponse:
    context = {
        "title": f"相談記録 {row.record_no} の訂正",
        "breadcrumbs": _crumbs(row, "訂正"),
        "row": row,
        "form": form,
        "doubts": faults.doubts,
        "conflict": faults.conflict,
        "theirs": _theirs(row, form.values()) if faults.conflict else [],
        "coordinators": queries.coordinator_names(row.hub, clock.today()),
        "has_errors": bool(faults.conflict),
    }
    status = status_of(form)
    if faults.conflict or faults.doubts:
        status = 409 if faults.conflict else 422
    return render(request, "hubs/ledger/correct.html", context, status=status)


def _theirs(row: IndividualConsultation, mine: RecordValues) -> list[dict[str, str]]:
    """Where the stored version and the typed one differ."""
    book = book_of(f"{row.held_on}")
    stored = queries.values_of(row)
    return [
        {
            "label": LABELS[name],
            "old": text_of(name, getattr(stored, name), book),
            "new": text_of(name, getattr(mine, name), book),
        }
        for name in differences(stored, mine)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.ledger.correct")
def ledger_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a record out of the counts, with a reason."""
    scope, row = find_record(request, pk)
    require(scope, "hubs.ledger.correct", hub_id=row.hub_id)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            new = operations.withdraw_consultation(actor=scope, row=row, reason=reason)
        except NotReady as refusal:
            show_refusal(form, refusal, "reason")
        else:
            said = f"受付番号{row.record_no}を取り消しました。件数には数えません。"
            messages.success(request, said)
            return redirect("ledger_record", pk=new.pk)
    return _small_page(request, row, form, "hubs/ledger/withdraw.html", "取消")


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.ledger.enter")
def ledger_outcome(request: HttpRequest, pk: int) -> HttpResponse:
    """When the issue was resolved, and when the client confirmed it."""
    scope, row = find_record(request, pk)
    require(scope, "hubs.ledger.enter", hub_id=row.hub_id)
    form = OutcomeForm(request.POST if request.method == "POST" else None, initial=initial_of(row))
    if request.method == "POST" and form.is_valid():
        days: dict[str, Any] = form.cleaned_data
        try:
            new = operations.record_outcome(actor=scope, row=row, **days)
        except (InvalidInput, NotReady) as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, f"受付番号{row.record_no}の課題解決を記録しました。")
            return redirect("ledger_record", pk=new.pk)
    return _small_page(request, row, form, "hubs/ledger/outcome.html", "課題解決")


def _small_page(
    request: HttpRequest, row: IndividualConsultation, form: forms.Form, template: str, act: str
) -> HttpResponse:
    if not row.is_current:
        raise RecordConflict(row)
    context = {
        "title": f"相談記録 {row.record_no} の{act}",
        "breadcrumbs": _crumbs(row, act),
        "form": form,
        "back_url": reverse("ledger_record", args=[row.pk]),
    }
    return render(request, template, context, status=status_of(form))
