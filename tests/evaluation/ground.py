"""Common ground of the evaluation tests: a term, a scheme, a run from any engine input."""

from collections.abc import Mapping
from typing import Any

from evaluation.scoring.models import EvaluationRun, RunKind, ScoringScheme
from evaluation.scoring.operations import adopt_scheme, store_run
from hubs.terms.models import Term
from yorozu.core.access import Scope, system_scope

SYSTEM = system_scope("試験")


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
    return store_run(
        actor, term=term, kind=kind, scheme=make_scheme(term), snapshot=given, books={}
    )
