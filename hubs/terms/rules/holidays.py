"""Holidays of a year nobody has entered yet: what the present law gives, as a proposal."""

from datetime import date

import jpholiday

from yorozu.core.business_days import BETWEEN, SUBSTITUTE

ESTIMATE = "現行の法律による推算（官報の公表前）"


def estimated(year: int) -> list[tuple[date, str]]:
    """Statutory holidays of a year by the present law; what follows from them is a rule."""
    return [
        (day, name)
        for day, name in jpholiday.year_holidays(year)
        if BETWEEN not in name and SUBSTITUTE not in name
    ]
