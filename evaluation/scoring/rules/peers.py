"""Hubs of like size beside each other: fifths by the number of SMEs (evaluation.md 2.10)."""

from collections.abc import Mapping
from decimal import Decimal

GROUPS = 5


def peer_groups(sizes: Mapping[str, int]) -> dict[str, int]:
    """Group 1 (fewest SMEs) to 5 by hub code; equal sizes are told apart by the code.

    ``sizes`` are numbers of SMEs by hub code. Each group holds a fifth of the hubs, to one.
    """
    ordered = sorted(sizes, key=lambda code: (sizes[code], code))
    return {code: place * GROUPS // len(ordered) + 1 for place, code in enumerate(ordered)}


def places(scores: Mapping[str, Decimal]) -> dict[str, int]:
    """Standard competition ranks: 1, 2, 2, 4."""
    return {
        code: 1 + sum(other > score for other in scores.values()) for code, score in scores.items()
    }
