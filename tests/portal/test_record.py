"""年度別の記録: everything of one hub under the rights of each slice, nothing of another hub."""

from typing import Any

import pytest

from tests.cast import KEYS, Cast
from tests.world import canary

OPEN = {
    "13": {"agency", "bureau_kanto", "hq", "hq_second", "pm_kanto", "cc_tokyo", "co_tokyo"}
    | {"body_tokyo", "admin", "auditor"},
    "04": {"agency", "bureau_tohoku", "hq", "hq_second", "cc_miyagi", "body_miyagi"}
    | {"admin", "auditor"},
}


@pytest.mark.parametrize("key", [key for key in KEYS if key != "nobody"])
@pytest.mark.parametrize("code", ["13", "04"])
def test_only_hubs_of_the_scope_are_found(key: str, code: str, cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.actors[key]).get(f"/hubs/{code}/record/")
    assert answer.status_code == (200 if key in OPEN[code] else 404)


def test_without_a_role_it_is_refused(cast: Cast, sign_in: Any) -> None:
    assert sign_in(cast.nobody).get("/hubs/13/record/").status_code == 403


def labels(client: Any, code: str = "13") -> set[str]:
    years = client.get(f"/hubs/{code}/record/").context["years"]
    return {fact.label for year in years for fact in [*year.facts, *year.people]}


def test_every_slice_is_shown_under_its_own_right(world: Any, sign_in: Any) -> None:
    client = {
        key: sign_in(world.cast.actors[key]) for key in ("hq", "cc_tokyo", "pm_kanto", "admin")
    }
    everything = labels(client["hq"])
    assert {"事業計画", "月次実績", "評価", "採用された配分案", "コーディネーター"} <= everything
    assert labels(client["cc_tokyo"]) == everything - {"採用された配分案"}
    assert labels(client["pm_kanto"]) == everything - {"採用された配分案", "評価"}
    assert not labels(client["admin"]) & {"事業計画", "月次実績", "評価", "採用された配分案"}


def test_hubs_read_the_published_judgement_only(world: Any, sign_in: Any) -> None:
    page = sign_in(world.cast.cc_tokyo).get("/hubs/13/record/").content.decode()
    assert f"/evaluation/runs/{world.runs['published'].pk}/hubs/13/" in page
    for name in ("fixed", "computed", "trial"):
        assert f"/evaluation/runs/{world.runs[name].pk}/" not in page


def test_nothing_of_other_hubs_stands_in_it(world: Any, sign_in: Any) -> None:
    page = sign_in(world.cast.hq).get("/hubs/13/record/").content.decode()
    for code in ("14", "04"):
        assert canary(code) not in page
        assert world.hubs[code].name not in page


def test_every_link_of_the_record_opens(world: Any, sign_in: Any) -> None:
    for key in ("hq", "cc_tokyo", "body_tokyo", "bureau_kanto"):
        client = sign_in(world.cast.actors[key])
        years = client.get("/hubs/13/record/").context["years"]
        for fact in (fact for year in years for fact in [*year.facts, *year.people]):
            if fact.url:
                assert client.get(fact.url).status_code == 200, (key, fact)


def test_the_page_of_the_hub_leads_to_it(cast: Cast, sign_in: Any) -> None:
    page = sign_in(cast.cc_tokyo).get("/hubs/13/").content.decode()
    assert 'href="/hubs/13/record/"' in page
