"""47 made-up hubs for the desk's tests: every kind of item, both gates, all grades."""

import random
from typing import Any

INDICATORS = {"CONS": 1200, "VISIT": 700, "SOLVE": 260, "NETW": 120}
CODES = [f"{number:02d}" for number in range(1, 48)]


def hubs(seed: int = 7) -> list[dict[str, Any]]:
    """The engine's input of 47 hubs, the same for the same seed."""
    draw = random.Random(seed)  # noqa: S311 (made-up figures, no secret)
    return [_hub(code, draw) for code in CODES]


def _hub(code: str, draw: random.Random) -> dict[str, Any]:
    level = draw.uniform(0.55, 1.18)
    answers = draw.choice([0, 3, 25, 60, 140])
    hub: dict[str, Any] = {
        "code": code,
        "months": draw.choice([12, 12, 12, 9, 5]),
        "indicators": {
            name: _entry(draw, round(target * draw.uniform(0.5, 1.5)), level)
            for name, target in INDICATORS.items()
        },
        "focus": [
            {"code": f"F{n}", **_entry(draw, draw.randint(12, 90), level)}
            for n in range(1, draw.choice([2, 2, 3, 4]))
        ],
        "survey": _histogram(draw, answers),
        "partners": [f"{draw.uniform(2.4, 4.9):.2f}" for _ in range(draw.choice([0, 2, 5, 8]))],
        "checks": {name: _checks(name, draw, level) for name in ("CHK", "UNQ")},
    }
    if int(code) % 11 == 0:
        hub["integrity_findings"] = ["I-1"]
    if int(code) % 7 == 0:
        hub["adjust"] = draw.choice(["-2.50", "3.25"])
    if int(code) % 13 == 0:
        hub["survey_excused"] = True
    return hub


def _entry(draw: random.Random, target: int, level: float) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "target": target,
        "actual": round(target * level * draw.uniform(0.8, 1.2)),
        "challenge": draw.choice(["1.00", "1.05", "1.10"]),
    }
    odd = draw.random()
    if odd < 0.04:
        entry["actual"] = None
    elif odd < 0.07:
        entry["excused"] = True
    elif odd < 0.10:
        entry |= {"target": 0, "zero_target_approved": draw.random() < 0.5}
    elif odd < 0.14:
        entry["lower_is_better"] = True
    elif odd < 0.17:
        entry["actual"] = f"{entry['actual']}.5"
    return entry


def _histogram(draw: random.Random, answers: int) -> list[int]:
    row = [0] * 5
    for _ in range(answers):
        row[min(4, max(0, round(draw.gauss(3.1, 0.9))))] += 1
    return row


def _checks(name: str, draw: random.Random, level: float) -> list[dict[str, Any]]:
    rows = []
    for number in range(1, 5):
        row: dict[str, Any] = {
            "code": f"{name[0]}{number}",
            "weight": draw.choice(["1.00", "2.00"]),
            "scores": {
                f"R{rater}": min(4, max(0, round(draw.gauss(3 * level, 0.7)))) for rater in "ABC"
            },
            "evidence": draw.random() < 0.8,
        }
        odd = draw.random()
        if odd < 0.06:
            row["na"] = True
        elif odd < 0.12:
            row["scores"] = {}
        rows.append(row)
    return rows
