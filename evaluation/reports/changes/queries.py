"""A run beside the one it corrects, with the yen of both where both have an adopted proposal."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from evaluation.budget.models import BudgetLine, BudgetScenario, ScenarioState
from evaluation.scoring.models import EvaluationRun
from evaluation.scoring.queries import (
    ChangedBook,
    baseline,
    changed_books,
    changes_between,
    visible_results,
    visible_runs,
)
from evaluation.scoring.rules.changes import HubChange, RunChanges
from yorozu.core.access import Scope, decide


@dataclass(frozen=True)
class Difference:
    """What the page shows: all hubs of the reader, changed ones first; national counts for all.

    ``yen`` maps a hub's code to its yen in both adopted proposals; empty without two of them.
    """

    run: EvaluationRun
    old: EvaluationRun
    changes: RunChanges
    hubs: list[HubChange]
    names: Mapping[str, str]
    books: list[ChangedBook]
    yen: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def difference_of(run: EvaluationRun, scope: Scope, wanted: str = "") -> Difference | None:
    """The run against the one it corrects (``wanted``: another run's number); None without one."""
    runs = visible_runs(scope)
    if wanted.isascii() and wanted.isdigit():
        old = runs.filter(term=run.term, number=int(wanted)).exclude(pk=run.pk).first()
    else:
        old = baseline(run, runs)
    if old is None:
        return None
    changes = changes_between(old, run)
    mine, before = visible_results(run, scope), visible_results(old, scope)
    names = {row.hub.code: row.hub_name for row in [*before, *mine]}
    shown = [hub for hub in changes.changed if hub.code in names]
    shown += [hub for hub in changes.hubs if hub.code in names and not hub.is_changed]
    judges = decide(scope, "evaluation.hearings.view").allowed
    return Difference(
        run,
        old,
        changes,
        shown,
        names,
        changed_books(before, mine, judges=judges),
        _yen(old, run, scope),
    )


def _yen(old: EvaluationRun, new: EvaluationRun, scope: Scope) -> dict[str, tuple[int, int]]:
    if not decide(scope, "evaluation.budget.view").allowed:
        return {}
    amounts = [_amounts(side, scope) for side in (old, new)]
    if not amounts[0] or not amounts[1]:
        return {}
    codes = sorted({*amounts[0], *amounts[1]})
    return {code: (amounts[0].get(code, 0), amounts[1].get(code, 0)) for code in codes}


def _amounts(run: EvaluationRun, scope: Scope) -> dict[str, int]:
    scenario = BudgetScenario.objects.filter(run=run, state=ScenarioState.ADOPTED).first()
    if scenario is None:
        return {}
    rows = BudgetLine.objects.visible_to(scope).filter(scenario=scenario)
    return dict(rows.values_list("hub__code", "budget_yen"))
