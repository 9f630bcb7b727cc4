"""States and steps of this slice: the month and the correction of an accepted one."""

from hubs.results.flow.corrections import (
    CLOSED,
    CORRECTION_FLOW,
    contradictions,
    effective_figures,
    month_is_accepted,
)
from hubs.results.flow.months import (
    EDITABLE,
    GRID,
    RESULT_FLOW,
    agreed_areas,
    figures_are_complete,
    last_remarks,
    missing_for,
    month_is_over,
    remarks_are_met,
    term_is_open,
)

__all__ = [
    "CLOSED",
    "CORRECTION_FLOW",
    "EDITABLE",
    "GRID",
    "RESULT_FLOW",
    "agreed_areas",
    "contradictions",
    "effective_figures",
    "figures_are_complete",
    "last_remarks",
    "missing_for",
    "month_is_accepted",
    "month_is_over",
    "remarks_are_met",
    "term_is_open",
]
