"""The calendar of a term: the default deadlines, moved to an open day."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, time, timedelta

from yorozu.core.business_days import next_business_day
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


def default_calendar(fiscal_year: int, holidays: Collection[date]) -> list[Deadline]:
    """The default deadlines of a term in order of time, each at 12:00 on a business day."""
    lines = [
        Deadline(code, phase, label, _in_year(fiscal_year, month, day), NOON)
        for code, phase, label, month, day in _FIXED
    ]
    lines += [_report_line(month) for month in months_of(fiscal_year)]
    moved = [replace(line, day=next_business_day(line.day, holidays)) for line in lines]
    return sorted(moved, key=lambda line: (line.day, line.code))


def _in_year(fiscal_year: int, month: int, day: int) -> date:
    return date(fiscal_year if month >= 4 else fiscal_year + 1, month, day)


def report_code(month: date) -> str:
    """Code of the deadline of a month's report: month-04 ... month-03."""
    return f"month-{month:%m}"


def _report_line(month: date) -> Deadline:
    due = (month + timedelta(days=31)).replace(day=REPORT_DAY)
    # The report of March falls after the term's last day and closes the judgement's figures.
    phase = Phase.END if month.month == 3 else Phase.MID
    return Deadline(report_code(month), phase, f"月次実績の提出（{month.month}月分）", due, NOON)
