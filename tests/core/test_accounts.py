"""Sign-in, roles and accounts: no registration, own roles only, a locked account is out at once."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from hubs.network.models import Membership
from tests.cast import FROM, PASSWORD, Actor, Cast
from yorozu.core.access import Role
from yorozu.core.accounts import operations
from yorozu.core.accounts.models import User
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import Conflict, InvalidInput, Refused
from yorozu.core.notices.models import Notice
from yorozu.core.notices.operations import notify

LOGIN = "/accounts/login/"
SOMEWHERE = "/notices/"


def log_in(client: Client, actor: Actor, password: str = PASSWORD) -> Any:
    return client.post(LOGIN, {"login": actor.user.email, "password": password})


def test_sign_in_leads_home_and_a_wrong_password_says_so_without_a_hint(cast: Cast) -> None:
    client = Client()
    page = client.get(LOGIN).content.decode()
    assert "ログインする" in page
    wrong = log_in(client, cast.hq, "wrong-password-1").content.decode()
    unknown = client.post(LOGIN, {"login": "no@example.jp", "password": "x"}).content.decode()
    told = re.compile(r"<li>([^<]*)</li>")
    assert told.findall(wrong) == told.findall(unknown) != []
    assert log_in(client, cast.hq).status_code == 302
    assert client.get(SOMEWHERE).status_code == 200


@pytest.mark.once
@pytest.mark.parametrize(
    "path",
    [
        LOGIN,
        "/accounts/signup/",
        "/accounts/inactive/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/password/reset/key/done/",
        "/accounts/password/reset/key/x-y/",
    ],
)
def test_the_pages_before_sign_in_wear_the_portals_look(db: None, path: str) -> None:
    answer = Client().get(path, follow=True)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "よろず支援拠点事業ポータル" in page
    assert 'class="yz-main"' in page
    assert "allauth" not in page


@pytest.mark.parametrize("path", ["/accounts/logout/", "/accounts/password/change/"])
def test_the_pages_after_sign_in_wear_the_portals_look(cast: Cast, sign_in: Any, path: str) -> None:
    page = sign_in(cast.hq).get(path).content.decode()
    assert 'class="yz-main"' in page


def test_nobody_registers_himself(db: None) -> None:
    answer = Client().post(
        "/accounts/signup/",
        {"email": "me@example.jp", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert "システム管理者だけが行います" in answer.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize("path", ["/accounts/email/", "/accounts/login/code/", "/accounts/social/"])
def test_pages_of_the_library_that_are_not_used_do_not_exist(
    cast: Cast, sign_in: Any, path: str
) -> None:
    assert sign_in(cast.hq).get(path).status_code == 404


def test_a_forgotten_password_is_set_anew_by_mail(cast: Cast) -> None:
    client = Client()
    client.post("/accounts/password/reset/", {"email": cast.hq.user.email})
    client.post("/accounts/password/reset/", {"email": "unknown@example.jp"})
    assert [message.to for message in mail.outbox] == [[cast.hq.user.email]]
    link = re.search(r"https?://testserver(/\S+)", mail.outbox[0].body)
    assert link is not None
    form = client.get(link.group(1), follow=True)
    address = form.redirect_chain[-1][0]
    page = client.post(address, {"password1": "short", "password2": "short"}).content.decode()
    assert "エラー：" in page
    new = "別の長い合言葉-2026"
    client.post(address, {"password1": new, "password2": new})
    assert log_in(Client(), cast.hq, new).status_code == 302
    assert log_in(Client(), cast.hq).status_code == 200


# --- Roles -------------------------------------------------------------------------------------


def two_roles(cast: Cast) -> Membership:
    """The HQ person is a board member too."""
    second: Membership = Membership.objects.create(
        user=cast.hq.user, role=Role.BOARD_MEMBER, valid_from=FROM
    )
    return second


def test_a_person_with_two_roles_acts_in_one_at_a_time(cast: Cast, sign_in: Any) -> None:
    second = two_roles(cast)
    client: Client = sign_in(cast.hq)
    client.post("/account/role/", {"membership": cast.hq.membership.pk})
    assert client.get("/audit/").status_code == 200
    answer = client.post("/account/role/", {"membership": second.pk, "next": "/notices/"})
    assert answer["Location"] == "/notices/"
    assert client.get("/audit/").status_code == 403
    page = client.get("/notices/").content.decode()
    assert "アドバイザリーボード委員" in page


def test_a_foreign_or_expired_role_is_not_there(cast: Cast, sign_in: Any) -> None:
    second = two_roles(cast)
    second.valid_to = FROM
    second.save()
    client: Client = sign_in(cast.hq)
    for wanted in (cast.admin.membership.pk, second.pk, "", "x", 999_999):
        assert client.post("/account/role/", {"membership": wanted}).status_code == 404
    assert client.get("/account/role/").status_code == 405


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_switching_leads_to_no_foreign_address(cast: Cast, sign_in: Any, target: str) -> None:
    answer = sign_in(cast.hq).post(
        "/account/role/", {"membership": cast.hq.membership.pk, "next": target}
    )
    assert answer["Location"] == "/"


def test_a_person_without_a_role_is_told_whom_to_ask(
    cast: Cast, sign_in: Any, settings: Any
) -> None:
    settings.SUPPORT_CONTACT = "企画課（内線100）"
    answer = sign_in(cast.nobody).get(SOMEWHERE)
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "有効な役割がありません" in page
    assert "企画課（内線100）" in page
    assert "役割なし" in page


# --- Accounts ----------------------------------------------------------------------------------


def test_the_administrator_finds_accounts_with_their_roles(cast: Cast, sign_in: Any) -> None:
    client: Client = sign_in(cast.admin)
    page = client.get("/account/users/").content.decode()
    assert "cc-tokyo@example.jp" in page
    assert "役割なし" in page
    found = client.get("/account/users/?q=miyagi").content.decode()
    assert "cc-miyagi@example.jp" in found
    assert "cc-tokyo@example.jp" not in found
    assert "cc-tokyo" not in client.get("/account/users/?state=locked").content.decode()
    detail = client.get(f"/account/users/{cast.cc_tokyo.user.pk}/").content.decode()
    assert "チーフコーディネーター（" in detail


def test_the_list_costs_the_same_for_many_accounts(
    cast: Cast, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    client: Client = sign_in(cast.admin)
    with django_assert_max_num_queries(12):
        client.get("/account/users/")


@pytest.mark.once
@pytest.mark.parametrize("who", ["hq", "agency", "cc_tokyo", "bureau_kanto", "board"])
def test_accounts_are_the_administrators_business(cast: Cast, sign_in: Any, who: str) -> None:
    client: Client = sign_in(cast.actors[who])
    pk = cast.cc_miyagi.user.pk
    assert client.get("/account/users/").status_code == 403
    assert client.get(f"/account/users/{pk}/").status_code == 403
    assert client.post(f"/account/users/{pk}/lock/", {"reason": "x"}).status_code == 403
    assert User.objects.get(pk=pk).is_active


def test_an_auditor_reads_accounts_and_locks_none(cast: Cast, sign_in: Any) -> None:
    client: Client = sign_in(cast.auditor)
    pk = cast.cc_tokyo.user.pk
    assert "停止する" not in client.get(f"/account/users/{pk}/").content.decode()
    assert client.post(f"/account/users/{pk}/lock/", {"reason": "x"}).status_code == 403


def test_a_locked_account_is_out_with_its_next_click_and_stays_out(
    cast: Cast, sign_in: Any
) -> None:
    theirs: Client = sign_in(cast.cc_tokyo)
    assert theirs.get(SOMEWHERE).status_code == 200
    admin: Client = sign_in(cast.admin)
    address = f"/account/users/{cast.cc_tokyo.user.pk}/lock/"
    assert admin.post(address, {"reason": ""}).status_code == 422
    admin.post(address, {"reason": "異動", "wanted": "locked"})
    assert theirs.get(SOMEWHERE).status_code == 302
    admin.post(address, {"reason": "復帰", "wanted": "active"})
    assert theirs.get(SOMEWHERE).status_code == 302, "the old session must not come back to life"
    assert log_in(Client(), cast.cc_tokyo).status_code == 302
    trail = AuditEvent.objects.filter(action="core.accounts.lock").order_by("sequence")
    assert [event.reason for event in trail] == ["異動", "復帰"]


def test_a_locked_account_cannot_sign_in(cast: Cast) -> None:
    operations.lock_account(cast.admin.scope, user=cast.cc_tokyo.user, reason="異動")
    client = Client()
    answer = client.post(
        LOGIN, {"login": cast.cc_tokyo.user.email, "password": PASSWORD}, follow=True
    )
    assert "停止されています" in answer.content.decode()
    assert client.get(SOMEWHERE).status_code == 302


def test_locking_has_its_limits(cast: Cast) -> None:
    admin = cast.admin.scope
    with pytest.raises(Refused):
        operations.lock_account(admin, user=cast.admin.user, reason="x")
    with pytest.raises(InvalidInput):
        operations.lock_account(admin, user=cast.hq.user, reason=" ")
    with pytest.raises(Conflict):
        operations.unlock_account(admin, user=cast.hq.user, reason="x")
    with pytest.raises(Refused):
        operations.lock_account(cast.hq.scope, user=cast.cc_tokyo.user, reason="x")


# --- Notices -------------------------------------------------------------------------------------


def test_notices_are_counted_opened_and_marked(cast: Cast, sign_in: Any) -> None:
    people = [cast.hq.user.pk, cast.cc_tokyo.user.pk]
    for _ in range(2):
        notify(people, key="plan-1", text="計画が差し戻されました", url="/jobs/")
    notify([cast.hq.user.pk], key="plan-2", text="リンクのない通知")
    client: Client = sign_in(cast.hq)
    page = client.get("/notices/").content.decode()
    assert '<span class="yz-count">2</span>' in page
    first = Notice.objects.get(user=cast.hq.user, key="plan-1")
    assert client.post(f"/notices/{first.pk}/read/")["Location"] == "/jobs/"
    assert '<span class="yz-count">1</span>' in client.get("/notices/").content.decode()
    client.post("/notices/read/")
    assert "yz-count" not in client.get("/notices/").content.decode()
    foreign = Notice.objects.get(user=cast.cc_tokyo.user)
    assert foreign.read_at is None
    assert client.post(f"/notices/{foreign.pk}/read/").status_code == 404
    assert client.get(f"/notices/{first.pk}/read/").status_code == 405
