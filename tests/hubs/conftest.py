"""The fixed moment of the tests of hubs that depend on the calendar."""

import pytest

from tests.hubs.year import NOW
from yorozu.core import clock


@pytest.fixture
def november(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is 22 November 2026, 10:00 in Tokyo."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
