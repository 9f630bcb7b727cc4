"""The portfolio of own initiatives: three places with autosave and files."""

from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from evaluation.hearings import operations
from evaluation.hearings.forms import UploadForm
from evaluation.hearings.models import Hearing, InitiativeFile, OwnInitiative
from evaluation.hearings.operations import InitiativeConflict
from evaluation.hearings.operations.initiatives import hearing_for
from evaluation.hearings.operations.seats import own_seat
from evaluation.hearings.queries.portfolios import Place, portfolio
from evaluation.hearings.rules.portfolio import HINTS, LABELS, LONGEST
from evaluation.hearings.views.frame import BY_SEAT, term_of
from hubs.network.models import Hub
from hubs.terms.models import Term
from yorozu.core import clock
from yorozu.core.access import Scope, allow, decide, scope_of
from yorozu.core.errors import InvalidInput, NotReady, Problem
from yorozu.core.fiscal import nendo
from yorozu.core.web.crumbs import Crumb

VIEW, EDIT = "evaluation.hearings.initiatives_view", "evaluation.hearings.initiatives"


def readable_hub(scope: Scope, term: Term, code: str) -> Hub:
    """A hub whose portfolio the person may read: of the scope, or by a seat; 404 otherwise."""
    seated = Hearing.objects.seated(scope.user_id).filter(term=term).values("hub_id")
    own = Q(pk__in=seated)
    if scope.role not in BY_SEAT:
        own |= Q() if scope.hub_ids is None else Q(pk__in=scope.hub_ids)
        rows = Hub.objects.all() if scope.hub_ids is None else Hub.objects.filter(own)
    else:
        rows = Hub.objects.filter(own)
    hub: Hub = get_object_or_404(rows.select_related("bureau"), code=code)
    hearing = hearing_for(hub, term)
    is_seated = hearing is not None and hub.pk in set(seated.values_list("hub_id", flat=True))
    if is_seated and hearing is not None:
        # Nobody sees data of the term before signing, nor with an interest in the hub.
        own_seat(scope, hearing)
    return hub


def _frame(request: HttpRequest, hub: Hub, term: Term, title: str, *steps: Crumb) -> dict[str, Any]:
    scope = scope_of(request)
    may = decide(scope, EDIT, hub_id=hub.pk).allowed
    why = operations.why_closed(hub, term)
    return {
        "title": title,
        "hub": hub,
        "term": term,
        "hearing": hearing_for(hub, term),
        "may_edit": may and not why,
        "is_over": bool(why),
        "why_closed": why if may else "",
        "breadcrumbs": [Crumb("ホーム", "/"), *steps, Crumb(title)],
    }


@require_safe
@allow(VIEW)
def initiatives(request: HttpRequest, year: int, code: str) -> HttpResponse:
    """The three places of a hub."""
    term = term_of(year)
    hub = readable_hub(scope_of(request), term, code)
    places = portfolio(hub, term)
    title = f"{hub.name}の独自の取組（{nendo(year)}）"
    context = {
        **_frame(request, hub, term, title, *_way(request, hub, term)),
        "places": places,
        "written": sum(place.is_written for place in places),
        "labels": LABELS,
    }
    return render(request, "evaluation/hearings/initiatives.html", context)


def _way(request: HttpRequest, hub: Hub, term: Term) -> list[Crumb]:
    """Judges come from the hearing of the hub, its side from the home page."""
    if not decide(scope_of(request), "evaluation.hearings.view", hub_id=hub.pk).allowed:
        return []
    page = reverse("hearing_hub", args=[term.fiscal_year, hub.code])
    return [Crumb(f"{hub.name}のヒアリング", page)]


