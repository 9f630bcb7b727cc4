"""Fixtures of the ledger's tests."""

import pytest


@pytest.fixture
def typed() -> dict[str, str]:
    """What a coordinator types for a good record."""
    return {
        "record_no": "2026-00001",
        "proposed_no": "2026-00001",
        "entry_key": "a" * 32,
        "held_on": "2026-11-20",
        "coordinator_name": "見本太郎",
        "channel": "1",
        "client_key": "C-1",
        "theme": "01",
        "industry": "E",
        "employees_band": "2",
        "minutes": "60",
        "resolved_on": "",
        "client_confirmed_on": "",
        "note": "",
    }
