"""90 % intervals of score and rank by keyed, bit-identical simulation (evaluation.md 2.11).

The only place of the judgement with floats: + - x / in explicit loops, no `sum()`, no numpy,
so that every CPython on every machine draws the same numbers from the same seed. `simulation` asks
numpy for the same numbers; this module says what they must be and stands in where numpy is missing.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
# Scores are printed with 2, component points with 4 decimals, both half up.
HALF_A_STEP, HALF_A_POINT_STEP = 0.005, 0.00005
TOP = 100.0

Anchor = list[tuple[float, float]]


@dataclass(frozen=True)
class Noisy:
    """One item value with its standard error, weight and anchors, as floats."""

    key: str
    value: float
    error: float
    weight: float
    anchor: Anchor


Hubs = dict[str, dict[str, list[Noisy]]]
Scores = dict[str, list[float]]


@dataclass(frozen=True)
class Reading:
    """The input of a simulation, read."""

    seed: str
    draws: int
    delta: float
    weights: dict[str, float]
    hubs: Hubs


@dataclass(frozen=True)
class Judging:
    """What makes a drawn score a judgement: adjustment, cuts and gates (evaluation.md 2.7-2.10).

    ``cuts`` are (grade, lower bound on the printed score), the best first. ``gates`` are (limit,
    place of the cap in ``cuts``) and look at the components in ``gated`` of a hub; ``caps`` holds a
    hub down in every draw. Only the hubs in ``ranked`` have ranks and grades.
    """

    cuts: tuple[tuple[str, float], ...]
    ranked: tuple[str, ...]
    adjust: Mapping[str, float] = field(default_factory=dict)
    gates: tuple[tuple[float, int], ...] = ()
    gated: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    caps: Mapping[str, int] = field(default_factory=dict)

    @property
    def bounds(self) -> list[float]:
        """The cuts as bounds on a score that is not rounded yet: 79.995 is printed 80.00."""
        return [cut - HALF_A_STEP for _, cut in self.cuts]


@dataclass(frozen=True)
class Drawn:
    """All draws: scores under the fixed and the moved weights, points per hub and component."""

    fixed: Scores
    shaken: Scores
    points: dict[str, Scores]


def intervals(given: dict[str, Any]) -> dict[str, Any]:
    """Return `m` (measurement) and `mw` (also weights) intervals of score and rank per hub."""
    drawn = draw_all(read_given(given))
    return {"m": summary(drawn.fixed), "mw": summary(drawn.shaken)}


def judged(given: dict[str, Any], judging: Judging) -> dict[str, Any]:
    """Return the intervals of the final score with the number of draws that end in each grade.

    Per kind (`m`, `mw`) and hub: `score`, and for ranked hubs `rank`, `grades` (with the gates) and
    `reached` (by the score alone), both counts of draws; None for the others.
    """
    drawn = draw_all(read_given(given))
    gated = {code: _gated(drawn.points[code], judging, code) for code in judging.ranked}
    return {
        kind: _judged(scores, judging, gated)
        for kind, scores in (("m", drawn.fixed), ("mw", drawn.shaken))
    }


def read_given(given: dict[str, Any]) -> Reading:
    """Read the input; ValueError or TypeError names what is wrong."""
    exact.refuse_unknown(given, INPUT_KEYS, "区間の入力")
    missing = sorted(INPUT_KEYS - set(given))
    if missing:
        message = f"区間の入力に足りない項目があります: {'、'.join(missing)}"
        raise ValueError(message)
    draws = exact.whole(given["draws"], "試行回数")
    if draws == 0 or not given["hubs"]:
        message = "試行回数と拠点は1以上が必要です。"
        raise ValueError(message)
    return Reading(
        seed=given["seed"],
        draws=draws,
        delta=_float(given["delta"], "delta"),
        weights={code: _float(value, code) for code, value in given["weights"].items()},
        hubs=_read_hubs(given),
    )


def draw_all(read: Reading) -> Drawn:
    """Draw every item of every hub, then points, components and score, as the engine does."""
    weights = read.weights
    fixed: Scores = {code: [] for code in read.hubs}
    shaken: Scores = {code: [] for code in read.hubs}
    points: dict[str, Scores] = {
        code: {name: [] for name in components} for code, components in read.hubs.items()
    }
    for draw in range(read.draws):
        drawn_weights = moved_weights(read, draw)
        for code, components in read.hubs.items():
            drawn = _component_points(components, draw)
            fixed[code].append(_mean([(weights[name], value) for name, value in drawn]))
            shaken[code].append(_mean([(drawn_weights[name], value) for name, value in drawn]))
            for name, value in drawn:
                points[code][name].append(value)
    return Drawn(fixed, shaken, points)


def moved_weights(read: Reading, draw: int) -> dict[str, float]:
    """Component weights W * (1 + delta * (2u - 1)) of a draw; u is shared by all hubs."""
    moved = {}
    for code, weight in read.weights.items():
        u = uniform(f"{read.seed}|w|{code}|{draw}")
        moved[code] = weight * (1.0 + read.delta * (2.0 * u - 1.0))
    return moved


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


def summary(scores: Scores) -> dict[str, Any]:
    """Return the 5th, 50th and 95th order statistic of score (2 decimals) and rank."""
    ranks = _ranks(scores)
    return {
        code: {
            "score": [printed(value) for value in order_statistics(scores[code])],
            "rank": order_statistics(ranks[code]),
        }
        for code in scores
    }


def order_statistics(values: Sequence[Any]) -> list[Any]:
    """Return the values at index ceil(p * N), without interpolation."""
    ordered = sorted(values)
    return [ordered[-(-percent * len(ordered) // 100) - 1] for percent in PERCENTILES]


def _component_points(components: dict[str, list[Noisy]], draw: int) -> list[tuple[str, float]]:
    drawn = []
    for name, entries in components.items():
        rows = []
        for entry in entries:
            value = entry.value + entry.error * normal(f"{entry.key}{draw}")
            rows.append((entry.weight, _points(value, entry.anchor)))
        drawn.append((name, _mean(rows)))
    return drawn


def _judged(scores: Scores, judging: Judging, gated: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    final = {code: _adjusted(values, judging.adjust.get(code)) for code, values in scores.items()}
    ranks = _ranks({code: final[code] for code in judging.ranked})
    found = {}
    for code, values in final.items():
        counted = _counted(values, judging, gated[code]) if code in ranks else None
        found[code] = {
            "score": [printed(value) for value in order_statistics(values)],
            "rank": order_statistics(ranks[code]) if code in ranks else None,
            "grades": counted[0] if counted else None,
            "reached": counted[1] if counted else None,
        }
    return found


def _adjusted(values: list[float], move: float | None) -> list[float]:
    """Add the panel's adjustment, held within the scale."""
    if move is None:
        return values
    return [min(max(value + move, 0.0), TOP) for value in values]


