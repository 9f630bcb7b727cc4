"""月別集計: what the records add up to by month, of one hub and of all hubs of the scope."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hubs.ledger import queries
from hubs.ledger.queries import LedgerYear
from hubs.ledger.rules import MONTHLY
from hubs.ledger.views import month_tables
from hubs.ledger.views.frame import crumbs, find_hub, tabs
from hubs.network.models import Hub
from yorozu.core import clock, fiscal
from yorozu.core.access import Scope, allow, scope_of
from yorozu.core.sheets import to_xlsx
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.downloads import XLSX, attachment, sheet_file


def _year(request: HttpRequest, years: list[int]) -> int:
    """The asked year, this one when none of the choice was asked for."""
    asked = request.GET.get("year", "")
    return next(
        (year for year in years if str(year) == asked), fiscal.fiscal_year_of(clock.today())
    )


def _choices(years: list[int], chosen: int, more: str = "") -> list[dict[str, Any]]:
    return [
        {"label": fiscal.nendo(year), "url": f"?year={year}{more}", "current": year == chosen}
        for year in years
    ]


@require_safe
@allow("hubs.ledger.view")
def ledger_months(request: HttpRequest, code: str) -> HttpResponse:
    """The months of one hub; every figure opens to its rows."""
    scope, hub = find_hub(request, code)
    years = queries.fiscal_years(scope)
    year = _year(request, years)
    found = queries.ledger_years([hub], year, with_clients=True)[0]
    context = {
        "title": f"{hub.name} 月別集計",
        "breadcrumbs": crumbs(hub, ("月別集計", None)),
        "hub": hub,
        "tabs": tabs(scope, hub, "ledger_months"),
        "years": _choices(years, year),
        "year": year,
        "is_kept": bool(found.months),
        "table": month_tables.hub_table(found),
        "figures": MONTHLY.values(),
    }
    return render(request, "hubs/ledger/months.html", context)


@require_safe
@allow("hubs.ledger.view")
def ledger_months_file(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """The months of one hub as a file."""
    scope, hub = find_hub(request, code)
    year = _year(request, queries.fiscal_years(scope))
    found = queries.ledger_years([hub], year, with_clients=True)
    return _file(request, kind, f"{fiscal.nendo(year)}_{hub.name}_月別集計", found, year)


def _hubs(scope: Scope) -> list[Hub]:
    return list(Hub.objects.visible_to(scope))


@require_safe
@allow("hubs.ledger.view")
def ledger_months_all(request: HttpRequest) -> HttpResponse:
    """The hubs of the scope: their sum by month, and one figure of each of them by month."""
    scope = scope_of(request)
    hubs = _hubs(scope)
    if len(hubs) == 1:
        return redirect("ledger_months", code=hubs[0].code)
    years = queries.fiscal_years(scope)
    year = _year(request, years)
    one = MONTHLY.get(request.GET.get("figure", ""), MONTHLY["consultations"])
    found = queries.ledger_years(hubs, year, with_clients=not one.adds_up)
    whose = "全国" if scope.hub_ids is None else "担当する拠点の計"
    context = {
        "title": "相談記録の月別集計",
        "breadcrumbs": [
            Crumb("ホーム", "/"),
            Crumb("相談記録", reverse("ledger_hubs")),
            Crumb("月別集計"),
        ],
        "years": _choices(years, year, f"&figure={one.name}"),
        "year": year,
        "is_kept": any(row.months for row in found),
        "summary": month_tables.summary_table(found, year, whose),
        "one": one,
        "choices": [
            {
                "label": row.label,
                "url": f"?year={year}&figure={row.name}#hubs",
                "current": row is one,
            }
            for row in MONTHLY.values()
        ],
        "table": month_tables.hubs_table(found, year, one, whose),
        "figures": MONTHLY.values(),
    }
    return render(request, "hubs/ledger/months_all.html", context)


@require_safe
@allow("hubs.ledger.view")
def ledger_months_all_file(request: HttpRequest, kind: str) -> HttpResponse:
    """The hubs of the scope as a file, all figures."""
    scope = scope_of(request)
    year = _year(request, queries.fiscal_years(scope))
    found = queries.ledger_years(_hubs(scope), year, with_clients=True)
    return _file(request, kind, f"{fiscal.nendo(year)}_相談記録の月別集計", found, year)


def _file(
    request: HttpRequest, kind: str, name: str, found: list[LedgerYear], year: int
) -> HttpResponse:
    if kind == "xlsx":
        return attachment(to_xlsx(month_tables.sheets(found, year)), f"{name}.xlsx", XLSX)
    rows = month_tables.long_rows(found)
    return sheet_file(request, kind=kind, name=name, header=month_tables.HEADER, rows=rows)
