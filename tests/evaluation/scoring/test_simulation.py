"""numpy computes what the plain form computes, to the last digit, and may be missing."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from evaluation.scoring.rules import intervals as plain
from evaluation.scoring.rules import simulation
from evaluation.scoring.rules.intervals import Judging
from yorozu.core.canonical import canonical_json

FILE = Path(__file__).parents[2] / "data" / "evaluation_vectors.json"
VECTORS = {row["id"]: row for row in json.loads(FILE.read_text(encoding="utf-8"))["vectors"]}
GRADES = (("S", 90.0), ("A", 80.0), ("B", 65.0), ("C", 50.0), ("D", 0.0))
ANCHORS = {
    "r": [["0", "0"], ["1", "80"], ["1.2", "100"]],
    "s": [["1", "0"], ["4", "80"], ["5", "100"]],
    "flat": [["0.5", "10"], ["0.75", "20.5"], ["0.8", "90"]],
}
pytestmark = pytest.mark.once
needs_numpy = pytest.mark.skipif(not simulation.HAS_NUMPY, reason="numpy is not installed")


def network(seed: int) -> dict[str, Any]:
    """Hubs of any shape: components missing, errors of zero, equal hubs, odd weights."""
    dice = random.Random(seed)  # noqa: S311 (cases of a test)
    weights = {"IND": "40", "FOC": "15", "SAT": "12.5", "CHK": "7.25"}
    hubs: dict[str, Any] = {}
    for number in range(dice.randint(1, 12)):
        parts = dice.sample(sorted(weights), dice.randint(1, 4))
        hubs[f"{number:02d}"] = {name: items(dice, name) for name in parts}
    hubs["twin"] = next(iter(hubs.values()))
    return {
        "seed": f"s{seed}",
        "draws": dice.choice([1, 2, 19, 20, 21, 160]),
        "delta": dice.choice(["0", "0.25", "0.9"]),
        "weights": weights,
        "anchors": ANCHORS,
        "hubs": hubs,
    }


def items(dice: random.Random, name: str) -> list[list[str]]:
    """Items around and far outside the anchors."""
    anchor = dice.choice(sorted(ANCHORS))
    return [
        [
            f"{name}{place}",
            f"{dice.uniform(-0.5, 5):.4f}",
            dice.choice(["0", f"{dice.uniform(0, 0.6):.6f}"]),
            f"{dice.uniform(0.1, 9):.2f}",
            anchor,
        ]
        for place in range(dice.randint(1, 5))
    ]


def judging(given: dict[str, Any], seed: int) -> Judging:
    """Adjusted, gated, held down and unranked hubs."""
    dice = random.Random(seed)  # noqa: S311 (cases of a test)
    codes = list(given["hubs"])
    return Judging(
        cuts=GRADES,
        ranked=tuple(code for code in codes if dice.random() < 0.8),
        adjust={code: dice.uniform(-5, 5) for code in codes if dice.random() < 0.4},
        gates=((40.0, 2), (10.0, 3)),
        gated={code: tuple(given["hubs"][code]) for code in codes if dice.random() < 0.7},
        caps={code: 3 for code in codes if dice.random() < 0.2},
    )


@needs_numpy
@pytest.mark.parametrize("seed", range(25))
def test_numpy_draws_the_same_text(seed: int) -> None:
    given = network(seed)
    found = simulation.intervals(given)
    assert canonical_json(found) == canonical_json(plain.intervals(given))


@needs_numpy
@pytest.mark.parametrize("seed", range(25))
def test_numpy_judges_the_same_text(seed: int) -> None:
    given = network(seed)
    rules = judging(given, seed)
    found = simulation.judged(given, rules)
    assert canonical_json(found) == canonical_json(plain.judged(given, rules))


@pytest.mark.parametrize("has_numpy", [False, pytest.param(True, marks=needs_numpy)])
def test_the_vector_passes_with_and_without_numpy(
    monkeypatch: pytest.MonkeyPatch, has_numpy: bool
) -> None:
    monkeypatch.setattr(simulation, "HAS_NUMPY", has_numpy)
    found = simulation.intervals(VECTORS["V25"]["input"])
    assert canonical_json(found) == canonical_json(VECTORS["V25"]["expected"])
    plainly = judging(VECTORS["V25"]["input"], 1)
    kinds = simulation.judged(VECTORS["V25"]["input"], plainly)
    assert set(kinds) == {"m", "mw"}


def test_adding_a_hub_moves_no_draw_of_another() -> None:
    given = network(4)
    more = {**given, "hubs": {"new": given["hubs"]["twin"], **given["hubs"]}}
    before, after = simulation.intervals(given), simulation.intervals(more)
    for code in given["hubs"]:
        assert after["m"][code]["score"] == before["m"][code]["score"]


def sure(value: str) -> dict[str, Any]:
    """One hub whose only item is drawn without error: 80 points at 1."""
    return {
        "seed": "s",
        "draws": 20,
        "delta": "0.25",
        "weights": {"IND": "100"},
        "anchors": {"r": ANCHORS["r"]},
        "hubs": {"A": {"IND": [["X", value, "0", "1", "r"]]}},
    }


@pytest.mark.parametrize(
    ("value", "rules", "grades", "reached"),
    [
        ("1", Judging(GRADES, ("A",)), "A", "A"),
        # 79.9952 is printed 80.00 and is an A, 79.9944 is printed 79.99.
        ("0.99994", Judging(GRADES, ("A",)), "A", "A"),
        ("0.99993", Judging(GRADES, ("A",)), "B", "B"),
        ("1.1", Judging(GRADES, ("A",), gates=((95.0, 2),), gated={"A": ("IND",)}), "B", "S"),
        ("1.1", Judging(GRADES, ("A",), gates=((95.0, 2),)), "S", "S"),
        ("1.1", Judging(GRADES, ("A",), caps={"A": 3}), "C", "S"),
        ("1.1", Judging(GRADES, ("A",), adjust={"A": -5.0}), "A", "A"),
        ("1.2", Judging(GRADES, ("A",), adjust={"A": 5.0}), "S", "S"),
        ("0", Judging(GRADES, ("A",), adjust={"A": -5.0}), "D", "D"),
    ],
)
@pytest.mark.parametrize("has_numpy", [False, pytest.param(True, marks=needs_numpy)])
def test_a_draw_is_judged_as_a_score_is(
    monkeypatch: pytest.MonkeyPatch,
    has_numpy: bool,
    value: str,
    rules: Judging,
    grades: str,
    reached: str,
) -> None:
    monkeypatch.setattr(simulation, "HAS_NUMPY", has_numpy)
    found = simulation.judged(sure(value), rules)["m"]["A"]
    assert found["grades"][grades] == found["reached"][reached] == 20
    assert 0 <= float(found["score"][1]) <= 100


def test_an_unranked_hub_takes_no_place() -> None:
    given = sure("1")
    given["hubs"]["B"] = {"IND": [["X", "1.1", "0", "1", "r"]]}
    found = simulation.judged(given, Judging(GRADES, ("A",)))["mw"]
    assert found["A"]["rank"] == [1, 1, 1]
    assert found["B"] == {
        "score": ["90.00", "90.00", "90.00"],
        "rank": None,
        "grades": None,
        "reached": None,
    }


def test_bad_input_is_refused_before_any_draw() -> None:
    with pytest.raises(ValueError, match="試行回数"):
        simulation.intervals({**sure("1"), "draws": 0})
    with pytest.raises(ValueError, match="重みのない項目"):
        simulation.judged({**sure("1"), "weights": {}}, Judging(GRADES, ("A",)))
