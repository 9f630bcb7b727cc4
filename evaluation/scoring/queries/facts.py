"""The fact check as its screens read it: a hub's part, its remarks, the matrix of all hubs."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from evaluation.scoring.models import (
    EvaluationRun,
    FactCheck,
    FactCheckState,
    FactRemark,
    RemarkKind,
    RemarkState,
    RunState,
    Succession,
)
from evaluation.scoring.rules.facts import Fact, facts_of
from yorozu.core import clock
from yorozu.core.access import Scope


def visible_parts(scope: Scope) -> QuerySet[FactCheck]:
    """Parts of fact checks of the hubs in the scope."""
    rows = FactCheck.objects.visible_to(scope)
    return rows.select_related("run__term", "hub__bureau", "evidence_book").defer(
        "run__snapshot", "run__result"
    )


def visible_remarks(scope: Scope) -> QuerySet[FactRemark]:
    """Remarks of the hubs in the scope."""
    rows = FactRemark.objects.visible_to(scope)
    return rows.select_related(
        "check_part__run__term", "check_part__evidence_book", "hub", "effect_run"
    ).defer("check_part__run__snapshot", "check_part__run__result")


def checked_run(run: EvaluationRun) -> EvaluationRun:
    """The run whose fact check speaks for this one: the first before any adjustment."""
    while run.succession == Succession.ADJUSTMENT and run.supersedes is not None:
        run = run.supersedes
    return run


def open_parts(scope: Scope) -> QuerySet[FactCheck]:
    """Parts the hubs of the scope still have to answer, the most urgent first."""
    rows = visible_parts(scope).filter(
        state=FactCheckState.WAITING, run__state=RunState.FACT_CHECK, due_at__gte=clock.now()
    )
    return rows.order_by("due_at", "hub__code")


def facts_of_part(part: FactCheck) -> list[Fact]:
    """The facts the hub is asked about; none when the run had no book of the hub."""
    if part.evidence_book is None:
        return []
    return facts_of(json.loads(part.evidence_book.content))


def fact_in_effect(remark: FactRemark) -> Fact | None:
    """The cell of a remark in the book of the run that its correction came into effect by.

    None while there is no such run, or when the new book has the cell no more.
    """
    part = FactCheck.objects.filter(run=remark.effect_run_id, hub=remark.hub_id)
    facts = [fact for row in part.select_related("evidence_book") for fact in facts_of_part(row)]
    return next((fact for fact in facts if fact.path == remark.cell), None)


def remarks_of(part: FactCheck) -> list[FactRemark]:
    """All remarks of the hub in this year, also to the runs before, the newest check first."""
    rows = FactRemark.objects.filter(hub=part.hub, check_part__run__term=part.run.term)
    rows = rows.select_related("check_part__run__term", "effect_run").defer(
        "check_part__run__snapshot", "check_part__run__result"
    )
    return list(rows.order_by("-check_part__run__number", "made_at", "pk"))


@dataclass(frozen=True)
class PartLine:
    """One hub of the matrix: where it stands and what it has said."""

    part: FactCheck
    open: int
    accepted: int
    rejected: int
    comments: int

    @property
    def is_late(self) -> bool:
        """The deadline has passed without an answer."""
        return self.part.state == FactCheckState.WAITING and clock.now() > self.part.due_at


def part_lines(run: EvaluationRun, scope: Scope) -> list[PartLine]:
    """The matrix of a run's fact check, in code order; two queries."""
    parts = visible_parts(scope).filter(run=checked_run(run)).order_by("hub__code")
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    remarks = FactRemark.objects.filter(check_part__run=checked_run(run))
    for part_id, kind, state in remarks.values_list("check_part_id", "kind", "state"):
        counts[part_id][state] += 1
        counts[part_id]["comments"] += kind == RemarkKind.COMMENT
    return [
        PartLine(
            part,
            counts[part.pk][RemarkState.OPEN],
            counts[part.pk][RemarkState.ACCEPTED],
            counts[part.pk][RemarkState.REJECTED],
            counts[part.pk]["comments"],
        )
        for part in parts
    ]


def open_remarks(run: EvaluationRun) -> int:
    """Remarks of a run nobody has answered yet."""
    rows = FactRemark.objects.filter(check_part__run=run, state=RemarkState.OPEN)
    return rows.count()


def by_cell(remarks: Sequence[FactRemark]) -> Mapping[str, list[FactRemark]]:
    """Remarks under the address of their fact."""
    found: dict[str, list[Any]] = defaultdict(list)
    for remark in remarks:
        found[remark.cell].append(remark)
    return found
