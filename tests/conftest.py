"""Shared ground of all tests: facts once per database, the cast, a suite hostile to mistakes."""

import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management.commands import flush
from django.db import connections
from django.db.models import QuerySet
from django.template import engines
from django.test import Client, TransactionTestCase
from hypothesis import settings as hypothesis_settings

import yorozu.celery  # noqa: F401 (the eager test app instead of Celery's default one)
from hubs.network.facts import load_facts
from hubs.network.models import Hub
from tests.cast import Actor, Cast, make_cast
from yorozu.core import guards

# Properties are about results: how long a call takes on a busy machine is no property.
hypothesis_settings.register_profile("portal", deadline=None)
hypothesis_settings.load_profile("portal")

_sql_flush = flush.sql_flush


def _flush_without_guards(style: Any, connection: Any, *args: Any, **kwargs: Any) -> list[str]:
    """Lift the guards before the tables are emptied between transactional tests.

    That is not an act of the product. The flush command sends post_migrate afterwards, which lays
    them again.
    """
    for guard_list in guards.REGISTERED.values():
        guards.remove(connection, guard_list)
    return _sql_flush(style, connection, *args, **kwargs)


flush.sql_flush = _flush_without_guards


_fixture_teardown = TransactionTestCase._fixture_teardown


def _teardown_and_facts(self: Any) -> None:
    """A transactional test empties the tables; whoever comes next still finds the facts."""
    _fixture_teardown(self)
    load_facts()


TransactionTestCase._fixture_teardown = _teardown_and_facts  # type: ignore[method-assign]


_fetch_all = QuerySet._fetch_all


def _fetch_in_any_order(self: Any) -> None:
    """Rows without an asked order come in another order each time, as a database may send them."""
    is_fresh = self._result_cache is None
    _fetch_all(self)
    if is_fresh and not self.ordered:
        random.shuffle(self._result_cache)


QuerySet._fetch_all = _fetch_in_any_order  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Load the facts (47 hubs ...) once; tests see them as the product's users do."""
    with django_db_blocker.unblock():
        load_facts()
        connections.close_all()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With services (a second pass) only what touches the database is asked again."""
    if not os.environ.get("DATABASE_URL"):
        return
    again = [item for item in items if _touches_the_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in again])
    items[:] = again


def _touches_the_database(item: pytest.Item) -> bool:
    marks = {mark.name for mark in item.iter_markers()}
    if "once" in marks:
        return False
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(marks & {"django_db", "services"} or fixtures & {"db", "transactional_db"})


@pytest.fixture
def facts(db: None) -> None:
    """Facts are there, also after a transactional test emptied the tables."""
    if not Hub.objects.exists():
        load_facts()


@pytest.fixture
def cast(facts: None) -> Cast:
    """The cast of tests/cast.py."""
    return make_cast()


@pytest.fixture
def sign_in() -> Any:
    """sign_in(actor) -> a client with that actor's session, CSRF checks on."""

    def go(actor: Actor) -> Client:
        client = Client()
        client.force_login(
            actor.user, backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        return client

    return go


class _UndefinedVariable(str):
    """Fails a test when a template prints a variable that does not exist."""

    def __mod__(self, name: Any) -> str:
        raise AssertionError(f"template variable is not defined: {name}")

    def __contains__(self, item: Any) -> bool:
        return item == "%s"


@pytest.fixture(autouse=True)
def _strict_templates(settings: Any) -> Iterator[None]:
    """Undefined variables printed by our own templates are errors."""
    engine = engines["django"].engine
    before = engine.string_if_invalid
    engine.string_if_invalid = _UndefinedVariable("%s")
    yield
    engine.string_if_invalid = before
