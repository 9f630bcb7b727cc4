"""The calendar of a term: lines with a rule, the day and minute the rule gives, its wording."""

import calendar as months
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from yorozu.core.business_days import Shift, nth_business_day
from yorozu.core.business_days import shift as moved
from yorozu.core.fiscal import Phase

TOKYO = ZoneInfo("Asia/Tokyo")
NOON = time(12, 0)
DAY, MONTH_END, BUSINESS_DAY = "day", "month_end", "business_day"
BASES = {DAY: "日", MONTH_END: "月末", BUSINESS_DAY: "第n営業日"}
SHIFTS = {
    Shift.NEXT.value: "休日は繰下げ",
    Shift.PREVIOUS.value: "休日は繰上げ",
    Shift.NONE.value: "休日でも移さない",
}
MOVED = {Shift.NEXT.value: "休日のため繰下げ", Shift.PREVIOUS.value: "休日のため繰上げ"}
# Months are counted on from the term's April (4): 13 is January, 16 the April after the term.
FIRST_MONTH, LAST_MONTH = 4, 18
MOST_BUSINESS_DAYS = 15
EXTRA = "extra-"
# A month's report is due on this day of the month after it (product default).
REPORT_DAY = 10
_FIXED = (
    ("policy", Phase.START, "活動方針の公表", 4, 10),
    ("plan", Phase.START, "事業計画の提出", 5, 20),
    ("interview", Phase.START, "期初面談の実施", 6, 20),
    ("finalize", Phase.START, "事業計画の確定", 6, 30),
    ("survey", Phase.END, "顧客満足度調査・支援機関による評価の回答締切", 14, 15),
    ("hearing", Phase.END, "ヒアリングの実施", 15, 10),
)


@dataclass(frozen=True)
class Line:
    """One line of the calendar: what is due and the rule that finds the day; Asia/Tokyo."""

    code: str
    phase: str
    label: str
    month: int
    number: int = 1
    base: str = DAY
    at: time = NOON
    shift: str = Shift.NEXT.value


def default_lines() -> list[Line]:
    """The product's default calendar: six acts of the year and the report of each month."""
    lines = [
        Line(code, phase.value, label, month, day) for code, phase, label, month, day in _FIXED
    ]
    return lines + [_report_line(month) for month in range(4, 16)]


def report_code(month: date) -> str:
    """Code of the deadline of a month's report: month-04 ... month-03."""
    return f"month-{month:%m}"


def _report_line(month: int) -> Line:
    number = (month - 1) % 12 + 1
    # The report of March falls after the term's last day and closes the judgement's figures.
    phase = Phase.END if number == 3 else Phase.MID
    label = f"月次実績の提出（{number}月分）"
    return Line(f"month-{number:02}", phase.value, label, month + 1, REPORT_DAY)


def year_month(fiscal_year: int, month: int) -> tuple[int, int]:
    """Calendar year and month of a place counted on from the term's April."""
    return fiscal_year + (month - 1) // 12, (month - 1) % 12 + 1


def month_label(month: int) -> str:
    """4月 ... 3月, and 翌年度4月 for what falls after the term."""
    name = f"{(month - 1) % 12 + 1}月"
    return f"翌年度{name}" if month > 15 else name


def nominal_day(line: Line, fiscal_year: int, holidays: Collection[date]) -> date:
    """The day before any shift. ValueError when the month has no such day."""
    year, month = year_month(fiscal_year, line.month)
    last = months.monthrange(year, month)[1]
    if line.base == MONTH_END:
        return date(year, month, last)
    if line.base == BUSINESS_DAY:
        return nth_business_day(year, month, line.number, holidays)
    if line.number > last:
        raise ValueError(f"{year}年{month}月に{line.number}日はありません。月末を選んでください。")
    return date(year, month, line.number)


def due(line: Line, fiscal_year: int, holidays: Collection[date]) -> tuple[date, datetime]:
    """The day before the shift, and the moment the line is due."""
    nominal = nominal_day(line, fiscal_year, holidays)
    day = moved(nominal, Shift(line.shift), holidays)
    return nominal, datetime.combine(day, line.at, tzinfo=TOKYO)


def shift_note(shift: str, nominal: date | None, day: date) -> str:
    """「休日のため繰下げ」 when the day has moved, else nothing."""
    return MOVED.get(shift, "") if nominal is not None and nominal != day else ""


def rule_text(line: Line) -> str:
    """The rule in words: 5月20日 12:00（休日は繰下げ）."""
    month, minute = month_label(line.month), f"{line.at:%H:%M}"
    if line.base == BUSINESS_DAY:
        return f"{month}の第{line.number}営業日 {minute}"
    day = "末日" if line.base == MONTH_END else f"{line.number}日"
    return f"{month}{day} {minute}（{SHIFTS[line.shift]}）"


def as_content(
    lines: Iterable[Line], fiscal_year: int, holidays: Collection[date]
) -> list[dict[str, Any]]:
    """The calendar as content: each line with the day and minute its rule gives, in that order."""
    found = [(line, *due(line, fiscal_year, holidays)) for line in lines]
    return [
        {
            "code": line.code,
            "phase": line.phase,
            "label": line.label,
            "base": line.base,
            "month": line.month,
            "number": line.number,
            "at": f"{line.at:%H:%M}",
            "shift": line.shift,
            "nominal_on": nominal.isoformat(),
            "due_at": moment.isoformat(),
        }
        for line, nominal, moment in sorted(found, key=lambda row: (row[2], row[0].code))
    ]


def from_content(rows: Iterable[Mapping[str, Any]]) -> list[Line]:
    """The lines of a content, without the days of its year."""
    return [
        Line(
            code=row["code"],
            phase=row["phase"],
            label=row["label"],
            month=row["month"],
            number=row["number"],
            base=row["base"],
            at=time.fromisoformat(row["at"]),
            shift=row["shift"],
        )
        for row in rows
    ]


def fitted(lines: Iterable[Line], fiscal_year: int, holidays: Collection[date]) -> list[Line]:
    """The lines for another year: a day it does not have (29 February) becomes its month's end."""
    found = []
    for line in lines:
        try:
            nominal_day(line, fiscal_year, holidays)
        except ValueError:
            found.append(replace(line, base=MONTH_END))
        else:
            found.append(line)
    return found


def is_extra(code: str) -> bool:
    """A line that users added; the others are read by the product and cannot be removed."""
    return code.startswith(EXTRA)


def line_faults(
    lines: Iterable[Line], fiscal_year: int, holidays: Collection[date]
) -> dict[str, str]:
    """What is wrong, by code of the line: no such day, or an order the phases cannot have."""
    faults, moments = {}, {}
    for line in lines:
        if not line.label.strip():
            faults[line.code] = "内容を入力してください。"
        try:
            moments[line.code] = due(line, fiscal_year, holidays)[1]
        except ValueError as error:
            faults[line.code] = str(error)
    start, end = moments.get("finalize"), moments.get("survey")
    if start and end and start >= end:
        faults["survey"] = "回答締切は、事業計画の確定より後にしてください。"
    return faults
