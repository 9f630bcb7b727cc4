"""All checks of one hub in the order of evaluation.md 6."""

from collections.abc import Mapping

from hubs.integrity.rules import monthly, yearly
from hubs.integrity.rules.material import Finding, HubMaterial, Indicator
from hubs.integrity.rules.method import Method


def findings_of_hub(
    hub: HubMaterial, names: Mapping[str, Indicator], fiscal_year: int, method: Method
) -> list[Finding]:
    """Everything to ask this hub about this year; the same figures give the same findings."""
    found = [*monthly.logic(hub, names, fiscal_year), *monthly.ledger(hub, names, fiscal_year)]
    for one in names.values():
        found += yearly.heaping(hub, one, fiscal_year, method)
        found += yearly.bunching(hub, one, fiscal_year, method)
        found += monthly.jump(hub, one, fiscal_year, method)
        found += monthly.repeat(hub, one, fiscal_year, method)
        found += yearly.ratchet(hub, one, fiscal_year, method)
    return [*found, *yearly.late(hub, names, fiscal_year, method)]
