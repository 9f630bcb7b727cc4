"""A run beside the one it corrects: which one that is, and what differs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from evaluation.evidence.rules import difference
from evaluation.scoring.flow import line_of
from evaluation.scoring.models import EvaluationRun, RunHubResult, RunState
from evaluation.scoring.queries.runs import input_of
from evaluation.scoring.rules.changes import RunChanges, run_changes

# The step of a path below which the raters stand (evaluation.evidence.rules.LABELS).
RATINGS = " › 評点"


@dataclass(frozen=True)
class ChangedBook:
    """One hub whose evidence book is another one: (path in words, before, after) per value."""

    code: str
    hub_name: str
    numbers: tuple[int | None, int | None]
    lines: tuple[tuple[str, str, str], ...]


def baseline(run: EvaluationRun, among: QuerySet[EvaluationRun]) -> EvaluationRun | None:
    """The run to compare with, of those the reader may see: the published one this corrects.

    Without a published one before it, the run whose place it takes.
    """
    before = among.filter(pk__in=line_of(run)).exclude(pk=run.pk)
    seen = list(before.order_by("-number"))
    published = [row for row in seen if row.published_at is not None]
    return next(iter([*published, *seen]), None)


def standing_instead(run: EvaluationRun, among: QuerySet[EvaluationRun]) -> EvaluationRun | None:
    """Of the runs the reader may see, the newest that took the place of a superseded one."""
    if run.state != RunState.SUPERSEDED:
        return None
    later = among.filter(term=run.term, number__gt=run.number).exclude(state=RunState.SUPERSEDED)
    return next((row for row in later.order_by("-number") if run.pk in line_of(row)), None)


def changes_between(old: EvaluationRun, new: EvaluationRun) -> RunChanges:
    """Everything that the new run says otherwise."""
    results = json.loads(old.result), json.loads(new.result)
    return run_changes(input_of(old), results[0], input_of(new), results[1])


def changed_books(
    old: QuerySet[RunHubResult], new: QuerySet[RunHubResult], *, judges: bool
) -> list[ChangedBook]:
    """Hubs of the reader whose book differs, with every value that does, in code order.

    Who does not judge learns that raters' scores changed, not whose.
    """
    before: Mapping[str, RunHubResult] = {
        row.hub.code: row for row in old.select_related("hub", "evidence_book")
    }
    found = []
    for row in new.select_related("hub", "evidence_book").order_by("hub__code"):
        past = before.get(row.hub.code)
        books = (past.evidence_book if past else None), row.evidence_book
        if books[0] is None or books[1] is None or books[0].pk == books[1].pk:
            continue
        lines = difference(json.loads(books[0].content), json.loads(books[1].content))
        if not judges:
            lines = _without_raters(lines)
        if lines:
            numbers = (books[0].number, books[1].number)
            found.append(ChangedBook(row.hub.code, row.hub_name, numbers, tuple(lines)))
    return found


def _without_raters(lines: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    open_lines = [line for line in lines if RATINGS not in line[0]]
    if len(open_lines) == len(lines):
        return lines
    return [*open_lines, ("ヒアリング › 評点", "", "評価者の評点が変わりました")]
