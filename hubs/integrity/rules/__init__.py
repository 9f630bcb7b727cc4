"""Pure rules of the integrity checks: what deserves a question, with the figures behind it."""

from hubs.integrity.rules.checking import findings_of_hub
from hubs.integrity.rules.material import (
    Edit,
    Figures,
    Finding,
    HubMaterial,
    Indicator,
    chance,
)
from hubs.integrity.rules.method import (
    CURRENT,
    METHODS,
    RAISED_ABOVE,
    Check,
    Method,
    method_rows,
    version_name,
)
from hubs.integrity.rules.network import just_over

__all__ = [
    "CURRENT",
    "METHODS",
    "RAISED_ABOVE",
    "Check",
    "Edit",
    "Figures",
    "Finding",
    "HubMaterial",
    "Indicator",
    "Method",
    "chance",
    "findings_of_hub",
    "just_over",
    "method_rows",
    "version_name",
]
