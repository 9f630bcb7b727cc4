"""One box: folded comparison, every word met, nothing of strangers or without the right."""

from datetime import date
from typing import Any

import pytest

from hubs.network.models import Hub
from hubs.people.models import Engagement, Person
from hubs.people.rules import kana_key, name_key
from hubs.plans.models import Plan
from hubs.terms.operations import open_term
from tests.cast import KEYS, Cast
from yorozu.core.access import system_scope
from yorozu.core.imports.models import ImportBatch
from yorozu.portal.search.queries import MAX_QUERY, PER_GROUP, search

# Everybody whose scope is a part of the nation.
LOCAL = [
    key for key in KEYS if key not in {"agency", "hq", "hq_second", "admin", "auditor", "nobody"}
]


def engage(code: str, name: str, kana: str) -> Person:
    person = Person.objects.create(
        name=name, kana=kana, name_key=name_key(name), kana_key=kana_key(kana)
    )
    hub = Hub.objects.get(code=code)
    Engagement.objects.create(person=person, hub=hub, role="CO", starts_on=date(2026, 4, 1))
    return person


@pytest.fixture
def register(cast: Cast) -> None:
    """One person, plan and file per hub of the cast."""
    term = open_term(actor=system_scope("試験"), fiscal_year=2026)
    for code, name, kana in (
        ("13", "高橋 ﾊﾅｺ", "タカハシ ハナコ"),
        ("14", "高橋 次郎", "タカハシ ジロウ"),
        ("04", "高橋 三郎", "タカハシ サブロウ"),
    ):
        engage(code, name, kana)
        hub = Hub.objects.get(code=code)
        plan = Plan.objects.create(hub=hub, term=term)
        plan.focus_areas.create(code="F1", name=f"ＩＴ活用{code}", order=1)
    ImportBatch.objects.create(
        kind="surveys.satisfaction",
        filename="ＩＴ活用.csv",
        sha256="0" * 64,
        content=b"",
        created_by_name="x",
        created_by=cast.hq.user,
    )


def labels(cast: Cast, key: str, text: str) -> dict[str, list[str]]:
    groups = search(cast.actors[key].scope, text)
    return {group.title: [hit.label for hit in group.hits] for group in groups}


@pytest.mark.parametrize(
    "text", ["高橋", "タカハシ", "たかはし", "ﾀｶﾊｼ", "　タカハシ　", "高橋　はなこ", "高橋ハナコ"]
)
def test_people_are_found_however_the_name_is_typed(text: str, register: None, cast: Cast) -> None:
    assert labels(cast, "cc_tokyo", text)["人材"] == ["高橋 ﾊﾅｺ"]


def test_every_word_must_be_met(register: None, cast: Cast) -> None:
    assert labels(cast, "hq", "高橋 次郎")["人材"] == ["高橋 次郎"]
    assert "人材" not in labels(cast, "hq", "高橋 東京")


def test_plans_and_files_are_found_by_folded_words(register: None, cast: Cast) -> None:
    found = labels(cast, "hq", "it活用")
    assert len(found["事業計画"]) == 3
    assert found["取込ファイル"] == ["ＩＴ活用.csv"]
    assert labels(cast, "hq", "東京 令和８年度")["事業計画"] == [
        "東京都よろず支援拠点 令和8年度 事業計画"
    ]


@pytest.mark.parametrize("key", LOCAL)
@pytest.mark.parametrize("text", ["高橋", "IT活用", "よろず", "宮城", "神奈川"])
def test_nothing_leaks_from_other_hubs(key: str, text: str, register: None, cast: Cast) -> None:
    scope = cast.actors[key].scope
    assert scope.hub_ids is not None
    foreign = Hub.objects.exclude(pk__in=scope.hub_ids).filter(code__in=["13", "14", "04"])
    secrets = {"13": "ﾊﾅｺ", "14": "次郎", "04": "三郎"}
    said = "".join(f"{hit.label}{hit.note}" for group in search(scope, text) for hit in group.hits)
    for hub in foreign:
        assert hub.name not in said
        assert secrets[hub.code] not in said
        assert f"活用{hub.code}" not in said.translate(str.maketrans("ＩＴ", "IT"))


def test_rights_decide_which_groups_are_searched(register: None, cast: Cast) -> None:
    for key in ("supporter", "liaison", "board"):
        assert search(cast.actors[key].scope, "高橋") == []
    assert "事業計画" not in labels(cast, "admin", "IT活用")
    assert "取込ファイル" not in labels(cast, "bureau_kanto", "IT活用")


def test_every_hit_opens(register: None, cast: Cast, sign_in: Any) -> None:
    for key in ("hq", "bureau_kanto", "cc_tokyo", "body_miyagi", "admin"):
        client = sign_in(cast.actors[key])
        for text in ("高橋", "よろず", "IT活用"):
            for group in client.get("/search/", {"q": text}).context["groups"]:
                for hit in group.hits:
                    assert client.get(hit.url).status_code == 200, (key, hit)


def test_a_long_list_is_cut_and_says_so(register: None, cast: Cast, sign_in: Any) -> None:
    for number in range(PER_GROUP + 5):
        engage("13", f"佐藤{number}", "サトウ")
    (group,) = search(cast.hq.scope, "佐藤")
    assert len(group.hits) == PER_GROUP
    assert group.has_more
    page = sign_in(cast.hq).get("/search/", {"q": "佐藤"}).content.decode()
    assert f"最初の{PER_GROUP}件" in page


def test_the_query_has_an_end(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.hq)
    assert client.get("/search/", {"q": "あ" * MAX_QUERY}).status_code == 200
    answer = client.get("/search/", {"q": "あ" * (MAX_QUERY + 1)})
    assert answer.status_code == 422
    assert "100文字以内" in answer.content.decode()


@pytest.mark.parametrize("text", ["", "   ", "・", "%", "_", "'", '"><script>', "\x00", "ー"])
def test_odd_texts_are_answered_calmly(text: str, register: None, cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.hq).get("/search/", {"q": text})
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode().split("<main", 1)[1]


@pytest.mark.parametrize("path", ["/", "/matrix/", "/hubs/13/record/", "/search/"])
def test_the_top_floor_only_reads(path: str, cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.hq)
    for method in ("post", "put", "delete"):
        assert getattr(client, method)(path).status_code == 405
