"""Middleware: the scope of the request, refusals as pages, and GET requests that cannot write."""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from yorozu.core.access import NOBODY, scope_for_user, scope_of
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Refused, UserError
from yorozu.core.web.missing import linked

GetResponse = Callable[[HttpRequest], HttpResponse]
MEMBERSHIP_KEY = "membership_id"


NUL = "\x00"


class PlainTextMiddleware:
    """No NUL character reaches a query: PostgreSQL refuses it with an error, SQLite does not.

    Nobody types one. In an address it leads nowhere (404); in a query or form it is dropped.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at the address, the query and the posted fields."""
        if NUL in request.path_info:
            return render(request, "404.html", status=404)
        request.GET = _without_nul(request.GET)
        if request.method == "POST":
            request.POST = _without_nul(request.POST)
        return self.get_response(request)


def _without_nul(values: QueryDict) -> Any:
    if not any(NUL in text for texts in values.lists() for text in texts[1]):
        return values
    clean = values.copy()
    for key, texts in values.lists():
        clean.setlist(key, [text.replace(NUL, "") for text in texts])
    return clean


class ScopeMiddleware:
    """Puts ``request.scope`` (and ``user.scope`` for has_perm) on every request."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Resolve the active membership of the signed-in person."""
        user = request.user
        scope = NOBODY
        if user.is_authenticated:
            scope = scope_for_user(user, request.session.get(MEMBERSHIP_KEY))
            user.scope = scope  # type: ignore[attr-defined]
        request.scope = scope  # type: ignore[attr-defined]
        return self.get_response(request)


def _refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    scope = scope_of(request)
    if scope.user_id is not None and scope.role is None:
        return render(request, "core/accounts/no_role.html", status=403)
    return render(request, "403.html", {"reason": refusal.message}, status=403)


def _stopped(request: HttpRequest, error: UserError, **more: Any) -> HttpResponse:
    return render(request, "409.html", {"message": error.message, **more}, status=409)


class RefusalMiddleware:
    """Turns the errors of operations into pages that say why and what to do next."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass through."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """403 for a refused act, 409 for a state that moved on, 422 for unreadable input."""
        if isinstance(exception, Refused):
            return _refused(request, exception)
        if isinstance(exception, Conflict):
            ways = linked([exception.way] if exception.way else [])
            return _stopped(request, exception, way=next(iter(ways), None))
        if isinstance(exception, NotReady):
            return _stopped(request, exception, missing=linked(exception.missing))
        if isinstance(exception, InvalidInput):
            return render(request, "422.html", {"problems": exception.problems}, status=422)
        return None


_COMMENTS = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)+", re.DOTALL)
_WRITE = re.compile(
    r"(?:INSERT|UPDATE|DELETE|REPLACE|MERGE|COPY|TRUNCATE|ALTER|CREATE|DROP)\b", re.IGNORECASE
)
_WRITE_WITHIN = re.compile(
    r"\b(?:INSERT INTO|DELETE FROM|MERGE INTO|(?<!FOR )UPDATE)\b", re.IGNORECASE
)
# Django keeps the moment of the last request; that is no write of ours.
_OF_SESSION = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) "?django_session\b', re.IGNORECASE)


class ReadOnlyGetMiddleware:
    """A GET that tries to write is our fault: it raises instead of writing (anchors.md 5.4)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Wrap the request's queries when the method must not write."""
        exempt = request.path.startswith(tuple(settings.READ_ONLY_EXEMPT))
        if request.method not in {"GET", "HEAD", "OPTIONS"} or exempt:
            return self.get_response(request)
        with connection.execute_wrapper(_refuse_writes):
            return self.get_response(request)


def _refuse_writes(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    if _is_write(sql):
        raise RuntimeError(f"a GET request tried to write: {sql[:120]}")
    return execute(sql, params, many, context)


def _is_write(sql: str) -> bool:
    plain = _COMMENTS.sub(" ", sql).strip()
    if plain[:4].upper() == "WITH":
        return bool(_WRITE_WITHIN.search(plain))
    return bool(_WRITE.match(plain)) and not _OF_SESSION.match(plain)
