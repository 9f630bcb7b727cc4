"""Common ground of the budget tests: scenarios of three hubs with two funding lines."""

from typing import Any

from evaluation.budget import operations
from evaluation.budget.models import BudgetScenario
from evaluation.scoring.models import EvaluationRun
from tests.cast import Actor

TOTAL = 200_000_000
LINES = [{"name": "当初予算", "total": 150_000_000}, {"name": "補正予算", "total": 50_000_000}]
NEED = {"need_factors": {"sme": "0.8", "area": "0.2"}}


def made(
    who: Actor, run: EvaluationRun, *, total: int = TOTAL, beside: Any = None, **params: Any
) -> BudgetScenario:
    """A scenario of three hubs with two funding lines, by the engine of today."""
    scores = {row.hub.code: str(row.final) for row in run.hub_results.select_related("hub")}
    hubs = [
        {
            "code": code,
            "prior": 60_000_000,
            "score": score,
            "need": {"sme": 100 * (place + 1), "area": 10},
        }
        for place, (code, score) in enumerate(sorted(scores.items()))
    ]
    given = {"total": total, "params": {**NEED, **params}, "hubs": hubs}
    if total == TOTAL:
        given["lines"] = LINES
    snapshot = {"engine": "v2", "note": "試す案", **(beside or {}), "input": given}
    rule = operations.keep_rule(who.scope, params={**NEED, **params})
    return operations.store_scenario(
        who.scope, run=run, rule=rule, title="試験の案", snapshot=snapshot
    )


def scaled(who: Actor, run: EvaluationRun) -> BudgetScenario:
    """A scenario whose floors do not fit: limits against last year's yen, envelope cut by 40 %."""
    return made(who, run, total=108_000_000, limit_basis="absolute")


def filled(form: Any) -> dict[str, str]:
    """What a browser sends of a form nobody touched."""
    initial = {name: form.get_initial_for_field(f, name) for name, f in form.fields.items()}
    return {name: "" if value is None else str(value) for name, value in initial.items()}
