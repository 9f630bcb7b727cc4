"""Screens of the register: the list, a new organisation, a tie."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.network.models import Hub
from hubs.partners import operations, queries
from hubs.partners.forms import EditForm, MergeForm, OrganizationFilter, OrganizationForm
from hubs.partners.models import SupportOrganization
from yorozu.core.access import Scope, allow, decide, scope_of
from yorozu.core.errors import Conflict, InvalidInput, NotReady
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.forms import status_of

PAGE = 100
LIST = Crumb("支援機関", "/partners/")


def _own_hub(scope: Scope) -> Hub:
    """The hub a person writes for; 404 where there is not exactly one."""
    ids = scope.hub_ids or frozenset()
    return get_object_or_404(Hub.objects.filter(pk__in=ids), pk=next(iter(ids), None))


@require_safe
@allow("hubs.partners.view")
def partner_list(request: HttpRequest) -> HttpResponse:
    """The register, at first of one's own area."""
    scope = scope_of(request)
    form = OrganizationFilter(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    rows = queries.organizations(
        scope,
        kind=asked.get("kind", ""),
        words=asked.get("q", ""),
        everywhere=asked.get("area") == "all",
    )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    tied = queries.tied_ids(scope)
    may_edit = decide(scope, "hubs.partners.edit").allowed
    editable = queries.editable_ids(scope, [row.pk for row in page]) if may_edit else set()
    kept = {key: value for key, value in request.GET.items() if value and key != "page"}
    context: dict[str, Any] = {
        "title": "支援機関",
        "breadcrumbs": [Crumb("ホーム", "/"), Crumb("支援機関")],
        "form": form,
        "page": page,
        "rows": [
            {
                "organization": row,
                "is_tied": row.pk in tied,
                "may_edit": row.pk in editable,
                "aliases": [one.name for one in row.aliases.all()],
            }
            for row in page
        ],
        "query": urlencode(kept),
        "may_enter": decide(scope, "hubs.partners.enter").allowed,
        "may_merge": decide(scope, "hubs.partners.merge").allowed,
        "may_edit": may_edit,
    }
    return render(request, "hubs/partners/list.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.partners.enter")
def partner_new(request: HttpRequest) -> HttpResponse:
    """Register an organisation and tie it to the own hub."""
    scope = scope_of(request)
    hub = _own_hub(scope)
    form = OrganizationForm(
        request.POST if request.method == "POST" else None,
        initial={"prefecture": hub.prefecture_id},
    )
    if request.method == "POST" and form.is_valid():
        row = operations.register_organization(actor=scope, hub=hub, **form.cleaned_data)
        messages.success(request, f"{row.name}を登録し、連携する支援機関に加えました。")
        return redirect("partner_list")
    context = {
        "title": "支援機関の登録",
        "breadcrumbs": [Crumb("ホーム", "/"), LIST, Crumb("登録")],
        "hub": hub,
        "form": form,
        "list_url": reverse("partner_list"),
    }
    return render(request, "hubs/partners/new.html", context, status=status_of(form))


@require_POST
@allow("hubs.partners.enter")
def partner_tie(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an organisation of the register among those one's hub works with."""
    scope = scope_of(request)
    row = get_object_or_404(SupportOrganization, pk=pk)
    operations.tie_organization(actor=scope, hub=_own_hub(scope), organization=row)
    messages.success(request, f"{row.name}を連携する支援機関に加えました。")
    return redirect("partner_list")


def _find(pk: int) -> SupportOrganization:
    rows = SupportOrganization.objects.select_related("prefecture", "merged_into")
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.partners.edit")
def partner_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an entry of the register right."""
    scope, row = scope_of(request), _find(pk)
    if problem := queries.edit_problem(scope, row):
        raise NotReady(problem)
    initial = {
        "name": row.name,
        "kind": row.kind,
        "prefecture": row.prefecture_id,
        "seen": operations.state_of(row),
    }
    form = EditForm(request.POST if request.method == "POST" else None, initial=initial)
    status = status_of(form)
    if request.method == "POST" and form.is_valid():
        try:
            done = operations.edit_organization(actor=scope, organization=row, **form.cleaned_data)
        except Conflict as conflict:
            # What was typed stays; sent again, it is meant against what stands there now.
            status = 409
            form = EditForm({**request.POST.dict(), "seen": operations.state_of(_find(pk))})
            form.add_error(None, conflict.message)
        except InvalidInput as refusal:
            status = 422
            form.add_error("name", refusal.problems[0].message)
        else:
            messages.success(request, f"{done.name}の登録を直しました。")
            return redirect("partner_list")
    context = {
        "title": f"{row.name} 登録の訂正",
        "breadcrumbs": [Crumb("ホーム", "/"), LIST, Crumb(row.name), Crumb("訂正")],
        "form": form,
        "list_url": reverse("partner_list"),
    }
    return render(request, "hubs/partners/edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.partners.merge")
def partner_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Make an entry the alias of another one."""
    scope, row = scope_of(request), _find(pk)
    if row.merged_into is not None:
        raise NotReady(f"この登録はすでに{row.merged_into.name}に統合されています。")
    typed = request.POST if request.method == "POST" else None
    form = MergeForm(typed, choices=queries.merge_choices(row))
    if request.method == "POST" and form.is_valid():
        kept = operations.merge_organization(actor=scope, organization=row, **form.cleaned_data)
        messages.success(request, f"{row.name}を{kept.name}に統合しました。")
        return redirect("partner_list")
    context = {
        "title": f"{row.name} の統合",
        "breadcrumbs": [Crumb("ホーム", "/"), LIST, Crumb(row.name), Crumb("統合")],
        "organization": row,
        "hubs": list(row.hubs.order_by("code")),
        "form": form,
        "list_url": reverse("partner_list"),
    }
    return render(request, "hubs/partners/merge.html", context, status=status_of(form))
