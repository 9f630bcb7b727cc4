"""Recompute a stored computation from its snapshot and name every difference (evaluation.md 5)."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from evaluation.scoring.rules.analysis import analyse
from yorozu.core.canonical import canonical_json, parse_canonical, sha256_text

Engine = Callable[[dict[str, Any]], Any]
RUN_KEYS = frozenset({"engine", "snapshot", "input_hash", "result", "result_hash"})
ANALYSIS_KEYS = frozenset({"method", "snapshot", "input_hash", "result", "result_hash"})


def check_run(record: dict[str, Any], engines: Mapping[str, Engine]) -> list[str]:
    """Recompute one stored run from its snapshot and compare text and hashes."""
    missing = sorted(RUN_KEYS - set(record))
    if missing:
        return [f"記録に足りない項目があります: {'、'.join(missing)}"]
    compute = engines.get(record["engine"])
    if compute is None:
        return [f"知らない計算方式です: {record['engine']}"]
    return _recomputed(record, lambda snapshot: compute(engine_input(snapshot, record["engine"])))


def check_analysis(
    run: dict[str, Any], record: dict[str, Any], engines: Mapping[str, Engine]
) -> list[str]:
    """Recompute the analysis of a run from both snapshots and compare text and hashes."""
    missing = sorted(ANALYSIS_KEYS - set(record))
    if missing:
        return [f"記録に足りない項目があります: {'、'.join(missing)}"]
    engine = engines.get(run["engine"])
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
