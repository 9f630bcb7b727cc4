"""Tables and pictures of an analysis (presenters between its query and its templates)."""

from evaluation.scoring.analysis.tables.hubs import (
    hub_outlook,
    hub_rows,
    hub_table,
    interval_picture,
    picture_table,
)
from evaluation.scoring.analysis.tables.national import (
    agreement_table,
    correlation_table,
    correlation_warnings,
    facts,
    noise_table,
    regional_table,
    severity_table,
    tally,
)
from evaluation.scoring.analysis.tables.report import national_part
from evaluation.scoring.analysis.tables.variants import shift_rows, shift_table, variant_summary

__all__ = [
    "agreement_table",
    "correlation_table",
    "correlation_warnings",
    "facts",
    "hub_outlook",
    "hub_rows",
    "hub_table",
    "interval_picture",
    "national_part",
    "noise_table",
    "picture_table",
    "regional_table",
    "severity_table",
    "shift_rows",
    "shift_table",
    "tally",
    "variant_summary",
]
