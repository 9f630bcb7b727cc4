"""The public figures of the region that were kept with a plan."""

from collections.abc import Mapping, Sequence
from typing import Any

from yorozu.core import figures
from yorozu.core.fiscal import parse_date, wareki
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
    return Table(
        caption=f"地域の数値{taken}",
        columns=COLUMNS,
        rows=[_row(row, before) for row, before in zip(rows, [None, *rows], strict=False)],
        empty=Empty(
            "地域の数値はまだありません。",
            "全国本部が公的統計を取り込むと、計画の作成を始めるときにここに入ります。",
        ),
    )


def _row(row: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    label = f"　うち{row['industry_label']}" if row["industry"] else row["label"]
    return {
        "label": label,
        "value": row["value"],
        "unit": row["unit"],
        "year": wareki(parse_date(row["as_of"])) if row["as_of"] else f"{row['year']}年",
        "change": _change(row),
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


def _change(row: Mapping[str, Any]) -> Any:
    before = row["previous_value"]
    if before is None:
        return ""
    gap = row["value"] - before
    sign = "+" if gap > 0 else ""
    return Cell(f"{sign}{figures.format_count(gap)}", note=f"{row['previous_year']}年比")
