"""The simulation of `intervals` by numpy where it is installed, identical to the last digit.

Each draw is keyed by its name, so the work is 517,000 SHA-256 for 47 hubs; what Python adds around
them is what numpy saves (performance.md 3). Whole numbers stay whole until the last step, then the
same + - x / follow in the same order, element by element: no `dot`, no `sum` over floats, no numpy
random. Without numpy the plain form computes the same.
"""

import hashlib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from evaluation.scoring.rules import intervals as plain
from evaluation.scoring.rules.intervals import Anchor, Judging, Reading

try:
    import numpy as np
except ImportError:  # the optional group of requirements-numbers.txt is not installed
    HAS_NUMPY = False
else:
    HAS_NUMPY = True

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    # Per hub: the scores under the fixed and the moved weights; points per component.
    Draws = tuple[dict[str, Floats], dict[str, Floats], dict[str, dict[str, Floats]]]

WORDS_OF_A_DIGEST = 16


def intervals(given: dict[str, Any]) -> dict[str, Any]:
    """Return what `intervals.intervals` returns, several times faster where numpy is there."""
    if not HAS_NUMPY:
        return plain.intervals(given)
    read = plain.read_given(given)
    fixed, shaken, _ = _draw_all(read)
    return {"m": _summary(fixed), "mw": _summary(shaken)}


def judged(given: dict[str, Any], judging: Judging) -> dict[str, Any]:
    """Return what `intervals.judged` returns, several times faster where numpy is there."""
    if not HAS_NUMPY:
        return plain.judged(given, judging)
    fixed, shaken, points = _draw_all(plain.read_given(given))
    gated = {code: _gated(points[code], judging, code) for code in judging.ranked}
    return {
        kind: _judged(scores, judging, gated) for kind, scores in (("m", fixed), ("mw", shaken))
    }


def _draw_all(read: Reading) -> "Draws":
    endings = [str(draw).encode() for draw in range(read.draws)]
    moved = {code: _moved(read, code, endings) for code in read.weights}
    fixed, shaken, points = {}, {}, {}
    for code, components in read.hubs.items():
        drawn = {}
        for name, entries in components.items():
            total, weight = np.zeros(read.draws), 0.0
            for entry in entries:
                scored = _points(_values(entry, endings), entry.anchor)
                total = total + entry.weight * scored
                weight += entry.weight
            drawn[name] = total / weight
        fixed[code] = _mean([(read.weights[name], value) for name, value in drawn.items()])
        shaken[code] = _mean([(moved[name], value) for name, value in drawn.items()])
        points[code] = drawn
    return fixed, shaken, points


def _values(entry: plain.Noisy, endings: Sequence[bytes]) -> "Floats":
    if entry.error == 0.0:
        # Whatever is drawn, nothing is added: no need to ask.
        return np.full(len(endings), entry.value)
    return entry.value + entry.error * _normals(entry.key.encode("utf-8"), endings)


def _normals(key: bytes, endings: Sequence[bytes]) -> "Floats":
    """Return the nearly normal numbers of a name, one for each draw."""
    sha256 = hashlib.sha256
    digests = b"".join([sha256(key + ending).digest() for ending in endings])
    words = np.frombuffer(digests, dtype=">u2").reshape(-1, WORDS_OF_A_DIGEST)
    # A few columns of whole numbers: added up in any order they are the same.
    totals = words[:, : plain.WORDS].sum(axis=1, dtype=np.int64)
    drawn: Floats = (totals - plain.WORD_MEAN) / plain.WORD_RANGE
    return drawn


def _moved(read: Reading, code: str, endings: Sequence[bytes]) -> "Floats":
    key = f"{read.seed}|w|{code}|".encode()
    drawn = np.array(
        [
            int.from_bytes(hashlib.sha256(key + ending).digest()[: plain.UNIFORM_BYTES], "big")
            / plain.UNIFORM_RANGE
            for ending in endings
        ]
    )
    return read.weights[code] * (1.0 + read.delta * (2.0 * drawn - 1.0))


