"""States of an evaluation run: computed -> fixed (four eyes) -> published."""

import json
from typing import Any

from evaluation.scoring.models import RunKind, RunState
from yorozu.core.access import Scope
from yorozu.core.errors import Missing
from yorozu.core.flow import Flow, arrow


def not_a_trial(run: Any, actor: Scope) -> list[Missing]:
    """A trial run is for looking only."""
    if run.kind != RunKind.TRIAL:
        return []
    return [Missing("試行の評価は確定できません。「暫定」または「確定」の種別で算定してください。")]


def second_person(run: Any, actor: Scope) -> list[Missing]:
    """Four eyes: who computed the run cannot fix it (reliability.md 0.1, ASVS 2.3.5)."""
    if actor.is_system or run.computed_by_id is None or run.computed_by_id != actor.user_id:
        return []
    return [Missing("算定した本人は確定できません。全国本部の別の担当者が確定してください。")]


def unanswered(run: Any) -> list[str]:
    """Hubs with checklist items nobody scored (0 points): such a run needs a reason to be fixed."""
    names = {row.hub.code: row.hub_name for row in run.hub_results.select_related("hub")}
    found = []
    for hub in json.loads(run.result)["hubs"]:
        lacking = [
            entry["code"]
            for component in hub["components"]
            if isinstance(component["detail"], list)
            for entry in component["detail"]
            if entry["status"] == "MISSING"
        ]
        if lacking:
            found.append(f"{names.get(hub['code'], hub['code'])}（{'、'.join(lacking)}）")
    return found


FLOW = Flow(
    "evaluation_run",
    "この評価",
    RunState,
    (
        arrow(
            "evaluation.scoring.fix",
            "評価を確定する",
            [RunState.COMPUTED],
            RunState.FIXED,
            not_a_trial,
            second_person,
        ),
        arrow(
            "evaluation.scoring.publish",
            "全拠点に公表する",
            [RunState.FIXED],
            RunState.PUBLISHED,
        ),
    ),
    page="run_detail",
)
