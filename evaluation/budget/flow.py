"""States of a budget scenario: proposed -> adopted; the others stay on record."""

from typing import Any

from evaluation.budget.models import BudgetScenario, ScenarioState
from evaluation.scoring.models import RunState
from yorozu.core.access import Scope
from yorozu.core.errors import Missing
from yorozu.core.flow import Flow, arrow


def no_other_adopted(scenario: Any, actor: Scope) -> list[Missing]:
    """One scenario per run is adopted."""
    other = BudgetScenario.objects.filter(run=scenario.run, state=ScenarioState.ADOPTED).first()
    if other is None:
        return []
    return [Missing(f"この評価では「{other.title}」がすでに採用されています。")]


def run_stands(scenario: Any, actor: Scope) -> list[Missing]:
    """A scenario of a superseded run is a record of the past."""
    if scenario.run.state != RunState.SUPERSEDED:
        return []
    return [Missing("もとの評価が差し替えられています。差し替え後の評価から算定し直してください。")]


def second_person(scenario: Any, actor: Scope) -> list[Missing]:
    """Four eyes: who computed the scenario cannot adopt it (ASVS 2.3.5)."""
    if actor.is_system or scenario.computed_by_id is None:
        return []
    if scenario.computed_by_id != actor.user_id:
        return []
    return [Missing("算定した本人は採用できません。中小企業庁の別の担当者が採用してください。")]


CONDITIONS = (no_other_adopted, run_stands, second_person)


def hindrances(scenario: Any, actor: Scope) -> list[str]:
    """Why this actor cannot adopt the scenario now, as sentences; empty when nothing stands by."""
    return [item.text for check in CONDITIONS for item in check(scenario, actor)]


FLOW = Flow(
    "budget_scenario",
    "この配分案",
    ScenarioState,
    (
        arrow(
            "evaluation.budget.adopt",
            "この配分案を採用する",
            [ScenarioState.PROPOSED],
            ScenarioState.ADOPTED,
            *CONDITIONS,
            needs_reason=True,
        ),
    ),
    page="scenario_detail",
)
