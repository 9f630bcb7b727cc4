"""The table of holidays: kept by administrators and HQ, never overwritten by the facts."""

from datetime import date

import pytest
from django.urls import reverse

from hubs.network.facts import load_facts
from hubs.terms import operations
from hubs.terms.models import Holiday
from hubs.terms.queries import closed_days, holiday_years
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import Conflict, InvalidInput, Refused

pytestmark = pytest.mark.usefixtures("facts")


def test_the_facts_are_loaded_once_and_leave_what_users_changed(cast):
    before = Holiday.objects.count()
    row = Holiday.objects.get(day=date(2026, 7, 20))
    operations.correct_holiday(
        actor=cast.admin.scope,
        holiday=row,
        name="海の日（移動前）",
        basis="特別措置法",
        is_provisional=False,
        is_cancelled=True,
    )
    load_facts()
    row.refresh_from_db()
    assert (row.name, row.is_cancelled, Holiday.objects.count()) == (
        "海の日（移動前）",
        True,
        before,
    )
    assert date(2026, 7, 20) not in closed_days()


def test_a_new_holiday_closes_its_day_and_what_follows_from_it(cast):
    operations.add_holiday(
        actor=cast.hq.scope, day=date(2026, 6, 7), name="試験の日", basis="試験の法律"
    )
    closed = closed_days()
    assert date(2026, 6, 7) in closed
    assert date(2026, 6, 8) in closed  # the substitute of a Sunday
    with pytest.raises(Conflict, match="すでに登録"):
        operations.add_holiday(actor=cast.hq.scope, day=date(2026, 6, 7), name="x", basis="y")
    with pytest.raises(InvalidInput):
        operations.add_holiday(actor=cast.hq.scope, day=date(2026, 6, 9), name=" ", basis="")
    assert AuditEvent.objects.filter(action="hubs.terms.holidays").count() == 1


def test_the_next_year_is_entered_as_the_present_law_gives_it(cast):
    rows = operations.take_over_holidays(actor=cast.admin.scope, year=2029)
    names = {row.name for row in rows}
    assert len(rows) == 16
    assert "振替休日" not in " ".join(names)
    assert all(row.is_provisional for row in rows)
    year = next(one for one in holiday_years() if one.year == 2029)
    assert year.is_provisional
    with pytest.raises(Conflict):
        operations.take_over_holidays(actor=cast.admin.scope, year=2029)


@pytest.mark.once
@pytest.mark.parametrize("key", ["agency", "bureau_kanto", "cc_tokyo", "auditor", "nobody"])
def test_others_do_not_touch_holidays(cast, key):
    actor, row = cast.actors[key].scope, Holiday.objects.first()
    for act in (
        lambda: operations.add_holiday(actor=actor, day=date(2026, 6, 9), name="x", basis="y"),
        lambda: operations.take_over_holidays(actor=actor, year=2029),
        lambda: operations.correct_holiday(
            actor=actor,
            holiday=row,
            name="x",
            basis="y",
            is_provisional=False,
            is_cancelled=True,
        ),
    ):
        with pytest.raises(Refused):
            act()


def test_the_screens_of_holidays(cast, sign_in):
    client = sign_in(cast.admin)
    text = client.get(reverse("holiday_list")).content.decode()
    assert "国民の休日" in text
    assert "令和11年の祝日を見込みで登録する" in text
    new = reverse("holiday_new")
    assert client.post(new, {"day": "2026-01-01", "name": "x", "basis": "y"}).status_code == 422
    sent = {"day": "令和8年6月9日", "name": "試験の日", "basis": "試験"}
    assert client.post(new, sent).status_code == 302
    row = Holiday.objects.get(day=date(2026, 6, 9))
    edit = reverse("holiday_edit", args=[row.pk])
    assert client.post(edit, {"name": "", "basis": ""}).status_code == 422
    sent = {"name": "試験の日", "basis": "試験", "is_cancelled": "on"}
    assert client.post(edit, sent).status_code == 302
    assert client.post(reverse("holiday_estimate", args=[2029])).status_code == 302
    text = sign_in(cast.cc_tokyo).get(reverse("holiday_list")).content.decode()
    assert "取消済" in text
    assert "訂正" not in text.split("<main", 1)[1].split("祝日を訂正しても")[1]
