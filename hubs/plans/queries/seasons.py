"""Where the months of a target come from: the hub's last year, its bureau's, the nation's."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cached_property

from hubs.network.models import Hub
from hubs.network.rules import works_in_months
from hubs.plans.history import HubYear, accepted_year
from hubs.plans.rules.phasing import BUREAU, NATION, OWN, joint_season, season

Source = tuple[str, Sequence[Fraction] | None]
# An area with a measure of its own moves with the consultations of the hub.
MAIN_INDICATOR = "CONS"
_NO_YEAR = HubYear()


def open_months(hub: Hub, fiscal_year: int) -> tuple[bool, ...]:
    """Per month, April first: whether the hub is in operation; prefetch ``contracts`` for lists."""
    return works_in_months(*hub.operation_span(fiscal_year), fiscal_year)


class Seasons:
    """Reads last year once, and the nation only when a hub has no season of its own."""

    def __init__(self, fiscal_year: int, *, for_hub: Hub | None = None) -> None:
        self._last = fiscal_year - 1
        self._for_hub = for_hub

    @cached_property
    def _nation(self) -> dict[int, HubYear]:
        return dict(accepted_year(self._last))

    @cached_property
    def _bureaus(self) -> dict[int, int]:
        return dict(Hub.objects.values_list("pk", "bureau_id"))

    @cached_property
    def _own(self) -> dict[int, HubYear]:
        if self._for_hub is None:
            return self._nation
        return dict(accepted_year(self._last, self._for_hub.pk))

    def of_target(self, hub: Hub, code: str) -> Iterator[Source]:
        """The hub's own season of an indicator, then the bureau's, then the nation's."""
        own = self._own.get(hub.pk, _NO_YEAR)
        yield OWN, season(own.indicators.get(code, ()))
        yield from self._wider(hub, code)

    def of_area(self, hub: Hub, name: str, code: str) -> Iterator[Source]:
        """The area of the same name last year, then the indicator that it is counted as."""
        own = self._own.get(hub.pk, _NO_YEAR)
        yield OWN, season(own.areas.get(name, ()))
        yield from self.of_target(hub, code or MAIN_INDICATOR)

    def _wider(self, hub: Hub, code: str) -> Iterator[Source]:
        months = {pk: year.indicators.get(code, ()) for pk, year in self._nation.items()}
        near = [row for pk, row in months.items() if self._bureaus.get(pk) == hub.bureau_id]
        yield BUREAU, joint_season(near)
        yield NATION, joint_season(months.values())
