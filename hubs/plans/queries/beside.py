"""Last year beside this year's plan, and what is newer than the figures kept with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hubs.network.queries import figure_snapshots
from hubs.plans.history import HubYear, accepted_year
from hubs.plans.models import Plan
from hubs.plans.queries.listing import visible_plans_of
from hubs.plans.rules import SECTIONS
from yorozu.core.figures import format_count


@dataclass(frozen=True)
class LastYear:
    """Last year's plan with its results: texts by field name, and its focus areas."""

    plan: Plan | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    areas: Sequence[Mapping[str, Any]] = ()


def last_year(plan: Plan) -> LastYear:
    """What the hub planned and reached the year before; empty when there was no plan."""
    year = plan.term.fiscal_year - 1
    key = Plan.objects.filter(hub=plan.hub_id, term__fiscal_year=year).values_list("pk", flat=True)
    found = visible_plans_of(list(key))
    if not found:
        return LastYear()
    before = found[0]
    results = accepted_year(year, plan.hub_id).get(plan.hub_id, HubYear())
    texts = {name: getattr(before, name) for name in SECTIONS}
    for target in before.targets.all():
        code, unit = target.indicator.code, target.indicator.unit
        said = f"目標 {format_count(target.value)}{unit}、"
        texts[f"target_{code}"] = said + _result(results.indicators.get(code, ()), unit)
    areas = [
        {
            "name": area.name,
            "target": area.target,
            "unit": area.unit,
            "result": _result(results.areas.get(area.name, ()), area.unit),
        }
        for area in before.focus_areas.all()
    ]
    return LastYear(before, texts, areas)


def _result(months: Sequence[int | None], unit: str) -> str:
    known = [value for value in months if value is not None]
    if not known:
        return "確認済みの実績はまだありません"
    return f"実績 {format_count(sum(known))}{unit}（確認済み{len(known)}か月）"


def newer_figures(plan: Plan) -> list[str]:
    """Names of the public figures that were published anew since they were kept with the plan."""
    fresh = figure_snapshots([plan.hub_id])[plan.hub_id]
    kept = {(row["code"], row["industry"]): row for row in plan.regional_figures}
    moved = [row for row in fresh if _moved(row, kept.get((row["code"], row["industry"])))]
    named = (f"{row['label']}（{row['year']}年）" for row in moved)
    return list(dict.fromkeys(named))


def _moved(row: Mapping[str, Any], kept: Mapping[str, Any] | None) -> bool:
    return kept is None or (row["year"], row["value"]) != (kept["year"], kept["value"])
