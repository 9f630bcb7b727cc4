"""Drawing records by chance in a way that can be repeated: by hash, not by a random generator."""

import hashlib
from collections.abc import Iterable

SMALLEST, LARGEST = 5, 30
SHARE_PERCENT = 5


def drawn(numbers: Iterable[str], size: int, seed: str) -> list[str]:
    """``size`` of the receipt numbers; the same seed draws the same ones on any machine."""
    by_chance = sorted(numbers, key=lambda number: (_place(seed, number), number))
    return by_chance[:size]


def _place(seed: str, number: str) -> str:
    return hashlib.sha256(f"{seed}:{number}".encode()).hexdigest()


def suggested_size(population: int) -> int:
    """How many to look at: five in a hundred, at least 5 and at most 30, never more than all."""
    share = -(-population * SHARE_PERCENT // 100)
    return min(population, LARGEST, max(SMALLEST, share))
