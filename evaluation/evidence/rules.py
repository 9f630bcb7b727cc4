"""Pure shape of an evidence book: assembling, differences, and what later stages read out of it.

(Lead: signatures other slices already import; fill them in together with the content shape.)
"""

from collections.abc import Mapping
from typing import Any


def engine_hub(content: Mapping[str, Any]) -> dict[str, Any]:
    """One hub of the scoring engine's input (the vectors' ``input.hubs`` element) from a book's content."""
    raise NotImplementedError


def item_names(content: Mapping[str, Any]) -> dict[str, str]:
    """Names by "COMPONENT.ITEM" as frozen: "IND.CONS" -> 相談対応件数, "FOC.F1" -> 創業支援, "CHK.C1" -> text."""
    raise NotImplementedError


def budget_facts(content: Mapping[str, Any]) -> dict[str, Any]:
    """What the budget rule reads: contract_yen (int|None), contract_months (int), sme (int), area (int)."""
    raise NotImplementedError
