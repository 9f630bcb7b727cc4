"""Adjustments of the panel: those that stand in a run, and the ranks without them."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from evaluation.scoring.models import EvaluationRun, PanelAdjustment
from evaluation.scoring.queries.runs import ENGINES, input_of


@dataclass(frozen=True)
class Standing:
    """One hub with an adjustment in a run: its scores and ranks with and without any of them."""

    code: str
    hub_name: str
    points: Decimal
    reason: str
    evidence: str
    proposed_by: str
    confirmed_by: str
    mechanical: Decimal | None
    final: Decimal | None
    rank: int | None
    rank_without: int | None
    grade: str
    grade_without: str


def standing_adjustments(run: EvaluationRun) -> list[dict[str, Any]]:
    """What the run's snapshot says of adjustments, in code order."""
    snapshot = json.loads(run.snapshot)
    found: list[dict[str, Any]] = snapshot.get("adjustments", [])
    return found


def adjustments_of(run: EvaluationRun) -> list[PanelAdjustment]:
    """Proposals and confirmed adjustments made on this run, the withdrawn ones too."""
    return list(run.adjustments.select_related("hub").order_by("hub__code", "pk"))


def without_adjustments(run: EvaluationRun) -> dict[str, dict[str, Any]]:
    """What the engine gives for the same input without a single adjustment, by hub code."""
    given = input_of(run)
    hubs = [{key: value for key, value in hub.items() if key != "adjust"} for hub in given["hubs"]]
    result = ENGINES[run.engine]({**given, "hubs": hubs})
    return {entry["code"]: entry for entry in result["hubs"]}


@dataclass(frozen=True)
class PanelEffect:
    """How much the adjustments weigh: the adjusted hubs, and all whose rank or grade they move."""

    adjusted: list[Standing]
    moved: list[Standing]
    hubs: int


def panel_effect(run: EvaluationRun) -> PanelEffect:
    """Every hub with its rank with and without the adjustments (evaluation.md 2.7)."""
    said = {entry["hub"]: entry for entry in standing_adjustments(run)}
    rows = list(run.hub_results.select_related("hub").order_by("hub__code"))
    if not said:
        return PanelEffect([], [], len(rows))
    bare = without_adjustments(run)
    lines = []
    for row in rows:
        entry, other = said.get(row.hub.code, {}), bare[row.hub.code]
        lines.append(
            Standing(
                row.hub.code,
                row.hub_name,
                Decimal(entry.get("points", "0.00")),
                entry.get("reason", ""),
                entry.get("evidence", ""),
                entry.get("proposed_by", ""),
                entry.get("confirmed_by", ""),
                row.mechanical,
                row.final,
                row.rank,
                other["rank"],
                row.grade,
                other["grade"] or "",
            )
        )
    adjusted = [line for line in lines if line.points]
    moved = [
        line
        for line in lines
        if not line.points and (line.rank, line.grade) != (line.rank_without, line.grade_without)
    ]
    return PanelEffect(adjusted, moved, len(rows))
