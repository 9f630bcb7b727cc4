"""Rules of the ledger: counting, records, personal data in free text, numbers, drawings."""

from hubs.ledger.rules.counting import (
    COUNTING,
    VISIT_CHANNEL,
    CountingRule,
    Source,
)
from hubs.ledger.rules.monthly import MONTHLY, MonthlyFigure
from hubs.ledger.rules.months import (
    FIGURE_OF,
    FIGURES,
    NOTHING,
    MonthFigures,
    Span,
    spans,
)
from hubs.ledger.rules.numbers import (
    MAX_SERIAL,
    is_serial,
    next_serial,
    serial_range,
)
from hubs.ledger.rules.personal_data import (
    Finding,
    fingerprint,
    may_hold_personal_data,
    personal_data_in,
)
from hubs.ledger.rules.records import (
    LABELS,
    MAX_CLIENT_KEY,
    MAX_COORDINATOR,
    MAX_MINUTES,
    MAX_NOTE,
    MAX_RECORD_NO,
    RecordValues,
    client_key_problem,
    differences,
    problems_of,
    read_client_key,
    read_record_no,
    record_no_problem,
)
from hubs.ledger.rules.sampling import (
    drawn,
    suggested_size,
)

__all__ = [
    "COUNTING",
    "FIGURES",
    "FIGURE_OF",
    "LABELS",
    "MAX_CLIENT_KEY",
    "MAX_COORDINATOR",
    "MAX_MINUTES",
    "MAX_NOTE",
    "MAX_RECORD_NO",
    "MAX_SERIAL",
    "MONTHLY",
    "NOTHING",
    "VISIT_CHANNEL",
    "CountingRule",
    "Finding",
    "MonthFigures",
    "MonthlyFigure",
    "RecordValues",
    "Source",
    "Span",
    "client_key_problem",
    "differences",
    "drawn",
    "fingerprint",
    "is_serial",
    "may_hold_personal_data",
    "next_serial",
    "personal_data_in",
    "problems_of",
    "read_client_key",
    "read_record_no",
    "record_no_problem",
    "serial_range",
    "spans",
    "suggested_size",
]