def _fields(place: Place, typed: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """The controls of one initiative."""
    row = place.initiative
    stored = {name: getattr(row, name) if row is not None else "" for name in LABELS}
    values = {**stored, **(typed or {})}
    return [
        {
            "name": name,
            "label": LABELS[name],
            "hint": HINTS[name],
            "value": values[name],
            "longest": LONGEST[name],
            "characters": len(values[name]),
            "is_line": name == "title",
            "sends": f"csrfmiddlewaretoken,version,{name}",
        }
        for name in LABELS
    ]


def _version(request: HttpRequest) -> int:
    typed = request.POST.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _typed(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST[name] for name in LABELS if name in request.POST}


def _save(request: HttpRequest, hub: Hub, term: Term, order: int) -> OwnInitiative:
    return operations.save_initiative(
        scope_of(request),
        hub=hub,
        term=term,
        order=order,
        values=_typed(request),
        version=_version(request),
    )


def _place(hub: Hub, term: Term, order: int) -> Place:
    found = [place for place in portfolio(hub, term) if place.order == order]
    if not found:
        raise Http404
    return found[0]


@require_http_methods(["GET", "HEAD", "POST"])
@allow(EDIT)
def initiative_edit(request: HttpRequest, year: int, code: str, order: int) -> HttpResponse:
    """Write one initiative; without JavaScript this POST saves, with it every change is saved."""
    term, scope = term_of(year), scope_of(request)
    hub = readable_hub(scope, term, code)
    place = _place(hub, term, order)
    if request.method != "POST":
        return _edit_page(request, hub, term, place)
    try:
        _save(request, hub, term, order)
    except InitiativeConflict as conflict:
        return _conflict_page(request, hub, term, conflict)
    except InvalidInput as error:
        return _edit_page(request, hub, term, place, error.problems, _typed(request))
    messages.success(request, "独自の取組を保存しました。")
    return redirect("initiatives", year=year, code=code)


# PLR0913: what the page shows, and what was typed.
def _edit_page(
    request: HttpRequest,
    hub: Hub,
    term: Term,
    place: Place,
    problems: list[Problem] | None = None,
    typed: dict[str, str] | None = None,
) -> HttpResponse:
    year = term.fiscal_year
    back = Crumb(f"独自の取組（{nendo(year)}）", reverse("initiatives", args=[year, hub.code]))
    base = _frame(request, hub, term, f"独自の取組{place.order}の入力", back)
    if not base["may_edit"]:
        raise NotReady(f"独自の取組を変更できません。{base['why_closed']}")
    row = place.initiative
    context = {
        **base,
        "place": place,
        "fields": _fields(place, typed),
        "version": row.version if row is not None else 0,
        "files": list(row.files.all()) if row is not None else [],
        "upload_form": UploadForm(),
        "problems": problems or [],
        "autosave_url": reverse("initiative_autosave", args=[year, hub.code, place.order]),
    }
    status = 422 if problems else 200
    return render(request, "evaluation/hearings/initiative_edit.html", context, status=status)


def _conflict_page(
    request: HttpRequest, hub: Hub, term: Term, conflict: InitiativeConflict
) -> HttpResponse:
    order = conflict.initiative.order
    context = {
        "title": "他の人が先に更新しました",
        "breadcrumbs": [Crumb("ホーム", "/"), Crumb("入力の確認")],
        "edit_url": reverse("initiative_edit", args=[term.fiscal_year, hub.code, order]),
        "version": conflict.initiative.version,
        "message": conflict.message,
        "differences": _differences(conflict),
        "has_errors": True,
    }
    return render(request, "conflict.html", context, status=409)


def _differences(conflict: InitiativeConflict) -> list[dict[str, str]]:
    return [
        {"name": name, "label": LABELS[name], "theirs": theirs, "mine": mine}
        for name, theirs, mine in conflict.differences
    ]


@require_POST
@allow(EDIT)
def initiative_autosave(request: HttpRequest, year: int, code: str, order: int) -> HttpResponse:
    """One change on the way (ui.md 2.2)."""
    term, scope = term_of(year), scope_of(request)
    hub = readable_hub(scope, term, code)
    try:
        row = _save(request, hub, term, order)
    except InitiativeConflict as conflict:
        context: dict[str, Any] = {
            "message": conflict.message,
            "difference": _differences(conflict)[0],
            "version": conflict.initiative.version,
            "autosave_url": reverse("initiative_autosave", args=[year, code, order]),
            "edit_url": reverse("initiative_edit", args=[year, code, order]),
        }
        page = "evaluation/hearings/_initiative_conflict.html"
        return render(request, page, context, status=409)
    except InvalidInput as error:
        context = {"problem": error.problems[0].message}
        page = "evaluation/hearings/_initiative_saved.html"
        return render(request, page, context, status=422)
    context = {"problem": "", "at": clock.now(), "version": row.version}
    response = render(request, "evaluation/hearings/_initiative_saved.html", context)
    if request.POST.get("reload"):
        response["HX-Refresh"] = "true"
    return response


def _initiative(request: HttpRequest, year: int, code: str, order: int) -> OwnInitiative:
    term = term_of(year)
    hub = readable_hub(scope_of(request), term, code)
    rows = OwnInitiative.objects.select_related("hub", "term")
    return get_object_or_404(rows, hub=hub, term=term, order=order)


@require_POST
@allow(EDIT)
def initiative_clear(request: HttpRequest, year: int, code: str, order: int) -> HttpResponse:
    """Take an initiative out of the portfolio."""
    row = _initiative(request, year, code, order)
    operations.clear_initiative(scope_of(request), initiative=row)
    messages.success(request, f"独自の取組{order}を取り消しました。")
    return redirect("initiatives", year=year, code=code)


@require_POST
@allow(EDIT)
def initiative_file_add(request: HttpRequest, year: int, code: str, order: int) -> HttpResponse:
    """Attach a file to an initiative."""
    row = _initiative(request, year, code, order)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, "資料のファイルを選んでください。")
    else:
        file = form.cleaned_data["file"]
        try:
            operations.add_file(
                scope_of(request), initiative=row, file=file, filename=str(file.name)
            )
        except InvalidInput as error:
            messages.error(request, " ".join(one.message for one in error.problems))
        else:
            messages.success(request, "資料を登録しました。")
    return redirect("initiative_edit", year=year, code=code, order=order)


def _file(scope: Scope, pk: int) -> InitiativeFile:
    rows = InitiativeFile.objects.select_related("initiative__hub", "initiative__term")
    row = get_object_or_404(rows, pk=pk)
    readable_hub(scope, row.initiative.term, row.initiative.hub.code)
    return row


@require_safe
@allow(VIEW)
def initiative_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A file of a portfolio, as a download only."""
    row = _file(scope_of(request), pk)
    if not default_storage.exists(row.path):
        raise Http404
    return FileResponse(default_storage.open(row.path), as_attachment=True, filename=row.name)


@require_POST
@allow(EDIT)
def initiative_file_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file out of the portfolio."""
    row = _file(scope_of(request), pk)
    place = row.initiative
    operations.remove_file(scope_of(request), file=row)
    messages.success(request, "資料を外しました。")
    return redirect(
        "initiative_edit",
        year=place.term.fiscal_year,
        code=place.hub.code,
        order=place.order,
    )
