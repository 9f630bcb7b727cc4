"""One fixed run of three hubs for the budget tests."""

import pytest

from evaluation.scoring import operations as scoring
from evaluation.scoring.models import EvaluationRun
from tests.cast import Cast
from tests.evaluation.ground import make_run, three_hubs


@pytest.fixture
def fixed_run(cast: Cast) -> EvaluationRun:
    """Three hubs, all different, fixed by the second person."""
    run = make_run(three_hubs(), actor=cast.hq.scope)
    return scoring.fix_run(cast.hq_second.scope, run=run)
