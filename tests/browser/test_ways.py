"""The main way through the portal by keyboard alone, and once more without JavaScript."""

from datetime import date
from typing import Any

import pytest

from hubs.results.models import MonthlyReport
from tests.browser.conftest import Portal
from tests.cast import PASSWORD

pytestmark = pytest.mark.browser
FOCUS = "document.activeElement"


def tab_to(page: Any, selector: str, limit: int = 150) -> None:
    """Press Tab until the element has the focus, which must be seen on every step."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        if page.evaluate(f"s => {FOCUS}.matches(s)", selector):
            visible = page.evaluate(
                f"() => {{ const s = getComputedStyle({FOCUS});"
                " return s.outlineStyle !== 'none' || s.boxShadow !== 'none'; }"
            )
            assert visible, f"the focus on {selector} cannot be seen"
            return
    pytest.fail(f"{selector} is not reached by {limit} presses of Tab")


def sign_in(page: Any, portal: Portal, actor: str) -> None:
    """Sign in with keys only."""
    page.goto(f"{portal.url}/accounts/login/")
    tab_to(page, "input[name=login]")
    page.keyboard.type(portal.world.cast.actors[actor].user.email)
    tab_to(page, "input[name=password]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{portal.url}/")


def grid_url(portal: Portal, code: str) -> str:
    """The monthly grid of the running year."""
    return f"/results/term/{portal.world.terms[2026].pk}/hub/{portal.world.hubs[code].pk}/"


def month(portal: Portal, code: str, number: int) -> MonthlyReport:
    """The report of one month of 2026."""
    return MonthlyReport.objects.get(hub__code=code, month=date(2026, number, 1))


def test_a_month_is_entered_and_brought_to_submission_by_keyboard(portal: Portal) -> None:
    page = portal.page()
    sign_in(page, portal, "cc_tokyo")
    page.keyboard.press("Tab")
    assert page.evaluate(f"{FOCUS}.getAttribute('href')") == "#main", "no way past the header"
    report = month(portal, "13", 9)
    page.goto(portal.url + grid_url(portal, "13"))
    tab_to(page, "input[name='c-202609-SOLVE']", limit=400)
    with page.expect_response(lambda answer: "autosave" in answer.url) as saved:
        page.keyboard.press("Control+A")
        page.keyboard.type("41")
        page.keyboard.press("Tab")
    assert saved.value.status == 200
    page.wait_for_selector("[data-save-state]:has-text('保存しました')")
    stored = report.results.get(indicator__code="SOLVE")
    assert stored.value == 41
    tab_to(page, "button[formaction$='/check/'][value='202609']", limit=400)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{portal.url}/results/{report.pk}/")
    tab_to(page, "main form[method=post] button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    report.refresh_from_db()
    assert report.state == "submitted"


def test_without_javascript_a_month_is_entered_and_submitted(portal: Portal) -> None:
    page = portal.page(java_script_enabled=False)
    page.goto(f"{portal.url}/accounts/login/")
    page.fill("input[name=login]", portal.world.cast.cc_miyagi.user.email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    assert page.locator("h1").inner_text() == "ホーム"
    report = month(portal, "04", 9)
    page.goto(portal.url + grid_url(portal, "04"))
    page.fill("input[name='c-202609-SOLVE']", "42")
    page.click("main form[data-autosave] .yz-actions button[type=submit]")
    assert report.results.get(indicator__code="SOLVE").value == 42
    page.goto(f"{portal.url}/results/{report.pk}/")
    page.click("main form[method=post] button")
    report.refresh_from_db()
    assert report.state == "submitted"
    assert "提出" in page.locator("main").inner_text()


def test_an_upload_is_checked_and_applied_without_javascript(portal: Portal) -> None:
    page = portal.page("hq", java_script_enabled=False)
    page.goto(f"{portal.url}/imports/{portal.world.batches['ready'].pk}/")
    assert page.locator("main form[method=post] button").count() >= 1
    page.goto(f"{portal.url}/imports/new/surveys.satisfaction/")
    page.select_option("select[name=fiscal_year]", "2026")
    page.set_input_files(
        "input[type=file]",
        {"name": "空.csv", "mimeType": "text/csv", "buffer": "拠点コード\n".encode()},
    )
    page.click("main form button[type=submit]")
    assert "空.csv" in page.locator("h1").inner_text()
