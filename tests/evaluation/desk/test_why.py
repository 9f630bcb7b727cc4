"""The page that says why: whose it is, what it says, where each number leads."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evaluation.desk import queries, tables
from evaluation.desk.rules.levers import Lever, levers_of
from evaluation.scoring.rules.scheme import read_scheme
from evaluation.scoring.rules.v1 import score
from hubs.network.models import Hub
from tests.cast import Cast


def address(judged: SimpleNamespace, code: str = "13") -> str:
    return f"/evaluation/desk/runs/{judged.run.pk}/hubs/{code}/why/"


def page(client: Any, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_unpublished_run_is_unknown_to_hubs(
    judged: SimpleNamespace, cast: Cast, sign_in: Any
) -> None:
    for actor in (cast.cc_tokyo, cast.co_tokyo, cast.body_tokyo):
        assert sign_in(actor).get(address(judged)).status_code == 404


def test_hub_side_reads_its_own_published_page_only(
    published: SimpleNamespace, cast: Cast, sign_in: Any
) -> None:
    for actor in (cast.cc_tokyo, cast.co_tokyo, cast.body_tokyo):
        client = sign_in(actor)
        assert client.get(address(published)).status_code == 200
        assert client.get(address(published, "14")).status_code == 404


def test_bureau_reads_its_area_and_the_nation_everything(
    judged: SimpleNamespace, cast: Cast, sign_in: Any
) -> None:
    assert sign_in(cast.bureau_kanto).get(address(judged)).status_code == 200
    assert sign_in(cast.bureau_tohoku).get(address(judged)).status_code == 404
    for key in ("hq", "agency", "auditor"):
        assert sign_in(cast.actors[key]).get(address(judged, "47")).status_code == 200


@pytest.mark.parametrize("key", ["admin", "supporter", "pm_kanto", "board", "nobody"])
def test_other_roles_are_refused(
    published: SimpleNamespace, cast: Cast, sign_in: Any, key: str
) -> None:
    assert sign_in(cast.actors[key]).get(address(published)).status_code == 403


def test_yen_stands_only_where_the_reader_may_see_the_budget(
    published: SimpleNamespace, cast: Cast, sign_in: Any
) -> None:
    assert "総合点1点あたり" in page(sign_in(cast.hq), address(published))
    said = page(sign_in(cast.cc_tokyo), address(published))
    assert "総合点1点あたり" not in said
    assert "配分案" not in said


def test_single_organisations_stay_with_those_who_judge(
    published: SimpleNamespace, cast: Cast, sign_in: Any
) -> None:
    content = json.loads(published.run.hub_results.get(hub__code="13").evidence_book.content)
    names = [row["organization"] for row in content["partners"]]
    judges, hub = (page(sign_in(who), address(published)) for who in (cast.hq, cast.cc_tokyo))
    plain = [name for name in names if name.isalnum()]
    assert plain
    assert all(name in judges for name in plain)
    assert not any(name in hub for name in plain)
    assert "種別ごとの評価" in hub


def test_every_stated_amount_of_a_stored_run_raises_the_grade(
    judged: SimpleNamespace, cast: Cast
) -> None:
    """All hubs of the run, from the frozen input, by the engine of the run."""
    given = json.loads(judged.run.snapshot)["input"]
    scheme = read_scheme(given["scheme"])
    grades = [name for name, _ in scheme.grades]
    inputs = {hub["code"]: hub for hub in given["hubs"]}
    tried = 0
    for hub in Hub.objects.order_by("code"):
        way = queries.why(judged.run, hub, cast.hq.scope).distance
        levers = {
            (lever.component, lever.item): lever
            for lever in levers_of(inputs[hub.code], scheme)
            if isinstance(lever, Lever)
        }
        for item in [one for one in way.items if one.reach][:3]:
            assert item.reach
            for less in (0, 1):
                state = levers[item.component, item.item].state(item.reach.steps - less)
                result = score({**given, "hubs": [*({**inputs, hub.code: state}).values()]})
                after = next(one for one in result["hubs"] if one["code"] == hub.code)
                better = grades.index(after["grade"]) < grades.index(way.grade)
                assert better == (not less), (hub.code, item)
            tried += 1
    assert tried > 20


def test_page_says_the_amounts_and_leads_to_the_rows(
    judged: SimpleNamespace, cast: Cast, sign_in: Any
) -> None:
    codes = Hub.objects.order_by("code").values_list("code", flat=True)
    found = {
        code: queries.why(judged.run, Hub.objects.get(code=code), cast.hq.scope)
        for code in list(codes)[:12]
    }
    code = next(code for code, one in found.items() if tables.ways(one))
    text = page(sign_in(cast.hq), address(judged, code))
    for head in tables.ways(found[code]):
        for sentence in head["sentences"]:
            assert sentence in text
    assert "全国の中央値" in text
    assert f"/evaluation/evidence/books/{found[code].sheet.result.evidence_book_id}/" in text
    assert "月別の確認済実績" in text


def test_reading_asks_the_same_number_of_questions_for_any_hub(
    judged: SimpleNamespace, cast: Cast, sign_in: Any
) -> None:
    client = sign_in(cast.hq)
    client.get(address(judged, "01"))
    counts = set()
    for code in ("01", "13", "47"):
        with CaptureQueriesContext(connection) as asked:
            client.get(address(judged, code))
        counts.add(len(asked))
    assert len(counts) == 1
    assert counts.pop() <= 30
