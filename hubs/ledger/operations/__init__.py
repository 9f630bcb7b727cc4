"""Every write to the ledger."""

from hubs.ledger.operations.dirty import mark_dirty

__all__ = ["mark_dirty"]
