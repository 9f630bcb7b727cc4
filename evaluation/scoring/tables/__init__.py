"""Rows, chips and pictures of the run screens (presenters between queries and templates)."""

from evaluation.scoring.tables.hub import (
    Group,
    arithmetic,
    closing,
    hub_facts,
    profile,
    profile_table,
)
from evaluation.scoring.tables.runs import (
    CHIPS,
    LEGEND,
    distribution,
    distribution_table,
    results,
    rooms,
    run_facts,
    runs,
    tiles,
)
from evaluation.scoring.tables.schemes import hub_schemes_table, schemes_table
from evaluation.scoring.tables.sources import source_tables

__all__ = [
    "CHIPS",
    "LEGEND",
    "Group",
    "arithmetic",
    "closing",
    "distribution",
    "distribution_table",
    "hub_facts",
    "hub_schemes_table",
    "profile",
    "profile_table",
    "results",
    "rooms",
    "run_facts",
    "runs",
    "schemes_table",
    "source_tables",
    "tiles",
]
