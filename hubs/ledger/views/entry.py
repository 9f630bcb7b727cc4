"""The entry screen: one record in under thirty seconds, by keyboard alone."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from hubs.ledger import operations, queries
from hubs.ledger.forms import EntryForm
from hubs.ledger.models import IndividualConsultation
from hubs.ledger.operations import Doubtful, NumberTaken
from hubs.ledger.queries import CodeBook, Doubts
from hubs.ledger.views.frame import crumbs, find_hub, show_refusal
from hubs.ledger.views.tables import entered_table
from hubs.network.models import Hub
from yorozu.core import clock, fiscal
from yorozu.core.access import Scope, allow, require
from yorozu.core.errors import InvalidInput, NotReady
from yorozu.core.web.forms import status_of

LAST = "ledger_last"
DONE = "ledger_done"
# Entries whose answer may have been lost on the way; older ones are no longer asked about.
REMEMBERED = 30
SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.ledger.enter")
def ledger_entry(request: HttpRequest, code: str) -> HttpResponse:
    """A fresh form; what was saved stands below it."""
    scope, hub = find_hub(request, code)
    require(scope, "hubs.ledger.enter", hub_id=hub.pk)
    if request.method != "POST":
        return _page(request, scope, hub, _fresh(request, scope, hub))
    stored = request.session.get(DONE, {}).get(request.POST.get("entry_key", ""))
    if stored:
        messages.success(request, f"この入力は受付番号{stored}として、すでに保存されています。")
        return redirect("ledger_entry", code=hub.code)
    form = EntryForm(
        request.POST,
        hub=hub,
        book=book_of(request.POST.get("held_on", "")),
        last=lambda key: queries.latest_of_client(hub, key),
    )
    if not form.is_valid():
        return _page(request, scope, hub, form)
    return _save(request, scope, hub, form)


def book_of(typed_day: str) -> CodeBook:
    """The codes of the year of the typed day, of today's where it cannot be read."""
    try:
        day = fiscal.parse_date(typed_day)
    except ValueError:
        day = clock.today()
    return queries.code_book(fiscal.fiscal_year_of(day))


def _fresh(request: HttpRequest, scope: Scope, hub: Hub) -> EntryForm:
    """Today, the coordinator and channel of the last record, and the next number."""
    today = clock.today()
    year = fiscal.fiscal_year_of(today)
    kept = request.session.get(LAST, {})
    number = operations.propose_number(IndividualConsultation, hub, year)
    return EntryForm(
        hub=hub,
        book=queries.code_book(year),
        initial={
            "record_no": number,
            "proposed_no": number,
            "entry_key": uuid.uuid4().hex,
            "held_on": today,
            "coordinator_name": kept.get("coordinator_name", scope.name),
            "channel": kept.get("channel", ""),
        },
    )


def _save(request: HttpRequest, scope: Scope, hub: Hub, form: EntryForm) -> HttpResponse:
    try:
        row = operations.enter_consultation(
            actor=scope,
            hub=hub,
            values=form.values(),
            record_no=form.chosen_number(),
            confirmed=request.POST.get("confirmed", ""),
        )
    except Doubtful as doubtful:
        return _page(request, scope, hub, form, doubtful.doubts)
    except NumberTaken as taken:
        form.add_error("record_no", taken.message)
        return _page(request, scope, hub, form)
    except (InvalidInput, NotReady) as refusal:
        show_refusal(form, refusal)
        return _page(request, scope, hub, form)
    _remember(request, form, row)
    messages.success(request, _said(form, row))
    return redirect("ledger_entry", code=hub.code)


def _remember(request: HttpRequest, form: EntryForm, row: IndividualConsultation) -> None:
    done = dict(request.session.get(DONE, {}))
    done[form.cleaned_data["entry_key"]] = row.record_no
    request.session[DONE] = dict(list(done.items())[-REMEMBERED:])
    request.session[LAST] = {
        "coordinator_name": row.coordinator_name,
        "channel": row.channel,
    }


def _said(form: EntryForm, row: IndividualConsultation) -> str:
    said = f"保存しました（受付番号{row.record_no}）。"
    before = form.carried_from
    if before is not None:
        said += f"空欄の項目は前回の記録（受付番号{before.record_no}）から引き継ぎました。"
    return said


def _page(
    request: HttpRequest, scope: Scope, hub: Hub, form: EntryForm, doubts: Doubts | None = None
) -> HttpResponse:
    rows = queries.entered_today(scope, hub)
    context: dict[str, Any] = {
        "title": "相談記録の入力",
        "breadcrumbs": crumbs(hub, ("入力", None)),
        "hub": hub,
        "form": form,
        "doubts": doubts,
        "coordinators": queries.coordinator_names(hub, clock.today()),
        "today": clock.today(),
        "entered_count": rows.count(),
        "table": entered_table(list(rows[:SHOWN])),
        "list_url": reverse("ledger_list", args=[hub.code]),
    }
    status = 422 if doubts else status_of(form)
    return render(request, "hubs/ledger/entry.html", context, status=status)
