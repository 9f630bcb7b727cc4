"""Receipt numbers that the portal proposes: fiscal year, dash, five digits (2026-00042)."""

import re

DIGITS = 5
MAX_SERIAL = 10**DIGITS - 1


def _prefix(fiscal_year: int, letter: str) -> str:
    return f"{letter}{fiscal_year}-"


def serial_range(fiscal_year: int, letter: str = "") -> tuple[str, str]:
    """The first and the last number of a year's series, as texts that sort like numbers."""
    prefix = _prefix(fiscal_year, letter)
    return f"{prefix}{0:0{DIGITS}d}", f"{prefix}{MAX_SERIAL}"


def is_serial(number: str, fiscal_year: int, letter: str = "") -> bool:
    """True for a number of the series; files bring others, which the series passes over."""
    return bool(re.fullmatch(rf"{_prefix(fiscal_year, letter)}[0-9]{{{DIGITS}}}", number))


def next_serial(fiscal_year: int, top: str | None, letter: str = "") -> str:
    """The number after the highest one of the year; "" when the year's numbers are used up."""
    last = int(top.rpartition("-")[2]) if top else 0
    return "" if last >= MAX_SERIAL else f"{_prefix(fiscal_year, letter)}{last + 1:0{DIGITS}d}"
