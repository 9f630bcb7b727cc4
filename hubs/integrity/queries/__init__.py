"""Reading integrity flags and what they are made of, one module per subject."""

from hubs.integrity.queries.listing import FlagFilter, filtered, state_counts, visible_flags
from hubs.integrity.queries.material import Network, network_material
from hubs.integrity.queries.opened import FlagPage, flag_page
from hubs.integrity.queries.standing import findings_in_force, open_counts

__all__ = [
    "FlagFilter",
    "FlagPage",
    "Network",
    "filtered",
    "findings_in_force",
    "flag_page",
    "network_material",
    "open_counts",
    "state_counts",
    "visible_flags",
]
