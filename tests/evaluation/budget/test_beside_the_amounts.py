"""Engine v2: the amounts of v1, funding lines, years to the formula, refusals at the field."""

import json
import random
from fractions import Fraction
from pathlib import Path

import pytest

from evaluation.budget.rules import v1, v2
from evaluation.budget.rules.check import BUDGET_ENGINES, check_run
from evaluation.budget.rules.corridor import HORIZON, years_to_formula
from evaluation.budget.rules.lines import Line, read_lines, split
from evaluation.budget.rules.params import DEFAULT_PARAMS, read_params
from evaluation.budget.rules.problems import problems
from yorozu.core.canonical import canonical_json, sha256_text

FILE = Path(__file__).parents[2] / "data" / "evaluation_vectors.json"
VECTORS = [
    vector
    for vector in json.loads(FILE.read_text(encoding="utf-8"))["vectors"]
    if vector["kind"] == "budget"
]
SOURCE = 20161
CASES = 1000


def cents(value: int) -> str:
    return f"{value // 100}.{value % 100:02}"


def case(source: random.Random) -> dict:
    """A network of 1 to 12 hubs in thousands of yen, some new, some ungraded."""
    hubs = [
        {
            "code": f"{place:02}",
            "prior": None if source.random() < 0.1 else source.randrange(20_000, 150_000) * 1000,
            "score": None
            if source.random() < 0.1
            else f"{source.randrange(3000, 10000) / 100:.2f}",
            "need": {"sme": source.randrange(1_000, 400_000), "area": source.randrange(1, 80_000)},
        }
        for place in range(1, source.randrange(2, 14))
    ]
    known = sum(hub["prior"] or 60_000_000 for hub in hubs)
    return {
        "total": known * source.randrange(70, 140) // 100 // 1000 * 1000,
        "params": {
            "need_factors": {"sme": "0.8", "area": "0.2"},
            "rate": source.choice(["0", "0.15", "0.30"]),
            "floor": source.choice([0, 5_000_000]),
            "limit_basis": source.choice(["pool", "absolute"]),
        },
        "hubs": hubs,
    }


def with_lines(given: dict, source: random.Random) -> dict:
    """The same envelope in two to four lines, some of them tiny."""
    units, parts = given["total"] // 1000, source.randrange(2, 5)
    cuts = sorted(source.sample(range(1, units), parts - 1))
    sizes = [end - start for start, end in zip([0, *cuts], [*cuts, units], strict=True)]
    lines = [{"name": f"区分{n}", "total": size * 1000} for n, size in enumerate(sizes)]
    return {**given, "lines": lines}


@pytest.mark.slow
def test_a_thousand_cases_add_up_in_rows_and_columns_and_no_order_matters() -> None:
    source = random.Random(SOURCE)  # noqa: S311
    for _ in range(CASES):
        given = with_lines(case(source), source)
        found = v2.allocate(given)
        amounts = [hub["budget"] for hub in found["hubs"]]
        assert sum(amounts) + found["reserve"] == given["total"]
        for hub in found["hubs"]:
            assert sum(hub["by_line"]) == hub["budget"]
            assert all(part >= 0 and part % 1000 == 0 for part in hub["by_line"])
            assert sum(int(bar) for bar in hub["waterfall"].values()) == hub["budget"]
        for place, line in enumerate(found["lines"]):
            assert sum(hub["by_line"][place] for hub in found["hubs"]) == line["distributed"]
            assert line["distributed"] + line["reserve"] == line["total"]
            assert line["reserve"] >= 0
        assert sum(line["reserve"] for line in found["lines"]) == found["reserve"]
        hubs = list(given["hubs"])
        source.shuffle(hubs)
        assert v2.allocate({**given, "hubs": hubs}) == found


