"""Screens of the network: the list of 47 hubs with its tile map, and the page of one hub."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hubs.network.industries import ALL_INDUSTRIES, industry_label
from hubs.network.map_figures import MAP_FIGURES, HubFigure, tiles_of
from hubs.network.models import Bureau, FigureKind, Hub
from hubs.network.queries import HubLine, HubPage, bureaus, hub_lines, hub_page
from yorozu.core import clock
from yorozu.core.access import allow, decide, scope_of
from yorozu.core.fiscal import fiscal_year_of, nendo
from yorozu.core.web.addresses import code_addresses
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.downloads import sheet_file
from yorozu.core.web.kept import keep
from yorozu.core.web.tables import Cell, Column, Empty, Table
from yorozu.core.web.tiles import rows as tile_rows

HEADER = [
    "拠点コード",
    "拠点名",
    "経済産業局",
    "ブロック",
    "実施機関",
    "チーフコーディネーター",
    "コーディネーター等（人）",
    "中小企業数（者）",
    "面積（km2）",
    "開設日",
]


def _asked(request: HttpRequest, offered: Sequence[Bureau]) -> tuple[str, HubFigure, list[HubLine]]:
    """The bureau and figure asked for; anything unknown falls back to the whole list."""
    bureau = request.GET.get("bureau", "")
    bureau = bureau if bureau in {row.code for row in offered} else ""
    figure = MAP_FIGURES.get(request.GET.get("figure", ""), MAP_FIGURES["coordinators"])
    year = fiscal_year_of(clock.today())
    return bureau, figure, hub_lines(scope_of(request), fiscal_year=year, bureau=bureau)


@require_safe
@allow("hubs.network.view")
def hub_list(request: HttpRequest) -> HttpResponse:
    """All hubs as tile map and table; a bureau narrows both."""
    context = {
        "title": "拠点",
        "breadcrumbs": [Crumb("ホーム", "/"), Crumb("拠点")],
        "kept": keep(request, partial(_list_content, request)),
    }
    return render(request, "hubs/network/list.html", context)


def _list_content(request: HttpRequest) -> dict[str, Any]:
    offered = bureaus()
    bureau, figure, lines = _asked(request, offered)
    address = code_addresses("hub_detail")
    urls = {line.hub.code: address(line.hub.code) for line in lines if line.is_visible}
    tiles, legend = tiles_of(lines, figure)
    query = {"bureau": bureau, "figure": figure.key}
    table = _table(lines, urls, bool(bureau)).sorted_by(request.GET.get("sort", ""), query)
    return {
        "tiles": [tile for tile in tile_rows(tiles, urls) if tile.code in tiles],
        "legend": legend,
        "map_label": f"{figure.label}（{figure.unit}）の地図",
        "figure": figure,
        "figure_links": [
            {"label": one.label, "url": _query(bureau, one.key), "current": one is figure}
            for one in MAP_FIGURES.values()
        ],
        "bureau_links": _bureau_links(offered, bureau, figure),
        "table": table,
        "export_query": urlencode({"bureau": bureau} if bureau else {}),
        "fiscal_year": fiscal_year_of(clock.today()),
        "own_count": len(urls),
        "total_count": len(lines),
    }


def _query(bureau: str, figure: str) -> str:
    kept = {"bureau": bureau} if bureau else {}
    return "?" + urlencode({**kept, "figure": figure})


def _bureau_links(
    offered: Sequence[Bureau], bureau: str, figure: HubFigure
) -> list[dict[str, Any]]:
    everywhere = {"label": "全国", "url": _query("", figure.key), "current": not bureau}
    return [everywhere] + [
        {"label": row.name, "url": _query(row.code, figure.key), "current": row.code == bureau}
        for row in offered
    ]


def _table(lines: list[HubLine], urls: Mapping[str, str], narrowed: bool) -> Table:
    columns = [
        Column("hub", "拠点", sort=True, header=True),
        Column("bureau", "経済産業局", sort=True),
        Column("block", "ブロック", sort=True),
        Column("body", "実施機関"),
        Column("chief", "チーフコーディネーター"),
        Column("coordinators", "コーディネーター等", numeric=True, unit="人", sort=True),
        Column("smes", "中小企業数", numeric=True, unit="者", sort=True),
    ]
    return Table(
        caption="拠点の一覧",
        columns=columns,
        rows=[_row(line, urls.get(line.hub.code, "")) for line in lines],
        totals=_totals(lines) if not narrowed or len(lines) > 1 else None,
        empty=Empty("拠点が登録されていません。", "システム管理者が基礎データを登録します。"),
        sticky=True,
    )


def _row(line: HubLine, url: str) -> dict[str, Any]:
    hub = line.hub
    return {
        "hub": Cell(
            hub.name,
            url=url,
            note=f"拠点コード {hub.code}",
            sort_key=hub.code,
        ),
        "bureau": Cell(hub.bureau.name, sort_key=hub.bureau.order),
        "block": line.block,
        "body": line.body,
        "chief": line.chief_coordinator,
        "coordinators": line.coordinators,
        "smes": _value(line, FigureKind.SMES),
    }


def _value(line: HubLine, kind: FigureKind) -> int | None:
    return line.figures.get(kind.value)


def _totals(lines: list[HubLine]) -> dict[str, Any]:
    known = [_value(line, FigureKind.SMES) for line in lines]
    whole = None if None in known else sum(value or 0 for value in known)
    return {
        "hub": f"合計（{len(lines)}拠点）",
        "coordinators": sum(line.coordinators for line in lines),
        "smes": whole,
    }


@require_safe
@allow("hubs.network.view")
def hub_export(request: HttpRequest, kind: str) -> HttpResponse:
    """The same list as CSV or XLSX."""
    _, _, lines = _asked(request, bureaus())
    rows = [
        [
            line.hub.code,
            line.hub.name,
            line.hub.bureau.name,
            line.block,
            line.body,
            line.chief_coordinator,
            line.coordinators,
            _value(line, FigureKind.SMES),
            _value(line, FigureKind.AREA),
            line.hub.opened_on,
        ]
        for line in lines
    ]
    return sheet_file(request, kind=kind, name="拠点一覧", header=HEADER, rows=rows)


@require_safe
@allow("hubs.network.view")
def hub_detail(request: HttpRequest, code: str) -> HttpResponse:
    """拠点カルテ: what the network holds of one hub; other slices link from here."""
    scope = scope_of(request)
    hub = get_object_or_404(
        Hub.objects.visible_to(scope).select_related("bureau", "prefecture"), code=code
    )
    page = hub_page(scope, hub)
    context = {
        "title": hub.name,
        "breadcrumbs": [Crumb("ホーム", "/"), Crumb("拠点", reverse("hub_list")), Crumb(hub.name)],
        "hub": hub,
        "page": page,
        "facts": _facts(page),
        "contracts": _contracts(page),
        "figures": _figures(page),
        "blocks": _blocks(page),
        "sites": _sites(page),
        "may_see_people": decide(scope, "hubs.people.view", hub_id=hub.pk).allowed,
        "short_name": hub.short_name,
    }
    return render(request, "hubs/network/detail.html", context)


def _facts(page: HubPage) -> list[dict[str, Any]]:
    hub = page.hub
    return [
        {"label": "拠点コード", "value": hub.code},
        {"label": "都道府県", "value": hub.prefecture.name},
        {"label": "経済産業局", "value": hub.bureau.name},
        {"label": "ブロック（今年度）", "value": page.block.name if page.block else ""},
        {"label": "開設日", "value": hub.opened_on},
    ]


def _contracts(page: HubPage) -> Table:
    return Table(
        caption="年度ごとの委託契約",
        columns=[
            Column("year", "年度", header=True),
            Column("body", "実施機関"),
            Column("line", "予算区分"),
            Column("amount", "契約額", numeric=True, unit="円"),
            Column("starts", "開始日"),
            Column("ends", "終了日"),
            Column("number", "文書番号"),
        ],
        rows=[
            {
                "year": nendo(contract.fiscal_year),
                "body": Cell(
                    contract.implementing_body.name,
                    note="サンプル" if contract.is_sample else "",
                ),
                "line": contract.funding_line,
                "amount": contract.amount_yen,
                "starts": contract.starts_on,
                "ends": contract.ends_on,
                "number": contract.document_number,
            }
            for contract in page.contracts
        ],
        empty=Empty(
            "まだ委託契約が登録されていません。", "全国本部またはシステム管理者が取り込みます。"
        ),
    )


def _figures(page: HubPage) -> Table:
    return Table(
        caption="時点と出典のある数値",
        columns=[
            Column("kind", "種類", header=True),
            Column("industry", "産業大分類"),
            Column("year", "時点"),
            Column("value", "値", numeric=True),
            Column("unit", "単位"),
            Column("survey", "調査名"),
            Column("source", "出典"),
        ],
        rows=[
            {
                "kind": FigureKind(figure.code).label,
                "industry": industry_label(figure.industry) or ALL_INDUSTRIES,
                "year": figure.as_of or f"{figure.year}年",
                "value": figure.value,
                "unit": figure.unit,
                "survey": figure.survey,
                "source": Cell(figure.source, note="サンプル" if figure.is_sample else ""),
            }
            for figure in page.figures
        ],
        empty=Empty(
            "まだ地域の数値が登録されていません。", "全国本部またはシステム管理者が取り込みます。"
        ),
    )


def _blocks(page: HubPage) -> Table:
    return Table(
        caption="年度ごとのブロック",
        columns=[Column("year", "年度", header=True), Column("block", "ブロック")],
        rows=[
            {"year": nendo(row.fiscal_year), "block": row.block.name} for row in page.blocks_by_year
        ],
        empty=Empty("ブロックの編成が登録されていません。"),
    )


def _sites(page: HubPage) -> Table:
    return Table(
        caption="相談窓口",
        columns=[
            Column("name", "名称", header=True),
            Column("municipality", "所在市区町村"),
            Column("opened", "開設日"),
            Column("closed", "廃止日"),
        ],
        rows=[
            {
                "name": Cell(site.name, note="サンプル" if site.is_sample else ""),
                "municipality": site.municipality,
                "opened": site.opened_on,
                "closed": site.closed_on,
            }
            for site in page.sites
        ],
        empty=Empty("登録されたサテライトはありません。"),
    )
