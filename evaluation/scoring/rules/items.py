"""What every scored item and component has in common (evaluation.md 2.1-2.3)."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from evaluation.scoring.rules.scheme import Component
from yorozu.core import exact

OK = "OK"
NA = "NA"
MISSING = "MISSING"
SMALL_N = "SMALL_N"
DROPPED = "DROPPED"
LEAVING = (NA, DROPPED)


@dataclass(frozen=True)
class Item:
    """One scored item: its weight, status, points and the figures printed for it."""

    code: str
    weight: Decimal
    status: str
    points: Decimal | None
    figures: dict[str, Any]

    def printed(self) -> dict[str, Any]:
        """Return the item as the result shows it."""
        return {"status": self.status, **self.figures, "points": text(self.points)}


@dataclass(frozen=True)
class Scored:
    """One scored component of one hub."""

    component: Component
    status: str
    points: Decimal | None
    covered: str
    share: Fraction
    detail: Any

    def printed(self) -> dict[str, Any]:
        """Return the component as the result shows it."""
        return {
            "code": self.component.code,
            "weight": str(self.component.weight),
            "status": self.status,
            "points": text(self.points),
            "covered": self.covered,
            "detail": self.detail,
        }

    def dropped(self) -> "Scored":
        """Return the component as left out of the composite (2.12, leave one out)."""
        if self.status == NA:
            return self
        return replace(self, status=DROPPED, points=None, covered="0", share=Fraction(0))


def text(value: Decimal | None) -> str | None:
    """Print a number exactly, or None."""
    return None if value is None else format(value, "f")


def drop_item(item: Item, code: str | None) -> Item:
    """Leave an item out of its component, keeping its figures readable."""
    if item.code != code or item.status == NA:
        return item
    return replace(item, status=DROPPED, points=None)


@exact.exactly
def weighted_points(items: list[Item]) -> Decimal | None:
    """Return the component's points: q4 of the weighted mean over items that count (2.2)."""
    counted = [item for item in items if item.points is not None]
    if not counted:
        return None
    weight = sum((item.weight for item in counted), Decimal(0))
    total = sum(
        (item.weight * item.points for item in counted if item.points is not None), Decimal(0)
    )
    return exact.quotient(total, weight, 4)


@exact.exactly
def coverage_of(items: list[Item]) -> tuple[str, Fraction]:
    """Return the share of item weight available, printed and exact (2.3)."""
    whole = sum((item.weight for item in items), Decimal(0))
    there = sum((item.weight for item in items if item.status not in LEAVING), Decimal(0))
    return text(there / whole) or "", Fraction(there) / Fraction(whole)
