"""Every write to the ledger."""

from hubs.ledger.operations.activities import (
    correct_activity,
    enter_activity,
    join_activity,
    leave_activity,
    withdraw_activity,
)
from hubs.ledger.operations.correction import (
    RecordConflict,
    correct_consultation,
    record_outcome,
    withdraw_consultation,
)
from hubs.ledger.operations.dirty import (
    mark_dirty,
)
from hubs.ledger.operations.entry import (
    Doubtful,
    NumberTaken,
    enter_consultation,
)
from hubs.ledger.operations.numbers import (
    propose_number,
)

__all__ = [
    "Doubtful",
    "NumberTaken",
    "RecordConflict",
    "correct_activity",
    "correct_consultation",
    "enter_activity",
    "enter_consultation",
    "join_activity",
    "leave_activity",
    "mark_dirty",
    "propose_number",
    "record_outcome",
    "withdraw_activity",
    "withdraw_consultation",
]
