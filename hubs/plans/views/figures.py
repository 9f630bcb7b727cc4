"""The public figures of the region as pages of the plan show them."""

from collections.abc import Mapping, Sequence
from typing import Any

from hubs.plans.models import Plan
from yorozu.core import figures
from yorozu.core.charts import Bar, bar
from yorozu.core.fiscal import parse_date, wareki
from yorozu.core.web.tables import Cell, Column, Empty, Table

COLUMNS = (
    Column("label", "数値", header=True),
    Column("value", "値", numeric=True),
    Column("unit", "単位"),
    Column("year", "時点", css="yz-nowrap"),
    Column("change", "前回との差", numeric=True),
    Column("share", "全国に占める割合", numeric=True),
    Column("source", "調査名と出典"),
)
SHARE_OF = "smes"


def figure_table(plan: Plan) -> Table:
    """Figures kept with the plan, with source, date, the figure before and the nation's share."""
    taken = f"（{wareki(plan.figures_taken_on)}取得）" if plan.figures_taken_on else ""
    return Table(
        caption=f"地域の数値{taken}",
        columns=COLUMNS,
        rows=[_row(row) for row in plan.regional_figures],
        empty=Empty(
            "地域の数値はまだありません。",
            "全国本部が公的統計を取り込むと、計画の作成を始めるときにここに入ります。",
        ),
    )


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    label = row["label"] if not row["industry"] else f"　うち{row['industry_label']}"
    sample = "サンプル　" if row["is_sample"] else ""
    source = "、".join(part for part in (row["survey"], row["source"]) if part)
    return {
        "label": label,
        "value": row["value"],
        "unit": row["unit"],
        "year": wareki(parse_date(row["as_of"])) if row["as_of"] else f"{row['year']}年",
        "change": _change(row),
        "share": figures.format_percent(figures.percent(row["value"], row["nation"])),
        "source": Cell(source, note=sample.strip()),
    }


def _change(row: Mapping[str, Any]) -> Any:
    before = row["previous_value"]
    if before is None:
        return ""
    gap = row["value"] - before
    sign = "+" if gap > 0 else ""
    return Cell(f"{sign}{figures.format_count(gap)}", note=f"{row['previous_year']}年比")


def industry_chart(plan: Plan) -> Any:
    """Shares of the industries among the region's SMEs, the nation's share as a mark; or None."""
    rows = [row for row in plan.regional_figures if row["code"] == SHARE_OF and row["industry"]]
    whole, nation = sum(row["value"] for row in rows), _nation_whole(rows)
    if not rows or not whole:
        return None
    bars = [
        Bar(
            row["industry_label"],
            figures.percent(row["value"], whole),
            figures.format_percent(figures.percent(row["value"], whole)),
            figures.percent(row["nation"], nation) if nation else None,
        )
        for row in rows
    ]
    return bar("中小企業の産業別の構成（縦線は全国の割合）", bars, unit="%")


def _nation_whole(rows: Sequence[Mapping[str, Any]]) -> int | None:
    known = [row["nation"] for row in rows]
    return None if None in known else sum(known)