def _mean(rows: Sequence[tuple[Any, "Floats"]]) -> "Floats":
    """Return the weighted mean draw by draw, added up in the order of the rows."""
    total: Any = 0.0
    weight: Any = 0.0
    for part, value in rows:
        total = total + part * value
        weight = weight + part
    mean: Floats = total / weight
    return mean


def _points(value: "Floats", anchor: Anchor) -> "Floats":
    """Interpolate as `intervals` does: the first piece whose end is not passed."""
    scored = np.full(value.shape, anchor[-1][1])
    for (x0, y0), (x1, y1) in reversed(list(pairwise(anchor))):
        scored = np.where(value <= x1, y0 + (value - x0) * (y1 - y0) / (x1 - x0), scored)
    low: Floats = np.where(value <= anchor[0][0], anchor[0][1], scored)
    return low


def _summary(scores: Mapping[str, "Floats"]) -> dict[str, Any]:
    ranks = _ranks(scores)
    return {
        code: {"score": _shown(values), "rank": _statistics(ranks[code])}
        for code, values in scores.items()
    }


def _judged(
    scores: Mapping[str, "Floats"], judging: Judging, gated: Mapping[str, "Ints"]
) -> dict[str, Any]:
    final = {code: _adjusted(values, judging.adjust.get(code)) for code, values in scores.items()}
    ranks = _ranks({code: final[code] for code in judging.ranked})
    found: dict[str, Any] = {}
    for code, values in final.items():
        is_ranked = code in ranks
        grades, reached = _counted(values, judging, gated[code]) if is_ranked else (None, None)
        found[code] = {
            "score": _shown(values),
            "rank": _statistics(ranks[code]) if is_ranked else None,
            "grades": grades,
            "reached": reached,
        }
    return found


def _adjusted(values: "Floats", move: float | None) -> "Floats":
    if move is None:
        return values
    return np.minimum(np.maximum(values + move, 0.0), plain.TOP)


def _gated(points: Mapping[str, "Floats"], judging: Judging, code: str) -> "Ints":
    draws = len(next(iter(points.values())))
    worst = np.full(draws, judging.caps.get(code, 0), dtype=np.int64)
    for limit, cap in judging.gates:
        for name in judging.gated.get(code, ()):
            below = points[name] < limit - plain.HALF_A_POINT_STEP
            worst = np.maximum(worst, np.where(below, cap, 0))
    return worst


def _counted(
    values: "Floats", judging: Judging, gated: "Ints"
) -> tuple[dict[str, int], dict[str, int]]:
    names = [name for name, _ in judging.cuts]
    places = np.full(values.shape, len(names) - 1, dtype=np.int64)
    for place, bound in reversed(list(enumerate(judging.bounds))):
        places = np.where(values >= bound, place, places)
    return _tally(np.maximum(places, gated), names), _tally(places, names)


def _tally(places: "Ints", names: Sequence[str]) -> dict[str, int]:
    counts = np.bincount(places, minlength=len(names)).tolist()
    return dict(zip(names, counts, strict=True))


def _ranks(scores: Mapping[str, "Floats"]) -> dict[str, "Ints"]:
    """Competition ranks per draw: one more than the number of hubs strictly above."""
    if not scores:
        return {}
    table = np.stack(list(scores.values()), axis=1)
    ordered = np.sort(table, axis=1)
    ranks = np.empty(table.shape, dtype=np.int64)
    for draw, row in enumerate(ordered):
        ranks[draw] = 1 + len(row) - np.searchsorted(row, table[draw], "right")
    return dict(zip(scores, ranks.T, strict=True))


def _statistics(values: "Ints") -> list[int]:
    statistics: list[int] = np.sort(values)[_places(len(values))].tolist()
    return statistics


def _shown(values: "Floats") -> list[str]:
    return [plain.printed(value) for value in np.sort(values)[_places(len(values))].tolist()]


def _places(draws: int) -> list[int]:
    """The places of the order statistics: index ceil(p * N), no interpolation."""
    return [-(-percent * draws // 100) - 1 for percent in plain.PERCENTILES]
