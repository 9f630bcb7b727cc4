"""The desk in a real browser: keys of the workbench, sliders of the what-if."""

from typing import Any

import pytest

from tests.browser.conftest import Portal

pytestmark = pytest.mark.browser
SAID = "#trial-said"
SOLVE = "[id='id_IND.SOLVE']"
SLIDER = "[data-slider-of='id_IND.SOLVE']"


def bench(portal: Portal, code: str) -> str:
    run = portal.world.runs["published"]
    return f"{portal.url}/evaluation/desk/runs/{run.pk}/hubs/{code}/"


def pressed(page: Any, key: str, *, leads_to: str) -> None:
    page.keyboard.press(key)
    page.wait_for_url(leads_to)


def test_keys_lead_from_hub_to_hub(portal: Portal) -> None:
    page = portal.page("hq")
    page.goto(bench(portal, "04"))
    pressed(page, "j", leads_to=bench(portal, "13"))
    pressed(page, "ArrowRight", leads_to=bench(portal, "14"))
    pressed(page, "k", leads_to=bench(portal, "13"))
    pressed(page, "ArrowLeft", leads_to=bench(portal, "04"))
    # There is nothing before the first one, and a combination belongs to the browser.
    page.keyboard.press("k")
    page.keyboard.press("Control+j")
    page.keyboard.press("Shift+J")
    page.wait_for_timeout(300)
    assert page.url == bench(portal, "04")


def test_keys_are_left_to_who_types_or_reads_a_table(portal: Portal) -> None:
    page = portal.page("hq")
    page.goto(bench(portal, "13"))
    page.evaluate("document.querySelector('main').append(document.createElement('textarea'))")
    page.locator("main textarea").focus()
    page.keyboard.type("jk")
    assert page.locator("main textarea").input_value() == "jk"
    page.locator(".yz-scroll").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert page.url == bench(portal, "13")


def test_links_lead_the_same_way_without_scripts(portal: Portal) -> None:
    page = portal.page("hq", java_script_enabled=False)
    page.goto(bench(portal, "13"))
    page.locator("[data-keys] a[rel=next]").click()
    assert page.url == bench(portal, "14")


def told(page: Any, words: str) -> None:
    """Wait until the outcome says this; a script of the page may not be asked (no eval)."""
    page.locator(f"{SAID}:has-text('{words}')").wait_for(state="attached")


def test_slider_and_field_move_each_other_and_the_outcome(portal: Portal) -> None:
    page = portal.page("cc_tokyo")
    page.goto(f"{portal.url}/evaluation/desk/trial/2026/13/")
    page.locator(SLIDER).focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    assert page.locator(SOLVE).input_value() == "400"
    told(page, "もととの差 +")
    page.locator(SOLVE).fill("４５６")
    told(page, "+2.80")
    assert page.locator(SLIDER).input_value() == "456"
    page.locator(SOLVE).fill("many")
    page.wait_for_selector("#trial-result .yz-banner--error")
    assert page.url.endswith("/trial/2026/13/")


def test_what_if_works_without_scripts(portal: Portal) -> None:
    page = portal.page("cc_tokyo", java_script_enabled=False)
    page.goto(f"{portal.url}/evaluation/desk/trial/2026/13/")
    assert not page.locator(SLIDER).is_visible()
    page.locator(SOLVE).fill("456")
    page.get_by_role("button", name="試算する").click()
    assert "IND.SOLVE=456" in page.url
    assert "+2.80" in str(page.locator("#trial-result").text_content())
