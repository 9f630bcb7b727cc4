"""What a figure counts as today: the accepted value, or what the last accepted correction says.

The one place that knows it, for flow, queries, totals and the seasons of planning.
"""

from collections.abc import Iterable, Sequence

from hubs.results.models import CorrectionState, ResultCorrection
from hubs.results.rules import Entry


def that_count(corrections: Iterable[ResultCorrection]) -> list[ResultCorrection]:
    """The accepted ones of these corrections, the one that counts last."""
    rows = [row for row in corrections if row.state == CorrectionState.ACCEPTED]
    return sorted(rows, key=lambda row: (row.decided_at, row.pk))


def counts_as(entry: Entry, accepted: Sequence[ResultCorrection]) -> Entry:
    """The figure with its accepted corrections (``that_count``) in force."""
    return Entry(accepted[-1].new_state, accepted[-1].new_value) if accepted else entry
