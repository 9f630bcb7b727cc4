"""Records for the tests of the ledger, entered through the product's own operations."""

from dataclasses import replace
from datetime import date
from typing import Any

from hubs.ledger.models import IndividualConsultation
from hubs.ledger.operations import enter_consultation
from hubs.ledger.rules import RecordValues
from hubs.network.models import Hub
from yorozu.core.access import Scope

GOOD = RecordValues(
    held_on=date(2026, 11, 20),
    channel="1",
    theme="01",
    industry="E",
    employees_band="2",
    coordinator_name="見本太郎",
    client_key="C-1",
    minutes=60,
    note="販路の相談",
)


def entered(actor: Scope, code: str = "13", **changes: Any) -> IndividualConsultation:
    """A good record of a hub, unless changed; a possible duplicate is confirmed."""
    number = changes.pop("record_no", "")
    changes.setdefault("client_key", f"C-{IndividualConsultation.objects.count() + 1}")
    return enter_consultation(
        actor=actor,
        hub=Hub.objects.get(code=code),
        values=replace(GOOD, **changes),
        record_no=number,
    )
