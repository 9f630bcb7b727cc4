"""Every write to the ledger."""

from hubs.ledger.operations.activities import (
    ActivityConflict,
    correct_activity,
    enter_activity,
    join_activity,
    leave_activity,
    withdraw_activity,
)
from hubs.ledger.operations.checks import (
    draw_sample,
    record_check,
)
from hubs.ledger.operations.codes import (
    add_alias,
    new_version,
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
from hubs.ledger.operations.exports import (
    export_records,
)
from hubs.ledger.operations.numbers import (
    propose_number,
)

__all__ = [
    "ActivityConflict",
    "Doubtful",
    "NumberTaken",
    "RecordConflict",
    "add_alias",
    "correct_activity",
    "correct_consultation",
    "draw_sample",
    "enter_activity",
    "enter_consultation",
    "export_records",
    "join_activity",
    "leave_activity",
    "mark_dirty",
    "new_version",
    "propose_number",
    "record_check",
    "record_outcome",
    "withdraw_activity",
    "withdraw_consultation",
]
