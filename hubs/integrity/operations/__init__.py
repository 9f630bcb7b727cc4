"""Every write to integrity flags: the nightly run, the hub's note, the bureau's decision."""

from hubs.integrity.operations.answering import add_note
from hubs.integrity.operations.deciding import close_flag, close_national, find_flag, settle_flag
from hubs.integrity.operations.raising import Raised, raise_flags, raise_found

__all__ = [
    "Raised",
    "add_note",
    "close_flag",
    "close_national",
    "find_flag",
    "raise_flags",
    "raise_found",
    "settle_flag",
]
