"""Every write to the ledger."""

from hubs.ledger.operations.correction import (
    RecordConflict,
    correct_consultation,
    record_outcome,
    withdraw_consultation,
)
from hubs.ledger.operations.dirty import mark_dirty
from hubs.ledger.operations.entry import Doubtful, NumberTaken, enter_consultation
from hubs.ledger.operations.numbers import propose_number

__all__ = [
    "Doubtful",
    "NumberTaken",
    "RecordConflict",
    "correct_consultation",
    "enter_consultation",
    "mark_dirty",
    "propose_number",
    "record_outcome",
    "withdraw_consultation",
]
