"""Tests that only look at the whole small world: it is built once per module, not once per test."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.db import transaction

from hubs.network.facts import load_facts
from hubs.network.models import Hub
from tests.cast import make_cast
from tests.world import World, fixed_clock, make_world


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database for a whole module (its name tells pytest-django to set it up)."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="module")
def built(db: None) -> Iterator[World]:
    """The world in a transaction that is rolled back after the module."""
    with transaction.atomic():
        if not Hub.objects.exists():
            load_facts()
        with fixed_clock():
            world = make_world(make_cast())
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def world(built: World) -> Iterator[World]:
    """The world for one test: what it writes is taken back, its objects are copies."""
    with fixed_clock(), transaction.atomic():
        yield deepcopy(built)
        transaction.set_rollback(True)
