"""What all hubs of a run show together: medians and spread."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from yorozu.core import exact

Json = Mapping[str, Any]
Key = tuple[str, str]

FINAL = ""
BIN = 5
TOP = 100


@dataclass(frozen=True)
class Bin:
    """Scores from ``low`` up to below ``high`` (the last one holds 100 itself)."""

    low: int
    high: int
    hubs: int


def medians(hubs: Iterable[Json]) -> dict[Key, Decimal]:
    """National median of points by (component, item); ("SAT", "") is a component, ("", "") final.

    2 decimals. Focus areas are each hub's own and have none; hubs where the item does not count are
    left out.
    """
    held: dict[Key, list[Decimal]] = {}
    for hub in hubs:
        if hub["final"] is not None:
            held.setdefault((FINAL, ""), []).append(Decimal(hub["final"]))
        for part in hub["components"]:
            if part["points"] is not None:
                held.setdefault((part["code"], ""), []).append(Decimal(part["points"]))
            for code, detail in _shared(part):
                if detail.get("points") is not None:
                    held.setdefault((part["code"], code), []).append(Decimal(detail["points"]))
    return {key: median(values) for key, values in held.items()}


def _shared(part: Json) -> Iterable[tuple[str, Json]]:
    """The items that all hubs have in common, by code."""
    detail = part["detail"]
    if isinstance(detail, list):
        return [(entry["code"], entry) for entry in detail]
    entries = [(code, entry) for code, entry in detail.items() if isinstance(entry, Mapping)]
    return [] if part["code"] == "FOC" else entries


def median(values: Sequence[Decimal]) -> Decimal:
    """The middle value, or the mean of the two middle ones; 2 decimals half up."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return exact.rounded(ordered[middle], 2)
    return exact.quotient(ordered[middle - 1] + ordered[middle], Decimal(2), 2)


def spread(scores: Iterable[Decimal]) -> list[Bin]:
    """Counts of scores in steps of five points, from the lowest to the highest that is met."""
    values = list(scores)
    if not values:
        return []
    places = [min(int(value) // BIN, TOP // BIN - 1) for value in values]
    return [
        Bin(place * BIN, (place + 1) * BIN, places.count(place))
        for place in range(min(places), max(places) + 1)
    ]
