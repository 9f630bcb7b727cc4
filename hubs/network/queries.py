"""Reads of the network: the list of hubs, one hub, and the figures of the map."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from hubs.network.industries import industry_label
from hubs.network.models import (
    Block,
    BlockAssignment,
    Bureau,
    CommissionContract,
    FigureKind,
    Hub,
    HubSite,
    RegionalFigure,
)
from hubs.network.rules import Span, operation_span
from yorozu.core import clock
from yorozu.core.access import Scope, decide
from yorozu.core.fiscal import fiscal_year_of


@dataclass(frozen=True)
class HubLine:
    """One hub in the list: public particulars for everybody, names of people only in the scope."""

    hub: Hub
    block: str
    body: str
    chief_coordinator: str
    coordinators: int
    is_visible: bool
    figures: dict[str, int] = field(default_factory=dict)


def bureaus() -> list[Bureau]:
    """The nine bureaus in their order (S4)."""
    return list(Bureau.objects.all())


def hub_lines(scope: Scope, *, fiscal_year: int, bureau: str = "") -> list[HubLine]:
    """All hubs in JIS order, or those of one bureau; the list itself is public knowledge.

    ``is_visible`` says whether the hub's page opens for this scope. Five queries at most.
    """
    hubs = _hubs_with_headcount(clock.today(), bureau)
    blocks = dict(
        BlockAssignment.objects.filter(fiscal_year=fiscal_year).values_list("hub_id", "block__name")
    )
    bodies = _bodies(fiscal_year)
    chiefs = _chiefs(scope, clock.today())
    figures = latest_figures()
    return [
        HubLine(
            hub=hub,
            block=blocks.get(hub.pk, ""),
            body=bodies.get(hub.pk, ""),
            chief_coordinator=chiefs.get(hub.pk, ""),
            coordinators=hub.headcount,
            is_visible=scope.covers(hub.pk),
            figures=figures.get(hub.pk, {}),
        )
        for hub in hubs
    ]


def _in_office(day: date) -> Q:
    return Q(engagements__starts_on__lte=day) & (
        Q(engagements__ends_on=None) | Q(engagements__ends_on__gte=day)
    )


def _hubs_with_headcount(day: date, bureau: str) -> QuerySet[Any]:
    hubs: QuerySet[Any] = Hub.objects.select_related("bureau").annotate(
        headcount=Count("engagements", filter=_in_office(day))
    )
    # A count drops the order of the model: it is asked for.
    hubs = hubs.order_by("code")
    return hubs.filter(bureau__code=bureau) if bureau else hubs


def operation_spans(hubs: Iterable[Hub], fiscal_year: int) -> dict[int, Span]:
    """By hub its first and last day in operation in a year (Hub.operation_span), in one query."""
    held: dict[int, list[Span]] = defaultdict(list)
    rows = CommissionContract.objects.filter(fiscal_year=fiscal_year).order_by()
    for hub_id, starts_on, ends_on in rows.values_list("hub_id", "starts_on", "ends_on"):
        held[hub_id].append((starts_on, ends_on))
    return {
        hub.pk: operation_span(hub.opened_on, hub.closed_on, held.get(hub.pk, ())) for hub in hubs
    }


def _bodies(fiscal_year: int) -> dict[int, str]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = CommissionContract.objects.filter(fiscal_year=fiscal_year).order_by("starts_on", "pk")
    for hub_id, name in rows.values_list("hub_id", "implementing_body__name"):
        if name not in found[hub_id]:
            found[hub_id].append(name)
    return {hub_id: "、".join(names) for hub_id, names in found.items()}


def _chiefs(scope: Scope, day: date) -> dict[int, str]:
    """Names are personal data: only with the right to see people, and only of own hubs."""
    if not decide(scope, "hubs.people.view").allowed:
        return {}
    rows = Hub.objects.visible_to(scope).filter(_in_office(day) & Q(engagements__role="CC"))
    return dict(rows.values_list("pk", "engagements__person__name"))


def latest_figures() -> dict[int, dict[str, int]]:
    """Newest regional figure of each kind per hub, of all industries together."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    rows = RegionalFigure.objects.filter(industry="").order_by("year")
    for hub_id, code, value in rows.values_list("hub_id", "code", "value"):
        found[hub_id][code] = value
    return found


