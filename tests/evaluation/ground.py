"""Common ground of the evaluation tests: a term, a scheme, a run from any engine input."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evaluation.scoring.models import (
    YEARS_END,
    EvaluationRun,
    FactCheckState,
    RunKind,
    ScoringScheme,
)
from evaluation.scoring.operations import (
    RunInput,
    adopt_scheme,
    ask_facts,
    close_facts,
    confirm_facts,
    fix_run,
    store_run,
)
from hubs.terms.models import Term
from yorozu.core.access import Scope, system_scope

SYSTEM = system_scope("試験")
DATA = Path(__file__).parents[1] / "data"


def make_term(fiscal_year: int = 2025) -> Term:
    """A bare term."""
    return Term.objects.get_or_create(fiscal_year=fiscal_year)[0]


def make_scheme(term: Term) -> ScoringScheme:
    """The default scheme, locked for the term."""
    return adopt_scheme(SYSTEM, term=term)


def make_run(
    given: Mapping[str, Any], *, actor: Scope = SYSTEM, kind: RunKind = RunKind.FINAL
) -> EvaluationRun:
    """Store a run of an engine input (the vectors' shape), as the job does."""
    term = make_term()
    what = RunInput(term=term, kind=kind, scheme=make_scheme(term), books={})
    return store_run(actor, given=what, snapshot=given)


def three_hubs() -> dict[str, Any]:
    """Engine input of the owner (13), the colleague (14) and the stranger (04), all different."""
    vectors = json.loads((DATA / "evaluation_vectors.json").read_text(encoding="utf-8"))["vectors"]
    model = next(vector for vector in vectors if vector["id"] == "V01")["input"]["hubs"][0]
    hubs = []
    for code, solved in (("04", 150), ("13", 300), ("14", 360)):
        hub = json.loads(json.dumps(model))
        hub["code"] = code
        hub["indicators"]["SOLVE"]["actual"] = solved
        hubs.append(hub)
    return {"hubs": hubs}


def checked(run: EvaluationRun, actor: Scope = SYSTEM) -> EvaluationRun:
    """The run after its fact check: every hub has confirmed its facts at once."""
    if run.kind not in YEARS_END:
        return run
    run = ask_facts(actor, run=run)
    for part in run.fact_checks.order_by("hub__code"):
        if part.state == FactCheckState.WAITING:
            confirm_facts(SYSTEM, part=part)
    return close_facts(actor, run=run)


def fixed(
    run: EvaluationRun, actor: Scope = SYSTEM, *, hq: Scope = SYSTEM, reason: str = ""
) -> EvaluationRun:
    """The run fixed by this actor, after its fact check where its kind has one."""
    return fix_run(actor, run=checked(run, hq), reason=reason)


def walked(run: EvaluationRun, state: str) -> EvaluationRun:
    """A bare row brought to a state step by step, as the triggers allow; without any operation."""
    steps = ["fact_check", "panel", "fixed", "published", "superseded"]
    if run.kind == RunKind.PROVISIONAL:
        steps = steps[2:]
    for step in [] if state == "computed" else steps[: steps.index(state) + 1]:
        EvaluationRun.objects.filter(pk=run.pk).update(state=step)
    run.refresh_from_db()
    return run
