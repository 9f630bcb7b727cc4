"""The figures of one month of a ledger, and the days a roll-up has to read for given months."""

import calendar
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from types import MappingProxyType

# Which figure of a month answers for which activity indicator.
FIGURE_OF: Mapping[str, str] = MappingProxyType(
    {
        "CONS": "consultations",
        "VISIT": "visiting_clients",
        "SOLVE": "issues_resolved",
        "NETW": "network_activities",
    }
)
_OF_ACTIVITIES = frozenset({"network_activities", "network_joined"})


@dataclass(frozen=True)
class MonthFigures:
    """What the current records of a hub count for in one month; 0 where nothing counts."""

    consultations: int = 0
    visiting_clients: int = 0
    clients: int = 0
    minutes: int = 0
    issues_resolved: int = 0
    issues_client_confirmed: int = 0
    issues_checked: int = 0
    issues_check_confirmed: int = 0
    network_activities: int = 0
    network_joined: int = 0

    def counted(self, indicator: str) -> int | None:
        """What the ledger counts for an indicator; None where the hub kept no records of it.

        A month with consultations, or with issues resolved, answers for the three indicators of
        consultations. Network activities are another book: a hub that took part in an activity
        keeps it, even when another hub counts the activity.
        """
        name = FIGURE_OF.get(indicator)
        return None if name is None else self.kept(name)

    def kept(self, name: str) -> int | None:
        """One figure by its name; None where the hub kept no records of its kind that month."""
        if name in _OF_ACTIVITIES:
            is_kept = self.network_activities or self.network_joined
        else:
            is_kept = self.consultations or self.issues_resolved
        return int(getattr(self, name)) if is_kept else None


FIGURES = tuple(field.name for field in fields(MonthFigures))
NOTHING = MonthFigures()


@dataclass(frozen=True)
class Span:
    """Whole months of some hubs: every day from ``first`` to ``last`` of each of them."""

    first: date
    last: date
    hub_ids: tuple[int, ...]


def spans(pairs: Iterable[tuple[int, date]]) -> list[Span]:
    """The fewest spans that hold exactly these (hub id, first day of a month) pairs.

    Months that follow each other become one span, hubs with the same months share it: a file of a
    whole year gives one span for all hubs, an evening of typing one for the month.
    """
    months: dict[int, list[date]] = defaultdict(list)
    for hub_id, month in sorted(set(pairs)):
        months[hub_id].append(month)
    hubs: dict[tuple[date, date], list[int]] = defaultdict(list)
    for hub_id, held in months.items():
        for first, last in _runs(held):
            hubs[first, last].append(hub_id)
    return [Span(first, last, tuple(hubs[first, last])) for first, last in sorted(hubs)]


def _runs(months: Sequence[date]) -> list[tuple[date, date]]:
    """First and last day of each unbroken run of sorted months."""
    runs: list[tuple[date, date]] = []
    for month in months:
        last = month.replace(day=calendar.monthrange(month.year, month.month)[1])
        if runs and (month - runs[-1][1]).days == 1:
            runs[-1] = (runs[-1][0], last)
        else:
            runs.append((month, last))
    return runs
