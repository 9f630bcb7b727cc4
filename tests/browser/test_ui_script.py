"""The scripts of static/js in a real browser under the strict policy: autosave, its failures."""

import http.server
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.browser
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'"
)
CONFIG = (
    '{"allowEval":false,"includeIndicatorStyles":false,"responseHandling":'
    '[{"code":"[23]..","swap":true},{"code":"(409|422)","swap":true,"error":false},'
    '{"code":"[45]..","swap":false,"error":true}]}'
)
PAGE = f"""<!doctype html><html lang="ja"><head><meta charset="utf-8"><title>t</title>
<meta name="htmx-config" content='{CONFIG}'>
<script src="/static/vendor/htmx-2.0.11/htmx.min.js" defer></script>
<script src="/static/js/ui.js" defer></script>
<script src="/static/js/forms.js" defer></script></head><body>
<div role="alert" tabindex="-1" data-error-summary id="summary">x</div>
<details id="fold"><summary>s</summary>inner</details>
<form method="post" data-autosave><p role="status" data-save-state></p>
<input name="people" id="people" hx-post="/autosave" hx-trigger="change" hx-target="#people-status"
 hx-swap="innerHTML" hx-include="closest form"><span id="people-status"></span>
<button name="go" value="1">保存する</button></form>
<div id="months"><input name="m4" id="m4" value="10"><input name="m5" id="m5" value="20"></div>
<input type="date" id="day" value="2026-11-10"><output id="day_wareki"></output>
<button type="button" data-print hidden>印刷</button></body></html>"""


class Answers(http.server.BaseHTTPRequestHandler):
    """Serves the page and answers an autosave as the test has set it."""

    status = 200
    delay = 0.0
    # What is drawn anew beside the answer to an autosave.
    beside = ""
    posted: ClassVar[list[str]] = []

    def do_GET(self):
        path = ROOT / self.path.lstrip("/")
        static = self.path.startswith("/static/") and path.is_file()
        self._send(200, path.read_bytes() if static else PAGE.encode(), path.suffix)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status = type(self).status
        if self.path == "/autosave":
            time.sleep(type(self).delay)
        self.posted.append(self.path)
        if status == 302:
            self.send_response(302)
            self.send_header("Location", "/accounts/login/")
            self.end_headers()
        elif status == 0:
            self.connection.close()
        else:
            beside = type(self).beside if self.path == "/autosave" else ""
            self._send(status, f"返事{beside}".encode(), ".html")

    def _send(self, status, body, suffix):
        self.send_response(status)
        kind = {".js": "text/javascript"}.get(suffix, "text/html; charset=utf-8")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def address():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def screen(chromium, address):
    Answers.status, Answers.delay, Answers.beside = 200, 0.0, ""
    Answers.posted.clear()
    context = chromium.new_context(locale="ja-JP", timezone_id="Asia/Tokyo")
    page, faults = context.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None,
    )
    page.goto(address)
    yield page
    context.close()
    assert faults == []


def type_in(page, value):
    page.fill("#people", value)
    page.dispatch_event("#people", "change")


@contextmanager
def answer_to_the_form(page):
    """The answer, once its page is there: Chromium may never close a page about to give way."""
    with page.expect_response(lambda answer: answer.url.endswith("/")) as answered:
        yield answered
    page.get_by_text("返事", exact=True).wait_for()


def state(page, expected):
    page.wait_for_selector(f"[data-save-state][data-state={expected}]")
    return page.inner_text("[data-save-state]")


def kept(page):
    own = "Object.keys(sessionStorage).filter(key => key.startsWith('yz-'))"
    return page.evaluate(f"{own}.map(key => sessionStorage.getItem(key)).join()")


def test_start_focuses_the_error_summary_shows_wareki_and_the_print_button(screen):
    assert screen.evaluate("document.activeElement.id") == "summary"
    assert screen.inner_text("#day_wareki") == "令和8年11月10日（火）"
    assert screen.is_visible("[data-print]")


