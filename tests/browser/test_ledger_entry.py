"""A record is typed by keyboard alone; what a vanished session swallowed comes back."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from hubs.ledger.models import IndividualConsultation
from tests.browser.conftest import BACKEND, Portal

pytestmark = pytest.mark.browser
TYPED = ("channel", "client_key", "theme", "industry", "employees_band", "minutes")


def _type(page: Any, client: str) -> None:
    """From the field in focus: back to the channel, then forward to the minutes."""
    keys = page.keyboard
    keys.press("Shift+Tab")
    for text in ("1", client, "01", "E", "2", "45"):
        keys.type(text)
        if text != "45":
            keys.press("Tab")


def _focus(page: Any) -> str:
    return str(page.evaluate("document.activeElement.name"))


def _values(page: Any) -> list[str]:
    return [page.input_value(f"[name={name}]") for name in TYPED]


def test_records_follow_each_other_without_the_mouse(portal: Portal) -> None:
    page = portal.page("co_tokyo")
    page.goto(f"{portal.url}/ledger/13/new/")
    assert _focus(page) == "client_key"
    _type(page, "K-1")
    assert _values(page) == ["1", "K-1", "01", "E", "2", "45"]
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "保存しました" in page.inner_text(".yz-banner")
    assert _focus(page) == "client_key"
    assert page.input_value("[name=channel]") == "1", "the last channel is kept"
    _type(page, "K-2")
    page.keyboard.press("Shift+Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert IndividualConsultation.objects.filter(client_key__in=["K-1", "K-2"]).count() == 2


def test_what_a_vanished_session_swallowed_comes_back(portal: Portal) -> None:
    page = portal.page("co_tokyo")
    page.goto(f"{portal.url}/ledger/13/new/")
    _type(page, "K-9")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "/accounts/login/" in page.url
    client = Client()
    client.force_login(portal.world.cast.co_tokyo.user, backend=BACKEND)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": key, "url": portal.url}
    page.context.add_cookies([cookie])
    page.goto(f"{portal.url}/ledger/13/new/")
    page.wait_for_selector("[data-save-state]:not(:empty)")
    assert _values(page) == ["1", "K-9", "01", "E", "2", "45"]
    with page.expect_navigation():
        page.click("main button[type=submit]")
    assert IndividualConsultation.objects.filter(client_key="K-9").count() == 1
