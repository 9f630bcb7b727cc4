"""Who sees what of people: own hub, colleagues, strangers, the nation; the acts on screen."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from hubs.people.models import Engagement, Person, QualificationSurvey
from hubs.people.queries import units
from yorozu.core.access import decide

Go = Callable[..., Any]


@pytest.fixture
def survey(check: Go, apply: Go, people_file: Go) -> QualificationSurvey:
    rows = [
        ["13", "", "CC", "見本　太郎", "ミホン　タロウ", "診断士", ""],
        ["13", "", "CO", "髙﨑　花子", "タカサキ　ハナコ", "", ""],
        ["04", "", "CC", "仮山　一郎", "カリヤマ　イチロウ", "税理士、その他（通関士）", ""],
    ]
    apply(check(people_file(*rows)))
    return QualificationSurvey.objects.get()


SEES_TOKYO = {
    "agency", "bureau_kanto", "hq", "hq_second", "pm_kanto", "cc_tokyo", "co_tokyo",
    "body_tokyo", "admin", "auditor",
}  # fmt: skip
MAY_SEE_PEOPLE = SEES_TOKYO | {"bureau_tohoku", "cc_kanagawa", "cc_miyagi", "body_miyagi"}


def test_people_of_a_hub_open_for_its_own_side_and_404_for_strangers(
    survey: QualificationSurvey, cast: Any, sign_in: Any
) -> None:
    taro = Person.objects.get(name="見本　太郎")
    pages = [reverse("hub_people", args=["13"]), reverse("person_detail", args=[taro.pk])]
    for actor in cast.all():
        client = sign_in(actor)
        stranger = 404 if actor.key in MAY_SEE_PEOPLE else 403
        wanted = 200 if actor.key in SEES_TOKYO else stranger
        for page in pages:
            response = client.get(page)
            assert (actor.key, response.status_code) == (actor.key, wanted)
            assert ("見本　太郎" in response.content.decode()) == (wanted == 200)


@pytest.mark.once
def test_the_national_table_is_open_to_every_role_but_hubs_only_in_the_scope(
    survey: QualificationSurvey, cast: Any, sign_in: Any
) -> None:
    page = reverse("qualification_survey", args=[survey.pk])
    for actor in cast.all():
        client = sign_in(actor)
        allowed = decide(actor.scope, "hubs.people.summary").allowed
        assert client.get(page).status_code == (200 if allowed else 403)
        for key, unit in (("13", "hub-13"), ("13", "bureau-kanto"), ("04", "hub-04")):
            seen = unit in {one.key for one in units(actor.scope)}
            status = 200 if seen else 404 if allowed else 403
            assert client.get(page, {"unit": unit}).status_code == status, (actor.key, key)


def test_units_are_only_what_lies_wholly_in_the_scope(facts: None, cast: Any) -> None:
    def keys(name: str) -> list[str]:
        return [unit.key for unit in units(getattr(cast, name).scope)]

    assert keys("cc_tokyo") == ["nation", "hub-13"]
    assert keys("board") == ["nation"]
    assert keys("supporter") == ["nation"]
    assert len(keys("bureau_kanto")) == 1 + 1 + 11
    assert len(keys("hq")) == 1 + 9 + 47


def test_unit_of_a_hub_counts_its_people_only(
    survey: QualificationSurvey, cast: Any, sign_in: Any
) -> None:
    url = reverse("qualification_export", args=[survey.pk, "csv"])
    text = sign_in(cast.cc_tokyo).get(url, {"unit": "hub-13"}).content.decode("utf-8-sig")
    assert "上段,中小企業診断士,1,0,1" in text
    assert text.splitlines()[-1] == ",合計,1,0,1"


def test_two_surveys_are_compared(
    survey: QualificationSurvey, cast: Any, sign_in: Any, check: Go, apply: Go, people_file: Go
) -> None:
    row = ["13", "", "CC", "見本　太郎", "ミホン　タロウ", "税理士、弁護士", ""]
    params = {"as_of": "2026-10-01", "name": "秋の調査"}
    apply(check(people_file(row), params=params))
    autumn = QualificationSurvey.objects.get(name="秋の調査")
    query = {"compare": survey.pk, "unit": "hub-13"}
    client = sign_in(cast.hq)
    url = reverse("qualification_export", args=[autumn.pk, "csv"])
    text = client.get(url, query).content.decode("utf-8-sig")
    assert "上段,税理士,1,0,1,1,0,1" in text
    assert "上段,中小企業診断士,0,0,0,-1,0,-1" in text
    page = client.get(reverse("qualification_survey", args=[autumn.pk]), query)
    assert "＋1" in page.content.decode()
    assert "▲1" in page.content.decode()


def test_survey_list_before_the_first_import_says_who_acts_next(cast: Any, sign_in: Any) -> None:
    page = sign_in(cast.board).get(reverse("qualification_surveys")).content.decode()
    assert "まだ保有資格調査がありません" in page


def test_survey_list_counts_people_and_ticks(
    survey: QualificationSurvey, cast: Any, sign_in: Any
) -> None:
    page = sign_in(cast.cc_miyagi).get(reverse("qualification_surveys")).content.decode()
    assert page.count('<td class="yz-num">3</td>') == 2


def test_the_end_of_an_engagement_is_recorded_by_hq_only(
    survey: QualificationSurvey, cast: Any, sign_in: Any
) -> None:
    engagement = Engagement.objects.get(person__name="見本　太郎")
    url = reverse("engagement_end", args=[engagement.pk])
    data = {"ends_on": "令和8年9月30日", "reason": "任期満了"}
    for actor in cast.all():
        if actor.key not in {"hq", "hq_second", "admin"}:
            assert sign_in(actor).post(url, data).status_code == 403
    client = sign_in(cast.hq)
    assert client.get(url).status_code == 200
    wrong = client.post(url, {"ends_on": "2020-01-01", "reason": "任期満了"})
    assert wrong.status_code == 422
    assert "契約の開始日" in wrong.content.decode()
    assert client.post(url, {"ends_on": "", "reason": ""}).status_code == 422
    response = client.post(url, data)
    assert response.url == reverse("person_detail", args=[engagement.person_id])
    engagement.refresh_from_db()
    assert str(engagement.ends_on) == "2026-09-30"
    assert client.post(url, data).status_code == 404
    page = client.get(reverse("hub_people", args=["13"])).content.decode()
    assert "退任した人" in page


def test_unknown_survey_kind_and_person_are_404(
    survey: QualificationSurvey, cast: Any, sign_in: Any
) -> None:
    client = sign_in(cast.hq)
    assert client.get(reverse("qualification_survey", args=[999])).status_code == 404
    assert client.get(reverse("qualification_export", args=[survey.pk, "doc"])).status_code == 404
    assert client.get(reverse("person_detail", args=[999999])).status_code == 404
    assert client.get(reverse("hub_people", args=["99"])).status_code == 404


def test_number_of_queries_of_the_hub_page_does_not_grow_with_people(
    survey: QualificationSurvey, cast: Any, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    client = sign_in(cast.hq)
    with django_assert_max_num_queries(22):
        client.get(reverse("hub_people", args=["13"]))
