"""The clock stands on the day of the hearing where a test asks for it."""

from unittest.mock import patch

import pytest

from tests.evaluation.hearings.panel_ground import NOW
from yorozu.core import clock


@pytest.fixture
def hearing_day():
    with patch.object(clock, "now", lambda: NOW):
        yield NOW
