"""Recompute test vectors and exported runs and name every difference (evaluation.md 5, 8)."""

import json
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

from evaluation.budget.rules import v1 as budget_v1
from evaluation.budget.rules import v2 as budget_v2
from evaluation.scoring.rules import v1 as scoring_v1
from evaluation.scoring.rules.recheck import Engine, check_analysis, check_run, differences
from evaluation.scoring.rules.simulation import intervals
from evaluation.surveys.rules import wilson
from yorozu.core.canonical import canonical_hash, canonical_json

SCORING_ENGINES: MappingProxyType[str, Engine] = MappingProxyType(
    {scoring_v1.ENGINE: scoring_v1.score}
)
BUDGET_ENGINES: MappingProxyType[str, Engine] = MappingProxyType(
    {budget_v1.ENGINE: budget_v1.allocate, budget_v2.ENGINE: budget_v2.allocate}
)
RUN_KIND = "evaluation_run"


def check_vector(vector: dict[str, Any]) -> list[str]:
    """Return the differences of one vector as text; an empty list means it passed."""
    if vector.get("kind") == "error":
        return _check_refusal(vector["input"], vector["expected"])
    compute = COMPUTE.get(vector.get("kind", ""))
    if compute is None:
        return [f"知らない種類です: {vector.get('kind')}"]
    try:
        found = compute(vector["input"])
    except (ValueError, TypeError) as refusal:
        return [f"計算を断りました: {type(refusal).__name__}: {refusal}"]
    return list(differences(vector["expected"], _as_json(found), "$"))


def check_file(data: dict[str, Any]) -> tuple[int, int, list[str]]:
    """Check a vectors file or an exported run; return passed, failed and the report lines."""
    if data.get("kind") == RUN_KIND:
        checks = list(_run_checks(data))
    elif isinstance(data.get("vectors"), list) and data["vectors"]:
        checks = [
            (str(vector.get("id", place)), check_vector(vector))
            for place, vector in enumerate(data["vectors"], 1)
        ]
    else:
        message = "検証できるファイルではありません。vectors も kind も見つかりません。"
        raise ValueError(message)
    lines = [f"NG {name}: {fault}" for name, faults in checks for fault in faults]
    failed = sum(bool(faults) for _, faults in checks)
    return len(checks) - failed, failed, lines


def _run_checks(data: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    yield "評価", check_run(data, SCORING_ENGINES)
    if data.get("analysis") is not None:
        yield "ばらつきと頑健性", check_analysis(data, data["analysis"], SCORING_ENGINES)
    for place, budget in enumerate(data.get("budgets", []), 1):
        yield f"配分{place}", check_run(budget, BUDGET_ENGINES)


def _check_refusal(given: dict[str, Any], expected: str) -> list[str]:
    compute = COMPUTE[given["kind"]]
    try:
        compute(given["input"])
    except (ValueError, TypeError) as refusal:
        name = type(refusal).__name__
        return [] if name == expected else [f"{expected} ではなく {name} で断りました: {refusal}"]
    return [f"断るはずの入力を計算しました({expected})"]


def _hashes(given: dict[str, Any]) -> list[str]:
    return [canonical_hash(entry) for entry in given["objects"]]


def _wilson_cases(given: dict[str, Any]) -> list[list[str]]:
    return [
        [format(limit, "f") for limit in wilson(successes, n)] for successes, n in given["cases"]
    ]


def _as_json(value: object) -> object:
    """Return the value as a reader of the file would see it; floats cannot pass."""
    return json.loads(canonical_json(value))


COMPUTE: MappingProxyType[str, Engine] = MappingProxyType(
    {
        "score": scoring_v1.score,
        "budget": budget_v1.allocate,
        "hash": _hashes,
        "wilson": _wilson_cases,
        "intervals": intervals,
    }
)
