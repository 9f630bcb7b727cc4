"""One judged year for all report tests."""

from types import SimpleNamespace

import pytest

from evaluation.budget.operations import adopt_scenario
from evaluation.scoring.operations import publish_run
from tests.cast import Cast
from tests.evaluation.ground import fixed
from tests.evaluation.reports import year


@pytest.fixture
def judged(cast: Cast) -> SimpleNamespace:
    """A fixed run over 47 hubs with an adopted scenario, not published yet."""
    run = year.make_run(cast.hq.scope)
    run = fixed(run, cast.hq_second.scope, reason="未採点の項目は0点のまま確定する。")
    scenario = year.make_scenario(cast.hq.scope, run)
    scenario = adopt_scenario(cast.agency.scope, scenario=scenario, reason="標準の配分基準による。")
    return SimpleNamespace(run=run, scenario=scenario)


@pytest.fixture
def published(judged: SimpleNamespace, cast: Cast) -> SimpleNamespace:
    """The same year after publication."""
    judged.run = publish_run(cast.agency.scope, run=judged.run)
    return judged
