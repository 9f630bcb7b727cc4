"""Runs and their results as screens and reports read them."""

import json
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from evaluation.evidence.models import EvidenceBook
from evaluation.scoring.models import (
    YEARS_END,
    EvaluationRun,
    RunHubResult,
    RunKind,
    RunState,
    ScoringScheme,
)
from evaluation.scoring.rules import v1
from evaluation.scoring.rules.recheck import engine_input
from hubs.network.models import Hub
from hubs.terms.models import Term
from hubs.terms.queries import rules_record, rules_stamp
from yorozu.core import figures
from yorozu.core.access import Role, Scope

HUB_SIDE = {Role.CHIEF_COORDINATOR, Role.COORDINATOR, Role.IMPLEMENTING_BODY}
COMPONENTS = (
    ("IND", "活動指標"),
    ("FOC", "重点分野"),
    ("SAT", "顧客満足度調査"),
    ("PAR", "支援機関による評価"),
    ("CHK", "チェックリスト"),
    ("UNQ", "独自の取組"),
)
GRADES = ("S", "A", "B", "C", "D")
ENGINES = {v1.ENGINE: v1.score}


def visible_runs(scope: Scope) -> QuerySet[EvaluationRun]:
    """Runs this scope may know of: the hub side learns of a run when it is published to all."""
    runs = EvaluationRun.objects.select_related("term", "scheme")
    if scope.role in HUB_SIDE:
        return runs.filter(published_at__isnull=False)
    return runs


def visible_results(run: EvaluationRun, scope: Scope) -> QuerySet[RunHubResult]:
    """Results of the hubs in the scope, in code order."""
    rows = RunHubResult.objects.visible_to(scope).filter(run=run)
    return rows.select_related("hub", "hub__bureau", "hub__prefecture").order_by("hub__code")


def input_of(run: EvaluationRun) -> dict[str, Any]:
    """What the engine read for this run."""
    return engine_input(json.loads(run.snapshot), run.engine)


def latest_books(term: Term) -> dict[str, EvidenceBook]:
    """The newest evidence book of every hub of the term, by hub code."""
    books = EvidenceBook.objects.filter(term=term).select_related("hub").order_by("number")
    return {book.hub.code: book for book in books}


def hubs_without_book(term: Term) -> list[Hub]:
    """Hubs that no book of this term speaks of."""
    known = EvidenceBook.objects.filter(term=term).values("hub_id")
    return list(Hub.objects.filter(closed_on=None).exclude(pk__in=known))


def current_scheme(term: Term) -> ScoringScheme | None:
    """The locked scheme of the term, the highest version."""
    schemes = ScoringScheme.objects.filter(term=term, is_locked=True)
    return schemes.order_by("-version").first()


UNDER_WAY = (RunState.FACT_CHECK, RunState.PANEL, RunState.FIXED, RunState.PUBLISHED)


def of_one_family(term: Term, kind: str) -> QuerySet[EvaluationRun]:
    """Runs that can take each other's place: the year's end (確定, 再審査), or the provisional cut.

    A provisional run and the one of the year's end are both kept (product.md 2).
    """
    kinds = YEARS_END if kind in YEARS_END else {RunKind(kind)}
    return EvaluationRun.objects.filter(term=term, kind__in=kinds)


def predecessor(term: Term, kind: str) -> EvaluationRun | None:
    """The run that a new one of this kind corrects: under way or published; a trial corrects none.

    The newest, when a published one is already being corrected.
    """
    if kind == RunKind.TRIAL:
        return None
    rows = of_one_family(term, kind).filter(state__in=UNDER_WAY)
    return rows.defer("snapshot", "result").order_by("-number").first()


def published_run(term: Term, kind: str = RunKind.FINAL) -> EvaluationRun | None:
    """The published run of this kind's family."""
    rows = of_one_family(term, kind).filter(state=RunState.PUBLISHED)
    return rows.order_by("-number").first()


def final_run(term: Term) -> EvaluationRun | None:
    """The run that stands for the term: the year's end before the provisional cut.

    Of either the published one before the fixed one, the newest first.
    """
    for kind in (RunKind.FINAL, RunKind.PROVISIONAL):
        for state in (RunState.PUBLISHED, RunState.FIXED):
            run = of_one_family(term, kind).filter(state=state).order_by("-number").first()
            if run:
                return run
    return None


@dataclass(frozen=True)
class HubLine:
    """One hub in the table of a run; points per component in the order of COMPONENTS."""

    result: RunHubResult
    points: tuple[Decimal | None, ...]


@dataclass(frozen=True)
class RunSummary:
    """National figures of a run: counts per grade and the mean of the final scores."""

    grades: tuple[tuple[str, int], ...]
    ungraded: int
    mean: Decimal | None
    hubs: int


def hub_lines(run: EvaluationRun, scope: Scope) -> list[HubLine]:
    """Table rows of a run with the points of every component (one query for the points)."""
    results = list(visible_results(run, scope).prefetch_related("items"))
    order = [code for code, _ in COMPONENTS]
    lines = []
    for result in results:
        points = {
            item.component: item.points for item in result.items.all() if item.level == "component"
        }
        lines.append(HubLine(result, tuple(points.get(code) for code in order)))
    return lines


def summary(run: EvaluationRun) -> RunSummary:
    """Distribution over all hubs of the run; published averages are no secret between hubs."""
    rows = list(run.hub_results.values_list("grade", "is_graded", "final"))
    counts = Counter(grade for grade, graded, _ in rows if graded)
    scores = [final for _, graded, final in rows if graded and final is not None]
    mean = figures.q(sum(scores, Decimal(0)) / len(scores), 2) if scores else None
    return RunSummary(
        tuple((grade, counts.get(grade, 0)) for grade in GRADES),
        sum(not graded for _, graded, _ in rows),
        mean,
        len(rows),
    )


def component_means(run: EvaluationRun) -> dict[str, Decimal]:
    """National mean of the points of each component (hubs where the component counts)."""
    sums: dict[str, list[Decimal]] = {}
    for hub in json.loads(run.result)["hubs"]:
        for part in hub["components"]:
            if part["points"] is not None:
                sums.setdefault(part["code"], []).append(Decimal(part["points"]))
    return {code: figures.q(sum(v, Decimal(0)) / len(v), 2) for code, v in sums.items()}


def certificate(run: EvaluationRun) -> dict[str, Any]:
    """The run as a file that anyone can recompute: ``./run manage evaluation_check FILE``."""
    analysis = {"analysis": run.analysis.record()} if hasattr(run, "analysis") else {}
    return {
        **analysis,
        "kind": "evaluation_run",
        "term": run.term.fiscal_year,
        "number": run.number,
        "engine": run.engine,
        "snapshot": run.snapshot,
        "input_hash": run.input_hash,
        "result": run.result,
        "result_hash": run.result_hash,
        "previous_hash": run.previous_hash,
        "year_rules": rules_record(rules_stamp(run.term)),
    }
