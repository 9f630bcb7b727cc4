"""Invented monthly results: seasons, noise, a late hub, a weak hub."""

from datetime import date
from decimal import Decimal

from yorozu.portal.sample.dice import bell, between, roll, spread
from yorozu.portal.sample.nation import LAST_TERM, SEASON, SampleHub
from yorozu.portal.sample.plans import MAX_AREAS, focus_areas, targets

# Months of the running term that are reported in the sample (April to October).
MONTHS_SO_FAR = 7


def month_of(fiscal_year: int, index: int) -> date:
    """First day of the index-th month of the fiscal year (0 = April)."""
    return date(fiscal_year + (index >= 9), (index + 3) % 12 + 1, 1)


def _reached(hub: SampleHub, fiscal_year: int, name: str, target: int) -> int:
    noise = bell("reached", hub.code, fiscal_year, name) * Decimal("0.05")
    return max(1, int(Decimal(target) * (hub.quality(fiscal_year) + noise)))


def _monthly(
    hub: SampleHub, fiscal_year: int, name: str, total: int, months: list[int]
) -> list[int]:
    weights = [
        SEASON[index] * 100 + between(-900, 900, "season", hub.code, fiscal_year, name, index)
        for index in months
    ]
    return spread(total, weights)


def operating_months(hub: SampleHub, fiscal_year: int) -> list[int]:
    """Indexes of the months the hub was at work in the sample."""
    first = 5 if hub.is_late and fiscal_year == LAST_TERM else 0
    last = 12 if fiscal_year == LAST_TERM else MONTHS_SO_FAR
    return list(range(first, last))


def _missing(hub: SampleHub, fiscal_year: int, index: int) -> bool:
    """In the running term some hubs are late with the last two months."""
    if fiscal_year == LAST_TERM:
        return False
    share = {MONTHS_SO_FAR - 1: 6, MONTHS_SO_FAR - 2: 16}.get(index)
    return bool(share) and roll("late", hub.code, index) % (share or 1) == 0


def result_rows(hub: SampleHub, fiscal_year: int) -> list[dict[str, object]]:
    """Lines of the result file for one hub: four indicators and its focus areas, by month."""
    months = operating_months(hub, fiscal_year)
    share = Decimal(sum(SEASON[i] for i in months)) / sum(SEASON)
    columns: dict[str, list[int]] = {}
    for name, target in targets(hub, fiscal_year).items():
        total = int(_reached(hub, fiscal_year, name, target) * share)
        columns[name] = _monthly(hub, fiscal_year, name, total, months)
    for number, area in enumerate(focus_areas(hub, fiscal_year), start=1):
        total = int(_reached(hub, fiscal_year, str(area["名称"]), int(str(area["目標"]))) * share)
        columns[f"重点分野{number}"] = _monthly(hub, fiscal_year, str(area["名称"]), total, months)
    rows = []
    for place, index in enumerate(months):
        if _missing(hub, fiscal_year, index):
            continue
        row: dict[str, object] = {
            "拠点コード": hub.code,
            "拠点名": hub.name,
            "対象月": f"{month_of(fiscal_year, index):%Y-%m}",
        }
        for name in targets(hub, fiscal_year):
            row[name] = columns[name][place]
        for number in range(1, MAX_AREAS + 1):
            values = columns.get(f"重点分野{number}")
            row[f"重点分野{number}"] = values[place] if values else ""
        rows.append(row)
    return rows
