"""Hands the accepted months of a year down to planning (seasonality, last year's result).

As they count today: a correction accepted since is last year's result, like in every total.
"""

from collections import defaultdict
from collections.abc import Mapping

from django.db.models import Q

from hubs.plans.history import HubYear, provide
from hubs.plans.models import FocusArea
from hubs.results.models import ReportState
from hubs.results.queries import month_figures
from hubs.terms.models import ActivityIndicator
from yorozu.core.fiscal import month_index

_Found = dict[int, dict[str, list[int | None]]]


def accepted_year(fiscal_year: int, hub_id: int | None = None) -> Mapping[int, HubYear]:
    """What the accepted months count as, by hub id; four queries at any number of hubs."""
    where = Q(report__term__fiscal_year=fiscal_year, report__state=ReportState.ACCEPTED)
    if hub_id is not None:
        where &= Q(report__hub=hub_id)
    indicators: _Found = defaultdict(dict)
    areas: _Found = defaultdict(dict)
    of_year = ActivityIndicator.objects.filter(term__fiscal_year=fiscal_year)
    codes = dict(of_year.order_by().values_list("pk", "code"))
    own = FocusArea.objects.filter(plan__term__fiscal_year=fiscal_year)
    names = dict(own.order_by().values_list("pk", "name"))
    for row in month_figures(where):
        if row.effective.value is None:
            continue
        indicator_id, area_id = row.owner
        held = areas[row.hub_id] if indicator_id is None else indicators[row.hub_id]
        key = names[area_id or 0] if indicator_id is None else codes[indicator_id]
        held.setdefault(key, [None] * 12)[month_index(row.month) - 1] = row.effective.value
    return {
        hub: HubYear(indicators.get(hub, {}), areas.get(hub, {})) for hub in {*indicators, *areas}
    }


provide(accepted_year)
