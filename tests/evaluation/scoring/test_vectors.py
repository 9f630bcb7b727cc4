"""Every shipped vector passes through the product's own engines, compared as text (spec 8)."""

import copy
import json
from pathlib import Path

import pytest

from evaluation.budget.rules.check import check_file, check_vector
from evaluation.budget.rules.v1 import allocate
from evaluation.scoring.rules.v1 import score
from yorozu.core.canonical import canonical_json, sha256_text

FILE = Path(__file__).parents[2] / "data" / "evaluation_vectors.json"
DATA = json.loads(FILE.read_text(encoding="utf-8"))
VECTORS = {vector["id"]: vector for vector in DATA["vectors"]}


def exported_run() -> dict:
    """A run with one budget as the portal exports it."""
    snapshot = canonical_json({"engine": "v1", "input": VECTORS["V03"]["input"], "from": ["row 1"]})
    result = canonical_json(score(VECTORS["V03"]["input"]))
    plan = canonical_json(VECTORS["V20"]["input"])
    amounts = canonical_json(allocate(VECTORS["V20"]["input"]))
    return {
        "kind": "evaluation_run",
        "engine": "v1",
        "snapshot": snapshot,
        "input_hash": sha256_text(snapshot),
        "result": result,
        "result_hash": sha256_text(result),
        "budgets": [
            {
                "engine": "v1",
                "snapshot": plan,
                "input_hash": sha256_text(plan),
                "result": amounts,
                "result_hash": sha256_text(amounts),
            }
        ],
    }


def test_all_32_vectors_are_present():
    assert len(VECTORS) == 32


@pytest.mark.parametrize("name", VECTORS)
def test_vector_is_reproduced_as_text(name):
    assert check_vector(VECTORS[name]) == []


@pytest.mark.parametrize("name", [n for n, v in VECTORS.items() if v["kind"] == "score"])
def test_score_result_has_the_same_canonical_text(name):
    vector = VECTORS[name]
    assert canonical_json(score(vector["input"])) == canonical_json(vector["expected"])


@pytest.mark.parametrize("name", [n for n, v in VECTORS.items() if v["kind"] == "budget"])
def test_budget_result_has_the_same_canonical_text(name):
    vector = VECTORS[name]
    assert canonical_json(allocate(vector["input"])) == canonical_json(vector["expected"])


def test_the_file_closes_with_all_passed():
    assert check_file(DATA) == (32, 0, [])


def test_a_changed_digit_is_named_with_its_place():
    vector = copy.deepcopy(VECTORS["V01"])
    vector["expected"]["hubs"][0]["final"] = "80.86"
    assert check_vector(vector) == ["$.hubs[0].final: 記録 '80.86'、計算 '80.85'"]


def test_a_number_in_place_of_its_text_is_a_difference():
    vector = copy.deepcopy(VECTORS["V15"])
    vector["expected"]["hubs"][0]["waterfall"]["rounding"] = 333
    assert len(check_vector(vector)) == 1


def test_a_refusal_that_does_not_come_is_a_failure():
    vector = {
        "id": "X",
        "kind": "error",
        "input": {"kind": "budget", "input": VECTORS["V15"]["input"]},
        "expected": "ValueError",
    }
    assert check_file({"vectors": [vector]})[:2] == (0, 1)


def test_a_vector_of_unknown_kind_fails():
    assert check_vector({"kind": "guess", "input": {}, "expected": {}}) != []


def test_a_file_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="検証できるファイルではありません"):
        check_file({"vectors": []})


def test_an_exported_run_is_recomputed():
    assert check_file(exported_run()) == (2, 0, [])


@pytest.mark.parametrize("field", ["snapshot", "input_hash", "result", "result_hash"])
def test_a_touched_field_of_an_exported_run_is_found(field):
    run = exported_run()
    run[field] = run[field].replace("8", "9")
    passed, failed, lines = check_file(run)
    assert (passed, failed) == (1, 1)
    assert lines


def test_a_touched_budget_of_an_exported_run_is_found():
    run = exported_run()
    run["budgets"][0]["result"] = run["budgets"][0]["result"].replace("46886000", "46887000")
    passed, failed, lines = check_file(run)
    assert (passed, failed) == (1, 1)
    assert any("budget" in line for line in lines)


def test_a_forged_result_with_its_own_hash_is_found():
    run = exported_run()
    run["result"] = run["result"].replace('"grade":"A"', '"grade":"S"')
    run["result_hash"] = sha256_text(run["result"])
    assert check_file(run)[1] == 1


def test_an_unknown_engine_is_named():
    run = exported_run()
    run["engine"] = "v9"
    assert "v9" in check_file(run)[2][0]


def test_an_incomplete_record_is_named():
    run = exported_run()
    del run["result_hash"]
    assert "result_hash" in check_file(run)[2][0]
