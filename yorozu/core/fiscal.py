"""Fiscal years, months and Japanese dates: pure arithmetic on dates (domain 4.1)."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

FIRST_MONTH = 4
EARLIEST_YEAR = 1926
LATEST_YEAR = 2100


class DateError(ValueError):
    """The text is no date we take; the message is the Japanese reason."""


class Phase(StrEnum):
    """The three phases of a term in the paper's order (S68-S88)."""

    START = "start"
    MID = "mid"
    END = "end"

    @property
    def label(self) -> str:
        """The word of the paper."""
        return {"start": "期初", "mid": "期中", "end": "期末"}[self.value]


@dataclass(frozen=True, slots=True)
class Era:
    """An era with its letter, first and last day (None: still running)."""

    name: str
    letter: str
    first: date
    last: date | None


ERAS = (
    Era("令和", "R", date(2019, 5, 1), None),
    Era("平成", "H", date(1989, 1, 8), date(2019, 4, 30)),
    Era("昭和", "S", date(1926, 12, 25), date(1989, 1, 7)),
)
# The year that began in 平成31年 is called 令和元年度 in official use (domain 4.1).
NENDO_OVERRIDES = {2019: "令和元年度"}


def fiscal_year_of(day: date) -> int:
    """The fiscal year a day belongs to, named by its April."""
    return day.year if day.month >= FIRST_MONTH else day.year - 1


def first_day(fiscal_year: int) -> date:
    """1 April of the fiscal year."""
    return date(fiscal_year, FIRST_MONTH, 1)


def last_day(fiscal_year: int) -> date:
    """31 March that closes the fiscal year."""
    return date(fiscal_year + 1, 3, 31)


def months_of(fiscal_year: int) -> list[date]:
    """The first days of the twelve months, April first."""
    return list(_months_of(fiscal_year))


@lru_cache(maxsize=64)
def _months_of(fiscal_year: int) -> tuple[date, ...]:
    return tuple(month_at(fiscal_year, index) for index in range(1, 13))


def month_index(day: date) -> int:
    """Place of the month in its fiscal year: April is 1, March is 12."""
    return (day.month - FIRST_MONTH) % 12 + 1


def month_at(fiscal_year: int, index: int) -> date:
    """First day of the index-th month of the fiscal year (the reverse of month_index)."""
    if not 1 <= index <= 12:
        raise ValueError("month index runs from 1 to 12")
    offset = FIRST_MONTH - 1 + index - 1
    return date(fiscal_year + offset // 12, offset % 12 + 1, 1)


def month_of(day: date) -> date:
    """First day of the month a day lies in."""
    return day.replace(day=1)


def half_of(day: date) -> int:
    """1 for 上期 (April to September), 2 for 下期."""
    return 1 if month_index(day) <= 6 else 2


def phase(day: date, *, start_ends: date, end_begins: date) -> Phase:
    """Phase of a day by the term's calendar: up to `start_ends` 期初, from `end_begins` 期末."""
    if day <= start_ends:
        return Phase.START
    return Phase.END if day >= end_begins else Phase.MID


def era_of(day: date) -> Era | None:
    """The era a day lies in; None before 昭和."""
    return next((era for era in ERAS if day >= era.first), None)


def wareki_year(day: date) -> str:
    """Year in the Japanese calendar: 令和8年, 令和元年."""
    era = era_of(day)
    if era is None:
        return f"{day.year}年"
    number = day.year - era.first.year + 1
    return f"{era.name}{'元' if number == 1 else number}年"


def wareki(day: date) -> str:
    """Date in the Japanese calendar: 平成29年1月16日."""
    return f"{wareki_year(day)}{day.month}月{day.day}日"


def weekday_of(day: date) -> str:
    """The day of the week: 月 to 日."""
    return "月火水木金土日"[day.weekday()]


def wareki_month(day: date) -> str:
    """Month in the Japanese calendar: 令和8年4月."""
    return f"{wareki_year(day)}{day.month}月"


def nendo(fiscal_year: int) -> str:
    """Name of a fiscal year: 令和8年度; 2019 is 令和元年度."""
    return NENDO_OVERRIDES.get(fiscal_year) or f"{wareki_year(first_day(fiscal_year))}度"


_FOLD = str.maketrans(
    "０１２３４５６７８９／．－−‐–—ＲＨＳｒｈｓrhs　", "0123456789/.-----RHSRHSRHS "
)
_YEAR = r"(?:(?P<western>[0-9]{4})|(?P<era>令和|平成|昭和|[RHS])\s*(?P<year>[0-9]{1,2}|元))"
_MONTH = r"(?P<month>[0-9]{1,2})"
_DAY = r"(?P<day>[0-9]{1,2})"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_YEAR}\s*年\s*{_MONTH}\s*月\s*{_DAY}\s*日",
        rf"{_YEAR}(?P<separator>[/.-]){_MONTH}(?P=separator){_DAY}(?:[ T]00:00(?::00)?)?",
        r"(?P<western>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})",
    )
)
_MONTHS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_YEAR}\s*年\s*{_MONTH}\s*月(?:分)?",
        rf"{_YEAR}[/.-]{_MONTH}",
        r"(?P<western>[0-9]{4})(?P<month>[0-9]{2})",
    )
)
_ENGLISH = re.compile(r"(?i)[a-z]{3,9}[-. ][0-9]{1,4}|[0-9]{1,2}[-. ][a-z]{3,9}(?:[-. ][0-9]+)?")
_NO_YEAR = re.compile(r"[0-9]{1,2}\s*月(?:\s*[0-9]{1,2}\s*日)?|[0-9]{1,2}[/-][0-9]{1,2}")
_SHORT_YEAR = re.compile(r"[0-9]{1,2}([/.-])[0-9]{1,2}\1[0-9]{1,4}")
MAX_TYPED_LENGTH = 40


