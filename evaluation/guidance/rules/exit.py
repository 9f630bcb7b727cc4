"""Checkpoints in figures, and when guidance ends (evaluation.md 4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from evaluation.guidance.rules.method import Method
from yorozu.core import exact

PLACES = 4
FULL = Decimal(1)


class Outcome(Enum):
    """What the rule proposes for a case at a checkpoint."""

    RELEASE = ("released", "解除")
    CONTINUE = ("continued", "継続")
    RAISE = ("raised", "引上げ")
    WAIT = ("wait", "実施を続ける")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True)
class Rate:
    """One watched item: counted so far, what the target asks of the same months, their ratio."""

    code: str
    label: str
    unit: str
    actual: int | None
    expected: Decimal | None
    months: int

    @property
    def rate(self) -> Decimal | None:
        """Actual to date ÷ prorated target, 4 decimals; None when it cannot be said."""
        return run_rate(self.actual, self.expected)


@dataclass(frozen=True)
class Point:
    """What a checkpoint found: share of due actions done, run-rate of the watched items."""

    share: Decimal | None
    rate: Decimal | None


def run_rate(actual: int | None, expected: Decimal | None) -> Decimal | None:
    """Actual to date ÷ prorated target, rounded half up to 4 decimals."""
    if actual is None or expected is None or expected <= 0:
        return None
    return exact.quotient(Decimal(actual), expected, PLACES)


def overall_rate(rates: Sequence[Rate]) -> Decimal | None:
    """Mean of the run-rates, each counted up to 1: a strong item cannot cover a weak one.

    None when no item can be said.
    """
    known = [min(row.rate, FULL) for row in rates if row.rate is not None]
    if not known:
        return None
    return exact.quotient(sum(known, Decimal(0)), Decimal(len(known)), PLACES)


def done_share(due: int, done: int) -> Decimal | None:
    """Done actions among those due; None while none is due."""
    return exact.quotient(Decimal(done), Decimal(due), PLACES) if due else None


def meets(point: Point, method: Method) -> bool:
    """Whether one checkpoint satisfies both conditions; what cannot be said does not."""
    return (
        point.share is not None
        and point.rate is not None
        and point.share >= method.exit_share
        and point.rate >= method.exit_rate
    )


def exit_met(points: Sequence[Point], method: Method) -> bool:
    """Two successive quarterly checkpoints satisfy it; ``points`` in the order of time."""
    last = points[-method.exit_checkpoints :]
    return len(last) == method.exit_checkpoints and all(meets(point, method) for point in last)


def proposed_outcome(
    points: Sequence[Point], level: int, next_level: int | None, method: Method
) -> Outcome:
    """What follows from checkpoints, or else from the next evaluation when there is one.

    ``next_level``: level that the triggers of the next published evaluation give, None before it.
    """
    if exit_met(points, method):
        return Outcome.RELEASE
    if next_level is None:
        return Outcome.WAIT
    if next_level == 0:
        return Outcome.RELEASE
    return Outcome.RAISE if next_level > level else Outcome.CONTINUE
