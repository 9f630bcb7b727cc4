"""The clock of the survey tests stands still until a test moves it."""

from collections.abc import Callable
from datetime import datetime

import pytest

from tests.evaluation.surveys.ground import NOW
from yorozu.core import clock


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """at(moment): from here on it is then."""

    def go(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    go(NOW)
    return go
