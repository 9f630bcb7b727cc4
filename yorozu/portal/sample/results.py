"""Invented monthly results: seasons, noise, a late hub, a weak hub, hubs with a ledger."""

from datetime import date
from decimal import Decimal

from yorozu.portal.sample.dice import bell, between, roll, spread
from yorozu.portal.sample.nation import LAST_TERM, SEASON, THIS_TERM, SampleHub
from yorozu.portal.sample.plans import INDICATORS, MAX_AREAS, focus_areas, targets

# Months of the running term that are reported in the sample (April to October).
MONTHS_SO_FAR = 7
# Hubs that keep a ledger in the running term, and the index of their first month with records.
LEDGER_HUBS = {"13": 5, "19": 0, "31": 0, "32": 0}
# Keeps its ledger and has not sent the last month yet.
WAITING_HUB = "13"
# Declares its solved issues in steps of five.
ROUND_HUB = "24"
# Declares the same number of visitors in July, August and September.
EQUAL_HUB, EQUAL_MONTHS = "43", (3, 4, 5)


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


def ledger_months(hub: SampleHub, fiscal_year: int) -> range:
    """Indexes of the months for which the hub keeps records."""
    if fiscal_year != THIS_TERM or hub.code not in LEDGER_HUBS:
        return range(0)
    return range(LEDGER_HUBS[hub.code], MONTHS_SO_FAR)


def _missing(hub: SampleHub, fiscal_year: int, index: int) -> bool:
    """In the running term some hubs are late with the last two months."""
    if fiscal_year == LAST_TERM or hub.code in {ROUND_HUB, EQUAL_HUB}:
        return False
    if hub.code in LEDGER_HUBS:
        return hub.code == WAITING_HUB and index == MONTHS_SO_FAR - 1
    share = {MONTHS_SO_FAR - 1: 6, MONTHS_SO_FAR - 2: 16}.get(index)
    return bool(share) and roll("late", hub.code, index) % (share or 1) == 0


def monthly_values(hub: SampleHub, fiscal_year: int) -> dict[str, dict[int, int]]:
    """Figures by column and month index: the four indicators and the hub's focus areas."""
    months = operating_months(hub, fiscal_year)
    share = Decimal(sum(SEASON[i] for i in months)) / sum(SEASON)
    goals = [(name, name, target) for name, target in targets(hub, fiscal_year).items()]
    for number, area in enumerate(focus_areas(hub, fiscal_year), start=1):
        goals.append((f"重点分野{number}", str(area["名称"]), int(str(area["目標"]))))
    columns = {}
    for column, name, target in goals:
        total = int(_reached(hub, fiscal_year, name, target) * share)
        values = _monthly(hub, fiscal_year, name, total, months)
        columns[column] = dict(zip(months, values, strict=True))
    if fiscal_year == THIS_TERM:
        _make_odd(hub, columns)
    return columns


def _make_odd(hub: SampleHub, columns: dict[str, dict[int, int]]) -> None:
    """What the nightly checks shall find in the running term: round numbers, equal months."""
    if hub.code == ROUND_HUB:
        solved = columns["課題解決件数"]
        columns["課題解決件数"] = {index: (n + 3) // 5 * 5 for index, n in solved.items()}
    if hub.code == EQUAL_HUB:
        visits = columns["来訪相談者数"]
        visits.update(dict.fromkeys(EQUAL_MONTHS, visits[EQUAL_MONTHS[0]]))


def result_rows(hub: SampleHub, fiscal_year: int) -> list[dict[str, object]]:
    """Lines of the result file for one hub: four indicators and its focus areas, by month.

    Where the hub keeps a ledger, the indicators stay blank: they come from the records.
    """
    columns = monthly_values(hub, fiscal_year)
    rows = []
    for index in operating_months(hub, fiscal_year):
        if _missing(hub, fiscal_year, index):
            continue
        row: dict[str, object] = {
            "拠点コード": hub.code,
            "拠点名": hub.name,
            "対象月": f"{month_of(fiscal_year, index):%Y-%m}",
        }
        kept = index in ledger_months(hub, fiscal_year)
        for name in INDICATORS:
            row[name] = "" if kept else columns[name][index]
        for number in range(1, MAX_AREAS + 1):
            row[f"重点分野{number}"] = columns.get(f"重点分野{number}", {}).get(index, "")
        rows.append(row)
    return rows
