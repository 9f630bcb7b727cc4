"""The content of a plan as agreed: one reading of its canonical text, and which version holds.

A version's content is a mapping (queries.content writes it). Older contents lack names, units,
phasing and sections that came later; reading fills the gaps and invents nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from hubs.plans.rules.drafting import DEFAULT_UNIT, NO_CHALLENGE
from yorozu.core.fiscal import first_day, months_of

Content = Mapping[str, Any]


@dataclass(frozen=True)
class Named:
    """Name and unit of an indicator, for contents that do not carry them."""

    name: str
    unit: str


@dataclass(frozen=True)
class AgreedTarget:
    """The year's target of one indicator; ``phasing`` is empty or twelve counts, April first."""

    code: str
    name: str
    unit: str
    value: int
    phasing: tuple[int, ...] = ()
    challenge: Decimal = NO_CHALLENGE
    reason: str = ""
    is_zero_approved: bool = False


@dataclass(frozen=True)
class AgreedArea:
    """A focus area with its target; None while a plan is still being written."""

    code: str
    name: str
    unit: str
    target: int | None
    phasing: tuple[int, ...] = ()
    weight: Decimal | None = None
    description: str = ""
    indicator: str = ""
    measure: str = ""
    evidence_rule: str = ""
    challenge: Decimal = NO_CHALLENGE
    reason: str = ""


@dataclass(frozen=True)
class Agreed:
    """Everything a plan says about figures, readable whatever version wrote it."""

    targets: tuple[AgreedTarget, ...] = ()
    areas: tuple[AgreedArea, ...] = ()

    def target(self, code: str) -> AgreedTarget | None:
        """The target of an indicator, None when the plan has none."""
        return next((row for row in self.targets if row.code == code), None)

    def area(self, code: str) -> AgreedArea | None:
        """A focus area, None when this version does not have it."""
        return next((row for row in self.areas if row.code == code), None)

    def year_target(self, code: str) -> int | None:
        """The year's target of an indicator or focus area."""
        target = self.target(code)
        if target is not None:
            return target.value
        area = self.area(code)
        return area.target if area is not None else None

    def month_targets(self, code: str) -> tuple[int, ...]:
        """The twelve monthly targets of an indicator or focus area, empty without phasing."""
        found = self.target(code) or self.area(code)
        return found.phasing if found is not None else ()


def read_agreed(content: Content, names: Mapping[str, Named] | None = None) -> Agreed:
    """The figures of a content; ``names``, in their order, serves contents with codes only."""
    known = names or {}
    place = {code: number for number, code in enumerate(known)}
    rows = sorted(content["targets"], key=lambda row: place.get(row["code"], len(place)))
    return Agreed(
        tuple(_target(row, known) for row in rows),
        tuple(_area(row) for row in content["focus_areas"]),
    )


def _target(row: Mapping[str, Any], names: Mapping[str, Named]) -> AgreedTarget:
    known = names.get(row["code"], Named(row["code"], DEFAULT_UNIT))
    return AgreedTarget(
        code=row["code"],
        name=row.get("name") or known.name,
        unit=row.get("unit") or known.unit,
        value=row["value"],
        phasing=tuple(row.get("phasing") or ()),
        challenge=Decimal(row["challenge"]),
        reason=row["reason"],
        is_zero_approved=row["zero_approved"],
    )


def _area(row: Mapping[str, Any]) -> AgreedArea:
    return AgreedArea(
        code=row["code"],
        name=row["name"],
        unit=row["unit"],
        target=row["target"],
        phasing=tuple(row.get("phasing") or ()),
        weight=None if row["weight"] is None else Decimal(row["weight"]),
        description=row["description"],
        indicator=row.get("indicator") or "",
        measure=row.get("measure") or "",
        evidence_rule=row.get("evidence_rule") or "",
        challenge=Decimal(row["challenge"]),
        reason=row["reason"],
    )


def in_force(versions: Iterable[tuple[int, date]], month: date | None) -> int | None:
    """Number of the version that holds in a month: the highest of those that have begun.

    ``versions`` are (number, effective month); without a month the last version answers, which
    carries the target of the whole year.
    """
    begun = [number for number, starts in versions if month is None or starts <= month]
    return max(begun, default=None)


def kept_count(effective_month: date, fiscal_year: int) -> int:
    """How many months of the year lie before the effective month and keep their phasing."""
    return sum(month < effective_month for month in months_of(fiscal_year))


def effective_problem(month: date, fiscal_year: int) -> str:
    """Why a month cannot be the effective month; empty when it can."""
    if month.day != 1:
        return "適用開始月は月の初日で指定してください。"
    if month not in months_of(fiscal_year):
        return f"適用開始月は{first_day(fiscal_year).year}年4月から翌年3月までの月です。"
    return ""


def retroactive_months(effective_month: date, accepted: Sequence[date]) -> list[date]:
    """Accepted months an amendment would reach back into; none is the ordinary case."""
    return sorted(month for month in accepted if month >= effective_month)
