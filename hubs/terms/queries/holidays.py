"""Holidays as the rules of business days take them, and year by year for the screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from hubs.terms.models import Holiday
from yorozu.core.business_days import closed_holidays, derived_holidays
from yorozu.core.fiscal import wareki_year


def closed_days() -> frozenset[date]:
    """Holidays with what follows from them by law: the set that ``core.business_days`` takes."""
    return closed_holidays(Holiday.objects.filter(is_cancelled=False).values_list("day", flat=True))


@dataclass(frozen=True)
class HolidayLine:
    """One closed holiday: a row, or a day that follows from the rows by law (``row`` None)."""

    day: date
    name: str
    row: Holiday | None = None


@dataclass(frozen=True)
class HolidayYear:
    """The holidays of one calendar year; cancelled rows stay in the list, marked."""

    year: int
    lines: Sequence[HolidayLine]

    @property
    def label(self) -> str:
        """The year by its era; the year of a change of era bears the new name (令和元年)."""
        return wareki_year(date(self.year, 12, 31))

    @property
    def is_provisional(self) -> bool:
        """True while a day of the year is not announced yet."""
        return any(line.row and line.row.is_provisional for line in self.lines)


def holiday_years() -> list[HolidayYear]:
    """All years with their holidays, the latest first."""
    rows = list(Holiday.objects.all())
    derived = derived_holidays(row.day for row in rows if not row.is_cancelled)
    lines = [HolidayLine(row.day, row.name, row) for row in rows]
    lines += [HolidayLine(day, name) for day, name in derived.items()]
    lines.sort(key=lambda line: line.day)
    years = sorted({line.day.year for line in lines}, reverse=True)
    return [HolidayYear(year, [line for line in lines if line.day.year == year]) for year in years]


def missing_years(fiscal_year: int) -> list[int]:
    """Calendar years a term reaches into that have no holidays yet; its calendar waits for them."""
    wanted = [fiscal_year, fiscal_year + 1]
    held = set(
        Holiday.objects.filter(day__year__in=wanted, is_cancelled=False).values_list(
            "day__year", flat=True
        )
    )
    return [year for year in wanted if year not in held]
