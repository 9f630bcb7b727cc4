"""axe finds nothing: every screen, for every role that may open it.

Pruned by rule: a role whose page is, but for the name of the person, the same page as one already
checked is not checked again.
"""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.access.targets import ROLES
from tests.browser.conftest import Portal
from tests.browser.screens import screens_of, unexpected

pytestmark = pytest.mark.browser
WHO = re.compile(r'<span class="yz-header__who">.*?</span>|name="csrfmiddlewaretoken" value="\w+"')
SEEN: dict[str, str] = {}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.timeout(1200)
def test_no_screen_of_the_role_hinders_anybody(
    portal: Portal, axe: Callable[[Any], list[str]], role: str, capsys: pytest.CaptureFixture[str]
) -> None:
    faults, checked, same = [], 0, 0
    pages: dict[str, Any] = {}
    for name, actor, url in screens_of(portal.world, role):
        # axe is a script of the test's, which the content policy would refuse.
        page = pages.setdefault(actor, None) or portal.page(actor, bypass_csp=True)
        pages[actor] = page
        if fault := unexpected(page.goto(portal.url + url), name):
            faults.append(f"{name} ({actor}): {fault}")
            continue
        digest = hashlib.sha256(WHO.sub("", page.content()).encode()).hexdigest()
        if SEEN.setdefault(digest, name) != name or f"{digest}*" in SEEN:
            same += 1
            continue
        SEEN[f"{digest}*"] = name
        checked += 1
        faults += [f"{name} ({actor}) {fault}" for fault in axe(page)]
    with capsys.disabled():
        print(f"\naxe as {role}: {json.dumps({'checked': checked, 'same': same})}")  # noqa: T201
    assert checked + same, "the role may open nothing"
    assert not faults, "\n".join(faults)


def test_the_sign_in_page_hinders_nobody(portal: Portal, axe: Callable[[Any], list[str]]) -> None:
    page = portal.page(bypass_csp=True)
    for path in ("/accounts/login/", "/accounts/password/reset/", "/accounts/signup/"):
        page.goto(portal.url + path)
        assert axe(page) == [], path


@pytest.mark.parametrize("path", ["/hubs/04/", "/account/users/", "/nowhere/"])
def test_refusals_hinder_nobody(portal: Portal, axe: Callable[[Any], list[str]], path: str) -> None:
    page = portal.page("cc_tokyo", bypass_csp=True)
    response = page.goto(portal.url + path)
    assert response.status in {403, 404}
    assert axe(page) == []
