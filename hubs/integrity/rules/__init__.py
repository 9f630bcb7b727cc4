"""Pure rules of the integrity checks: what deserves a question, with the figures behind it."""

from hubs.integrity.rules.checking import findings_of_hub
from hubs.integrity.rules.material import Edit, Finding, HubMaterial, Indicator
from hubs.integrity.rules.method import CURRENT, METHODS, Check, Method, method_rows
from hubs.integrity.rules.network import just_over

__all__ = [
    "CURRENT",
    "METHODS",
    "Check",
    "Edit",
    "Finding",
    "HubMaterial",
    "Indicator",
    "Method",
    "findings_of_hub",
    "just_over",
    "method_rows",
]
