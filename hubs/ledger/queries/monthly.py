"""月別集計: the twelve months of a year, of one hub or of many, in one reading."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Min

from hubs.ledger.models import IndividualConsultation, LedgerMonth
from hubs.ledger.queries.months import CountedMonth, fresh_months
from hubs.ledger.rules import COUNTING, MONTHLY
from hubs.network.models import Hub
from yorozu.core import clock, figures
from yorozu.core.access import Scope
from yorozu.core.fiscal import first_day, fiscal_year_of, last_day, months_of


@dataclass(frozen=True)
class LedgerYear:
    """What one hub's records of a year add up to.

    ``clients`` are the distinct clients of the whole year; None when nobody asked or none came.
    """

    hub: Hub
    fiscal_year: int
    months: Mapping[date, CountedMonth]
    clients: int | None = None

    def value(self, name: str, month: date) -> int | None:
        """One figure of one month; None where the hub kept no records of its kind."""
        held = self.months.get(month)
        return held.figures.kept(name) if held else None

    def total(self, name: str) -> int | None:
        """One figure of the year; distinct clients are counted anew and never added up."""
        if not MONTHLY[name].adds_up:
            return self.clients
        return figures.total(self.value(name, month) for month in months_of(self.fiscal_year))


def ledger_years(
    hubs: Sequence[Hub], fiscal_year: int, *, with_clients: bool = False
) -> list[LedgerYear]:
    """The year of each of these hubs as the rows are now: two or three queries for all of them.

    ``with_clients`` counts the distinct clients of the year from the rows, one query more.
    """
    first, last = first_day(fiscal_year), last_day(fiscal_year)
    ids = [hub.pk for hub in hubs]
    held: dict[int, dict[date, CountedMonth]] = defaultdict(dict)
    for (hub_id, month), row in fresh_months(ids, first, last).items():
        held[hub_id][month] = row
    clients = _clients(ids, first, last) if with_clients else {}
    return [LedgerYear(hub, fiscal_year, held[hub.pk], clients.get(hub.pk)) for hub in hubs]


def _clients(hub_ids: Sequence[int], first: date, last: date) -> dict[int, int]:
    """Distinct clients of the days, by hub: the number of a client is the hub's own."""
    rows = IndividualConsultation.objects.filter(
        hub_id__in=hub_ids, **COUNTING["CONS"].lookups(first, last)
    )
    counted = rows.order_by().values("hub_id").annotate(n=Count("client_key", distinct=True))
    return {row["hub_id"]: row["n"] for row in counted}


def fiscal_years(scope: Scope) -> list[int]:
    """The years one may choose: this one and those with records, the newest first."""
    this = fiscal_year_of(clock.today())
    rows = LedgerMonth.objects.visible_to(scope)
    found = rows.aggregate(first=Min("month"), last=Max("month"))
    years = [this, *(fiscal_year_of(day) for day in found.values() if day)]
    return list(range(max(years), min(years) - 1, -1))
