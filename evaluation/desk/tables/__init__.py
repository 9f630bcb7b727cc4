"""Tables and pictures of the desk, one module per screen."""

from evaluation.desk.tables.bench import (
    bench_table,
    bench_tiles,
    component_spread,
    conditions,
    correlation_table,
    doubtful,
    remark_table,
    score_picture,
    score_table,
    sureness,
)
from evaluation.desk.tables.hub import hub_sections
from evaluation.desk.tables.trial import trial_groups, trial_hubs, trial_table, trial_ways
from evaluation.desk.tables.why import (
    facts,
    groups,
    held,
    other_ways,
    waterfall,
    waterfall_table,
    ways,
    yen_rows,
)

__all__ = [
    "bench_table",
    "bench_tiles",
    "component_spread",
    "conditions",
    "correlation_table",
    "doubtful",
    "facts",
    "groups",
    "held",
    "hub_sections",
    "other_ways",
    "remark_table",
    "score_picture",
    "score_table",
    "sureness",
    "trial_groups",
    "trial_hubs",
    "trial_table",
    "trial_ways",
    "waterfall",
    "waterfall_table",
    "ways",
    "yen_rows",
]
