"""Hands the accepted months of a year down to planning (seasonality, last year's result)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from hubs.plans.history import HubYear, provide
from hubs.results.models import MonthlyResult, ReportState, ValueState
from yorozu.core.fiscal import month_index

_Found = dict[int, dict[str, list[int | None]]]


def accepted_year(fiscal_year: int, hub_id: int | None = None) -> Mapping[int, HubYear]:
    """Reported figures of accepted months by hub; one query."""
    rows = MonthlyResult.objects.filter(
        report__term__fiscal_year=fiscal_year,
        report__state=ReportState.ACCEPTED,
        value_state=ValueState.REPORTED,
    )
    if hub_id is not None:
        rows = rows.filter(report__hub=hub_id)
    indicators: _Found = defaultdict(dict)
    areas: _Found = defaultdict(dict)
    columns = ("report__hub", "report__month", "indicator__code", "focus_area__name", "value")
    found: Iterable[tuple[int, date, str | None, str | None, int]] = rows.order_by().values_list(
        *columns
    )
    for hub, month, code, area, value in found:
        held = indicators[hub] if code else areas[hub]
        held.setdefault(code or area or "", [None] * 12)[month_index(month) - 1] = value
    return {
        hub: HubYear(indicators.get(hub, {}), areas.get(hub, {})) for hub in {*indicators, *areas}
    }


provide(accepted_year)
