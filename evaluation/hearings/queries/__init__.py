"""Reads of the hearings for screens, files and the evidence book."""

from evaluation.hearings.queries.results import (
    FIELDS,
    ComponentLine,
    HubLine,
    ItemLine,
    checklist_of,
    content_of,
    hearing_of,
    hearing_rows,
    items_of,
    latest_year,
    years,
)

__all__ = [
    "FIELDS",
    "ComponentLine",
    "HubLine",
    "ItemLine",
    "checklist_of",
    "content_of",
    "hearing_of",
    "hearing_rows",
    "items_of",
    "latest_year",
    "years",
]
