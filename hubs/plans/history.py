"""Last year's accepted months, as planning reads them.

Results stand above plans in the stream, so they hand their reading in when the app starts
(``provide``); nothing here knows their tables.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Months = Sequence[int | None]
NO_MONTHS: Months = (None,) * 12


@dataclass(frozen=True)
class HubYear:
    """Accepted figures of one hub and year, April to March, None where there is none.

    ``indicators`` by code, ``areas`` by the name of the focus area.
    """

    indicators: Mapping[str, Months] = field(default_factory=dict)
    areas: Mapping[str, Months] = field(default_factory=dict)


# Year to the accepted figures by hub id, of one hub or of all.
Reader = Callable[[int, int | None], Mapping[int, HubYear]]


def _nothing(fiscal_year: int, hub_id: int | None) -> Mapping[int, HubYear]:
    return {}


_reader: list[Reader] = [_nothing]


def provide(reader: Reader) -> None:
    """Let the slice that holds the results answer (called once, at start)."""
    _reader[0] = reader


def accepted_year(fiscal_year: int, hub_id: int | None = None) -> Mapping[int, HubYear]:
    """Accepted months of a year as they count today by hub id, of one hub or of the nation."""
    return _reader[0](fiscal_year, hub_id)
