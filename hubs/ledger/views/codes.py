"""Screens of the coded lists: to read for all who read the ledger, to extend for HQ."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from hubs.ledger import operations, queries
from hubs.ledger.forms import AliasForm, VersionForm
from hubs.ledger.models import CodeKind, CodeList
from hubs.ledger.views.frame import show_refusal
from yorozu.core import clock, fiscal
from yorozu.core.access import allow, decide, require, scope_of
from yorozu.core.errors import InvalidInput, NotReady
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.forms import status_of

YEARS_AHEAD = 3


@require_safe
@allow("hubs.ledger.view")
def code_lists(request: HttpRequest) -> HttpResponse:
    """Which lists there are, and how large the one in force is."""
    year = fiscal.fiscal_year_of(clock.today())
    book = queries.code_labels([year])[year]
    context = {
        "title": "コード表",
        "breadcrumbs": [
            Crumb("ホーム", "/"),
            Crumb("相談記録", reverse("ledger_hubs")),
            Crumb("コード表"),
        ],
        "lists": [
            {
                "label": kind.label,
                "url": reverse("code_list", args=[kind.value]),
                "count": len(book.labels[kind.value]),
                "examples": "、".join(list(book.labels[kind.value].values())[:4]),
            }
            for kind in CodeKind
        ],
    }
    return render(request, "hubs/ledger/codes.html", context)


def _kind(text: str) -> CodeKind:
    try:
        return CodeKind(text)
    except ValueError:
        raise Http404 from None


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.ledger.view")
def code_list(request: HttpRequest, kind: str) -> HttpResponse:
    """The versions of one list with other spellings; HQ adds a spelling here."""
    scope, which = scope_of(request), _kind(kind)
    if request.method == "POST":
        require(scope, "hubs.ledger.codes")
    versions = queries.lists_of(which)
    in_force = _in_force(versions)
    form = AliasForm(request.POST if request.method == "POST" else None, code_list=in_force)
    if request.method == "POST" and form.is_valid():
        try:
            operations.add_alias(actor=scope, **form.cleaned_data)
        except NotReady as refusal:
            show_refusal(form, refusal, "alias")
        else:
            messages.success(request, f"別の表記「{form.cleaned_data['alias']}」を加えました。")
            return redirect("code_list", kind=which.value)
    context = {
        "title": f"コード表：{which.label}",
        "breadcrumbs": _crumbs(str(which.label)),
        "kind": which.value,
        "versions": versions,
        "in_force": in_force,
        "form": form,
        "may_edit": decide(scope, "hubs.ledger.codes").allowed,
    }
    return render(request, "hubs/ledger/code_list.html", context, status=status_of(form))


def _in_force(versions: list[CodeList]) -> CodeList:
    """The version of this fiscal year."""
    year = fiscal.fiscal_year_of(clock.today())
    found = next((row for row in versions if row.valid_from_fiscal_year <= year), None)
    if found is None:
        raise Http404
    return found


def _crumbs(*steps: str) -> list[Crumb]:
    return [
        Crumb("ホーム", "/"),
        Crumb("コード表", reverse("code_lists")),
        *(Crumb(step) for step in steps),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.ledger.codes")
def code_version(request: HttpRequest, kind: str) -> HttpResponse:
    """A new version for a coming year; the one before it stays for its years."""
    scope, which = scope_of(request), _kind(kind)
    newest = queries.lists_of(which)[0]
    year = fiscal.fiscal_year_of(clock.today())
    lines = "\n".join(f"{item.code} {item.label}" for item in newest.items.all())
    form = VersionForm(
        request.POST if request.method == "POST" else None,
        years=list(range(year + 1, year + 1 + YEARS_AHEAD)),
        initial={"items": lines, "fiscal_year": year + 1},
    )
    if request.method == "POST" and form.is_valid():
        try:
            row = operations.new_version(actor=scope, kind=which, **form.cleaned_data)
        except InvalidInput as faults:
            show_refusal(form, faults, "items")
        else:
            started = fiscal.nendo(row.valid_from_fiscal_year)
            messages.success(
                request, f"第{row.version}版を作りました。{started}の記録から使います。"
            )
            return redirect("code_list", kind=which.value)
    context = {
        "title": f"{which.label}の新しい版",
        "breadcrumbs": _crumbs(str(which.label), "新しい版"),
        "kind": which.value,
        "form": form,
    }
    return render(request, "hubs/ledger/code_version.html", context, status=status_of(form))