@dataclass(frozen=True)
class HubPage:
    """Everything of the network that belongs to one hub."""

    hub: Hub
    block: Block | None
    contracts: list[CommissionContract]
    sites: list[HubSite]
    figures: list[RegionalFigure]
    blocks_by_year: list[BlockAssignment]
    may_see_contracts: bool


def hub_page(scope: Scope, hub: Hub) -> HubPage:
    """The network part of a hub's page; contracts only with the right to see them."""
    year = fiscal_year_of(clock.today())
    assignments = list(
        BlockAssignment.objects.filter(hub=hub).select_related("block").order_by("-fiscal_year")
    )
    may = decide(scope, "hubs.network.contracts", hub_id=hub.pk).allowed
    contracts = CommissionContract.objects.visible_to(scope).filter(hub=hub)
    return HubPage(
        hub=hub,
        block=next((row.block for row in assignments if row.fiscal_year == year), None),
        contracts=list(contracts.select_related("implementing_body")) if may else [],
        sites=list(HubSite.objects.visible_to(scope).filter(hub=hub)),
        figures=list(hub.regional_figures.order_by("code", "industry", "-year")),
        blocks_by_year=assignments,
        may_see_contracts=may,
    )


def figure_snapshots(hub_ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """The newest public figures of the hubs' regions as JSON-able rows, to be kept with plans.

    Each with survey, source and date, the figure before it, and the nation's when all hubs have
    the same year. By kind, the total before the industries. Three queries, whatever the hubs.
    """
    order = {code: place for place, code in enumerate(FigureKind.values)}
    series: dict[int, _Series] = {hub_id: defaultdict(list) for hub_id in hub_ids}
    rows = RegionalFigure.objects.filter(hub__in=series, code__in=order).order_by("-year")
    for figure in rows:
        series[figure.hub_id][figure.code, figure.industry].append(figure)
    years = {row.year for found in series.values() for group in found.values() for row in group[:1]}
    nation = _nation(years)
    return {
        hub_id: [
            _kept(group, nation.get((*key, group[0].year)))
            for key, group in sorted(found.items(), key=lambda item: _place(order, item[0]))
        ]
        for hub_id, found in series.items()
    }


_Series = dict[tuple[str, str], list[RegionalFigure]]


def _place(order: dict[str, int], key: tuple[str, str]) -> tuple[int, str]:
    return order[key[0]], key[1]


def _nation(years: set[int]) -> dict[tuple[str, str, int], int]:
    """Sums over all hubs by kind, industry and year, only where no hub is missing."""
    hubs = Hub.objects.count()
    sums = (
        RegionalFigure.objects.filter(year__in=years)
        .order_by()
        .values_list("code", "industry", "year")
        .annotate(whole=Sum("value"), hubs=Count("pk"))
    )
    return {
        (code, industry, year): whole
        for code, industry, year, whole, found in sums
        if found == hubs
    }


def _kept(rows: list[RegionalFigure], nation: int | None) -> dict[str, Any]:
    newest, before = rows[0], rows[1] if len(rows) > 1 else None
    return {
        "code": newest.code,
        "label": FigureKind(newest.code).label,
        "industry": newest.industry,
        "industry_label": industry_label(newest.industry),
        "year": newest.year,
        "as_of": newest.as_of.isoformat() if newest.as_of else "",
        "value": newest.value,
        "unit": newest.unit,
        "survey": newest.survey,
        "source": newest.source,
        "is_sample": newest.is_sample,
        "previous_year": before.year if before else None,
        "previous_value": before.value if before else None,
        "nation": nation,
    }
