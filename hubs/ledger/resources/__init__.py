"""Files of the ledger: records of consultations in any number, and network activities."""

from hubs.ledger.resources.activities import ActivityImport
from hubs.ledger.resources.consultations import ConsultationImport
from yorozu.core.imports.kinds import register

__all__ = ["ActivityImport", "ConsultationImport"]

register(ActivityImport())
register(ConsultationImport())
