"""The figures of past months as series, for any number of hubs at once."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import Q

from hubs.results import rules
from hubs.results.queries.figures import Owner, month_figures
from hubs.terms.models import ActivityIndicator
from yorozu.core.fiscal import first_day

Series = Mapping[date, int]
HubSeries = Mapping[str, Series]


def month_before(month: date, count: int) -> date:
    """First day of the month ``count`` months earlier."""
    place = month.year * 12 + month.month - 1 - count
    return date(place // 12, place % 12 + 1, 1)


def series_key(owner: Owner, codes: Mapping[int, str]) -> str:
    """An indicator goes on from term to term by its code; a focus area ends with its plan."""
    indicator_id, area_id = owner
    return f"area-{area_id}" if indicator_id is None else codes[indicator_id]


def past_series(hub_ids: Collection[int], fiscal_year: int) -> dict[int, HubSeries]:
    """Reported figures of the term and of the 24 months before it, by hub and series key.

    Of earlier terms only accepted months count, as they count with their corrections. Three
    queries however many hubs; hubs without a figure have an empty series.
    """
    since = month_before(first_day(fiscal_year), rules.HISTORY_MONTHS)
    last = month_before(first_day(fiscal_year + 1), 1)
    codes = dict(ActivityIndicator.objects.values_list("pk", "code"))
    found: dict[int, dict[str, dict[date, int]]] = {pk: defaultdict(dict) for pk in hub_ids}
    where = Q(report__hub__in=hub_ids, report__month__gte=since, report__month__lte=last)
    first = first_day(fiscal_year)
    for row in month_figures(where):
        if row.effective.value is not None and (row.is_accepted or row.month >= first):
            found[row.hub_id][series_key(row.owner, codes)][row.month] = row.effective.value
    return {pk: dict(series) for pk, series in found.items()}
