"""The calendar of a term: closed days, the shift to an open day, the default deadlines."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta

import jpholiday

from yorozu.core.fiscal import Phase, months_of

NOON = time(12, 0)
# Places of the year's deadlines: (code, phase, label, month, day); the year follows from the month.
_FIXED = (
    ("policy", Phase.START, "活動方針の公表", 4, 10),
    ("plan", Phase.START, "事業計画の提出", 5, 20),
    ("interview", Phase.START, "期初面談の実施", 6, 20),
    ("finalize", Phase.START, "事業計画の確定", 6, 30),
    ("survey", Phase.END, "顧客満足度調査・支援機関による評価の回答締切", 2, 15),
    ("hearing", Phase.END, "ヒアリングの実施", 3, 10),
)
# A month's report is due on this day of the month after it (product default, closed days shift it).
REPORT_DAY = 10


@dataclass(frozen=True)
class Deadline:
    """One line of the calendar before it is stored; day and time are meant in Asia/Tokyo."""

    code: str
    phase: Phase
    label: str
    day: date
    at: time


def is_closed_day(day: date, is_holiday: Callable[[date], bool] = jpholiday.is_holiday) -> bool:
    """Saturday, Sunday, a holiday, or 29 December to 3 January (domain.md 4.1)."""
    if day.weekday() >= 5:
        return True
    if (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3):
        return True
    return bool(is_holiday(day))


def next_business_day(day: date, is_holiday: Callable[[date], bool] = jpholiday.is_holiday) -> date:
    """The day itself when offices are open, else the first open day after it."""
    while is_closed_day(day, is_holiday):
        day += timedelta(days=1)
    return day


def default_calendar(fiscal_year: int) -> list[Deadline]:
    """The default deadlines of a term in order of time, each at 12:00 on a business day."""
    lines = [
        _line(code, phase, label, _in_year(fiscal_year, month, day))
        for code, phase, label, month, day in _FIXED
    ]
    lines += [_report_line(month) for month in months_of(fiscal_year)]
    return sorted(lines, key=lambda line: (line.day, line.code))


def _in_year(fiscal_year: int, month: int, day: int) -> date:
    return date(fiscal_year if month >= 4 else fiscal_year + 1, month, day)


def _line(code: str, phase: Phase, label: str, day: date) -> Deadline:
    return Deadline(code, phase, label, next_business_day(day), NOON)


def report_code(month: date) -> str:
    """Code of the deadline of a month's report: month-04 ... month-03."""
    return f"month-{month:%m}"


def _report_line(month: date) -> Deadline:
    due = (month + timedelta(days=31)).replace(day=REPORT_DAY)
    # The report of March falls after the term's last day and closes the judgement's figures.
    phase = Phase.END if month.month == 3 else Phase.MID
    return _line(report_code(month), phase, f"月次実績の提出（{month.month}月分）", due)
