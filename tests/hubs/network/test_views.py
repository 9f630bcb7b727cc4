"""The hub list opens for every role, a hub's page in the scope only; files equal the list."""

import csv
import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.urls import reverse

from hubs.network.map_figures import MAP_FIGURES, cuts, tiles_of
from hubs.network.models import Hub, RegionalFigure
from hubs.network.queries import hub_lines
from hubs.people.models import Engagement, Person
from yorozu.core.access import decide


@pytest.fixture
def chief(cast: Any) -> Person:
    """A chief coordinator in Tokyo and a coordinator whose engagement has ended."""
    person = Person.objects.create(name="見本　太郎", name_key="見本太郎")
    gone = Person.objects.create(name="例田　花子", name_key="例田花子")
    hub = Hub.objects.get(code="13")
    Engagement.objects.create(person=person, hub=hub, role="CC", starts_on=date(2020, 4, 1))
    Engagement.objects.create(
        person=gone, hub=hub, role="CO", starts_on=date(2020, 4, 1), ends_on=date(2021, 3, 31)
    )
    return person


INSIDE = {
    "agency", "bureau_kanto", "hq", "hq_second", "pm_kanto", "cc_tokyo", "co_tokyo",
    "body_tokyo", "admin", "auditor",
}  # fmt: skip


@pytest.mark.once
def test_list_opens_for_every_role_and_names_people_only_in_the_scope(
    chief: Person, cast: Any, sign_in: Any
) -> None:
    for actor in cast.all():
        response = sign_in(actor).get(reverse("hub_list"))
        allowed = decide(actor.scope, "hubs.network.view").allowed
        assert response.status_code == (200 if allowed else 403), actor.key
        page = response.content.decode()
        assert (chief.name in page) == (actor.key in INSIDE), actor.key
        assert (f'href="{reverse("hub_detail", args=["13"])}"' in page) == (actor.key in INSIDE)
        if allowed:
            assert page.count('class="yz-tile yz-tile-') == 47
            assert "沖縄県よろず支援拠点" in page


def test_hub_page_is_404_for_strangers_and_shows_contracts_to_those_who_may(
    chief: Person, cast: Any, sign_in: Any
) -> None:
    url = reverse("hub_detail", args=["13"])
    for actor in cast.all():
        response = sign_in(actor).get(url)
        stranger = 404 if decide(actor.scope, "hubs.network.view").allowed else 403
        assert response.status_code == (200 if actor.key in INSIDE else stranger), actor.key
        assert ("60,000,000" in response.content.decode()) == (actor.key in INSIDE)


def test_a_bureau_narrows_list_map_and_file(cast: Any, sign_in: Any) -> None:
    client = sign_in(cast.hq)
    page = client.get(reverse("hub_list"), {"bureau": "kinki", "figure": "smes"}).content.decode()
    assert page.count('class="yz-tile yz-tile-') == 7
    assert "福井県よろず支援拠点" in page
    assert "富山県よろず支援拠点" not in page
    data = client.get(reverse("hub_export", args=["csv"]), {"bureau": "kinki"}).content
    assert len(data.decode("utf-8-sig").splitlines()) == 8


def test_unknown_bureau_figure_and_sorting_fall_back(cast: Any, sign_in: Any) -> None:
    query = {"bureau": "mars", "figure": "x", "sort": "-nonsense"}
    response = sign_in(cast.hq).get(reverse("hub_list"), query)
    assert response.status_code == 200
    assert response.content.decode().count('class="yz-tile yz-tile-') == 47


def test_csv_and_xlsx_carry_the_same_47_rows(chief: Person, cast: Any, sign_in: Any) -> None:
    client = sign_in(cast.hq)
    data = client.get(reverse("hub_export", args=["csv"])).content
    lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert len(lines) == 48
    tokyo = lines[13]
    assert tokyo[:4] == ["13", "東京都よろず支援拠点", "関東経済産業局", "関東"]
    assert tokyo[4:7] == ["配役の実施機関13", "見本　太郎", "1"]
    book = client.get(reverse("hub_export", args=["xlsx"])).content
    sheet = openpyxl.load_workbook(io.BytesIO(book)).active
    assert [str(cell.value or "") for cell in sheet[15]][:7] == tokyo[:7]
    assert client.get(reverse("hub_export", args=["doc"])).status_code == 404
    stranger = sign_in(cast.cc_miyagi).get(reverse("hub_export", args=["csv"])).content
    assert "見本　太郎" not in stranger.decode("utf-8-sig")


def test_number_of_queries_does_not_grow_with_the_hubs(
    cast: Any, django_assert_max_num_queries: Any
) -> None:
    scope = cast.hq.scope
    with django_assert_max_num_queries(5):
        hub_lines(scope, fiscal_year=2026)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], []), ([5], []), ([5, 5, 5], []), ([1, 2, 3, 4], [2, 3, 4]), ([1, 1, 1, 9], [9])],
)
def test_levels_of_the_map(values: list[int], expected: list[int]) -> None:
    assert cuts(values) == expected


def test_a_hub_without_the_figure_is_marked_and_the_legend_says_so(cast: Any) -> None:
    hub = Hub.objects.get(code="13")
    RegionalFigure.objects.create(
        hub=hub, code="smes", year=2021, value=400_000, unit="者", source="統計"
    )
    RegionalFigure.objects.create(
        hub=hub, code="smes", year=2016, value=1, unit="者", source="統計"
    )
    tiles, legend = tiles_of(hub_lines(cast.hq.scope, fiscal_year=2026), MAP_FIGURES["smes"])
    assert (tiles["13"].text, tiles["01"].text, tiles["01"].level) == ("400,000", "—", 0)
    assert (0, "未登録") in legend


def test_a_hub_that_is_not_on_the_map_is_called_by_its_own_name() -> None:
    assert Hub(code="13", name="東京都よろず支援拠点").short_name == "東京"
    assert Hub(code="A0", name="新島よろず支援拠点").short_name == "新島"
    assert Hub(code="A1", name="よろず支援拠点").short_name == "よろず支援拠点"
