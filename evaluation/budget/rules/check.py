"""Recompute test vectors and exported runs and name every difference (evaluation.md 5, 8)."""

import json
from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Any

from evaluation.budget.rules import v1 as budget_v1
from evaluation.budget.rules import v2 as budget_v2
from evaluation.scoring.rules import v1 as scoring_v1
from evaluation.scoring.rules.analysis import analyse
from evaluation.scoring.rules.simulation import intervals
from evaluation.surveys.rules import wilson
from yorozu.core.canonical import canonical_hash, canonical_json, parse_canonical, sha256_text

Engine = Callable[[dict[str, Any]], Any]

SCORING_ENGINES: MappingProxyType[str, Engine] = MappingProxyType(
    {scoring_v1.ENGINE: scoring_v1.score}
)
BUDGET_ENGINES: MappingProxyType[str, Engine] = MappingProxyType(
    {budget_v1.ENGINE: budget_v1.allocate, budget_v2.ENGINE: budget_v2.allocate}
)
RUN_KIND = "evaluation_run"
RUN_KEYS = frozenset({"engine", "snapshot", "input_hash", "result", "result_hash"})
ANALYSIS_KEYS = frozenset({"method", "snapshot", "input_hash", "result", "result_hash"})


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


def check_run(record: dict[str, Any], engines: MappingProxyType[str, Engine]) -> list[str]:
    """Recompute one stored run from its snapshot and compare text and hashes."""
    missing = sorted(RUN_KEYS - set(record))
    if missing:
        return [f"記録に足りない項目があります: {'、'.join(missing)}"]
    compute = engines.get(record["engine"])
    if compute is None:
        return [f"知らない計算方式です: {record['engine']}"]
    return _recomputed(record, lambda snapshot: compute(engine_input(snapshot, record["engine"])))


def check_analysis(run: dict[str, Any], record: dict[str, Any]) -> list[str]:
    """Recompute the analysis of a run from both snapshots and compare text and hashes."""
    missing = sorted(ANALYSIS_KEYS - set(record))
    if missing:
        return [f"記録に足りない項目があります: {'、'.join(missing)}"]
    engine = SCORING_ENGINES.get(run["engine"])
    if engine is None:
        return [f"知らない計算方式です: {run['engine']}"]

    def again(further: object) -> object:
        if not isinstance(further, dict):
            message = "入力の記録の形が違います。"
            raise TypeError(message)
        if further.get("run") != sha256_text(run["snapshot"]):
            message = "別の評価の分析です。"
            raise ValueError(message)
        given = engine_input(parse_canonical(run["snapshot"]), run["engine"])
        return analyse(given, further, engine)

    return _recomputed(record, again)


def _recomputed(record: dict[str, Any], compute: Callable[[object], object]) -> list[str]:
    """Compute a record again from its snapshot; every difference of text and hash."""
    try:
        snapshot = parse_canonical(record["snapshot"])
        found = canonical_json(compute(snapshot))
        written = canonical_json(snapshot)
        stored = parse_canonical(record["result"])
    except (ValueError, TypeError) as refusal:
        return [f"再計算を断りました: {type(refusal).__name__}: {refusal}"]
    faults = []
    if written != record["snapshot"]:
        faults.append("入力の記録が正規の書き方ではありません。")
    if sha256_text(record["snapshot"]) != record["input_hash"]:
        faults.append("入力のハッシュが記録と違います。")
    if sha256_text(record["result"]) != record["result_hash"]:
        faults.append("結果のハッシュが記録と違います。")
    if found != record["result"]:
        faults.append("再計算した結果が記録と違います。")
        faults.extend(differences(stored, json.loads(found), "$"))
    return faults


def engine_input(snapshot: object, engine: str) -> dict[str, Any]:
    """Return what the engine reads from a snapshot.

    A snapshot is either the engine's input itself, or an object with `engine`, `input` and any
    record of where the input came from.
    """
    if not isinstance(snapshot, dict):
        message = "入力の記録の形が違います。"
        raise TypeError(message)
    if snapshot.get("engine", engine) != engine:
        message = f"入力の記録は別の計算方式のものです: {snapshot['engine']}"
        raise ValueError(message)
    given = snapshot.get("input", snapshot)
    if not isinstance(given, dict):
        message = "入力の記録の形が違います。"
        raise TypeError(message)
    return given


def differences(expected: object, found: object, path: str) -> Iterator[str]:
    """Yield every place where two JSON values differ, compared as text and type."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted(set(expected) | set(found)):
            if key not in expected or key not in found:
                yield f"{path}.{key}: {'余分です' if key not in expected else 'ありません'}"
            else:
                yield from differences(expected[key], found[key], f"{path}.{key}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for place, pair in enumerate(zip(expected, found, strict=True)):
            yield from differences(*pair, f"{path}[{place}]")
    elif type(expected) is not type(found) or expected != found:
        yield f"{path}: 記録 {expected!r}、計算 {found!r}"


def _run_checks(data: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    yield "評価", check_run(data, SCORING_ENGINES)
    if data.get("analysis") is not None:
        yield "ばらつきと頑健性", check_analysis(data, data["analysis"])
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
