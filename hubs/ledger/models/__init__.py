"""Tables of the ledger."""

from hubs.ledger.models.activities import NetworkActivity, NetworkParticipation
from hubs.ledger.models.checks import CheckOutcome, SampleCheck, SampleDraw
from hubs.ledger.models.codes import CodeAlias, CodeItem, CodeKind, CodeList
from hubs.ledger.models.guards import GUARDS
from hubs.ledger.models.months import DirtyMonth, LedgerMonth
from hubs.ledger.models.records import IndividualConsultation

__all__ = [
    "GUARDS",
    "CheckOutcome",
    "CodeAlias",
    "CodeItem",
    "CodeKind",
    "CodeList",
    "DirtyMonth",
    "IndividualConsultation",
    "LedgerMonth",
    "NetworkActivity",
    "NetworkParticipation",
    "SampleCheck",
    "SampleDraw",
]
