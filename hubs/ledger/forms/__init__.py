"""Forms of the ledger."""

from hubs.ledger.forms.activities import (
    ActivityCorrectionForm,
    ActivityFilter,
    ActivityForm,
)
from hubs.ledger.forms.checks import (
    DrawForm,
)
from hubs.ledger.forms.codes import (
    AliasForm,
    VersionForm,
)
from hubs.ledger.forms.entry import (
    CorrectionForm,
    EntryForm,
    OutcomeForm,
    RecordForm,
    WithdrawForm,
    initial_of,
)
from hubs.ledger.forms.filters import (
    FilterForm,
)

__all__ = [
    "ActivityCorrectionForm",
    "ActivityFilter",
    "ActivityForm",
    "AliasForm",
    "CorrectionForm",
    "DrawForm",
    "EntryForm",
    "FilterForm",
    "OutcomeForm",
    "RecordForm",
    "VersionForm",
    "WithdrawForm",
    "initial_of",
]
