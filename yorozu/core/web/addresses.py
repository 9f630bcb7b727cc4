"""Addresses of many objects of one kind: the pattern is resolved once, not once a row."""

from collections.abc import Callable
from functools import lru_cache
from urllib.parse import quote

from django.urls import get_script_prefix, get_urlconf, reverse

# A key no object has; its digits stand in the pattern where the key of a row will stand.
_PLACE = 9_007_199_254_740_881


def address(name: str) -> str:
    """The address of a page without arguments, as it stands on every page."""
    return _address(name, get_script_prefix(), get_urlconf())


@lru_cache(maxsize=256)
def _address(name: str, prefix: str, urlconf: str | None) -> str:
    return reverse(name, urlconf)


def addresses(name: str, *before: int) -> Callable[[int], str]:
    """The address of an object by its key; ``before`` are the arguments that do not change."""
    head, tail = _pattern(name, (*before, _PLACE), get_script_prefix(), get_urlconf())
    return lambda pk: f"{head}{int(pk)}{tail}"


def code_addresses(name: str, *before: int) -> Callable[[str], str]:
    """The same for objects that are addressed by a code of letters and digits."""
    place = (*before, str(_PLACE))
    head, tail = _pattern(name, place, get_script_prefix(), get_urlconf())
    return lambda code: f"{head}{quote(code, safe='')}{tail}"


@lru_cache(maxsize=1_024)
def _pattern(
    name: str, arguments: tuple[int | str, ...], prefix: str, urlconf: str | None
) -> tuple[str, str]:
    """What stands before and after the place of the key, under the given prefix."""
    head, _, tail = reverse(name, args=arguments).rpartition(str(_PLACE))
    return head, tail
