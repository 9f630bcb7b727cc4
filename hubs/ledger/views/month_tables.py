"""Tables of 月別集計: one build for screen, CSV and XLSX; every figure leads to its rows."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from hubs.ledger.queries import LedgerYear
from hubs.ledger.rules import MONTHLY, MonthlyFigure, Source
from hubs.network.models import Hub
from yorozu.core import figures
from yorozu.core.fiscal import first_day, last_day, months_of, nendo
from yorozu.core.sheets import Sheet
from yorozu.core.web.tables import Cell, Column, Table

HEADER = ["拠点コード", "拠点", "月", *(f"{row.label}（{row.unit}）" for row in MONTHLY.values())]


def rows_url(hub: Hub, one: MonthlyFigure, *, month: date | None = None, year: int = 0) -> str:
    """The list that holds exactly the rows of a figure: of one month, or of a whole year."""
    name = "ledger_list" if one.source is Source.CONSULTATION else "activity_list"
    if month is not None:
        days = {"month": f"{month:%Y-%m}"}
    elif one.source is Source.CONSULTATION:
        days = {"first": f"{first_day(year):%Y-%m-%d}", "last": f"{last_day(year):%Y-%m-%d}"}
    else:
        days = {"year": str(year)}
    return f"{reverse(name, args=[hub.code])}?{urlencode({**days, **one.rows})}"


def _cell(value: int | None, url: str) -> Cell:
    """A figure that opens; a month without records has nothing to open."""
    return Cell(value) if value is None else Cell(value, url=url)


def _columns() -> list[Column]:
    return [Column(row.name, row.short, numeric=True, unit=row.unit) for row in MONTHLY.values()]


def hub_table(found: LedgerYear) -> Table:
    """The months of one hub, all figures side by side."""
    hub, year = found.hub, found.fiscal_year
    rows: list[dict[str, Any]] = [
        {
            "month": f"{month.month}月",
            **{
                one.name: _cell(found.value(one.name, month), rows_url(hub, one, month=month))
                for one in MONTHLY.values()
            },
        }
        for month in months_of(year)
    ]
    totals = {
        one.name: _cell(found.total(one.name), rows_url(hub, one, year=year))
        for one in MONTHLY.values()
    }
    return Table(
        caption=f"{hub.name} {nendo(year)} 相談記録の月別集計",
        columns=[Column("month", "月", header=True), *_columns()],
        rows=rows,
        totals={"month": "年間", **totals},
    )


def _sum(years: Iterable[LedgerYear], name: str, month: date) -> int | None:
    return figures.total(one.value(name, month) for one in years)


def summary_table(years: Sequence[LedgerYear], year: int, whose: str) -> Table:
    """The months of all these hubs together; each figure leads to the hubs behind it."""
    url = reverse("ledger_months_all")
    rows: list[dict[str, Any]] = [
        {
            "month": f"{month.month}月",
            **{
                name: _cell(_sum(years, name, month), f"{url}?year={year}&figure={name}#hubs")
                for name in MONTHLY
            },
        }
        for month in months_of(year)
    ]
    totals = {
        name: figures.total(row.total(name) for row in years) if one.adds_up else None
        for name, one in MONTHLY.items()
    }
    return Table(
        caption=f"{whose} {nendo(year)} 相談記録の月別集計",
        columns=[Column("month", "月", header=True), *_columns()],
        rows=rows,
        totals={"month": "年間", **totals},
    )


def hubs_table(years: Sequence[LedgerYear], year: int, one: MonthlyFigure, whose: str) -> Table:
    """One figure of every hub by month."""
    months = months_of(year)
    rows = [
        {
            "hub": Cell(
                row.hub.name, url=f"{reverse('ledger_months', args=[row.hub.code])}?year={year}"
            ),
            **{
                f"m{month:%m}": _cell(
                    row.value(one.name, month), rows_url(row.hub, one, month=month)
                )
                for month in months
            },
            "year": _cell(row.total(one.name), rows_url(row.hub, one, year=year)),
        }
        for row in years
    ]
    totals = {f"m{month:%m}": _sum(years, one.name, month) for month in months}
    return Table(
        caption=f"{one.label}（{one.unit}、拠点別、{nendo(year)}）",
        columns=[
            Column("hub", "拠点", header=True),
            *(Column(f"m{month:%m}", f"{month.month}月", numeric=True) for month in months),
            Column("year", "年間", numeric=True),
        ],
        rows=rows,
        totals={
            "hub": whose,
            **totals,
            "year": figures.total(row.total(one.name) for row in years),
        },
        sticky=True,
    )


def long_rows(years: Sequence[LedgerYear]) -> list[list[Any]]:
    """Hub by hub and month by month, the shape of the CSV; a month without records is left out."""
    return [
        [
            row.hub.code,
            row.hub.name,
            f"{month:%Y-%m}",
            *(row.value(name, month) for name in MONTHLY),
        ]
        for row in years
        for month in months_of(row.fiscal_year)
        if month in row.months
    ]


def sheets(years: Sequence[LedgerYear], year: int) -> list[Sheet]:
    """The workbook: the months, the years, and how each figure is counted."""
    totals = [
        [row.hub.code, row.hub.name, *(row.total(name) for name in MONTHLY)]
        for row in years
        if row.months
    ]
    label = nendo(year)
    return [
        Sheet("月別", HEADER, long_rows(years), caption=f"{label} 相談記録の月別集計"),
        Sheet("年間", [*HEADER[:2], *HEADER[3:]], totals, caption=f"{label} 年間の件数"),
        Sheet(
            "数え方",
            ["項目", "単位", "数え方"],
            [[one.label, one.unit, one.sentence] for one in MONTHLY.values()],
        ),
    ]
