"""Files of the ledger: records of consultations in any number."""

from hubs.ledger.resources.consultations import ConsultationImport
from yorozu.core.imports.kinds import register

__all__ = ["ConsultationImport"]

register(ConsultationImport())
