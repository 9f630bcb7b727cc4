"""Drawing the sample by keyed hash: the same seed and frame give the same clients anywhere."""

import hashlib
from collections.abc import Iterable

from hubs.ledger.rules import drawn

SHARE_PERCENT, SMALLEST, LARGEST = 30, 30, 300


def sample_size(population: int, *, share_percent: int, minimum: int, maximum: int) -> int:
    """How many of a hub's clients are asked: the share rounded up, within the two limits.

    Never more than there are. A hub with fewer clients than the minimum asks all of them.
    """
    share = -(-population * share_percent // 100)
    return min(population, maximum, max(minimum, share))


def sample(keys: Iterable[str], size: int, *, seed: str, hub_code: str) -> list[str]:
    """``size`` of the client keys of a hub, in the order of the keyed hash (SHA-256)."""
    return drawn(keys, size, f"{seed}:{hub_code}")


def frame_hash(keys: Iterable[str]) -> str:
    """SHA-256 over the sorted keys of one hub, one a line."""
    return hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()


def wave_hash(frames: Iterable[tuple[str, int, str]]) -> str:
    """SHA-256 over all hubs of a wave: code, number of keys and hash, in the order of the codes."""
    lines = (f"{code}:{population}:{digest}" for code, population, digest in sorted(frames))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def shuffled(places: Iterable[tuple[str, str]], *, seed: str) -> list[tuple[str, str]]:
    """(Hub, key) pairs of all hubs in an order that tells nothing of the hub: for the numbers."""
    return sorted(places, key=lambda pair: (_place(seed, *pair), pair))


def _place(seed: str, hub_code: str, key: str) -> str:
    return hashlib.sha256(f"{seed}:number:{hub_code}:{key}".encode()).hexdigest()
