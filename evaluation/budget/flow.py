"""States of a budget scenario: proposed -> adopted; the others stay on record."""

from typing import Any

from evaluation.budget.models import BudgetScenario, ScenarioState
from yorozu.core.access import Scope
from yorozu.core.errors import Missing
from yorozu.core.flow import Flow, arrow


def no_other_adopted(scenario: Any, actor: Scope) -> list[Missing]:
    """One scenario per run is adopted."""
    other = BudgetScenario.objects.filter(run=scenario.run, state=ScenarioState.ADOPTED).first()
    if other is None:
        return []
    return [Missing(f"この評価では「{other.title}」がすでに採用されています。")]


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
            no_other_adopted,
            needs_reason=True,
        ),
    ),
    page="scenario_detail",
)
