"""How long a sign-in lasts, and what a browser may keep of what it has seen."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from yorozu.core import clock

GetResponse = Callable[[HttpRequest], HttpResponse]
BEGAN_KEY = "session_began"
SEEN_KEY = "session_seen"
# The time of the last request is written at most this often, so that reading stays reading.
TOUCH_SECONDS = 30


class SessionLimitMiddleware:
    """Ends a session idle too long, lasting too long, or begun before the account was locked.

    A page that only asks for a job's progress by itself is not a sign of life: it sets
    ``request.is_polling``.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Check before the view, note the moment after it."""
        if request.user.is_authenticated and _is_over(request):
            logout(request)
            request.session["session_expired"] = True
        response = self.get_response(request)
        if request.user.is_authenticated and not getattr(request, "is_polling", False):
            _touch(request)
        return response


def _is_over(request: HttpRequest) -> bool:
    now = int(clock.now().timestamp())
    began = int(request.session.get(BEGAN_KEY, now))
    seen = int(request.session.get(SEEN_KEY, now))
    ended: datetime | None = getattr(request.user, "sessions_ended_at", None)
    if ended is not None and began <= int(ended.timestamp()):
        return True
    idle: int = settings.SESSION_IDLE_SECONDS
    absolute: int = settings.SESSION_ABSOLUTE_SECONDS
    return now - seen > idle or now - began > absolute


def _touch(request: HttpRequest) -> None:
    now = int(clock.now().timestamp())
    if BEGAN_KEY not in request.session:
        request.session[BEGAN_KEY] = now
    if now - int(request.session.get(SEEN_KEY, 0)) >= TOUCH_SECONDS:
        request.session[SEEN_KEY] = now


class NoStoreMiddleware:
    """No cache keeps pages of a signed-in person; the back button does not bring them back."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Mark every answer to a signed-in person."""
        signed_in = request.user.is_authenticated
        response = self.get_response(request)
        if signed_in or request.user.is_authenticated:
            response["Cache-Control"] = "no-store, private"
        return response
