"""What the checks read of a hub, and what they say of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from hubs.integrity.rules.method import Check
from yorozu.core.exact import fraction_rounded
from yorozu.core.figures import format_count
from yorozu.core.fiscal import months_of

PLEASE = "確認をお願いします。"


@dataclass(frozen=True)
class Indicator:
    """An activity indicator as sentences name it."""

    code: str
    name: str
    unit: str


@dataclass(frozen=True)
class Edit:
    """A correction that took effect after the month was accepted."""

    number: int
    month: date
    code: str
    old: int | None
    new: int | None


@dataclass(frozen=True)
class HubMaterial:
    """The figures of one hub: months that were sent, as they count today.

    ``values`` by indicator code and month; ``drawn`` what a report took from the records and
    ``counted`` what the records say now; ``targets`` by (fiscal year, code) of plans that were
    sent; ``owed`` the months a hub answers for in a year; ``worked`` its whole months in operation.
    """

    hub_id: int
    values: Mapping[str, Mapping[date, int]]
    owed: Mapping[int, Sequence[date]]
    worked: Mapping[int, int]
    targets: Mapping[tuple[int, str], int] = field(default_factory=dict)
    drawn: Mapping[tuple[date, str], int] = field(default_factory=dict)
    counted: Mapping[tuple[date, str], int] = field(default_factory=dict)
    edits: Sequence[Edit] = ()

    def series(self, code: str) -> Mapping[date, int]:
        """All months of one indicator."""
        return self.values.get(code, {})

    def year(self, code: str, fiscal_year: int) -> dict[date, int]:
        """The months of one fiscal year that are there, in order."""
        series = self.series(code)
        return {month: series[month] for month in months_of(fiscal_year) if month in series}

    def total(self, code: str, fiscal_year: int) -> int | None:
        """The year's sum, None unless every month the hub answers for is there."""
        owed = self.owed.get(fiscal_year, ())
        months = self.year(code, fiscal_year)
        if not owed or any(month not in months for month in owed):
            return None
        return sum(months.values())

    def whole_total(self, code: str, fiscal_year: int) -> int | None:
        """The sum of a year with all its twelve months, for comparisons from year to year."""
        return self.total(code, fiscal_year) if self.worked.get(fiscal_year) == 12 else None


@dataclass(frozen=True)
class Finding:
    """One thing to ask about. ``hub_id`` None is a finding on the whole network.

    ``subject`` names it for ever (month/indicator or year/indicator); ``basis`` are the figures
    that must change before it is asked again; ``figures`` is all that the page opens.
    """

    check: Check
    hub_id: int | None
    fiscal_year: int
    subject: str
    sentence: str
    basis: Mapping[str, Any]
    figures: Mapping[str, Any]
    code: str = ""
    month: date | None = None


@dataclass
class Figures:
    """The figures behind a finding: a table that can be drawn, lines across it, and facts."""

    title: str
    kind: str
    unit: str = ""
    rows: list[list[Any]] = field(default_factory=list)
    lines: list[list[str]] = field(default_factory=list)
    facts: list[list[str]] = field(default_factory=list)

    def row(self, label: str, value: int | str, *, marked: bool = False) -> None:
        """One value of the table; decimals are texts. The marked ones are what is asked about."""
        self.rows.append([label, value, int(marked)])

    def line(self, label: str, value: Fraction, places: int = 1) -> None:
        """A level drawn across the chart."""
        self.lines.append([label, str(fraction_rounded(value, places))])

    def fact(self, label: str, text: str) -> None:
        """One figure of the reckoning."""
        self.facts.append([label, text])

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {
            "title": self.title,
            "kind": self.kind,
            "unit": self.unit,
            "rows": self.rows,
            "lines": self.lines,
            "facts": self.facts,
        }


def count(value: int | None, unit: str = "") -> str:
    """A count as a sentence shows it."""
    return "未報告" if value is None else f"{format_count(value)}{unit}"


def percent(share: Fraction) -> str:
    """A share as a sentence shows it: 21.4%."""
    return f"{fraction_rounded(share * 100, 1)}%"


def chance(probability: Fraction) -> str:
    """A probability with six decimals, and never as zero."""
    smallest = Fraction(1, 1_000_000)
    return "0.000001未満" if probability < smallest else str(fraction_rounded(probability, 6))
