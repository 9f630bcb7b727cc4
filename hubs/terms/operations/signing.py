"""Columns of a record that both sides sign."""

from typing import Any

from hubs.terms.models import SIGNATURE_COLUMNS
from hubs.terms.rules.signing import side_of
from yorozu.core import clock
from yorozu.core.access import Scope


def signed(actor: Scope) -> dict[str, Any]:
    """The columns of the actor's side, filled; empty for a role without a side."""
    side = side_of(actor.role)
    if side is None:
        return {}
    return {
        f"{side.code}_signed_at": clock.now(),
        f"{side.code}_signed_by_id": actor.user_id,
        f"{side.code}_signed_name": actor.label[:200],
    }


def cleared() -> dict[str, Any]:
    """The columns of both sides without any signature."""
    return {name: "" if name.endswith("_name") else None for name in SIGNATURE_COLUMNS}
