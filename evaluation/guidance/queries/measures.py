"""A case in figures today: due and done actions, run-rates of the watched items, the proposal."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from evaluation.guidance.models import ActionState, CheckpointKind, GuidanceCase, GuidanceCheckpoint
from evaluation.guidance.queries.judged import newest_run, preview_of
from evaluation.guidance.rules import (
    METHODS,
    Outcome,
    Point,
    Rate,
    done_share,
    overall_rate,
    proposed_outcome,
)
from hubs.results.queries import results_grid
from hubs.results.queries.outlook import Outlook, outlook
from hubs.terms.models import Term

FOCUS = "FOC"


@dataclass(frozen=True)
class Measure:
    """What a checkpoint of this day would record; ``why`` says what cannot be measured."""

    on: date
    due: int
    done: int
    rates: Sequence[Rate]
    why: str = ""

    @property
    def share(self) -> Decimal | None:
        """Done among due actions."""
        return done_share(self.due, self.done)

    @property
    def rate(self) -> Decimal | None:
        """Mean run-rate of the watched items."""
        return overall_rate(self.rates)

    @property
    def point(self) -> Point:
        """As the exit rule reads it."""
        return Point(self.share, self.rate)


def measure(case: GuidanceCase, on: date) -> Measure:
    """Count the actions due by ``on`` and read the accepted months of the guided year."""
    actions = list(case.actions.exclude(state=ActionState.DROPPED).order_by("number"))
    due = [action for action in actions if action.due <= on]
    done = [action for action in due if action.state == ActionState.DONE]
    rates, why = _rates(case)
    return Measure(on, len(due), len(done), rates, why)


def _rates(case: GuidanceCase) -> tuple[list[Rate], str]:
    term = Term.objects.filter(fiscal_year=case.fiscal_year).first()
    if term is None:
        return [], "指導年度の期がまだ始まっていないため、月次実績を測れません。"
    lines = outlook(results_grid(case.hub, term))
    watched = [code for code, _ in case.read["watched"]]
    rates = [_rate(line) for line in lines if _is_watched(line, watched)]
    if not any(rate.rate is not None for rate in rates):
        return rates, "指導年度の目標と、確認済の月次実績がそろうと、進み具合を表示します。"
    return rates, ""


def _is_watched(line: Outlook, watched: Iterable[str]) -> bool:
    if line.column.focus_area_id is not None:
        return FOCUS in watched
    return line.column.key in watched


def _rate(line: Outlook) -> Rate:
    column = line.column
    code = f"{FOCUS}.{column.key}" if column.focus_area_id is not None else column.key
    return Rate(code, column.label, column.unit, line.actual, line.expected, len(line.months))


def points_of(checkpoints: Iterable[GuidanceCheckpoint]) -> list[Point]:
    """The quarterly checkpoints as the exit rule reads them, in the order of time."""
    rows = [row for row in checkpoints if row.kind == CheckpointKind.QUARTERLY]
    return [Point(row.share, row.rate) for row in sorted(rows, key=_number)]


def _number(row: GuidanceCheckpoint) -> int:
    return row.number


def proposal_of(case: GuidanceCase) -> Outcome:
    """What the rule proposes now: by the checkpoints, or by the next published evaluation."""
    later = newest_run()
    next_level = None
    if later is not None and later.term.fiscal_year > case.run.term.fiscal_year:
        line = preview_of(later, case.hub_id)
        next_level = line.level if line is not None else None
    points = points_of(case.checkpoints.all())
    return proposed_outcome(points, case.level, next_level, METHODS[case.method_version])
