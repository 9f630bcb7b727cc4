"""The pages of an amendment, by the whole cast and in use."""

import pytest
from django.urls import reverse

from hubs.plans import operations
from hubs.plans.models import PlanAmendment, PlanVersion
from tests.hubs.plans.test_amendment_flow import begun, put
from tests.hubs.plans.test_plan_versions import READERS, STRANGERS, figures_in
from tests.hubs.year import SYSTEM, accepted, fixed_plan, month, open_year

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]


def at(name, row, **query):
    address = reverse(name, args=[row.pk])
    return address + ("?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else "")


def page_of(client, name, row):
    answer = client.get(at(name, row))
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_amendment_from_the_first_click_to_the_new_version(cast, sign_in):
    plan = fixed_plan(open_year())
    chief, officer = sign_in(cast.cc_tokyo), sign_in(cast.bureau_kanto)
    assert at("amendment_new", plan) in page_of(chief, "plan_detail", plan)
    assert at("amendment_new", plan) not in page_of(officer, "plan_detail", plan)
    answer = chief.post(at("amendment_new", plan), {"effective_month": "2026-12", "reason": ""})
    assert answer.status_code == 422
    begin = {"effective_month": "2026-12", "reason": "相談が増えたため"}
    answer = chief.post(at("amendment_new", plan), begin)
    made = PlanAmendment.objects.get()
    assert answer["Location"] == at("amendment_edit", made)
    page = page_of(chief, "amendment_edit", made)
    assert "現在の相談対応件数の年間目標" in page
    assert 'name="m_CONS_09"' in page
    assert 'name="m_CONS_08"' not in page, "November comes before the effective month"
    answer = chief.post(at("amendment_edit", made), {"version": 1, "target_CONS": "12.9"})
    assert answer.status_code == 422
    assert "12.9" in answer.content.decode()
    answer = chief.post(at("amendment_edit", made), {"version": 2, "target_CONS": "4200"})
    assert answer["Location"] == at("amendment_detail", made)
    cells = figures_in(page_of(chief, "amendment_submit", made))
    place = cells.index("相談対応件数")
    assert cells[place : place + 5] == ["相談対応件数", "3,600", "4,200", "+600", "件"]
    assert chief.post(at("amendment_submit", made))["Location"] == at("amendment_detail", made)
    assert at("amendment_detail", made) in page_of(officer, "plan_detail", plan)
    assert officer.post(at("amendment_approve", made)).status_code == 302
    assert PlanVersion.objects.count() == 2
    page = page_of(chief, "plan_versions", plan)
    assert "第2版（変更、令和8年12月から）" in page
    assert "手続中" not in page
    page = page_of(chief, "plan_detail", plan)
    assert "4,200" in figures_in(page)
    paper = chief.get(reverse("plan_version_print", args=[plan.pk, 2])).content.decode()
    assert "相談が増えたため" in paper
    assert "4,200" in figures_in(paper)
    old = chief.get(reverse("plan_version", args=[plan.pk, 1])).content.decode()
    assert "4,200" not in figures_in(old)
    cells = figures_in(page_of(chief, "plan_difference", plan))
    assert "+600" in cells


def test_autosave_answers_saved_kept_and_both_texts(cast, sign_in):
    made = begun()
    client = sign_in(cast.cc_tokyo)
    url = at("amendment_autosave", made)

    def send(name, text, version, **more):
        return client.post(
            url, {name: text, "version": version, **more}, headers={"HX-Trigger-Name": name}
        )

    answer = send("target_CONS", "4000", 1)
    assert (answer.status_code, 'value="2"' in answer.content.decode()) == (200, True)
    answer = send("target_CONS", "多い", 2)
    assert answer.status_code == 422
    assert "要確認" in answer.content.decode()
    answer = send("target_CONS", "5000", 1)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "多い" in page
    assert "5000" in page
    answer = send("target_CONS", "5000", 3, reload="1")
    assert (answer.status_code, answer["HX-Refresh"]) == (200, "true")
    answer = send("effective_month", "2027-02", 4)
    assert answer["HX-Refresh"] == "true"
    made.refresh_from_db()
    assert (made.effective_month, made.texts) == (month(2027, 2), {"target_CONS": "5000"})
    answer = client.post(at("amendment_edit", made), {"version": 1, "amend_reason": "別の理由"})
    assert answer.status_code == 409
    assert "別の理由" in answer.content.decode()
    answer = client.post(at("amendment_edit", made), {"version": 5, "effective_month": "2027-05"})
    assert answer.status_code == 422


PAGES = {
    "amendment_detail": READERS,
    "amendment_edit": {"cc_tokyo"},
    "amendment_submit": {"cc_tokyo"},
    "amendment_withdraw": {"cc_tokyo"},
    "amendment_return": {"bureau_kanto"},
    "amendment_refuse": {"bureau_kanto"},
    "amendment_approve": {"bureau_kanto"},
}
SAME_ROLE = {"cc_tokyo": {"cc_kanagawa", "cc_miyagi"}, "bureau_kanto": {"bureau_tohoku"}}


@pytest.mark.once
def test_every_page_by_the_whole_cast(cast, sign_in):
    made = put("returned")
    for actor in cast.all():
        client = sign_in(actor)
        for name, allowed in PAGES.items():
            strangers = STRANGERS if allowed == READERS else SAME_ROLE[min(allowed)]
            wanted = 200 if actor.key in allowed else 404 if actor.key in strangers else 403
            assert client.get(at(name, made)).status_code == wanted, (actor.key, name)


def test_the_bureau_decides_with_a_reason(cast, sign_in):
    made = put("submitted")
    officer = sign_in(cast.bureau_kanto)
    for name in ("amendment_return", "amendment_refuse"):
        assert officer.post(at(name, made), {"reason": " "}).status_code == 422
    assert officer.post(at("amendment_refuse", made), {"reason": "根拠がない"}).status_code == 302
    page = page_of(sign_in(cast.cc_tokyo), "amendment_detail", made)
    assert "根拠がない" in page
    assert "不承認" in page
    assert officer.post(at("amendment_approve", made)).status_code == 409


def test_reaching_back_asks_the_bureau_for_its_reason(cast, sign_in):
    plan = fixed_plan(open_year())
    accepted(month(2026, 4), F1="5", F2="2")
    made = put("submitted", plan, at=month(2026, 4))
    officer = sign_in(cast.bureau_kanto)
    assert "さかのぼる理由" in page_of(officer, "amendment_approve", made)
    assert officer.post(at("amendment_approve", made)).status_code == 422
    answer = officer.post(at("amendment_approve", made), {"retroactive_reason": "災害のため"})
    assert answer.status_code == 302
    assert "災害のため" in page_of(officer, "amendment_detail", made)


def test_new_zeros_are_ticked_by_the_bureau(cast, sign_in):
    made = put("submitted", at=month(2026, 4), target_NETW="0")
    officer = sign_in(cast.bureau_kanto)
    assert "ネットワーク活動件数の目標を0とすることを承認する" in page_of(
        officer, "amendment_approve", made
    )
    officer.post(at("amendment_approve", made), {"zero_approved": ["NETW"]})
    made.refresh_from_db()
    assert made.zero_approved == ["NETW"]


def test_a_decided_amendment_still_shows_the_area_it_brought(cast, sign_in):
    made = put("approved")
    cells = figures_in(page_of(sign_in(cast.cc_tokyo), "amendment_detail", made))
    place = cells.index("創業支援")
    assert cells[place : place + 4] == ["創業支援", "—該当なし", "30", "新規"]


def test_one_on_its_way_is_gone_on_with(cast, sign_in):
    made = begun()
    answer = sign_in(cast.cc_tokyo).get(at("amendment_new", made.plan))
    assert answer["Location"] == at("amendment_detail", made)
    operations.withdraw_amendment(actor=SYSTEM, amendment=made)
    assert sign_in(cast.cc_tokyo).get(at("amendment_new", made.plan)).status_code == 200
