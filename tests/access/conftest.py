"""The stage of the access tests: one world per module."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.access.stage import Stage, staged


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database for a whole module (its name tells pytest-django to set it up)."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="module")
def stage(db: None) -> Iterator[Stage]:
    """The world of the module with one signed-in client per actor."""
    with staged() as ready:
        yield ready
