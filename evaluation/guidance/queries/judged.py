"""What a published run says of every hub: triggers, proposed level, and whether a case stands."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Max, QuerySet

from evaluation.guidance.models import CLOSED, CaseState, GuidanceCase
from evaluation.guidance.rules import (
    CURRENT,
    Earlier,
    Judged,
    Trigger,
    level_of,
    level_sentence,
    triggers_of,
    watched_items,
)
from evaluation.scoring.analysis.queries import analysis_of
from evaluation.scoring.models import EvaluationRun, RunHubResult, RunItemResult, RunKind, RunState
from evaluation.scoring.queries import COMPONENTS
from hubs.network.models import Hub
from yorozu.core.fiscal import nendo

ROWS = ("component", "item")
HUNDRED = Decimal(100)
OPEN_ELSEWHERE = (
    "前の評価による重点指導が続いています。その案件で、継続・引上げ・解除を決めてください。"
)


@dataclass(frozen=True)
class Line:
    """One hub of the preview. ``case``: what was decided for it already, ``blocked``: why not now.

    ``watched``: (code, label) of what the guided year is measured by.
    """

    hub: Hub
    result: RunHubResult
    triggers: Sequence[Trigger]
    before: Earlier | None
    level: int
    sentence: str
    watched: Sequence[tuple[str, str]]
    case: GuidanceCase | None = None
    blocked: str = ""

    @property
    def is_free(self) -> bool:
        """A decision is still to be made, or may be made by hand."""
        return self.case is None and not self.blocked


def guidable_runs() -> QuerySet[EvaluationRun]:
    """Runs that guidance may be opened from: published to all, and no mere cut or trial."""
    kinds = (RunKind.TRIAL, RunKind.PROVISIONAL)
    runs = EvaluationRun.objects.filter(state=RunState.PUBLISHED).exclude(kind__in=kinds)
    runs = runs.select_related("term", "scheme").defer("snapshot", "result")
    return runs.order_by("-term__fiscal_year", "-number")


def is_guidable(run: EvaluationRun) -> bool:
    """Whether guidance may be opened from this run."""
    return guidable_runs().filter(pk=run.pk).exists()


def newest_run(fiscal_year: int | None = None) -> EvaluationRun | None:
    """The newest such run, of one term when its year is given."""
    runs = guidable_runs()
    if fiscal_year is not None:
        runs = runs.filter(term__fiscal_year=fiscal_year)
    return runs.first()


def chances_below(run: EvaluationRun) -> Mapping[str, Decimal]:
    """Probability of the lowest grade (a score under the bound above it), by hub code, 0 to 1.

    Empty while no analysis was computed for the run: then this reason is not judged at all. No
    gate leads down to the lowest grade, so its chance is the chance of the score.
    """
    analysis = analysis_of(run)
    if analysis is None:
        return {}
    lowest = json.loads(run.scheme.content)["grades"][-1][0]
    return {
        code: percent / HUNDRED
        for code, outlook in analysis.hubs.items()
        for name, percent in outlook.chances
        if name == lowest
    }


def preview(run: EvaluationRun) -> list[Line]:
    """All hubs of the run in code order; a fixed number of queries."""
    results = list(run.hub_results.select_related("hub__bureau").order_by("hub__code"))
    rows = _rows(run)
    scheme = json.loads(run.scheme.content)
    chances, before = chances_below(run), _earlier(run)
    taken, open_cases = _taken(run), _open_cases()
    lines = []
    for result in results:
        own = rows[result.pk]
        now = _judged(run, scheme, result, own, chances.get(result.hub.code))
        earlier = before.get(result.hub_id)
        found = triggers_of(now, earlier, CURRENT)
        level = level_of(found, earlier)
        case = taken.get(result.hub_id)
        is_blocked = case is None and result.hub_id in open_cases
        lines.append(
            Line(
                result.hub,
                result,
                found,
                earlier,
                level,
                level_sentence(level, earlier),
                _watched(own),
                case,
                OPEN_ELSEWHERE if is_blocked else "",
            )
        )
    return lines


def preview_of(run: EvaluationRun, hub_id: int) -> Line | None:
    """The line of one hub; None when the run does not know it."""
    return next((line for line in preview(run) if line.hub.pk == hub_id), None)


def facts_of(line: Line) -> dict[str, Any]:
    """What a case keeps for ever of the run it was opened from (decimals as text)."""
    result = line.result
    return {
        "final": None if result.final is None else str(result.final),
        "grade": result.grade if result.is_graded else "",
        "before": None
        if line.before is None
        else {
            "label": line.before.label,
            "final": None if line.before.final is None else str(line.before.final),
            "grade": line.before.grade,
            "level": line.before.level,
        },
        "triggers": [trigger.as_fact() for trigger in line.triggers],
        "level": line.level,
        "sentence": line.sentence,
        "watched": [[code, label] for code, label in line.watched],
    }


def _rows(run: EvaluationRun) -> Mapping[int, list[RunItemResult]]:
    found: dict[int, list[RunItemResult]] = defaultdict(list)
    rows = RunItemResult.objects.filter(hub_result__run=run, level__in=ROWS)
    for row in rows.order_by("hub_result", "order"):
        found[row.hub_result_id].append(row)
    return found


def _judged(
    run: EvaluationRun,
    scheme: Mapping[str, Any],
    result: RunHubResult,
    rows: Sequence[RunItemResult],
    chance: Decimal | None,
) -> Judged:
    points = {row.component: row.points for row in rows if row.level == "component"}
    because = [cause for gate in _gates(result) for cause in gate["because"]]
    low = {code: points[code] for code in dict.fromkeys(because) if code in points}
    limits = [gate["limit"] for gate in scheme["gates"] if gate["rule"] == "component_below"]
    names = dict(COMPONENTS)
    return Judged(
        is_graded=result.is_graded,
        final=result.final,
        grade=result.grade,
        grades=[(name, Decimal(cut)) for name, cut in scheme["grades"]],
        scheme_hash=run.scheme.content_hash,
        low={code: value for code, value in low.items() if value is not None},
        limit=Decimal(limits[0]) if limits else None,
        findings=[str(cause) for cause in because if cause not in points],
        chance=chance,
        names=names,
    )


def _gates(result: RunHubResult) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(result.gates) if result.gates else []
    return found


def _watched(rows: Sequence[RunItemResult]) -> list[tuple[str, str]]:
    items = [row for row in rows if row.level == "item"]
    names = {row.item: row.label for row in items if row.component == "IND"}
    given = [(row.component, row.item, row.points) for row in items]
    return [(code, names.get(code, "重点分野")) for code in watched_items(given, CURRENT.standard)]


def _earlier(run: EvaluationRun) -> dict[int, Earlier]:
    """The hubs in the run of the term before, with the level of their case then."""
    year = run.term.fiscal_year - 1
    last = newest_run(year)
    if last is None:
        return {}
    rows = GuidanceCase.objects.filter(run__term=last.term)
    rows = rows.exclude(state__in=[CaseState.WAIVED, CaseState.CANCELLED])
    levels = dict(rows.order_by().values_list("hub_id").annotate(Max("level")))
    return {
        row.hub_id: Earlier(
            label=nendo(year),
            is_graded=row.is_graded,
            final=row.final,
            grade=row.grade,
            scheme_hash=last.scheme.content_hash,
            level=levels.get(row.hub_id, 0),
        )
        for row in last.hub_results.all()
    }


def _taken(run: EvaluationRun) -> dict[int, GuidanceCase]:
    """Decisions made from this run, or from the run of the same term that it took the place of."""
    rows = GuidanceCase.objects.filter(run__term=run.term).exclude(state=CaseState.CANCELLED)
    return {case.hub_id: case for case in rows.order_by("opened_at", "pk")}


def _open_cases() -> set[int]:
    rows = GuidanceCase.objects.exclude(state__in=CLOSED)
    return set(rows.values_list("hub_id", flat=True))
