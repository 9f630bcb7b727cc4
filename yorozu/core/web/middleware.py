"""Middleware: the scope of the request, refusals as pages, and GET requests that cannot write."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from yorozu.core.access import NOBODY, scope_for_user, scope_of
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Refused

GetResponse = Callable[[HttpRequest], HttpResponse]
MEMBERSHIP_KEY = "membership_id"


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


class RefusalMiddleware:
    """Turns the errors of operations into pages that say why and what to do next."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass through."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """403 for a refused act, 409 for a state that moved on, 422 for input that cannot be read."""
        if isinstance(exception, Refused):
            scope = scope_of(request)
            if scope.user_id is not None and scope.role is None:
                return render(request, "core/accounts/no_role.html", status=403)
            return render(request, "403.html", {"reason": exception.message}, status=403)
        if isinstance(exception, Conflict):
            return render(request, "409.html", {"message": exception.message}, status=409)
        if isinstance(exception, NotReady):
            context = {"message": exception.message, "missing": exception.missing}
            return render(request, "409.html", context, status=409)
        if isinstance(exception, InvalidInput):
            return render(request, "422.html", {"problems": exception.problems}, status=422)
        return None


_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "TRUNCATE", "ALTER", "CREATE", "DROP")
_SESSION_TABLES = ("django_session",)


class ReadOnlyGetMiddleware:
    """A GET that tries to write is a fault of ours: it raises instead of writing (anchors.md 5.4)."""

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
    head = sql.lstrip().upper()
    if head.startswith(_WRITES) and not any(table in sql for table in _SESSION_TABLES):
        raise RuntimeError(f"a GET request tried to write: {sql[:120]}")
    return execute(sql, params, many, context)