@pytest.mark.slow
def test_in_a_thousand_cases_three_points_more_never_take_a_yen_away() -> None:
    source = random.Random(SOURCE + 1)  # noqa: S311
    raised = 0
    for _ in range(CASES):
        given = case(source)
        place = source.randrange(len(given["hubs"]))
        own = given["hubs"][place]
        score = source.randrange(3000, 9700)
        results = []
        for points in (score, score + 300):
            hubs = list(given["hubs"])
            hubs[place] = {**own, "score": cents(points)}
            lines = v1.allocate({**given, "hubs": hubs})["hubs"]
            results.append(next(line["budget"] for line in lines if line["code"] == own["code"]))
        assert results[1] >= results[0]
        raised += results[1] > results[0]
    # Flat multipliers (below 44), rate 0, single hubs and binding limits leave the rest equal.
    assert raised > CASES // 3


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_the_amounts_of_every_vector_are_those_of_v1(vector: dict) -> None:
    found = v2.allocate(vector["input"])
    for key in ("distributed", "reserve", "flags", "lambda"):
        assert found[key] == vector["expected"][key]
    for hub, expected in zip(found["hubs"], vector["expected"]["hubs"], strict=True):
        assert {key: hub[key] for key in expected} == expected
    assert found["undistributed"] >= 0
    assert (found["undistributed"] > 0) == ("CAPS_LEAVE_REST" in found["flags"])


def test_an_exported_allocation_of_v2_is_recomputed_and_a_touched_share_is_found() -> None:
    given = with_lines(case(random.Random(3)), random.Random(4))  # noqa: S311
    snapshot = canonical_json({"engine": "v2", "input": given})
    result = canonical_json(v2.allocate(given))
    record = {
        "engine": "v2",
        "snapshot": snapshot,
        "input_hash": sha256_text(snapshot),
        "result": result,
        "result_hash": sha256_text(result),
    }
    assert check_run(record, BUDGET_ENGINES) == []
    own = json.loads(result)
    own["hubs"][0]["by_line"][0] += 1
    forged = canonical_json(own)
    changed = {**record, "result": forged, "result_hash": sha256_text(forged)}
    assert any("by_line" in fault for fault in check_run(changed, BUDGET_ENGINES))


# ---- funding lines ----------------------------------------------------------------------------


def test_equal_remainders_go_by_code_and_the_reserve_comes_last() -> None:
    found = split([1000, 1000], ["b", "a"], 1000, [Line("一", 1000), Line("二", 2000)], 1000)
    assert found.rows == ((0, 1000), (1000, 0))
    assert found.reserve == (0, 1000)


def test_one_line_takes_everything_to_the_odd_yen() -> None:
    found = split([3000], ["a"], 7, [Line("当初予算", 3007)], 1000)
    assert (found.rows, found.reserve) == (((3000,),), (7,))


def test_no_line_is_no_split() -> None:
    given = case(random.Random(5))  # noqa: S311
    found = v2.allocate(given)
    assert found["lines"] == []
    assert all(hub["by_line"] == [] for hub in found["hubs"])


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], "1つ以上"),
        ("当初", "1つ以上"),
        ([{"name": "", "total": 5000}], "名称"),
        ([{"name": "当" * 41, "total": 5000}], "名称"),
        ([{"name": "当初", "total": 4000}], "一致しません"),
        ([{"name": "当初", "total": 5000}, {"name": "補正", "total": 0}], "0円"),
        ([{"name": "当初", "total": 2000}, {"name": "当初", "total": 3000}], "2回"),
        ([{"name": "当初", "total": 2500}, {"name": "補正", "total": 2500}], "倍数"),
        ([{"name": "当初", "total": 5000, "year": 1}], "year"),
    ],
)
def test_lines_that_contradict_the_envelope_are_refused(lines: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_lines(lines, 5000, 1000)


def test_a_line_that_is_no_whole_number_is_refused() -> None:
    with pytest.raises(TypeError):
        read_lines([{"name": "当初", "total": "5000"}], 5000, 1000)


# ---- the walk towards the formula ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "wanted", "changes", "expected"),
    [
        (100_000_000, 100_000_000, {}, 0),
        (100_000_000, 100_000_999, {}, 0),
        (100_000_000, 108_000_000, {}, 1),
        (100_000_000, 108_001_000, {}, 2),
        (100_000_000, 116_640_000, {}, 2),
        (100_000_000, 95_000_000, {}, 1),
        (100_000_000, 90_250_000, {}, 2),
        (100_000_000, 90_249_000, {}, 3),
        (50_000_000, 102_000_000, {}, 10),
        (100_000_000, 101_000_000, {"gain": "0"}, None),
        (10_000_000, 9_000_000, {"floor": 10_000_000}, None),
        (1_000, 2_000_000_000_000, {}, None),
    ],
)
def test_years_until_the_formula_can_be_counted_by_hand(
    amount: int, wanted: int, changes: dict, expected: int | None
) -> None:
    params = read_params(changes)
    assert years_to_formula([Fraction(amount)], [Fraction(wanted)], params) == [expected]
    assert expected is None or expected <= HORIZON


