"""What is drawn once holds exactly until somebody acts or a moment passes, and never for others."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hubs.network.models import Hub
from hubs.results.models import MonthlyReport
from hubs.results.operations import accept_month
from hubs.terms.models import TermDeadline
from hubs.terms.rules import report_code
from tests.cast import Actor, Cast
from tests.hubs.year import SYSTEM
from tests.portal.nation import NOW, Nation
from yorozu.core import clock
from yorozu.core.audit.operations import record
from yorozu.core.imports.models import BatchState, ImportBatch
from yorozu.core.notices.models import Notice
from yorozu.core.notices.operations import mark_read
from yorozu.core.web.kept import TOKEN_PLACE

SEEN_BY = ("hq", "agency", "bureau_kanto", "bureau_tohoku", "pm_kanto")
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')


@pytest.fixture(autouse=True)
def _with_memory(settings: Any) -> None:
    """The memory of a process, as in the product."""
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "kept-tests"}
    settings.CACHES = {**settings.CACHES, "pages": memory}
    caches["pages"].clear()


def _pages(nation: Nation) -> list[str]:
    running = nation.running.pk
    return [
        "/",
        reverse("results_list", args=[running]),
        reverse("results_list", args=[running]) + "?show=overdue",
        reverse("plan_list", args=[running]),
        reverse("plan_list", args=[running]) + "?sort=hub",
        reverse("hub_list"),
        reverse("hub_list") + "?bureau=tohoku",
        reverse("process_matrix"),
        reverse("process_matrix") + "?show=bureau_turn",
    ]


def _text(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    text = answer.content.decode()
    assert TOKEN_PLACE not in text
    return _TOKEN.sub("", text)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Let so much time pass since NOW."""

    def go(passed: timedelta) -> None:
        monkeypatch.setattr(clock, "now", lambda: NOW + passed)

    return go


@pytest.mark.parametrize("key", SEEN_BY)
def test_kept_is_what_would_be_drawn(key: str, nation: Nation, cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.actors[key])
    for url in _pages(nation):
        first, again = _text(client, url), _text(client, url)
        caches["pages"].clear()
        assert first == again == _text(client, url), url


def test_kept_asks_only_who_it_is_and_whether_anything_was_done(
    nation: Nation, cast: Cast, sign_in: Any
) -> None:
    client = sign_in(cast.hq)
    for url in _pages(nation):
        client.get(url)
        with CaptureQueriesContext(connection) as held:
            client.get(url)
        asked = [re.search(r'FROM "?([a-z_]+)', query["sql"]) for query in held]
        tables = {found.group(1) for found in asked if found}
        allowed = {
            "django_session",
            "accounts_user",
            "hubs_membership",
            "audit_auditevent",
            "notices_notice",
            "hubs_term",
            "imports_importbatch",
        }
        assert tables <= allowed, url


def test_areas_never_meet(nation: Nation, cast: Cast, sign_in: Any) -> None:
    """The same address, asked in turn by two bureaus, national HQ and a hub."""
    seen = {}
    for key in (*SEEN_BY, "cc_tokyo", "cc_miyagi"):
        client = sign_in(cast.actors[key])
        pages = [url for url in _pages(nation) if client.get(url).status_code == 200]
        seen[key] = {url: _text(client, url) for url in pages}
    results = reverse("results_list", args=[nation.running.pk])
    tokyo, miyagi = "東京都よろず支援拠点", "宮城県よろず支援拠点"
    assert tokyo in seen["bureau_kanto"][results]
    assert tokyo not in seen["bureau_tohoku"][results]
    assert miyagi in seen["bureau_tohoku"][results]
    assert miyagi not in seen["cc_tokyo"][results]
    for key, pages in seen.items():
        caches["pages"].clear()
        for url, text in pages.items():
            assert text == _text(sign_in(cast.actors[key]), url), (key, url)


def test_homes_are_personal(nation: Nation, cast: Cast, sign_in: Any) -> None:
    for actor, words in ((cast.hq, "お一人目への通知"), (cast.hq_second, "お二人目への通知")):
        Notice.objects.create(user=actor.user, key="kept", text=words)
    assert "お一人目への通知" in _text(sign_in(cast.hq), "/")
    second = _text(sign_in(cast.hq_second), "/")
    assert "お二人目への通知" in second
    assert "お一人目への通知" not in second


def test_an_act_shows_at_once(nation: Nation, cast: Cast, sign_in: Any) -> None:
    report = MonthlyReport.objects.filter(
        hub__bureau=cast.bureau_kanto.membership.bureau, state="confirmed"
    ).first()
    assert report is not None
    url = reverse("results_list", args=[nation.running.pk]) + "?show=waiting"
    bureau, hq = sign_in(cast.bureau_kanto), sign_in(cast.hq)
    before = {client: _waiting(client, url) for client in (bureau, hq)}
    home = _text(bureau, "/")
    accept_month(actor=cast.bureau_kanto.scope, report=report)
    for client, found in before.items():
        assert _waiting(client, url) == found - 1
    assert _text(bureau, "/") != home


