"""What the screens of the ledger share: the addressed hub, the way back, the tabs."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from hubs.ledger.models import IndividualConsultation, NetworkActivity
from hubs.network.models import Hub
from yorozu.core.access import Scope, decide, scope_of
from yorozu.core.errors import InvalidInput, NotReady
from yorozu.core.web.crumbs import Crumb

TABS = (
    ("ledger_list", "相談記録", "hubs.ledger.view"),
    ("ledger_months", "月別集計", "hubs.ledger.view"),
    ("ledger_breakdown", "内訳", "hubs.ledger.view"),
    ("activity_list", "ネットワーク活動", "hubs.ledger.view"),
    ("ledger_checks", "抽出確認", "hubs.ledger.view"),
)


def find_hub(request: HttpRequest, code: str) -> tuple[Scope, Hub]:
    """Scope and hub of an address; 404 for a stranger's hub."""
    scope = scope_of(request)
    return scope, get_object_or_404(Hub.objects.visible_to(scope), code=code)


def find_record(request: HttpRequest, pk: int) -> tuple[Scope, IndividualConsultation]:
    """Scope and version of an address; 404 for a stranger's."""
    scope = scope_of(request)
    rows = IndividualConsultation.objects.visible_to(scope).select_related("hub")
    return scope, get_object_or_404(rows, pk=pk)


def find_activity(request: HttpRequest, pk: int) -> tuple[Scope, NetworkActivity]:
    """Scope and version of an address; 404 for one neither reported nor attended."""
    scope = scope_of(request)
    rows = NetworkActivity.objects.visible_to(scope).select_related("hub")
    return scope, get_object_or_404(rows, pk=pk)


def crumbs(hub: Hub, *steps: tuple[str, str | None]) -> list[Crumb]:
    """Home, the hub's ledger, then the given steps."""
    return [
        Crumb("ホーム", "/"),
        Crumb(f"{hub.name} 相談記録", reverse("ledger_list", args=[hub.code])),
        *(Crumb(label, url) for label, url in steps),
    ]


def tabs(scope: Scope, hub: Hub, current: str) -> list[dict[str, Any]]:
    """The rooms of a hub's ledger, as far as the role may enter them."""
    return [
        {"label": label, "url": reverse(name, args=[hub.code]), "current": name == current}
        for name, label, action in TABS
        if decide(scope, action, hub_id=hub.pk).allowed
    ]


def show_refusal(
    form: forms.Form, refusal: InvalidInput | NotReady, field: str | None = None
) -> None:
    """Say in the form why the operation did not take it."""
    if isinstance(refusal, InvalidInput):
        for problem in refusal.problems:
            form.add_error(field, problem.as_text())
    else:
        form.add_error(field, refusal.message)