# ---- said at the field --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "total", "field", "words"),
    [
        ({"base": "0.70"}, 10_000_000, "need", "今は1.1"),
        ({"base": "0", "need": "1"}, 10_000_000, "base", "0より大きく"),
        ({"need_factors": {"sme": "0.8"}}, 10_000_000, "need_factors", "今は0.8"),
        ({"multiplier_slope": "0"}, 10_000_000, "multiplier_slope", "0より"),
        ({"multiplier_min": "0"}, 10_000_000, "multiplier_min", "0より"),
        ({"multiplier_min": "1.6"}, 10_000_000, "multiplier_max", "下限以上"),
        ({"unit": 0}, 10_000_000, "unit", "1円以上"),
        ({"floor": 1_500}, 10_000_000, "floor", "倍数"),
        ({"floor": 2_000_000}, 10_000_000, "floor", "1,960,000円以下"),
        ({}, 0, "total_yen", "1円以上"),
        ({}, 900, "total_yen", "配分できる額がありません"),
        ({"limit_basis": "relative"}, 10_000_000, "", "relative"),
    ],
)
def test_every_contradiction_names_its_field(
    changes: dict, total: int, field: str, words: str
) -> None:
    found = problems({**DEFAULT_PARAMS, **changes}, total, 5)
    assert [fault.field for fault in found] == [field]
    assert words in found[0].text
    assert found[0].label


def test_what_has_no_problem_is_taken_by_the_engine() -> None:
    source = random.Random(SOURCE + 2)  # noqa: S311
    for _ in range(50):
        given = with_lines(case(source), source)
        whole = {**DEFAULT_PARAMS, **given["params"]}
        if not problems(whole, given["total"], len(given["hubs"]), given["lines"]):
            v2.allocate(given)


def test_a_wrong_line_is_a_problem_of_the_lines() -> None:
    found = problems(dict(DEFAULT_PARAMS), 5_000_000, 1, [{"name": "当初", "total": 1}])
    assert [fault.field for fault in found] == ["lines"]


# ---- edges --------------------------------------------------------------------------------------


def test_one_hub_gets_the_whole_pool() -> None:
    hub = {"code": "13", "prior": None, "score": "90.00", "need": {"sme": 1}}
    found = v2.allocate({"total": 100_000_001, "hubs": [hub]})
    assert found["hubs"][0]["budget"] == 98_000_000
    assert found["reserve"] == 2_000_001


def test_no_hub_is_refused() -> None:
    with pytest.raises(ValueError, match="拠点がありません"):
        v2.allocate({"total": 1_000_000, "hubs": []})


def test_a_thousand_trillion_yen_add_up() -> None:
    total = 999_999_999_999_999
    hubs = [
        {"code": f"{n:02}", "prior": 10**13 * n, "score": "81.00", "need": {"sme": n}}
        for n in range(1, 20)
    ]
    found = v2.allocate({"total": total, "hubs": hubs})
    assert sum(hub["budget"] for hub in found["hubs"]) + found["reserve"] == total
    assert all(sum(map(int, h["waterfall"].values())) == h["budget"] for h in found["hubs"])
