"""The third layer: drawn by chance, looked at once, counted apart, told to the hub."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from hubs.ledger.models import CheckOutcome, DirtyMonth, SampleCheck, SampleDraw
from hubs.ledger.operations import draw_sample, record_check
from hubs.ledger.rules import drawn, suggested_size
from tests.hubs.ledger_ground import entered
from tests.hubs.year import hub
from yorozu.core.access import decide
from yorozu.core.errors import Conflict, NotReady, Refused
from yorozu.core.notices.models import Notice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]
OCTOBER, SOLVED = date(2026, 10, 1), date(2026, 10, 20)
URL = "/ledger/13/checks/"


@pytest.fixture
def solved(cast):
    """Eight records resolved in October, one in November, one open."""
    scope = cast.cc_tokyo.scope
    rows = [entered(scope, held_on=OCTOBER, resolved_on=SOLVED) for _ in range(8)]
    entered(scope, held_on=OCTOBER, resolved_on=date(2026, 11, 2))
    entered(scope, held_on=OCTOBER)
    return rows


def test_the_same_seed_draws_the_same_numbers() -> None:
    numbers = [f"2026-{number:05d}" for number in range(1, 101)]
    first = drawn(numbers, 10, "seed")
    assert first == drawn(reversed(numbers), 10, "seed")
    assert first != drawn(numbers, 10, "other")
    assert len(set(first)) == 10
    assert drawn(numbers[:3], 10, "seed") == drawn(numbers[:3], 3, "seed")
    sizes = {0: 0, 3: 3, 40: 5, 100: 5, 101: 6, 400: 20, 5000: 30}
    assert {population: suggested_size(population) for population in sizes} == sizes


def test_the_bureau_draws_and_checks_on_the_screen(cast, sign_in, solved):
    client = sign_in(cast.bureau_kanto)
    page = client.get(URL)
    assert page.context["form"]["month"].value() == "2026-11"
    assert client.post(URL, {"month": "2026-10", "size": "0"}).status_code == 422
    assert client.post(URL, {"month": "2026-05", "size": "2"}).status_code == 422
    done = client.post(URL, {"month": "令和8年10月", "size": "5"}, follow=True)
    assert "5件を抽出しました" in done.text
    draw = SampleDraw.objects.get()
    checks = list(draw.checks.order_by("consultation__record_no"))
    assert draw.population == 8
    wanted = drawn([row.record_no for row in solved], 5, draw.seed)
    assert {check.consultation.record_no for check in checks} == set(wanted)
    url = reverse("check_draw", args=[draw.pk])
    assert client.post(url, {}).status_code == 422
    bare = {f"outcome-{checks[0].pk}": "not_confirmed"}
    refused = client.post(url, bare)
    assert refused.status_code == 422
    assert "所見を入力してください" in refused.text
    DirtyMonth.objects.all().delete()
    sent = {
        **bare,
        f"remark-{checks[0].pk}": "記録だけで相談者に確かめていない",
        f"outcome-{checks[1].pk}": "confirmed",
        f"outcome-{checks[2].pk}": "confirmed",
    }
    assert "3件の結果を記録しました" in client.post(url, sent, follow=True).text
    assert {note.month for note in DirtyMonth.objects.all()} == {OCTOBER}
    row = next(row for row in client.get(URL).context["months"].rows if row["drawn"])
    figures = (row["resolved"], row["drawn"], row["checked"], row["confirmed"], row["share"])
    assert figures == (8, 5, 3, 2, "66.7%")
    told = Notice.objects.get(user=cast.cc_tokyo.user)
    assert checks[0].consultation.record_no in told.text
    hub_side = sign_in(cast.cc_tokyo)
    assert "記録だけで相談者に確かめていない" in hub_side.get(told.url).text
    shown = hub_side.get("/ledger/13/", {"layer": "doubted"}).context["table"].rows
    assert [row["number"].value for row in shown] == [checks[0].consultation.record_no]


def test_nothing_is_drawn_twice_and_a_result_stands(cast, solved):
    scope = cast.hq.scope
    first = draw_sample(actor=scope, hub=hub("13"), month=SOLVED, size=5)
    second = draw_sample(actor=scope, hub=hub("13"), month=SOLVED, size=100)
    assert (first.checks.count(), second.checks.count(), second.population) == (5, 3, 3)
    with pytest.raises(NotReady, match="まだ抽出していない"):
        draw_sample(actor=scope, hub=hub("13"), month=SOLVED, size=1)
    check = first.checks.first()
    for outcome, remark in (("", ""), ("maybe", ""), ("not_confirmed", " ")):
        with pytest.raises(NotReady):
            record_check(actor=scope, check=check, outcome=outcome, remark=remark)
    with pytest.raises(NotReady, match="個人情報"):
        record_check(actor=scope, check=check, outcome="confirmed", remark="03-1234-5678に確認")
    record_check(actor=scope, check=check, outcome="confirmed")
    with pytest.raises(Conflict):
        record_check(actor=scope, check=check, outcome="not_confirmed", remark="違う")
    rows = SampleCheck.objects.filter(pk=check.pk)
    for act in (lambda: rows.update(outcome=CheckOutcome.NOT_CONFIRMED), rows.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_only_the_own_bureau_and_hq_draw_and_check(cast, sign_in, solved):
    draw = draw_sample(actor=cast.hq.scope, hub=hub("13"), month=SOLVED, size=2)
    check = draw.checks.first()
    tokyo = hub("13").pk
    for actor in cast.all():
        client, scope = sign_in(actor), actor.scope
        may_see = decide(scope, "hubs.ledger.view").allowed
        expected = 403 if not may_see else 200 if scope.covers(tokyo) else 404
        for url in (URL, reverse("check_draw", args=[draw.pk])):
            assert client.get(url).status_code == expected, actor.key
            may = decide(scope, "hubs.ledger.check").allowed
            sent = client.post(url, {}).status_code
            assert sent == (422 if expected == 200 and may else 403 if not may else 404), actor.key
        if not decide(scope, "hubs.ledger.check", hub_id=tokyo).allowed:
            with pytest.raises(Refused):
                draw_sample(actor=scope, hub=hub("13"), month=SOLVED, size=1)
            with pytest.raises(Refused):
                record_check(actor=scope, check=check, outcome="confirmed")
