"""The clock stands on the day of the hearing where a test asks for it."""

from datetime import datetime

import pytest

from tests.evaluation.hearings.panel_ground import NOW
from yorozu.core import clock


@pytest.fixture
def hearing_day(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """By the same monkeypatch as the tests that move on from there, so that all is undone."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return NOW
