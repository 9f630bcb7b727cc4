"""Network activities: list, entry, one activity with its versions, joining and leaving."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.ledger import operations, queries
from hubs.ledger.forms import ActivityCorrectionForm, ActivityFilter, ActivityForm, WithdrawForm
from hubs.ledger.models import NetworkActivity
from hubs.ledger.operations import ActivityConflict, Doubtful
from hubs.ledger.queries import ACTIVITY_LABELS, ActivityValues, Doubts, last_of_month
from hubs.ledger.rules import COUNTING
from hubs.ledger.views.entry import LAST, book_of
from hubs.ledger.views.frame import crumbs, find_activity, find_hub, show_refusal, tabs
from hubs.ledger.views.listing import PAGE, query_of
from hubs.ledger.views.tables import activity_table
from hubs.network.models import Hub
from yorozu.core import clock, fiscal
from yorozu.core.access import Scope, allow, decide, require, scope_of
from yorozu.core.errors import Conflict, InvalidInput, NotReady
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.forms import status_of

JOIN_SHOWN = 20


@require_safe
@allow("hubs.ledger.view")
def activity_list(request: HttpRequest, code: str) -> HttpResponse:
    """What a hub reported and attended; with ``indicator`` only what it counts."""
    scope, hub = find_hub(request, code)
    year = fiscal.fiscal_year_of(clock.today())
    form = ActivityFilter(request.GET, book=queries.code_labels([year])[year])
    data = form.cleaned_data if form.is_valid() else {}
    year = data.get("year") or year
    first, last = fiscal.first_day(year), fiscal.last_day(year)
    if month := data.get("month"):
        first, last = month, last_of_month(month)
    rule = COUNTING["NETW"] if data.get("indicator") == "NETW" else None
    part = queries.REPORTED if rule else data.get("part", "")
    rows = queries.activities(scope, hub, first, last, kind=data.get("kind", ""), part=part)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    may_enter = decide(scope, "hubs.ledger.enter", hub_id=hub.pk).allowed
    joinable = queries.joinable(hub, first, last)[:JOIN_SHOWN] if may_enter and not rule else []
    context = {
        "title": f"{hub.name} ネットワーク活動",
        "breadcrumbs": crumbs(hub, ("ネットワーク活動", None)),
        "hub": hub,
        "tabs": tabs(scope, hub, "activity_list"),
        "form": form,
        "first": first,
        "last": last,
        "rule": rule,
        "counted": rows.filter(hub=hub).count(),
        "attended": 0 if rule else rows.exclude(hub=hub).count(),
        "page": page,
        "table": activity_table(list(page), hub),
        "joinable": _joinable_lines(list(joinable)),
        "query": query_of(request),
        "may_enter": may_enter,
        "may_import": decide(scope, "hubs.ledger.import", hub_id=hub.pk).allowed,
    }
    return render(request, "hubs/ledger/activities.html", context, status=status_of(form))


def _joinable_lines(rows: list[NetworkActivity]) -> list[dict[str, Any]]:
    """Of another hub's activity only what helps to recognise it: no title, no coordinator."""
    years = {fiscal.fiscal_year_of(row.held_on) for row in rows}
    books = queries.code_labels(years)
    return [
        {
            "row": row,
            "kind": books[fiscal.fiscal_year_of(row.held_on)].label("network_kind", row.kind),
            "organizations": "、".join(one.name for one in row.partners),
        }
        for row in rows
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.ledger.enter")
def activity_entry(request: HttpRequest, code: str) -> HttpResponse:
    """A fresh form; after saving the next one stands."""
    scope, hub = find_hub(request, code)
    require(scope, "hubs.ledger.enter", hub_id=hub.pk)
    if request.method != "POST":
        kept = request.session.get(LAST, {})
        today = clock.today()
        initial = {
            "held_on": today,
            "coordinator_name": kept.get("coordinator_name", scope.name),
        }
        return _entry_page(request, hub, ActivityForm(hub=hub, book=book_of(""), initial=initial))
    book = book_of(request.POST.get("held_on", ""))
    form = ActivityForm(request.POST, hub=hub, book=book)
    if not form.is_valid():
        return _entry_page(request, hub, form)
    try:
        row = operations.enter_activity(
            actor=scope,
            hub=hub,
            values=form.values(),
            confirmed=request.POST.get("confirmed", ""),
        )
    except Doubtful as doubtful:
        return _entry_page(request, hub, form, doubtful.doubts)
    except (InvalidInput, NotReady) as refusal:
        show_refusal(form, refusal)
        return _entry_page(request, hub, form)
    messages.success(request, f"ネットワーク活動を保存しました（受付番号{row.record_no}）。")
    return redirect("activity_list", code=hub.code)


def _entry_page(
    request: HttpRequest, hub: Hub, form: ActivityForm, doubts: Doubts | None = None
) -> HttpResponse:
    duplicates = doubts.duplicates if doubts else ()
    alike = [row for row in duplicates if isinstance(row, NetworkActivity)]
    context = {
        "title": "ネットワーク活動の入力",
        "breadcrumbs": crumbs(
            hub, ("ネットワーク活動", reverse("activity_list", args=[hub.code])), ("入力", None)
        ),
        "hub": hub,
        "form": form,
        "doubts": doubts,
        "alike": _joinable_lines([row for row in alike if row.hub_id != hub.pk]),
        "own_alike": [row for row in alike if row.hub_id == hub.pk],
        "coordinators": queries.coordinator_names(hub, clock.today()),
    }
    status = 422 if doubts else status_of(form)
    return render(request, "hubs/ledger/activity_entry.html", context, status=status)


@require_safe
@allow("hubs.ledger.view")
def activity_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One activity with its versions and the hubs that took part."""
    scope, row = find_activity(request, pk)
    versions = queries.activity_history(row)
    newest = versions[0]
    books = queries.code_labels({fiscal.fiscal_year_of(one.held_on) for one in versions})
    own = decide(scope, "hubs.ledger.correct", hub_id=newest.hub_id).allowed
    context = {
        "title": newest.title,
        "breadcrumbs": _crumbs(newest, newest.record_no),
        "row": newest,
        "participants": [one.hub for one in newest.participations.all()],
        "versions": [
            {
                "row": one,
                "kind": books[fiscal.fiscal_year_of(one.held_on)].label("network_kind", one.kind),
                "organizations": "、".join(found.name for found in one.partners),
            }
            for one in versions
        ],
        "may_correct": own and newest.is_current,
        "may_leave": newest.is_current and _joined_hub(scope, newest) is not None,
    }
    return render(request, "hubs/ledger/activity.html", context)


def _joined_hub(scope: Scope, row: NetworkActivity) -> Hub | None:
    """The person's own hub, if it is one of those that joined."""
    joined = [one.hub for one in row.participations.all()]
    return next(
        (hub for hub in joined if decide(scope, "hubs.ledger.correct", hub_id=hub.pk).allowed),
        None,
    )


def _crumbs(row: NetworkActivity, *steps: str) -> list[Crumb]:
    url = reverse("activity_list", args=[row.hub.code])
    return crumbs(row.hub, ("ネットワーク活動", url), *((step, None) for step in steps))


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.ledger.correct")
def activity_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """The content with a reason; a new version takes the place of the old one."""
    scope, row = find_activity(request, pk)
    require(scope, "hubs.ledger.correct", hub_id=row.hub_id)
    if request.method == "POST":
        book = book_of(request.POST.get("held_on", ""))
        form = ActivityCorrectionForm(request.POST, hub=row.hub, book=book, row=row)
        return _correct(request, scope, row, form)
    if not row.is_current:
        raise ActivityConflict(row)
    book = book_of(f"{row.held_on}")
    form = ActivityCorrectionForm(hub=row.hub, book=book, row=row, initial=_initial(row))
    return _correction_page(request, row, form)


def _correct(
    request: HttpRequest, scope: Scope, row: NetworkActivity, form: ActivityCorrectionForm
) -> HttpResponse:
    if not form.is_valid():
        return _correction_page(request, row, form)
    try:
        new = operations.correct_activity(
            actor=scope,
            row=row,
            values=form.values(),
            reason=form.cleaned_data["reason"],
            confirmed=request.POST.get("confirmed", ""),
        )
    except Doubtful as doubtful:
        return _correction_page(request, row, form, doubts=doubtful.doubts)
    except ActivityConflict as conflict:
        if conflict.current is None:
            raise
        return _correction_page(request, conflict.current, form, conflict=conflict)
    except (InvalidInput, NotReady) as refusal:
        show_refusal(form, refusal)
        return _correction_page(request, row, form)
    messages.success(request, f"受付番号{row.record_no}を訂正しました。")
    return redirect("activity_detail", pk=new.pk)


def _initial(row: NetworkActivity) -> dict[str, Any]:
    return {
        "held_on": row.held_on,
        "kind": row.kind,
        "title": row.title,
        "coordinator_name": row.coordinator_name,
        "organizations": [one.pk for one in row.partners],
    }


def _correction_page(
    request: HttpRequest,
    row: NetworkActivity,
    form: ActivityForm,
    doubts: Doubts | None = None,
    conflict: ActivityConflict | None = None,
) -> HttpResponse:
    context = {
        "title": f"ネットワーク活動 {row.record_no} の訂正",
        "breadcrumbs": _crumbs(row, "訂正"),
        "row": row,
        "form": form,
        "doubts": doubts,
        "conflict": conflict,
        "theirs": _theirs(row, form.values()) if conflict else [],
        "coordinators": queries.coordinator_names(row.hub, clock.today()),
    }
    status = 422 if doubts else status_of(form)
    if conflict:
        status = 409
    return render(request, "hubs/ledger/activity_correct.html", context, status=status)


def _theirs(row: NetworkActivity, mine: ActivityValues) -> list[dict[str, str]]:
    """Where the stored version and the typed one differ."""
    stored = queries.activity_values(row)
    book = book_of(f"{row.held_on}")
    ids = {*stored.organization_ids, *mine.organization_ids}
    names = queries.organization_names(ids)

    def text(name: str, value: Any) -> str:
        if name == "organization_ids":
            return "、".join(names[pk] for pk in value)
        return book.label("network_kind", value) if name == "kind" else f"{value}"

    return [
        {
            "label": label,
            "old": text(name, getattr(stored, name)),
            "new": text(name, getattr(mine, name)),
        }
        for name, label in ACTIVITY_LABELS.items()
        if getattr(stored, name) != getattr(mine, name)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.ledger.correct")
def activity_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an activity out of the counts, with a reason."""
    scope, row = find_activity(request, pk)
    require(scope, "hubs.ledger.correct", hub_id=row.hub_id)
    if not row.is_current:
        raise ActivityConflict(row)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            new = operations.withdraw_activity(actor=scope, row=row, reason=reason)
        except NotReady as refusal:
            show_refusal(form, refusal, "reason")
        else:
            messages.success(request, f"受付番号{row.record_no}を取り消しました。")
            return redirect("activity_detail", pk=new.pk)
    context = {
        "title": f"ネットワーク活動 {row.record_no} の取消",
        "breadcrumbs": _crumbs(row, "取消"),
        "form": form,
        "back_url": reverse("activity_detail", args=[row.pk]),
    }
    return render(request, "hubs/ledger/withdraw.html", context, status=status_of(form))


@require_POST
@allow("hubs.ledger.enter")
def activity_join(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take part in an activity that another hub reports."""
    scope, hub = find_hub(request, code)
    row = get_object_or_404(NetworkActivity.objects.select_related("hub"), pk=pk)
    operations.join_activity(actor=scope, hub=hub, row=row)
    messages.success(request, f"参加を記録しました。件数は報告した{row.hub.name}で1件に数えます。")
    return redirect("activity_list", code=hub.code)


@require_POST
@allow("hubs.ledger.correct")
def activity_leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a participation back."""
    scope, row = find_activity(request, pk)
    hub = _joined_hub(scope_of(request), row)
    if hub is None:
        raise Conflict("この活動への参加は記録されていません。")
    operations.leave_activity(actor=scope, hub=hub, row=row)
    messages.success(request, "参加の記録を取り消しました。")
    return redirect("activity_list", code=hub.code)
