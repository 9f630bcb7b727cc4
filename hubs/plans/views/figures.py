"""The public figures of the region as pages of the plan show them."""

from collections.abc import Mapping, Sequence
from typing import Any

from hubs.plans.models import Plan
from hubs.plans.tables import figures as tables
from yorozu.core import figures
from yorozu.core.charts import Bar, bar
from yorozu.core.web.tables import Table

SHARE_OF = "smes"


def figure_table(plan: Plan) -> Table:
    """Figures kept with the plan, as on paper."""
    taken = plan.figures_taken_on
    return tables.figure_table(plan.regional_figures, taken.isoformat() if taken else "")


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
