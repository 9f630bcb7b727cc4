"""The counting rules behind the figures of a term, for the screens that show them."""

from collections.abc import Sequence
from dataclasses import dataclass

from hubs.ledger.rules import COUNTING
from hubs.results.queries.columns import ResultColumn


@dataclass(frozen=True)
class Counting:
    """How one indicator is counted in the ledger."""

    label: str
    sentence: str


def counting_of(columns: Sequence[ResultColumn]) -> list[Counting]:
    """The rule of every column that may be drawn from the ledger."""
    return [
        Counting(column.label, COUNTING[column.key].sentence)
        for column in columns
        if column.is_counted and column.key in COUNTING
    ]
