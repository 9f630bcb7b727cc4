"""Every request: pages for refusals, no writing GET, an end to sessions, strict headers."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from tests.cast import PASSWORD, Cast
from yorozu import urls as portal_urls
from yorozu.core import clock
from yorozu.core.errors import Conflict, InvalidInput, Missing, NotReady, Problem, Refused
from yorozu.core.jobs.models import Job
from yorozu.core.notices.models import Notice
from yorozu.core.web.forms import CountField, JapaneseDateField
from yorozu.core.web.middleware import ReadOnlyGetMiddleware

ROOT = Path(__file__).resolve().parents[2]
ERRORS: dict[str, Exception] = {
    "refused": Refused("担当ではありません。"),
    "conflict": Conflict("先に更新されました。"),
    "not-ready": NotReady("まだです。", [Missing("面談の記録がありません。", "notices")]),
    "invalid": InvalidInput([Problem(3, "件数", "負の数は使えません。")]),
}


def raising(request: HttpRequest, name: str) -> HttpResponse:
    raise ERRORS[name]


def writing(request: HttpRequest) -> HttpResponse:
    Notice.objects.create(user_id=request.user.pk, key="w", text="書いた")
    return HttpResponse("written")


urlpatterns = [
    *portal_urls.urlpatterns,
    path("test-raise/<str:name>/", raising),
    path("test-write/", writing),
]


@pytest.fixture
def with_test_urls(settings: Any) -> None:
    """The portal's addresses and two of this module."""
    settings.ROOT_URLCONF = __name__


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("refused", 403, "担当ではありません。"),
        ("conflict", 409, "先に更新されました。"),
        ("not-ready", 409, "面談の記録がありません。"),
        ("invalid", 422, "3行目「件数」：負の数は使えません。"),
    ],
)
def test_a_refusal_is_a_page_that_says_why(
    cast: Cast, sign_in: Any, with_test_urls: None, name: str, status: int, said: str
) -> None:
    answer = sign_in(cast.hq).get(f"/test-raise/{name}/")
    assert answer.status_code == status
    page = answer.content.decode()
    assert said in page
    assert "よろず支援拠点事業ポータル" in page


def test_a_get_that_writes_is_a_fault_and_a_post_is_not(
    cast: Cast, sign_in: Any, with_test_urls: None
) -> None:
    client: Client = sign_in(cast.hq)
    with pytest.raises(RuntimeError, match="a GET request tried to write"), transaction.atomic():
        client.get("/test-write/")
    assert not Notice.objects.filter(key="w").exists()
    assert client.post("/test-write/").status_code == 200
    assert Notice.objects.filter(key="w").count() == 1


@pytest.mark.once
@pytest.mark.parametrize(
    "sql",
    [
        "  \n insert into notices_notice (text) values ('x')",
        "/* x */ UPDATE notices_notice SET text = 'x'",
        "-- x\nDELETE FROM notices_notice",
        "WITH old AS (SELECT 1) DELETE FROM notices_notice",
        "UPDATE notices_notice SET text = 'django_session'",
        "DROP TABLE notices_notice",
    ],
)
def test_no_spelling_of_a_write_passes_a_get(db: None, rf: RequestFactory, sql: str) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute(sql)
        return HttpResponse()

    with pytest.raises(RuntimeError, match="tried to write"):
        ReadOnlyGetMiddleware(view)(rf.get("/x/"))


def test_reading_and_session_keeping_pass_a_get(cast: Cast, rf: RequestFactory) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        Notice.objects.select_for_update().first()
        Session.objects.create(
            session_key="x", session_data="", expire_date=clock.now() + timedelta(days=1)
        )
        return HttpResponse("ok")

    with transaction.atomic():
        assert ReadOnlyGetMiddleware(view)(rf.get("/x/")).content == b"ok"


# --- Sessions ----------------------------------------------------------------------------------


def test_a_session_ends_after_half_an_hour_without_a_request(cast: Cast, sign_in: Any) -> None:
    client: Client = sign_in(cast.hq)
    with time_machine.travel("2026-06-01 10:00+09:00", tick=False) as traveller:
        assert client.get("/notices/").status_code == 200
        traveller.shift(timedelta(minutes=29))
        assert client.get("/notices/").status_code == 200
        traveller.shift(timedelta(minutes=29))
        assert client.get("/notices/").status_code == 200
        traveller.shift(timedelta(minutes=31))
        answer = client.get("/notices/")
        assert answer.status_code == 302
        assert answer["Location"] == "/accounts/login/?next=/notices/"
        assert "ログアウトしました" in client.get(answer["Location"]).content.decode()


