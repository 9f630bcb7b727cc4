"""Facts: counts and traps of domain.md 2.1, 2.2 and 1.3; loading twice changes nothing."""

import csv
from collections import Counter
from datetime import date

import pytest
from django.conf import settings
from django.core.management import call_command

from hubs.network.facts import load_facts
from hubs.network.models import (
    Block,
    BlockAssignment,
    Bureau,
    CommissionContract,
    Hub,
    ImplementingBody,
    Prefecture,
)
from hubs.people.models import QualificationAlias, QualificationCategory

pytestmark = pytest.mark.usefixtures("facts")


def test_47_hubs_in_9_bureaus_and_7_blocks() -> None:
    assert (Hub.objects.count(), Bureau.objects.count(), Block.objects.count()) == (47, 9, 7)
    by_bureau = Counter(Hub.objects.values_list("bureau__code", flat=True))
    assert [by_bureau[b.code] for b in Bureau.objects.all()] == [1, 6, 11, 5, 7, 5, 4, 7, 1]


@pytest.mark.once
@pytest.mark.parametrize(
    ("code", "bureau"),
    [("18", "kinki"), ("15", "kanto"), ("19", "kanto"), ("20", "kanto"), ("22", "kanto"),
     ("16", "chubu"), ("17", "chubu"), ("47", "okinawa"), ("01", "hokkaido")],
)  # fmt: skip
def test_bureau_of_the_prefectures_people_get_wrong(code: str, bureau: str) -> None:
    assert Hub.objects.get(code=code).bureau.code == bureau


def test_hub_codes_are_the_jis_codes_and_names_are_whole() -> None:
    assert list(Hub.objects.values_list("code", flat=True)) == [f"{i:02}" for i in range(1, 48)]
    names = {hub.code: hub.name for hub in Hub.objects.all()}
    assert (names["01"], names["13"], names["27"], names["26"]) == (
        "北海道よろず支援拠点", "東京都よろず支援拠点",
        "大阪府よろず支援拠点", "京都府よろず支援拠点",
    )  # fmt: skip


def test_tile_map_has_47_different_places() -> None:
    places = set(Prefecture.objects.values_list("grid_row", "grid_column"))
    assert len(places) == 47
    assert (1, 15) in places
    assert (12, 1) in places


def test_two_hubs_opened_later() -> None:
    late = Hub.objects.filter(opened_on=date(2014, 6, 30)).values_list("code", flat=True)
    assert set(late) == {"40", "46"}
    assert Hub.objects.filter(opened_on=date(2014, 6, 2)).count() == 45


def test_every_hub_has_a_block_in_each_year_and_a_users_edit_stays() -> None:
    assert set(Counter(BlockAssignment.objects.values_list("fiscal_year", flat=True)).values()) == {
        47
    }
    edited = BlockAssignment.objects.get(fiscal_year=2026, hub__code="18")
    edited.block = Block.objects.get(code="chubu_hokuriku")
    edited.save()
    load_facts()
    edited.refresh_from_db()
    assert edited.block.code == "chubu_hokuriku"


def test_facts_name_no_body() -> None:
    assert ImplementingBody.objects.count() == 0
    assert CommissionContract.objects.count() == 0


def test_22_categories_in_two_blocks_of_eleven() -> None:
    rows = list(QualificationCategory.objects.values_list("order", "block", "is_other"))
    assert [order for order, _, _ in rows] == list(range(1, 23))
    assert [block for _, block, _ in rows] == [1] * 11 + [2] * 11
    assert [other for *_, other in rows] == [False] * 21 + [True]


def test_loading_again_adds_nothing_and_corrects_what_was_damaged() -> None:
    def counts() -> list[int]:
        models = (Hub, Prefecture, BlockAssignment, QualificationCategory, QualificationAlias)
        return [model.objects.count() for model in models]

    before, ids = counts(), dict(Hub.objects.values_list("code", "pk"))
    Hub.objects.filter(code="13").update(name="誤った名前")
    call_command("load_facts")
    assert counts() == before
    assert dict(Hub.objects.values_list("code", "pk")) == ids
    assert Hub.objects.get(code="13").name == "東京都よろず支援拠点"


def test_defaults_of_indicators_and_checklist_are_whole() -> None:
    folder = settings.BASE_DIR / "fixtures/facts"
    with (folder / "indicators.csv").open(encoding="utf-8", newline="") as stream:
        indicators = list(csv.DictReader(stream))
    with (folder / "checklist.csv").open(encoding="utf-8", newline="") as stream:
        items = list(csv.DictReader(stream))
    assert [(row["code"], row["unit"]) for row in indicators] == [
        ("CONS", "件"), ("VISIT", "者"), ("SOLVE", "件"), ("NETW", "件"),
    ]  # fmt: skip
    assert Counter(row["component"] for row in items) == {"CHK": 8, "UNQ": 4}
    assert all(row[f"anchor_{step}"] for row in items for step in range(5))
    assert {row["origin"] for row in (*indicators, *items)} == {"製品の既定値"}
