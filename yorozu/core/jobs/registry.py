"""What a job kind does: slices register their handlers here from their tasks.py."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yorozu.core.jobs.runner import JobContext

Handler = Callable[["JobContext"], dict[str, Any]]


@dataclass(frozen=True)
class Kind:
    """A job kind: its handler and how often a crashed attempt is tried again."""

    code: str
    handler: Handler
    max_attempts: int = 3


_KINDS: dict[str, Kind] = {}


def handles(code: str, *, max_attempts: int = 3) -> Callable[[Handler], Handler]:
    """Register the decorated function as the handler of a job kind."""

    def enter(handler: Handler) -> Handler:
        if code in _KINDS and _KINDS[code].handler is not handler:
            raise ValueError(f"job kind registered twice: {code}")
        _KINDS[code] = Kind(code, handler, max_attempts)
        return handler

    return enter


def find(code: str) -> Kind:
    """The kind of this code; KeyError names an unknown one."""
    try:
        return _KINDS[code]
    except KeyError:
        raise KeyError(f"unknown job kind: {code}") from None
