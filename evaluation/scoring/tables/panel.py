"""The panel's adjustments on the screen, and the acts that a run offers."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse

from evaluation.scoring.flow import ADJUSTMENT_FLOW, ASK, CLOSE_CHECK, DISCARD, FIX, PUBLISH
from evaluation.scoring.models import (
    AdjustmentState,
    EvaluationRun,
    PanelAdjustment,
    RunKind,
    RunState,
    Succession,
)
from evaluation.scoring.queries import PanelEffect, Standing, standing_adjustments
from yorozu.core.access import Scope, decide
from yorozu.core.flow import Transition
from yorozu.core.web.chips import Chip, Status
from yorozu.core.web.tables import Cell, Column, Empty, Table

PAGES = {
    ASK: "run_ask",
    CLOSE_CHECK: "run_facts",
    FIX: "run_fix",
    PUBLISH: "run_publish",
    DISCARD: "run_discard",
}
ADJUSTMENT_CHIPS = {
    AdjustmentState.PROPOSED: Chip(Status.WAITING, "承認待ち"),
    AdjustmentState.CONFIRMED: Chip(Status.APPROVED),
    AdjustmentState.WITHDRAWN: Chip(Status.WITHDRAWN),
}


def offers(run: EvaluationRun, rows: Sequence[Transition]) -> list[dict[str, str]]:
    """The buttons of a run: what its kind can do next, the way back last."""
    from_the_start = run.state == RunState.COMPUTED
    shown = []
    for row in rows:
        if from_the_start and row.action == FIX and run.kind != RunKind.PROVISIONAL:
            continue
        if row.action == ASK and run.kind in {RunKind.TRIAL, RunKind.PROVISIONAL}:
            continue
        if row.action == DISCARD and run.kind == RunKind.TRIAL:
            continue
        shown.append({"label": row.label, "url": reverse(PAGES[row.action], args=[run.pk])})
    return shown


def ways(run: EvaluationRun, scope: Scope) -> list[dict[str, str]]:
    """Pages around a run: its fact check, its panel, what it corrected and what corrects it."""
    found = []
    was_asked = run.fact_checks.exists() or run.succession == Succession.ADJUSTMENT
    if was_asked and decide(scope, "evaluation.scoring.fact_matrix").allowed:
        found.append({"label": "事実確認の状況", "url": reverse("run_facts", args=[run.pk])})
    past_the_check = run.state not in {RunState.COMPUTED, RunState.FACT_CHECK}
    if was_asked and past_the_check and decide(scope, "evaluation.scoring.panel").allowed:
        found.append({"label": "審査会の調整", "url": reverse("run_panel", args=[run.pk])})
    if _corrects(run):
        found.append({"label": "訂正による変化", "url": reverse("report_changes", args=[run.pk])})
    return found


def _corrects(run: EvaluationRun | None) -> bool:
    """A run corrects another also when the panel's adjustments came after the correction."""
    while run is not None:
        if run.succession == Succession.CORRECTION:
            return True
        run = run.supersedes
    return False


def proposals(rows: Sequence[PanelAdjustment], scope: Scope) -> list[dict[str, Any]]:
    """Every adjustment made on the run, with the acts that this person may do."""
    return [
        {
            "row": row,
            "chip": ADJUSTMENT_CHIPS[AdjustmentState(row.state)],
            "points": signed(row.points),
            "acts": {one.action.rsplit(".", 1)[-1] for one in ADJUSTMENT_FLOW.offers(row, scope)}
            if row.run.state == RunState.PANEL
            else set(),
            "is_mine": row.proposed_by_id is not None and row.proposed_by_id == scope.user_id,
        }
        for row in rows
    ]


def may_apply(rows: Sequence[PanelAdjustment]) -> bool:
    """Something is confirmed and nothing waits."""
    states = [row.state for row in rows if row.applied_run_id is None]
    return AdjustmentState.CONFIRMED in states and AdjustmentState.PROPOSED not in states


def signed(points: Decimal) -> str:
    """+2.50, -1.00, 0.00."""
    return f"{points:+.2f}" if points else "0.00"


def adjusted_table(effect: PanelEffect) -> Table:
    """Adjusted hubs: mechanical score, adjustment, final score, ranks with and without."""
    return Table(
        "調整した拠点",
        [
            Column("hub", "拠点", header=True),
            Column("mechanical", "算定点", numeric=True, unit="点"),
            Column("points", "調整", numeric=True, unit="点"),
            Column("final", "総合点", numeric=True, unit="点"),
            Column("grade", "評語"),
            Column("rank", "順位", numeric=True, unit="位"),
            Column("rank_without", "調整がない場合の順位", numeric=True, unit="位"),
            Column("grade_without", "調整がない場合の評語"),
            Column("reason", "理由と根拠"),
            Column("people", "提案・承認"),
        ],
        [
            {
                **_ranks(line),
                "mechanical": line.mechanical,
                "points": signed(line.points),
                "final": line.final,
                "reason": Cell(line.reason, note=f"根拠：{line.evidence}"),
                "people": Cell(line.proposed_by, note=line.confirmed_by),
            }
            for line in effect.adjusted
        ],
        empty=Empty("調整した拠点はありません。", "総合点は、算定点のままです。"),
    )


def moved_table(effect: PanelEffect) -> Table:
    """Hubs that were not adjusted but stand elsewhere because others were."""
    return Table(
        "ほかの拠点の調整で順位が変わった拠点",
        [
            Column("hub", "拠点", header=True),
            Column("rank", "順位", numeric=True, unit="位"),
            Column("rank_without", "調整がない場合の順位", numeric=True, unit="位"),
            Column("grade", "評語"),
            Column("grade_without", "調整がない場合の評語"),
        ],
        [_ranks(line) for line in effect.moved],
        empty=Empty("ありません。"),
    )


def _ranks(line: Standing) -> dict[str, Any]:
    return {
        "hub": line.hub_name,
        "rank": line.rank,
        "rank_without": line.rank_without,
        "grade": line.grade,
        "grade_without": line.grade_without,
    }


def earlier_adjustments(run: EvaluationRun) -> list[str]:
    """Adjustments of the run that this one corrects: proposed anew, never carried silently."""
    if run.succession != Succession.CORRECTION or run.supersedes is None:
        return []
    names = dict(run.hub_results.values_list("hub__code", "hub_name"))
    return [
        f"{names.get(entry['hub'], entry['hub'])}　{signed(Decimal(entry['points']))}点　"
        f"{entry['reason']}"
        for entry in standing_adjustments(run.supersedes)
    ]


def adjustment_facts(run: EvaluationRun, code: str) -> list[dict[str, str]]:
    """The adjustment of one hub as its page shows it; empty without one."""
    for entry in standing_adjustments(run):
        if entry["hub"] == code:
            return [
                {"label": "調整点", "value": f"{signed(Decimal(entry['points']))}点"},
                {"label": "理由", "value": entry["reason"]},
                {"label": "根拠", "value": entry["evidence"]},
                {"label": "提案", "value": entry["proposed_by"]},
                {"label": "承認", "value": entry["confirmed_by"]},
            ]
    return []
