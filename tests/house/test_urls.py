"""Every address names its policy row; nothing answers without one."""

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from yorozu.core.access import find_rule

# Addresses of allauth, which bring their own rules: sign-in for anyone, password for the signed-in.
THIRD_PARTY = "account_"
# Asked by machines, before anyone signs in.
MACHINES = {"healthz", "readyz"}


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    """All URL patterns of the project."""
    for item in (resolver or get_resolver()).url_patterns:
        if isinstance(item, URLResolver):
            yield from patterns(item)
        else:
            yield item


OURS = [
    pattern
    for pattern in patterns()
    if not (pattern.name or "").startswith(THIRD_PARTY) and pattern.name not in MACHINES
]


def test_there_are_addresses() -> None:
    assert len(OURS) > 40


@pytest.mark.parametrize("pattern", OURS, ids=lambda p: p.name or str(p.pattern))
def test_address_has_a_name_and_a_policy_row(pattern: URLPattern) -> None:
    assert pattern.name, f"{pattern.pattern} has no name"
    action = getattr(pattern.callback, "policy_action", None)
    assert action, f"{pattern.name} names no policy action"
    assert find_rule(action).label


def test_names_are_unique() -> None:
    names = [pattern.name for pattern in OURS]
    assert len(names) == len(set(names))
