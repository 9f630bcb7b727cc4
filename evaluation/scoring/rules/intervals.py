"""90 % intervals of score and rank by keyed, bit-identical simulation (evaluation.md 2.11).

The only place of the judgement with floats: + - x / in explicit loops, no `sum()`, no numpy,
so that every CPython on every machine draws the same numbers from the same seed.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from evaluation.scoring.rules.scheme import read_anchor_row
from yorozu.core import exact

INPUT_KEYS = frozenset({"seed", "draws", "delta", "weights", "anchors", "hubs"})
PERCENTILES = (5, 50, 95)
# Sum of twelve 16-bit words: its mean is 12 * 65535 / 2.
WORDS, WORD_MEAN, WORD_RANGE = 12, 393210, 65536.0
UNIFORM_BYTES, UNIFORM_RANGE = 8, 2.0**64

Anchor = list[tuple[float, float]]


@dataclass(frozen=True)
class _Noisy:
    """One item value with its standard error, weight and anchors, as floats."""

    key: str
    value: float
    error: float
    weight: float
    anchor: Anchor


Hubs = dict[str, dict[str, list[_Noisy]]]


def intervals(given: dict[str, Any]) -> dict[str, Any]:
    """Return `m` (measurement) and `mw` (also weights) intervals of score and rank per hub."""
    exact.refuse_unknown(given, INPUT_KEYS, "区間の入力")
    missing = sorted(INPUT_KEYS - set(given))
    if missing:
        message = f"区間の入力に足りない項目があります: {'、'.join(missing)}"
        raise ValueError(message)
    draws = exact.whole(given["draws"], "試行回数")
    if draws == 0 or not given["hubs"]:
        message = "試行回数と拠点は1以上が必要です。"
        raise ValueError(message)
    hubs = _read_hubs(given)
    weights = {code: _float(value, code) for code, value in given["weights"].items()}
    moved = _MovingWeights(given["seed"], weights, _float(given["delta"], "delta"))
    fixed: dict[str, list[float]] = {code: [] for code in hubs}
    shaken: dict[str, list[float]] = {code: [] for code in hubs}
    for draw in range(draws):
        drawn_weights = moved.at(draw)
        for code, components in hubs.items():
            drawn = _component_points(components, draw)
            fixed[code].append(_mean([(weights[name], value) for name, value in drawn]))
            shaken[code].append(_mean([(drawn_weights[name], value) for name, value in drawn]))
    return {"m": summary(fixed), "mw": summary(shaken)}


def normal(key: str) -> float:
    """Return a nearly normal number (Irwin-Hall, 12 words) that belongs to a name."""
    digest = hashlib.sha256(key.encode("utf-8")).digest()
    total = 0
    for place in range(WORDS):
        total += digest[2 * place] * 256 + digest[2 * place + 1]
    return (total - WORD_MEAN) / WORD_RANGE


def uniform(key: str) -> float:
    """Return a number in [0, 1) that belongs to a name."""
    digest = hashlib.sha256(key.encode("utf-8")).digest()
    return int.from_bytes(digest[:UNIFORM_BYTES], "big") / UNIFORM_RANGE


def summary(scores: dict[str, list[float]]) -> dict[str, Any]:
    """Return the 5th, 50th and 95th order statistic of score (2 decimals) and rank."""
    ranks = _ranks(scores)
    return {
        code: {
            "score": [_printed(value) for value in order_statistics(scores[code])],
            "rank": order_statistics(ranks[code]),
        }
        for code in scores
    }


def order_statistics(values: Sequence[Any]) -> list[Any]:
    """Return the values at index ceil(p * N), without interpolation."""
    ordered = sorted(values)
    return [ordered[-(-percent * len(ordered) // 100) - 1] for percent in PERCENTILES]


class _MovingWeights:
    """Component weights W * (1 + delta * (2u - 1)), u shared by all hubs of a draw."""

    def __init__(self, seed: str, weights: dict[str, float], delta: float) -> None:
        self.seed = seed
        self.weights = weights
        self.delta = delta

    def at(self, draw: int) -> dict[str, float]:
        """Return the weights of one draw."""
        moved = {}
        for code, weight in self.weights.items():
            u = uniform(f"{self.seed}|w|{code}|{draw}")
            moved[code] = weight * (1.0 + self.delta * (2.0 * u - 1.0))
        return moved


def _component_points(components: dict[str, list[_Noisy]], draw: int) -> list[tuple[str, float]]:
    drawn = []
    for name, entries in components.items():
        rows = []
        for entry in entries:
            value = entry.value + entry.error * normal(f"{entry.key}{draw}")
            rows.append((entry.weight, _points(value, entry.anchor)))
        drawn.append((name, _mean(rows)))
    return drawn


def _mean(rows: list[tuple[float, float]]) -> float:
    total = weight = 0.0
    for part, value in rows:
        total += part * value
        weight += part
    return total / weight


def _points(value: float, anchor: Anchor) -> float:
    if value <= anchor[0][0]:
        return anchor[0][1]
    for (x0, y0), (x1, y1) in pairwise(anchor):
        if value <= x1:
            return y0 + (value - x0) * (y1 - y0) / (x1 - x0)
    return anchor[-1][1]


def _ranks(scores: dict[str, list[float]]) -> dict[str, list[int]]:
    """Competition ranks per draw."""
    ranks: dict[str, list[int]] = {code: [] for code in scores}
    codes = list(scores)
    for row in zip(*scores.values(), strict=True):
        place: dict[float, int] = {}
        for position, value in enumerate(sorted(row, reverse=True), 1):
            place.setdefault(value, position)
        for code, value in zip(codes, row, strict=True):
            ranks[code].append(place[value])
    return ranks


def _read_hubs(given: dict[str, Any]) -> Hubs:
    anchors = {
        name: [(float(x), float(y)) for x, y in read_anchor_row(row, name)]
        for name, row in given["anchors"].items()
    }
    hubs: Hubs = {}
    for code, components in given["hubs"].items():
        unknown = sorted(set(components) - set(given["weights"]))
        if unknown or not components:
            message = f"{code}: 重みのない項目か、項目のない拠点です: {'、'.join(unknown)}"
            raise ValueError(message)
        hubs[code] = {
            name: [
                _Noisy(
                    key=f"{given['seed']}|{code}|{name}|{item}|",
                    value=_float(value, item),
                    error=_float(error, item),
                    weight=_float(weight, item),
                    anchor=anchors[anchor],
                )
                for item, value, error, weight, anchor in entries
            ]
            for name, entries in components.items()
        }
    return hubs


def _float(value: object, name: str) -> float:
    return float(exact.number(value, name))


def _printed(value: float) -> str:
    return format(exact.rounded(Decimal(value), 2), "f")
