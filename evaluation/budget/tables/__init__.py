"""Rows, chips and pictures of the budget screens."""

from evaluation.budget.tables.compare import (
    bounds_words,
    compared_hubs,
    compared_measures,
    compared_parameters,
    legend,
)
from evaluation.budget.tables.formula import distances
from evaluation.budget.tables.hub import (
    from_last_year,
    hub_facts,
    last_year_picture,
    last_year_table,
    performance,
    share_of,
    shares,
    waterfall,
    waterfall_table,
    years_words,
)
from evaluation.budget.tables.scenarios import (
    CHIPS,
    funding,
    has_carry_over,
    known_lines,
    lines,
    parameters,
    record,
    scenarios,
)

__all__ = [
    "CHIPS",
    "bounds_words",
    "compared_hubs",
    "compared_measures",
    "compared_parameters",
    "distances",
    "from_last_year",
    "funding",
    "has_carry_over",
    "hub_facts",
    "known_lines",
    "last_year_picture",
    "last_year_table",
    "legend",
    "lines",
    "parameters",
    "performance",
    "record",
    "scenarios",
    "share_of",
    "shares",
    "waterfall",
    "waterfall_table",
    "years_words",
]
