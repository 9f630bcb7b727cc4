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
from hubs.partners.forms import OrganizationFilter, OrganizationForm
from hubs.partners.models import SupportOrganization
from yorozu.core.access import Scope, allow, decide, scope_of
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
    kept = {key: value for key, value in request.GET.items() if value and key != "page"}
    context: dict[str, Any] = {
        "title": "支援機関",
        "breadcrumbs": [Crumb("ホーム", "/"), Crumb("支援機関")],
        "form": form,
        "page": page,
        "rows": [{"organization": row, "is_tied": row.pk in tied} for row in page],
        "query": urlencode(kept),
        "may_enter": decide(scope, "hubs.partners.enter").allowed,
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
