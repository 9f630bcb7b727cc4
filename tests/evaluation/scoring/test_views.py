"""Screens of runs for the whole cast."""

from typing import Any

import pytest

from evaluation.scoring import operations
from evaluation.scoring.models import EvaluationRun
from tests.cast import Cast
from tests.evaluation.ground import checked, make_run, three_hubs

pytestmark = pytest.mark.django_db
JUDGES = {"agency", "bureau_kanto", "bureau_tohoku", "hq", "hq_second", "auditor"}
HUB_SIDE = {"cc_tokyo", "cc_kanagawa", "cc_miyagi", "co_tokyo", "body_tokyo", "body_miyagi"}
OWN_TOKYO = {
    "agency",
    "bureau_kanto",
    "hq",
    "hq_second",
    "auditor",
    "cc_tokyo",
    "co_tokyo",
    "body_tokyo",
}


@pytest.fixture
def published(cast: Cast) -> EvaluationRun:
    run = make_run(three_hubs(), actor=cast.hq.scope)
    operations.fix_run(cast.hq_second.scope, run=checked(run, cast.hq.scope))
    return operations.publish_run(cast.agency.scope, run=run)


@pytest.mark.once
def test_pages_answer_each_of_the_cast(cast: Cast, sign_in: Any, published: EvaluationRun) -> None:
    for actor in cast.all():
        client = sign_in(actor)
        known = actor.key in JUDGES | HUB_SIDE
        for url in ("/evaluation/runs/", f"/evaluation/runs/{published.pk}/"):
            assert client.get(url).status_code == (200 if known else 403), (actor.key, url)
        wanted = 403 if not known else 200 if actor.key in OWN_TOKYO else 404
        url = f"/evaluation/runs/{published.pk}/hubs/13/"
        assert client.get(url).status_code == wanted, actor.key


def test_an_unpublished_run_does_not_exist_for_the_hub(cast: Cast, sign_in: Any) -> None:
    run = make_run(three_hubs(), actor=cast.hq.scope)
    for key in HUB_SIDE:
        assert sign_in(cast.actors[key]).get(f"/evaluation/runs/{run.pk}/").status_code == 404


def test_the_hub_page_opens_the_arithmetic(
    cast: Cast, sign_in: Any, published: EvaluationRun
) -> None:
    page = sign_in(cast.cc_tokyo).get(f"/evaluation/runs/{published.pk}/hubs/13/").content.decode()
    result = published.hub_results.get(hub__code="13")
    assert f"{result.final}点" in page
    for item in result.items.filter(level="item"):
        assert item.formula in page
    assert "神奈川県" not in page


def test_a_bureau_sees_its_area_only(cast: Cast, sign_in: Any, published: EvaluationRun) -> None:
    page = sign_in(cast.bureau_kanto).get(f"/evaluation/runs/{published.pk}/").content.decode()
    assert "東京都よろず支援拠点" in page
    assert "神奈川県よろず支援拠点" in page
    assert "宮城県よろず支援拠点" not in page


def test_the_certificate_is_for_national_judges(
    cast: Cast, sign_in: Any, published: EvaluationRun
) -> None:
    url = f"/evaluation/reports/runs/{published.pk}/verification/file/"
    assert sign_in(cast.auditor).get(url).json()["result_hash"] == published.result_hash
    assert sign_in(cast.bureau_kanto).get(url).status_code == 403
    assert sign_in(cast.cc_tokyo).get(url).status_code == 403


def test_fixing_and_publishing_through_the_screens(cast: Cast, sign_in: Any) -> None:
    run = checked(make_run(three_hubs(), actor=cast.hq.scope), cast.hq.scope)
    fix, publish = (f"/evaluation/runs/{run.pk}/{step}/" for step in ("fix", "publish"))
    assert sign_in(cast.hq).post(fix).status_code == 409
    mine = sign_in(cast.hq).get(fix).content.decode()
    assert "算定した本人は確定できません" in mine
    assert "この評価を確定する</button>" not in mine
    theirs = sign_in(cast.hq_second).get(fix).content.decode()
    assert "まだ確定できません" not in theirs
    assert "この評価を確定する</button>" in theirs
    assert sign_in(cast.hq_second).post(fix).status_code == 302
    assert sign_in(cast.hq).post(publish).status_code == 403
    assert sign_in(cast.agency).post(publish).status_code == 302
    run.refresh_from_db()
    assert run.state == "published"
