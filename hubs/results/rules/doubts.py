"""What is asked about an entered figure; a reason answers it, nothing is blocked."""

from collections.abc import Sequence
from dataclasses import dataclass

from hubs.results.rules.entry import is_improbable
from hubs.results.rules.plausibility import is_jump, is_same_run

OFF_AVERAGE = "他の月の平均から±50%を超えています。"
JUMP = "過去24か月の値から大きく外れています。"
SAME_RUN = "3か月続けて同じ値です。"


@dataclass(frozen=True)
class Surroundings:
    """What a figure is held against.

    ``others``: the other reported months of the term; ``history``: the reported months before it,
    up to 24; ``two_before``: the two months right before it, None for a gap.
    """

    others: Sequence[int] = ()
    history: Sequence[int] = ()
    two_before: Sequence[int | None] = ()


def doubts_of(value: int | None, around: Surroundings) -> list[str]:
    """Sentences that ask about the figure, the plainest first; none for a gap."""
    if value is None:
        return []
    found = []
    if is_improbable(value, around.others):
        found.append(OFF_AVERAGE)
    if is_jump(value, around.history):
        found.append(JUMP)
    if is_same_run([*around.two_before, value]):
        found.append(SAME_RUN)
    return found
