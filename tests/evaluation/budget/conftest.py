"""One fixed run of three hubs for the budget tests."""

import pytest

from evaluation.scoring.models import EvaluationRun
from tests.cast import Cast
from tests.evaluation.ground import fixed, make_run, three_hubs


@pytest.fixture
def fixed_run(cast: Cast) -> EvaluationRun:
    """Three hubs, all different, fixed by the second person."""
    run = make_run(three_hubs(), actor=cast.hq.scope)
    return fixed(run, cast.hq_second.scope)
