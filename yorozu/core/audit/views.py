"""The search screen of the trail and its CSV."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from yorozu.core import clock
from yorozu.core.access import allow, scope_of
from yorozu.core.audit.forms import SearchForm
from yorozu.core.audit.models import AuditEvent, AuditEventQuerySet
from yorozu.core.audit.queries import action_label, differences, kind_label, role_label, search
from yorozu.core.sheets import to_csv

PAGE = 50
CSV_ROWS = 100_000
HEADER = [
    "連番",
    "日時",
    "行った人",
    "役割",
    "操作",
    "対象の種類",
    "対象",
    "対象の番号",
    "変更前",
    "変更後",
    "理由",
    "ハッシュ",
]


def _search(request: HttpRequest) -> tuple[SearchForm, AuditEventQuerySet]:
    scope = scope_of(request)
    form = SearchForm(request.GET, actor=scope)
    return form, search(scope, form.cleaned_data if form.is_valid() else {})


@require_safe
@allow("core.audit.view")
def audit_list(request: HttpRequest) -> HttpResponse:
    """Search the trail; newest first."""
    form, events = _search(request)
    page = Paginator(events, PAGE).get_page(request.GET.get("page"))
    query = {key: value for key, value in request.GET.items() if value and key != "page"}
    context = {
        "title": "監査記録",
        "form": form,
        "page": page,
        "rows": [_shown(event) for event in page],
        "query": urlencode(query),
        "searched": bool(query),
    }
    return render(request, "core/audit/list.html", context)


def _shown(event: AuditEvent) -> dict[str, object]:
    return {
        "event": event,
        "action": action_label(event.action),
        "role": role_label(event.role),
        "kind": kind_label(event.object_type),
        "differences": differences(event),
    }


@require_safe
@allow("core.audit.view")
def audit_csv(request: HttpRequest) -> HttpResponse:
    """The found events as CSV, newest first, at most 100,000."""
    _, events = _search(request)
    rows = (_line(event) for event in events[:CSV_ROWS].iterator())
    response = HttpResponse(to_csv(HEADER, rows), content_type="text/csv; charset=utf-8")
    name = f"audit_{clock.now():%Y%m%d_%H%M}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _line(event: AuditEvent) -> list[object]:
    return [
        event.sequence,
        timezone.localtime(event.at).isoformat(sep=" ", timespec="seconds"),
        event.actor_label,
        role_label(event.role),
        action_label(event.action),
        kind_label(event.object_type),
        event.object_label,
        event.object_id,
        event.before,
        event.after,
        event.reason,
        event.event_hash,
    ]