def parse_date(text: str) -> date:
    """Read 2017/1/16, 2017-01-16, 20170116, 平成29年1月16日, H29.1.16, also full-width."""
    return _parse(text, _DATES, "2017-01-16 または 平成29年1月16日")


def parse_month(text: str) -> date:
    """Read 2026-04, 2026/4, 2026年4月, 202604, 令和8年4月, R8.4 as the first day of the month.

    A full date is taken when it is the first of a month, which is what a spreadsheet makes
    of "2026/4".
    """
    example = "2026-04 または 令和8年4月"
    folded = text.strip().translate(_FOLD)
    if _match(folded, _MONTHS) is None and _match(folded, _DATES) is not None:
        day = parse_date(text)
        if day.day != 1:
            raise DateError(f"日まで入力されています。月だけを入力してください（例：{example}）。")
        return day
    return _parse(text, _MONTHS, example)


def _match(folded: str, patterns: tuple[re.Pattern[str], ...]) -> re.Match[str] | None:
    if len(folded) > MAX_TYPED_LENGTH:
        return None
    return next((found for pattern in patterns if (found := pattern.fullmatch(folded))), None)


def _parse(text: str, patterns: tuple[re.Pattern[str], ...], example: str) -> date:
    folded = text.strip().translate(_FOLD)
    found = _match(folded, patterns)
    if found is None:
        raise DateError(f"{_shape_reason(folded)}（例：{example}）。")
    parts = found.groupdict()
    if parts.get("era"):
        return _from_era(parts, text.strip())
    return _real(int(parts["western"]), parts, text.strip())


_SHAPES = (
    (re.compile(r"[0-9]{5}"), "日付が数（シリアル値）になっています。日付の形で入力してください"),
    (_ENGLISH, "表計算ソフトが変えた表記です。年から入力してください"),
    (_NO_YEAR, "年がありません。年から入力してください"),
    (_SHORT_YEAR, "年は西暦4桁か元号で入力してください"),
)


def _shape_reason(folded: str) -> str:
    if len(folded) > MAX_TYPED_LENGTH:
        return "日付として長すぎます"
    reasons = (reason for pattern, reason in _SHAPES if pattern.fullmatch(folded))
    return next(reasons, "日付として読めません")


def _real(year: int, parts: dict[str, str | None], typed: str) -> date:
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise DateError(f"年は{EARLIEST_YEAR}年から{LATEST_YEAR}年までです。")
    try:
        return date(year, int(parts["month"] or 0), int(parts.get("day") or 1))
    except ValueError as error:
        raise DateError(f"「{typed}」は暦にない日付です。") from error


def _from_era(parts: dict[str, str | None], typed: str) -> date:
    era = next(era for era in ERAS if parts["era"] in {era.name, era.letter})
    number = 1 if parts["year"] == "元" else int(parts["year"] or 0)
    if number == 0:
        raise DateError(f"{era.name}0年はありません。")
    day = _real(era.first.year + number - 1, parts, typed)
    whole_month = parts.get("day") is None
    begins = month_of(era.first) if whole_month else era.first
    if day < begins or (era.last is not None and day > era.last):
        right = wareki_month(day) if whole_month else wareki(day)
        raise DateError(f"{era.name}の期間にない日付です。{right}と入力してください。")
    return day
