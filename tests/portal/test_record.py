"""年度別の記録: everything of one hub under the rights of each slice, nothing of another hub."""

from typing import Any

import pytest

from tests.cast import KEYS, Cast

OPEN = {
    "13": {"agency", "bureau_kanto", "hq", "hq_second", "pm_kanto", "cc_tokyo", "co_tokyo"}
    | {"body_tokyo", "admin", "auditor"},
    "04": {"agency", "bureau_tohoku", "hq", "hq_second", "cc_miyagi", "body_miyagi"}
    | {"admin", "auditor"},
}


@pytest.mark.once
@pytest.mark.parametrize("key", [key for key in KEYS if key != "nobody"])
@pytest.mark.parametrize("code", ["13", "04"])
def test_only_hubs_of_the_scope_are_found(key: str, code: str, cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.actors[key]).get(f"/hubs/{code}/record/")
    assert answer.status_code == (200 if key in OPEN[code] else 404)


def test_without_a_role_it_is_refused(cast: Cast, sign_in: Any) -> None:
    assert sign_in(cast.nobody).get("/hubs/13/record/").status_code == 403


def test_the_page_of_the_hub_leads_to_it(cast: Cast, sign_in: Any) -> None:
    page = sign_in(cast.cc_tokyo).get("/hubs/13/").content.decode()
    assert 'href="/hubs/13/record/"' in page
