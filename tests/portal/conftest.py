"""The nation of 47 hubs at a fixed moment."""

import pytest

from tests.portal.nation import NOW, Nation, make_nation
from yorozu.core import clock


@pytest.fixture
def nation(facts: None, monkeypatch: pytest.MonkeyPatch) -> Nation:
    """Two open terms with plans and months in every state."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return make_nation()
