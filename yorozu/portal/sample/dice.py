"""Repeatable chance: every number follows from the names it belongs to, on any machine."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")


def roll(*names: object) -> int:
    """A whole number 0..999,999 that depends on the names only."""
    text = "|".join(str(name) for name in names)
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big") % 1_000_000


def between(low: int, high: int, *names: object) -> int:
    """A whole number from low to high, both included."""
    return low + roll(*names) * (high - low + 1) // 1_000_000


def factor(low: str, high: str, *names: object) -> Decimal:
    """A number between two decimals, in steps of one thousandth of the way."""
    share = Decimal(roll(*names) // 1000) / 1000
    return Decimal(low) + (Decimal(high) - Decimal(low)) * share


def bell(*names: object) -> Decimal:
    """A number around 0, mostly between -1 and 1 (mean of four uniform ones, stretched)."""
    total = sum(roll(*names, index) for index in range(4))
    return (Decimal(total) / 4_000_000 - Decimal("0.5")) * 4


def pick(items: Sequence[T], *names: object) -> T:
    """One of the items."""
    return items[roll(*names) * len(items) // 1_000_000]


def lot(weights: Mapping[T, int], *names: object) -> T:
    """One of the keys, as often as its weight says."""
    rest = roll(*names) * sum(weights.values()) // 1_000_000
    for item, weight in weights.items():
        rest -= weight
        if rest < 0:
            return item
    raise ValueError("nothing to draw from")


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """Cut a total into whole parts in proportion to the weights (largest remainders), sum kept."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for index in order[: total - sum(parts)]:
        parts[index] += 1
    return parts