def _waiting(client: Client, url: str) -> int:
    """Months in the list that wait."""
    return _text(client, url).count("実施機関確認済")


def test_what_was_rolled_back_leaves_nothing(nation: Nation, cast: Cast, sign_in: Any) -> None:
    client, url = sign_in(cast.hq), reverse("results_list", args=[nation.running.pk])
    before = _text(client, url)
    with transaction.atomic():
        record(SYSTEM, "hubs.results.accept", nation.running)
        MonthlyReport.objects.filter(state="open").delete()
        assert _text(client, url) != before
        transaction.set_rollback(True)
    assert _text(client, url) == before


def test_a_deadline_passes_without_an_act(
    nation: Nation, cast: Cast, sign_in: Any, at: Callable[[timedelta], None]
) -> None:
    due = TermDeadline.objects.filter(term=nation.running, code=report_code(date(2026, 10, 1)))
    assert due.update(due_at=NOW + timedelta(hours=2)) == 1
    url = reverse("results_list", args=[nation.running.pk])
    late = []
    for passed in (0, 119, 120, 121):
        at(timedelta(minutes=passed))
        late.append(_late(sign_in(cast.hq), url))
    caches["pages"].clear()
    assert late[-1] == _late(sign_in(cast.hq), url)
    assert late[0] == late[1] == late[2] < late[3]


def _late(client: Client, url: str) -> int:
    """Months in the list that are over their deadline."""
    return _text(client, url).count("期限超過")


def test_nothing_is_kept_past_midnight(
    nation: Nation, cast: Cast, sign_in: Any, at: Callable[[timedelta], None]
) -> None:
    """Days left are counted by the day."""
    url = reverse("process_matrix")
    TermDeadline.objects.filter(code="plan").update(due_at=NOW + timedelta(days=9))
    assert "あと9日" in _text(sign_in(cast.hq), url)
    at(timedelta(hours=13, minutes=59))
    assert "あと9日" in _text(sign_in(cast.hq), url)
    at(timedelta(hours=14))
    assert "あと8日" in _text(sign_in(cast.hq), url)


def test_a_clock_put_back_finds_nothing(
    nation: Nation, cast: Cast, sign_in: Any, at: Callable[[timedelta], None]
) -> None:
    url = reverse("process_matrix")
    TermDeadline.objects.filter(code="plan").update(due_at=NOW + timedelta(days=9))
    _text(sign_in(cast.hq), url)
    at(timedelta(days=-1))
    assert "あと10日" in _text(sign_in(cast.hq), url)


def test_what_the_trail_does_not_know_shows_at_once(
    nation: Nation, cast: Cast, sign_in: Any
) -> None:
    """Notices that are read, and files that were checked, write no event."""
    client, actor = sign_in(cast.hq), cast.hq
    first = Notice.objects.create(user=actor.user, key="a", text="先の通知")
    assert _text(client, "/").count("未読") > 0
    mark_read(actor.scope, notice_id=first.pk)
    second = Notice.objects.create(user=actor.user, key="b", text="あとの通知")
    assert "あとの通知" in _text(client, "/")
    mark_read(actor.scope, notice_id=second.pk)
    assert ">未読<" not in _text(client, "/")
    batch = ImportBatch.objects.create(
        kind="surveys.satisfaction", filename="待つファイル.csv", state=BatchState.READY
    )
    assert "待つファイル.csv" in _text(client, "/")
    ImportBatch.objects.filter(pk=batch.pk).update(state=BatchState.APPLYING)
    assert "待つファイル.csv" not in _text(client, "/")


def test_forms_in_kept_content_can_be_sent(nation: Nation, cast: Cast) -> None:
    """The token is that of the answer, also in a second session that gets the same content."""
    hub = Hub.objects.get(code="04")
    url = reverse("plan_list", args=[nation.judged.pk])
    for actor in (cast.cc_miyagi, cast.cc_miyagi):
        client = _strict(actor)
        client.get(url)
        text = client.get(url).content.decode()
        form = text[text.index("事業計画を作成する") - 400 :]
        sent = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', form)
        assert sent
        assert sent.group(1) != TOKEN_PLACE
    target = reverse("plan_open", args=[nation.judged.pk, hub.pk])
    assert client.post(target, {}).status_code == 403
    assert client.post(target, {"csrfmiddlewaretoken": sent.group(1)}).status_code == 302


def _strict(actor: Actor) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(actor.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
