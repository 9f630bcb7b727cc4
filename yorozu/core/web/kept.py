"""Content of a page, drawn once for as long as nothing has been done.

Every act appends to the trail within its own transaction, and appends wait for each other
(core.audit): two requests that read the same end of the trail read the same rows. What is drawn is
therefore kept under that end, in the memory of the process. Time moves things as well: nothing is
kept past midnight, nor past the moment a page names (its next deadline).

What is written without an event (the sign that a notice was read, the state of an uploaded file)
has no part in kept content, or stands in ``besides``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.core.cache import caches
from django.http import HttpRequest

from yorozu.core import clock
from yorozu.core.access import scope_of
from yorozu.core.audit.queries import trail_end
from yorozu.core.canonical import canonical_hash

# Stands for the token of a form, which is another one in every answer.
TOKEN_PLACE = "kept-content-form-token"  # noqa: S105 (a place, no secret)
Until = Callable[[datetime], datetime | None]


def _never(now: datetime) -> None:
    return None


@dataclass(frozen=True)
class Kept:
    """For the tag ``{% kept %}``: where the content lies, and how its context is made anew.

    ``key`` "" lies nowhere: it is made each time.
    """

    key: str
    make: Callable[[], dict[str, Any]]
    until: Until = _never

    def read(self) -> str | None:
        """What was drawn, if it still holds."""
        found: tuple[datetime, datetime, str] | None = None
        if self.key:
            found = caches["pages"].get(self.key)
        if found is None:
            return None
        since, until, text = found
        return text if since <= clock.now() < until else None

    def write(self, began: datetime, text: str) -> None:
        """Keep what was drawn from what stood at this moment."""
        if not self.key:
            return
        midnight = datetime.combine(began.date() + timedelta(days=1), time(), tzinfo=began.tzinfo)
        until = min(midnight, self.until(began) or midnight)
        caches["pages"].set(self.key, (began, until, text))


def afresh(make: Callable[[], dict[str, Any]]) -> Kept:
    """Content that is drawn anew every time, on a page that keeps the content of others."""
    return Kept("", make)


def keep(
    request: HttpRequest,
    make: Callable[[], dict[str, Any]],
    *,
    until: Until = _never,
    personal: bool = False,
    besides: Sequence[Any] = (),
) -> Kept:
    """Kept content of this address for the role and hubs of the person, or for the person alone.

    ``make`` gives the context that the content is drawn from; it is asked only when nothing holds.
    ``until`` gives the next moment at which the content changes by itself. ``besides`` are facts
    (JSON-able) that the content depends on and the trail does not know.
    """
    scope = scope_of(request)
    hubs = None if scope.hub_ids is None else sorted(scope.hub_ids)
    who = [scope.role.value if scope.role else "", hubs, scope.user_id if personal else None]
    parts = [trail_end(), request.get_full_path(), *who, list(besides)]
    return Kept(canonical_hash(parts), make, until)