def test_saved_value_is_said_once_with_the_time(screen):
    type_in(screen, "12")
    assert state(screen, "saved").startswith("保存しました ")
    assert screen.inner_text("#people-status") == "返事"
    assert kept(screen) == ""


def test_a_form_waits_for_what_is_on_its_way_and_is_sent_once_with_its_button(screen):
    Answers.delay = 0.4
    type_in(screen, "12")
    with answer_to_the_form(screen) as answered:
        screen.click("[name=go]")
        screen.keyboard.press("Enter")
    assert answered.value.request.post_data == "people=12&go=1"
    assert Answers.posted[-1] == "/"
    assert Answers.posted.count("/") == 1


MONTHS = (
    '<div id="months" hx-swap-oob="true">'
    '<input name="m4" id="m4" value="11"><input name="m5" id="m5" value="22"></div>'
)


def test_months_beside_an_answer_are_drawn_anew(screen):
    Answers.beside = MONTHS
    type_in(screen, "6")
    assert state(screen, "saved")
    screen.wait_for_selector("#m4[value='11']")
    assert screen.input_value("#m5") == "22"


def test_what_is_being_typed_stays_when_its_months_would_be_drawn_anew(screen):
    """The answer comes while one types in the next field: nothing typed is lost or moved."""
    Answers.beside, Answers.delay = MONTHS, 0.4
    type_in(screen, "6")
    screen.focus("#m5")
    screen.keyboard.press("End")
    screen.keyboard.type("7")
    assert state(screen, "saved")
    assert screen.input_value("#m5") == "207"
    assert screen.evaluate("document.activeElement.id") == "m5"
    screen.keyboard.type("8")
    assert screen.input_value("#m5") == "2078"


def test_a_field_that_is_only_looked_at_does_not_hold_the_months_up(screen):
    Answers.beside, Answers.delay = MONTHS, 0.2
    type_in(screen, "6")
    screen.focus("#m5")
    assert state(screen, "saved")
    screen.wait_for_selector("#m5[value='22']")


def test_a_form_without_anything_on_its_way_is_sent_at_once(screen):
    with answer_to_the_form(screen):
        screen.click("[name=go]")


def test_refused_value_keeps_the_draft_and_shows_the_reason_at_the_field(screen):
    Answers.status = 422
    type_in(screen, "12.9")
    assert "確認が必要" in state(screen, "error")
    assert screen.inner_text("#people-status") == "返事"


def test_conflict_is_shown_and_the_own_value_kept(screen):
    Answers.status = 409
    type_in(screen, "12")
    assert "他の人" in state(screen, "error")
    assert "12" in kept(screen)


@pytest.mark.parametrize("status", [302, 403])
def test_a_gone_session_never_shows_a_sign_in_page_in_a_field_and_the_input_comes_back(
    screen, status
):
    Answers.status = status
    type_in(screen, "34")
    assert "ログインし直す" in state(screen, "error")
    assert screen.inner_text("#people-status") == ""
    Answers.status = 200
    screen.on("dialog", lambda dialog: dialog.accept())
    screen.reload()
    assert state(screen, "saved").startswith("保存しました ")
    assert screen.input_value("#people") == "34"
    assert kept(screen) == ""


@pytest.mark.parametrize("status", [0, 500])
def test_unsaved_input_is_said_and_leaving_asks_first(screen, status):
    Answers.status = status
    type_in(screen, "56")
    assert "未保存" in state(screen, "error")
    asked = []
    screen.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    screen.click("#people")  # browsers ask only after a real act of the user
    screen.reload()
    assert asked == ["beforeunload"]


def test_folded_parts_open_for_printing_and_close_again(screen):
    screen.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert screen.evaluate("document.getElementById('fold').open")
    screen.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not screen.evaluate("document.getElementById('fold').open")
