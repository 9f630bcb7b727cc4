"""The acts on an analysis: compute it, keep it beside its run, ask for it later."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from evaluation.evidence.models import EvidenceBook
from evaluation.scoring.analysis import queries
from evaluation.scoring.analysis.models import RunAnalysis
from evaluation.scoring.models import EvaluationRun, RunKind
from evaluation.scoring.queries import ENGINES
from evaluation.scoring.rules.analysis import analyse
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import lock_chain, record
from yorozu.core.canonical import canonical_json, sha256_text
from yorozu.core.errors import Conflict
from yorozu.core.jobs.models import Job
from yorozu.core.jobs.operations import enqueue

ACTION = "evaluation.scoring.run"
Step = Callable[[int, str], None]


@dataclass(frozen=True)
class Computed:
    """An analysis that is not kept yet: its own input and its result as canonical texts."""

    run_hash: str
    method: str
    snapshot: str
    result: str


def compute(
    snapshot: Mapping[str, Any], books: Mapping[str, EvidenceBook], step: Step | None = None
) -> Computed:
    """Analyse the run of this snapshot; writes nothing, so call it outside a transaction.

    ValueError or TypeError when the input cannot be computed.
    """
    given = dict(snapshot.get("input", snapshot))
    engine = ENGINES[str(snapshot.get("engine", next(iter(ENGINES))))]
    run_hash = sha256_text(canonical_json(dict(snapshot)))
    further = queries.further_input(run_hash, books)
    result = analyse(given, further, engine, step)
    return Computed(run_hash, further["method"], canonical_json(further), canonical_json(result))


def store(
    actor: Scope, *, run: EvaluationRun, found: Computed, job_id: int | None = None
) -> RunAnalysis:
    """Keep the analysis of a run, in the caller's transaction. Conflict when it has one."""
    require(actor, ACTION)
    if found.run_hash != run.input_hash:
        message = "the analysis belongs to another run"
        raise ValueError(message)
    lock_chain()
    try:
        with transaction.atomic():
            row = RunAnalysis.objects.create(
                run=run,
                method=found.method,
                snapshot=found.snapshot,
                input_hash=sha256_text(found.snapshot),
                result=found.result,
                result_hash=sha256_text(found.result),
                job_id=job_id,
                computed_by_name=actor.label,
            )
    except IntegrityError as error:
        raise Conflict("この評価には、ばらつきと頑健性の分析がすでにあります。") from error
    record(
        actor,
        ACTION,
        run,
        after={
            "analysis_method": row.method,
            "analysis_input_hash": row.input_hash,
            "analysis_result_hash": row.result_hash,
        },
    )
    return row


def start(actor: Scope, *, run: EvaluationRun) -> Job:
    """Queue the analysis of a run that has none; asking twice gives the same job."""
    require(actor, ACTION)
    if RunAnalysis.objects.filter(run=run).exists():
        raise Conflict("この評価には、ばらつきと頑健性の分析がすでにあります。")
    with transaction.atomic():
        return enqueue(
            actor,
            kind="evaluation.analysis",
            key=f"evaluation.analysis:{run.pk}",
            label=f"{run} ばらつきと頑健性の分析",
            params={"run_id": run.pk},
        )


def compute_for(run: EvaluationRun, step: Step | None = None) -> Computed:
    """Analyse a run that stands, from its own snapshot and the books it has read."""
    return compute(json.loads(run.snapshot), queries.books_of(run), step)


def start_missing(actor: Scope) -> list[Job]:
    """Queue the analysis of every run but the trials that has none; each asked for once.

    A run of an older release, or one whose job had no time for it, is so analysed by the next
    morning. A run whose analysis failed keeps its failed job and is not asked for again.
    """
    lacking = EvaluationRun.objects.filter(analysis__isnull=True).exclude(kind=RunKind.TRIAL)
    return [start(actor, run=run) for run in lacking.order_by("pk")]