def _gated(points: Scores, judging: Judging, code: str) -> list[int]:
    """Return per draw the place of the best grade that the gates leave open to a hub."""
    floor = judging.caps.get(code, 0)
    draws = len(next(iter(points.values())))
    worst = [floor] * draws
    for limit, cap in judging.gates:
        for name in judging.gated.get(code, ()):
            for draw, value in enumerate(points[name]):
                if value < limit - HALF_A_POINT_STEP:
                    worst[draw] = max(worst[draw], cap)
    return worst


def _counted(
    values: list[float], judging: Judging, gated: Sequence[int]
) -> tuple[dict[str, int], dict[str, int]]:
    """Count the draws that end in each grade: with the gates, and by the score alone."""
    names = [name for name, _ in judging.cuts]
    grades, reached = dict.fromkeys(names, 0), dict.fromkeys(names, 0)
    bounds = judging.bounds
    for value, cap in zip(values, gated, strict=True):
        place = next((at for at, bound in enumerate(bounds) if value >= bound), len(names) - 1)
        reached[names[place]] += 1
        grades[names[max(place, cap)]] += 1
    return grades, reached


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


def _ranks(scores: Scores) -> dict[str, list[int]]:
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
                Noisy(
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


def printed(value: float) -> str:
    """Return a drawn score as it is shown: 2 decimals, half up."""
    return format(exact.rounded(Decimal(value), 2), "f")
