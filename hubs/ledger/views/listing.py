"""The list of records with its figures, their breakdown, and the overview of hubs."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hubs.ledger import queries
from hubs.ledger.forms import FilterForm
from hubs.ledger.models import IndividualConsultation
from hubs.ledger.queries import DIMENSIONS, Figures, HubLine, Wanted
from hubs.ledger.rules import COUNTING, LABELS, Source
from hubs.ledger.views.frame import find_hub, tabs
from hubs.ledger.views.tables import record_table
from hubs.network.models import Hub
from yorozu.core import clock, fiscal
from yorozu.core.access import Scope, allow, decide, scope_of
from yorozu.core.figures import format_percent, percent
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.forms import status_of
from yorozu.core.web.tables import Cell, Column, Empty, Table

PAGE = 100
INDICATORS = {"CONS": "相談対応件数", "VISIT": "来訪相談者数", "SOLVE": "課題解決件数"}


@require_safe
@allow("hubs.ledger.view")
def ledger_hubs(request: HttpRequest) -> HttpResponse:
    """The hubs whose records one may read; with one hub, its own list at once."""
    scope = scope_of(request)
    lines = queries.hub_overview(scope)
    if len(lines) == 1:
        return redirect("ledger_list", code=lines[0].hub.code)
    context = {
        "title": "相談記録",
        "breadcrumbs": [Crumb("ホーム", "/"), Crumb("相談記録")],
        "table": _hubs_table(lines),
    }
    return render(request, "hubs/ledger/hubs.html", context)


def _hubs_table(lines: list[HubLine]) -> Table:
    return Table(
        caption="拠点ごとの相談記録",
        columns=[
            Column("hub", "拠点", header=True),
            Column("month", "今月の相談記録", numeric=True, unit="件"),
            Column("activities", "今月のネットワーク活動", numeric=True, unit="件"),
            Column("last", "最新の相談日"),
            Column("checks", "抽出確認"),
        ],
        rows=[
            {
                "hub": Cell(line.hub.name, url=reverse("ledger_list", args=[line.hub.code])),
                "month": line.this_month,
                "activities": line.activities,
                "last": line.last_held_on,
                "checks": Cell(
                    f"残り{line.unchecked}件" if line.unchecked else "確認の状況",
                    url=reverse("ledger_checks", args=[line.hub.code]),
                ),
            }
            for line in lines
        ],
        empty=Empty("相談記録を見られる拠点がありません。"),
        sticky=True,
    )


@require_safe
@allow("hubs.ledger.view")
def ledger_list(request: HttpRequest, code: str) -> HttpResponse:
    """The records that are wanted; with ``indicator`` exactly those that it counts."""
    scope, hub = find_hub(request, code)
    form, wanted = asked(request)
    rule = COUNTING.get(wanted.indicator)
    if rule is not None and rule.source is Source.ACTIVITY:
        url = reverse("activity_list", args=[hub.code])
        return redirect(f"{url}?{query_of(request)}")
    rows = queries.records(scope, hub, wanted)
    form.offer_coordinators(queries.coordinators_in(rows))
    page = Paginator(rows.select_related("sample_check"), PAGE).get_page(request.GET.get("page"))
    query = query_of(request)
    context = {
        **_frame(request, scope, hub, "ledger_list"),
        "form": form,
        "wanted": wanted,
        "rule": rule,
        "indicator_name": INDICATORS.get(wanted.indicator, ""),
        "figures": queries.figures_of(rows),
        "page": page,
        "table": record_table(list(page), _nothing(scope, hub, bool(query))),
        "query": query,
        "may_export": decide(scope, "hubs.ledger.export", hub_id=hub.pk).allowed,
    }
    return render(request, "hubs/ledger/list.html", context, status=status_of(form))


def asked(request: HttpRequest) -> tuple[FilterForm, Wanted]:
    """The conditions of the address; without a period it is this fiscal year."""
    year = fiscal.fiscal_year_of(clock.today())
    form = FilterForm(request.GET, book=queries.code_labels([year])[year], fiscal_year=year)
    return form, form.wanted()


def query_of(request: HttpRequest) -> str:
    """The conditions for links of the page, without the page number."""
    kept = {key: value for key, value in request.GET.items() if value and key != "page"}
    return urlencode(kept)


def _frame(request: HttpRequest, scope: Scope, hub: Hub, current: str) -> dict[str, Any]:
    """What all tabs show."""
    return {
        "title": f"{hub.name} 相談記録",
        "breadcrumbs": [
            Crumb("ホーム", "/"),
            Crumb("相談記録", reverse("ledger_hubs")),
            Crumb(hub.name),
        ],
        "hub": hub,
        "tabs": tabs(scope, hub, current),
        "may_enter": decide(scope, "hubs.ledger.enter", hub_id=hub.pk).allowed,
        "may_import": decide(scope, "hubs.ledger.import", hub_id=hub.pk).allowed,
    }


def _nothing(scope: Scope, hub: Hub, is_narrowed: bool) -> Empty:
    if is_narrowed:
        return Empty("条件に合う相談記録はありません。", "期間を広げるか、条件を減らしてください。")
    if decide(scope, "hubs.ledger.enter", hub_id=hub.pk).allowed:
        return Empty(
            "この年度の相談記録はまだありません。",
            "相談の記録を入力すると、ここに並び、月次実績の件数になります。",
            reverse("ledger_entry", args=[hub.code]),
            "相談記録を入力する",
        )
    return Empty(
        "この年度の相談記録はまだありません。", "拠点のコーディネーターが入力すると表示されます。"
    )


@require_safe
@allow("hubs.ledger.view")
def ledger_breakdown(request: HttpRequest, code: str) -> HttpResponse:
    """The same rows by theme, industry, channel, size or coordinator."""
    scope, hub = find_hub(request, code)
    form, wanted = asked(request)
    rows = queries.records(scope, hub, wanted)
    form.offer_coordinators(queries.coordinators_in(rows))
    dimension = request.GET.get("by", "")
    dimension = dimension if dimension in DIMENSIONS else DIMENSIONS[0]
    context = {
        **_frame(request, scope, hub, "ledger_breakdown"),
        "form": form,
        "wanted": wanted,
        "dimension": dimension,
        "dimension_label": LABELS[dimension],
        "dimensions": _dimension_links(request, dimension),
        "table": _breakdown_table(request, hub, rows, dimension, wanted),
        "query": query_of(request),
    }
    return render(request, "hubs/ledger/breakdown.html", context, status=status_of(form))


def _dimension_links(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    kept = {key: value for key, value in request.GET.items() if value and key != "by"}
    return [
        {
            "label": LABELS[name],
            "url": f"?{urlencode({**kept, 'by': name})}",
            "current": name == current,
        }
        for name in DIMENSIONS
    ]


def _breakdown_table(
    request: HttpRequest,
    hub: Hub,
    rows: QuerySet[IndividualConsultation],
    dimension: str,
    wanted: Wanted,
) -> Table:
    found = queries.breakdown(rows, dimension)
    whole = queries.figures_of(rows)
    year = fiscal.fiscal_year_of(wanted.last)
    book = queries.code_labels([year])[year]
    kept = {key: value for key, value in request.GET.items() if value and key not in {"by", "page"}}
    name = "coordinator" if dimension == "coordinator_name" else dimension
    url = reverse("ledger_list", args=[hub.code])
    lines = [
        {
            "name": Cell(
                book.label(dimension, code), url=f"{url}?{urlencode({**kept, name: code})}"
            ),
            **_cells(one, whole),
        }
        for code, one in found
    ]
    return Table(
        caption=f"{LABELS[dimension]}ごとの内訳",
        columns=[
            Column("name", LABELS[dimension], header=True),
            Column("records", "相談記録", numeric=True, unit="件"),
            Column("share", "割合", numeric=True),
            Column("clients", "相談者", numeric=True, unit="者"),
            Column("visits", "来訪", numeric=True, unit="者"),
            Column("resolved", "解決（報告）", numeric=True, unit="件"),
            Column("confirmed", "相談者が確認", numeric=True, unit="件"),
            Column("checked", "抽出で確認", numeric=True, unit="件"),
            Column("minutes", "平均の時間", numeric=True, unit="分"),
        ],
        rows=lines,
        totals={"name": "計", **_cells(whole, whole)} if lines else None,
        empty=Empty("条件に合う相談記録はありません。"),
        sticky=True,
    )


def _cells(one: Figures, whole: Figures) -> dict[str, Any]:
    average = (one.minutes + one.records // 2) // one.records if one.records else None
    return {
        "records": one.records,
        "share": format_percent(percent(one.records, whole.records)),
        "clients": one.clients,
        "visits": one.visits,
        "resolved": one.resolved,
        "confirmed": one.confirmed,
        "checked": one.checked,
        "minutes": average,
    }
