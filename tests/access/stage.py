"""One world for a whole module, in one transaction; every request is taken back when answered."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.test import Client, RequestFactory
from django.test.client import ClientHandler
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from hubs.network.facts import load_facts
from hubs.network.models import Hub
from tests.access.scan import body_of
from tests.access.targets import Target
from tests.cast import make_cast
from tests.world import World, fixed_clock, make_world
from yorozu.core.pdf import PdfSession

# Everything else that reaches the database is taken for a write.
READS = ("SELECT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")
SESSION_TABLE = "django_session"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    """All URL patterns of the project."""
    for item in (resolver or get_resolver()).url_patterns:
        if isinstance(item, URLResolver):
            yield from patterns(item)
        else:
            yield item


# The pages of the sign-in library have their own tests (tests/core).
NAMES = [
    pattern.name or str(pattern.pattern)
    for pattern in patterns()
    if not pattern.callback.__module__.startswith("allauth")
]


@dataclass
class Answer:
    """What came back, and what the request tried to write."""

    status: int
    location: str
    body: bytes
    writes: list[str]
    error: str = ""


class Stage:
    """The world with a session per actor, and a handler without the test client's bookkeeping."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.keys: dict[str, str] = {}
        self._factory = RequestFactory()
        self._handlers = {
            check: ClientHandler(enforce_csrf_checks=check) for check in (True, False)
        }

    def sign_in_all(self) -> None:
        """A session per actor, made once; the first page lets the session settle."""
        for actor in self.world.cast.all():
            client = Client()
            client.force_login(actor.user, backend=BACKEND)
            client.get(reverse("healthz"))
            self.keys[actor.key] = client.cookies[settings.SESSION_COOKIE_NAME].value

    def ask(
        self,
        actor: str,
        method: str,
        url: str,
        data: Mapping[str, Any] | None = None,
        *,
        keep: bool = False,
        check_token: bool = False,
        token: str = "",
    ) -> Answer:
        """One request, undone afterwards unless ``keep``.

        ``check_token`` asks for the token, whose cookie is ``token``.
        """
        writes: list[str] = []
        errors: list[str] = []

        def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            if not sql.lstrip(" (\n").upper().startswith(READS) and SESSION_TABLE not in sql:
                writes.append(sql[:160])
            return execute(sql, params, many, context)

        def fail(**kwargs: Any) -> None:
            errors.append(repr(sys.exc_info()[1]))

        self._factory.cookies.clear()
        if actor in self.keys:
            self._factory.cookies[settings.SESSION_COOKIE_NAME] = self.keys[actor]
        if token:
            self._factory.cookies[settings.CSRF_COOKIE_NAME] = token
        request = getattr(self._factory, method.lower())(url, data or {})
        got_request_exception.connect(fail)
        try:
            with transaction.atomic():
                with connection.execute_wrapper(note):
                    response = self._handlers[check_token](request.environ)
                    body = body_of(response)
                if not keep:
                    transaction.set_rollback(True)
        finally:
            got_request_exception.disconnect(fail)
        return Answer(
            response.status_code,
            response.headers.get("Location", ""),
            body,
            writes,
            "".join(errors),
        )


def url_of(name: str, target: Target) -> str:
    """Address of a target."""
    url = reverse(name, kwargs=target.kwargs)
    return f"{url}?{target.query}" if target.query else url


def row_counts() -> tuple[int, ...]:
    """Rows of every table except sessions, in one query."""
    tables = sorted(
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and model._meta.db_table != SESSION_TABLE
    )
    with connection.cursor() as cursor:
        counts = [f'SELECT COUNT(*) FROM "{table}"' for table in tables]  # noqa: S608 (own names)
        cursor.execute(" UNION ALL ".join(counts))
        return tuple(row[0] for row in cursor.fetchall())


@contextmanager
def one_pdf_per_page() -> Iterator[None]:
    """The same page gives the same PDF: each is made once, by one child process."""
    render = PdfSession.render
    made: dict[str, bytes] = {}

    def once(session: PdfSession, html: str) -> bytes:
        if html not in made:
            made[html] = render(shared, html)
        return made[html]

    with PdfSession() as shared:
        PdfSession.render = once  # type: ignore[assignment, method-assign]
        try:
            yield
        finally:
            PdfSession.render = render  # type: ignore[method-assign]


@contextmanager
def staged() -> Iterator[Stage]:
    """Build the world in a transaction that is rolled back at the end."""
    with transaction.atomic(), fixed_clock(), one_pdf_per_page():
        if not Hub.objects.exists():
            load_facts()
        stage = Stage(make_world(make_cast()))
        stage.sign_in_all()
        yield stage
        transaction.set_rollback(True)
