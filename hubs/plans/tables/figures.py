"""The public figures of the region that were kept with a plan."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from yorozu.core import figures
from yorozu.core.fiscal import parse_date, wareki, wareki_year
from yorozu.core.web.tables import Cell, Column, Empty, Table

COLUMNS = (
    Column("label", "数値", header=True, css="rp-w-4"),
    Column("value", "値", numeric=True, css="rp-c-24"),
    Column("unit", "単位", css="rp-c-15"),
    Column("year", "時点", css="rp-c-26 yz-nowrap"),
    Column("change", "前回との差", numeric=True, css="rp-c-20"),
    Column("share", "全国に占める割合", numeric=True, css="rp-c-20"),
    Column("source", "調査名と出典"),
)


def figure_table(rows: Sequence[Mapping[str, Any]], taken_on: str) -> Table:
    """Figures with source, date, the figure before and the nation's share."""
    taken = f"（{wareki(parse_date(taken_on))}取得）" if taken_on else ""
    years = {row["previous_year"] for row in rows if row["previous_value"] is not None}
    common = years.pop() if len(years) == 1 else None
    return Table(
        caption=f"地域の数値{taken}",
        columns=_columns(common),
        rows=[_row(row, before, common) for row, before in zip(rows, [None, *rows], strict=False)],
        empty=Empty(
            "地域の数値はまだありません。",
            "全国本部が公的統計を取り込むと、計画の作成を始めるときにここに入ります。",
        ),
    )


def _columns(common: int | None) -> tuple[Column, ...]:
    """The columns; the year of the figures before stands in the head when all rows share it."""
    if common is None:
        return COLUMNS
    return tuple(
        replace(column, unit=_than(common)) if column.key == "change" else column
        for column in COLUMNS
    )


def _row(
    row: Mapping[str, Any], before: Mapping[str, Any] | None, common: int | None
) -> dict[str, Any]:
    label = f"　うち{row['industry_label']}" if row["industry"] else row["label"]
    return {
        "label": label,
        "value": row["value"],
        "unit": row["unit"],
        "year": wareki(parse_date(row["as_of"]))
        if row["as_of"]
        else wareki_year(date(row["year"], 12, 31)),
        "change": _change(row, common),
        "share": figures.format_percent(figures.percent(row["value"], row["nation"])),
        "source": _source(row, before),
    }


def _source(row: Mapping[str, Any], before: Mapping[str, Any] | None) -> Any:
    """Survey and publisher; industries of one survey do not repeat them line by line."""
    names = ("survey", "source", "is_sample")
    if before is not None and row["industry"] and all(row[one] == before[one] for one in names):
        return "同上"
    text = "、".join(part for part in (row["survey"], row["source"]) if part)
    return Cell(text, note="サンプル" if row["is_sample"] else "")


def _than(year: int) -> str:
    """The year a figure is compared with, in the calendar of the column beside it."""
    return f"{wareki_year(date(year, 12, 31))}比"


def _change(row: Mapping[str, Any], common: int | None) -> Any:
    before = row["previous_value"]
    if before is None:
        return ""
    gap = row["value"] - before
    sign = "+" if gap > 0 else ""
    note = "" if row["previous_year"] == common else _than(row["previous_year"])
    return Cell(f"{sign}{figures.format_count(gap)}", note=note)
