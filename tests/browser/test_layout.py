"""Every screen in every state: one heading, a title, no script error, whole on a phone."""

from typing import Any

import pytest

from tests.access.targets import ACTORS, ROLES
from tests.browser.conftest import Portal, shoot
from tests.browser.screens import every_state, unexpected

pytestmark = pytest.mark.browser
# At 320 px (400 % zoom) the page scrolls one way only; tables scroll inside their own frame.
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
CULPRITS = """() => [...document.querySelectorAll('body *')].filter(e => {
  const box = e.getBoundingClientRect();
  return box.right > innerWidth + 1 && !e.closest('.yz-scroll, svg, [role=region]');
}).slice(0, 3).map(e => e.tagName + '.' + e.className)"""


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("role", ROLES)
def test_screens_are_whole_at_both_widths(portal: Portal, role: str) -> None:
    pages: dict[str, Any] = {}
    faults = []
    for label, actor, url in every_state(portal.world):
        if ACTORS[actor][0] != role:
            continue
        if actor not in pages:
            pages[actor] = portal.page(actor)
        page = pages[actor]
        page.set_viewport_size({"width": 1280, "height": 900})
        if fault := unexpected(page.goto(portal.url + url), label.split("-")[0]):
            faults.append(f"{label} ({actor}): {fault}")
            continue
        if page.locator("h1").count() != 1:
            faults.append(f"{label}: {page.locator('h1').count()} headings of the first level")
        if not page.title().split("｜")[0].strip():
            faults.append(f"{label}: no title")
        shoot(page, f"{label}-{actor}-1280")
        page.set_viewport_size({"width": 320, "height": 640})
        if page.evaluate(WIDER) > 0:
            faults.append(f"{label}: wider than 320 px, by {page.evaluate(CULPRITS)}")
        shoot(page, f"{label}-{actor}-320")
    assert not faults, "\n".join(faults)


def test_print_hides_what_only_the_screen_needs(portal: Portal) -> None:
    page = portal.page("hq")
    page.goto(f"{portal.url}/hubs/")
    assert page.locator(".yz-nav").is_visible()
    page.emulate_media(media="print")
    for part in (".yz-nav", ".yz-crumbs", ".yz-skip"):
        assert not page.locator(part).first.is_visible(), part
    assert page.locator("h1").is_visible()
    assert page.locator("main table").first.is_visible()