def test_a_session_ends_after_half_a_day_however_busy(cast: Cast, sign_in: Any) -> None:
    client: Client = sign_in(cast.hq)
    with time_machine.travel("2026-06-01 08:00+09:00", tick=False) as traveller:
        for _ in range(12 * 3 + 1):
            assert client.get("/notices/").status_code == 200
            traveller.shift(timedelta(minutes=20))
        assert client.get("/notices/").status_code == 302


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(cast: Cast, sign_in: Any) -> None:
    job = Job.objects.create(kind="x", key="x", label="x", created_by=cast.hq.user)
    client: Client = sign_in(cast.hq)
    with time_machine.travel("2026-06-01 10:00+09:00", tick=False) as traveller:
        assert client.get("/notices/").status_code == 200
        for _ in range(3):
            traveller.shift(timedelta(minutes=9))
            assert client.get(f"/jobs/{job.pk}/progress/").status_code == 200
        traveller.shift(timedelta(minutes=9))
        assert client.get(f"/jobs/{job.pk}/progress/").status_code == 302


def test_sign_in_changes_the_session_key_and_sign_out_ends_the_old_one(cast: Cast) -> None:
    client = Client()
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = session.session_key
    client.post("/accounts/login/", {"login": cast.hq.user.email, "password": PASSWORD})
    key = client.cookies["sessionid"].value
    assert key != session.session_key
    client.post("/accounts/logout/")
    stolen = Client()
    stolen.cookies["sessionid"] = key
    assert stolen.get("/notices/").status_code == 302


# --- Headers and templates -----------------------------------------------------------------------


def test_a_signed_in_page_is_kept_nowhere_and_runs_nothing_foreign(
    cast: Cast, sign_in: Any
) -> None:
    answer = sign_in(cast.hq).get("/notices/")
    assert "no-store" in answer["Cache-Control"]
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


def test_refusals_and_sign_in_answers_are_kept_nowhere_either(cast: Cast, sign_in: Any) -> None:
    assert "no-store" in sign_in(cast.cc_tokyo).get("/audit/")["Cache-Control"]
    assert "Content-Security-Policy" in Client().get("/accounts/login/")


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(cast: Cast) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": cast.hq.user.email, "password": PASSWORD})
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_a_post_without_the_token_is_refused(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.hq.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    for address in ("/notices/read/", "/account/role/", "/imports/new/x/", "/jobs/1/retry/"):
        assert client.post(address).status_code == 403


@pytest.mark.once
@pytest.mark.parametrize(
    "address", ["/", "/jobs/", "/imports/", "/audit/", "/notices/", "/account/users/"]
)
def test_nothing_is_open_before_sign_in(db: None, address: str) -> None:
    answer = Client().get(address)
    assert answer.status_code in {302, 404}
    if answer.status_code == 302:
        assert answer["Location"].startswith("/accounts/login/")


def test_no_page_carries_inline_code_or_style(cast: Cast, sign_in: Any) -> None:
    client: Client = sign_in(cast.admin)
    ours = ("/jobs/", "/imports/", "/imports/new/", "/audit/", "/notices/", "/account/users/")
    for address in ours:
        page = client.get(address).content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)", page)
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)


# --- Fields --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "count"), [("１，２３４", 1234), (" 12 ", 12), ("0", 0), ("", None), ("　", None)]
)
def test_counts_are_read_as_people_type_them(typed: str, count: int | None) -> None:
    assert CountField(required=False).clean(typed) == count


@pytest.mark.parametrize("typed", ["12.9", "1e3", "-5", "▲5", "千", "1_000", "99999999"])
def test_counts_that_are_none_are_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        CountField(required=False).clean(typed)


@pytest.mark.parametrize("typed", ["2017/1/16", "平成29年1月16日", "H29.1.16", "2017-01-16"])
def test_dates_are_read_in_every_usual_form(typed: str) -> None:
    assert JapaneseDateField().clean(typed).isoformat() == "2017-01-16"


@pytest.mark.parametrize("typed", ["2017/13/1", "きのう", "平成99年1月1日", ""])
def test_dates_that_are_none_are_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        JapaneseDateField().clean(typed)


@pytest.mark.parametrize("path", ["/hubs/%00/", "/hubs/13%00/record/"])
def test_a_nul_in_the_address_leads_nowhere(path: str, cast: Cast, sign_in: Any) -> None:
    assert sign_in(cast.hq).get(path).status_code == 404


@pytest.mark.parametrize("query", ["/hubs/?bureau=%00", "/imports/?kind=%00", "/search/?q=a%00"])
def test_a_nul_in_the_query_is_dropped(query: str, cast: Cast, sign_in: Any) -> None:
    assert sign_in(cast.hq).get(query).status_code == 200
