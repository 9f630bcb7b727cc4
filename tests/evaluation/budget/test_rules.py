"""Budget rules beyond the vectors: exact sums, order, monotony, refusals (evaluation.md 3)."""

import random
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluation.budget.rules.explain import performance_parts, sentence
from evaluation.budget.rules.params import DEFAULT_PARAMS, read_params
from evaluation.budget.rules.redistribute import (
    CAPS_LEAVE_REST,
    FLOORS_SCALED,
    Claim,
    common_factor,
    largest_remainder,
    redistribute,
)
from evaluation.budget.rules.stages import compute
from evaluation.budget.rules.v1 import ENGINE, allocate, distributable, read_input
from yorozu.core.canonical import canonical_json

MANY = settings(
    max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
SOME = settings(MANY, max_examples=300)
SHARES = ("0", "0.02", "0.10")


def hub(code="01", **changes):
    base = {"code": code, "prior": 40_000_000, "score": "80.00", "need": {"sme": 100}}
    return {**base, **changes}


def two(**changes):
    return {"total": 80_000_000, "hubs": [{**hub("01"), **changes}, hub("02")]}


@st.composite
def cases(draw, *, new_hubs=True):
    """A random but allowed allocation: any mixture of cuts, rises, limits and new hubs."""
    count = draw(st.integers(1, 8))
    priors = st.integers(1_000_000, 99_000_000)
    hubs = [
        {
            "code": f"{place:02}",
            "prior": draw(st.one_of(st.none(), priors) if new_hubs else priors),
            "score": draw(st.one_of(st.none(), st.integers(0, 10000).map(cents))),
            "need": {"sme": draw(st.integers(1, 5000))},
        }
        for place in range(count)
    ]
    known = sum(entry["prior"] or 30_000_000 for entry in hubs)
    total = known * draw(st.integers(60, 150)) // 100 + draw(st.integers(0, 999))
    params = {
        "reserve": draw(st.sampled_from(SHARES)),
        "rate": draw(st.sampled_from(["0", "0.15", "0.60"])),
        "loss": draw(st.sampled_from(["0", "0.05", "0.5"])),
        "gain": draw(st.sampled_from(["0", "0.08", "0.5"])),
        "floor": draw(st.sampled_from([0, 500_000])),
        "limit_basis": draw(st.sampled_from(["pool", "absolute"])),
    }
    return {"total": total, "params": params, "hubs": hubs}


def cents(value):
    return f"{value // 100}.{value % 100:02}"


def exact_amounts(given_input):
    hubs, params, total = read_input(given_input)
    computed = compute(hubs, distributable(total, params, len(hubs)), params)
    return dict(zip([entry.code for entry in hubs], computed.final.amounts, strict=True)), computed


def test_the_engine_is_named_v1():
    assert ENGINE == "v1"


# ---- properties over random allocations ---------------------------------------------------


@MANY
@given(cases(), st.randoms(use_true_random=False))
def test_sum_is_exact_bars_add_up_and_order_changes_nothing(case, shuffler):
    found = allocate(case)
    amounts = [entry["budget"] for entry in found["hubs"]]
    assert sum(amounts) == found["distributed"]
    assert found["distributed"] + found["reserve"] == case["total"]
    assert all(amount % 1000 == 0 and amount >= 0 for amount in amounts)
    for entry in found["hubs"]:
        assert sum(map(int, entry["waterfall"].values())) == entry["budget"]
    if CAPS_LEAVE_REST not in found["flags"]:
        _, params, total = read_input(case)
        assert found["distributed"] == distributable(total, params, len(amounts))
    hubs = list(case["hubs"])
    shuffler.shuffle(hubs)
    assert canonical_json(allocate({**case, "hubs": hubs})) == canonical_json(found)


@SOME
@given(cases())
def test_no_limit_is_broken_unless_the_case_is_flagged(case):
    found = allocate(case)
    if FLOORS_SCALED in found["flags"]:
        return
    hubs, params, _ = read_input(case)
    _, computed = exact_amounts(case)
    for entry, exactly, known in zip(found["hubs"], computed.final.amounts, hubs, strict=True):
        assert abs(entry["budget"] - exactly) < params.unit
        assert entry["budget"] >= params.floor
        if known.prior and params.limit_basis == "absolute":
            assert entry["budget"] >= (1 - params.loss_total) * known.prior
            assert entry["budget"] <= max(
                params.floor, (1 + params.gain_total) * known.prior + 1000
            )


@MANY
@given(cases(new_hubs=False), st.integers(0, 7), st.integers(1, 3000))
def test_a_higher_own_score_never_lowers_the_exact_amount(case, which, rise):
    """Section 3.1 names the exceptions (flat multiplier, binding limit): there it stays equal.

    The rounding to whole units may take one unit, never more.
    """
    place = which % len(case["hubs"])
    own = case["hubs"][place]
    score = own["score"] or "80.00"
    low = int(score.replace(".", ""))
    before = {**own, "score": score}
    after = {**own, "score": cents(min(10000, low + rise))}
    results = []
    for changed in (before, after):
        hubs = [changed if n == place else entry for n, entry in enumerate(case["hubs"])]
        changed_case = {**case, "hubs": hubs}
        amounts, computed = exact_amounts(changed_case)
        rounded = next(
            entry["budget"]
            for entry in allocate(changed_case)["hubs"]
            if entry["code"] == own["code"]
        )
        results.append((amounts[own["code"]], rounded, computed, amounts))
    (first, first_yen, computed, _), (second, second_yen, later, _) = results
    assert second >= first
    assert second_yen >= first_yen - 1000
    free = set(computed.final.bounds) | set(later.final.bounds) == {None}
    moved = computed.multipliers[place] != later.multipliers[place]
    if free and moved and len(case["hubs"]) > 1 and case["params"]["rate"] != "0":
        assert second > first


@SOME
@given(
    st.lists(
        st.tuples(st.integers(1, 900), st.integers(0, 900), st.integers(0, 900)),
        min_size=1,
        max_size=9,
    ),
    st.integers(0, 1000),
)
def test_the_common_factor_reaches_every_feasible_total_exactly(rows, part):
    claims = [Claim(Fraction(f), Fraction(low), Fraction(low + room)) for f, low, room in rows]
    lows, highs = sum(c.low for c in claims), sum(c.high for c in claims)
    total = lows + (highs - lows) * Fraction(part, 1000)
    factor = common_factor(claims, total)
    assert sum(claim.at(factor) for claim in claims) == total


# ---- rules with known answers -------------------------------------------------------------


def test_freezing_both_sides_at_once_would_be_wrong_here():
    """Freezing all violators at once gives (12, 30, 58): the right total, wrong amounts."""
    claims = [
        Claim(Fraction(10), Fraction(12), Fraction(40)),
        Claim(Fraction(80), Fraction(0), Fraction(30)),
        Claim(Fraction(10), Fraction(0), Fraction(60)),
    ]
    found = redistribute(claims, Fraction(100), 0)
    assert found.amounts == (35, 30, 35)
    assert found.bounds == (None, "cap", None)


def test_floors_above_the_total_are_scaled_alike_above_the_absolute_floor():
    claims = [
        Claim(Fraction(1), Fraction(60), Fraction(90)),
        Claim(Fraction(1), Fraction(40), Fraction(90)),
    ]
    found = redistribute(claims, Fraction(60), 20)
    assert found.flag == FLOORS_SCALED
    assert found.amounts == (Fraction(20) + Fraction(40) / 3, Fraction(20) + Fraction(20) / 3)


def test_caps_below_the_total_leave_the_rest():
    found = redistribute([Claim(Fraction(1), Fraction(0), Fraction(5))], Fraction(9), 0)
    assert (found.flag, found.amounts, found.factor) == (CAPS_LEAVE_REST, (Fraction(5),), None)


def test_equal_remainders_go_by_code_and_larger_ones_first():
    thirds = [Fraction(10, 3)] * 3
    assert largest_remainder(thirds, ["c", "a", "b"], 1) == [3, 4, 3]
    mixed = [Fraction(5, 4), Fraction(7, 4), Fraction(1)]
    assert largest_remainder(mixed, ["a", "b", "c"], 1) == [1, 2, 1]


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ("100", "1.333333"),
        ("80", "1.000000"),
        ("50", "0.500000"),
        ("44", "0.400000"),
        ("43.99", "0.400000"),
        ("0", "0.400000"),
        (None, "1.000000"),
        ("80.01", "1.000167"),
    ],
)
def test_the_multiplier_follows_the_score_and_is_flat_below_44(score, expected):
    assert allocate(two(score=score))["hubs"][0]["multiplier"] == expected


def test_with_rate_zero_scores_move_nothing():
    low, high = (allocate({**two(score=score), "params": {"rate": "0"}}) for score in ("0", "100"))
    assert [h["budget"] for h in low["hubs"]] == [h["budget"] for h in high["hubs"]]


def test_only_new_hubs_are_allocated_by_formula_and_score():
    found = allocate({"total": 10_000_000, "hubs": [hub("01", prior=None), hub("02", prior=None)]})
    assert [entry["budget"] for entry in found["hubs"]] == [4_900_000, 4_900_000]
    assert [entry["change_vs_prior"] for entry in found["hubs"]] == [None, None]


def test_a_factor_of_weight_zero_needs_no_national_sum():
    params = {"need_factors": {"sme": "1", "area": "0"}}
    hubs = [hub("01", need={"sme": 5, "area": 0}), hub("02", need={"sme": 5, "area": 0})]
    assert allocate({"total": 80_000_000, "params": params, "hubs": hubs})["flags"] == [None, None]


def test_tiny_priors_below_one_unit_are_computed_and_flagged():
    hubs = [hub("01", prior=10), hub("02", prior=20)]
    found = allocate({"total": 5_000_000, "params": {"limit_basis": "absolute"}, "hubs": hubs})
    assert found["flags"][0] == CAPS_LEAVE_REST
    assert found["distributed"] + found["reserve"] == 5_000_000


# ---- refusals -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"base": "0.7"}, "合計が1"),
        ({"base": "0", "need": "1"}, "0より大きく"),
        ({"need_factors": {"sme": "0.8", "area": "0.1"}}, "要素の重み"),
        ({"need_factors": {}}, "要素の重み"),
        ({"reserve": "1.01"}, "reserve"),
        ({"reserve": "1"}, "配分できる額がありません"),
        ({"loss": "1.5"}, "loss"),
        ({"gain": "-0.1"}, "負の数"),
        ({"rate": "2"}, "rate"),
        ({"floor": 500}, "倍数"),
        ({"floor": 60_000_000}, "下限額"),
        ({"unit": 0}, "配分単位"),
        ({"limit_basis": "relative"}, "relative"),
        ({"multiplier_slope": "0"}, "傾き"),
        ({"multiplier_min": "2"}, "傾き"),
        ({"multiplier_min": "0"}, "係数の下限"),
        ({"bonus": "1"}, "bonus"),
    ],
)
def test_contradictory_parameters_are_refused(params, words):
    with pytest.raises(ValueError, match=words):
        allocate({**two(), "params": params})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"prior": 0}, "0円"),
        ({"prior": -1}, "負の数"),
        ({"prior": None, "prior_struct": 5}, "基礎額"),
        ({"score": "100.01"}, "100まで"),
        ({"score": "-1"}, "負の数"),
        ({"score": "A"}, "数値として"),
        ({"need": {}}, "必要度の値がありません"),
        ({"need": {"sme": 1, "area": 2}}, "area"),
        ({"need": {"sme": -1}}, "負の数"),
        ({"grade": "A"}, "grade"),
        ({"code": ""}, "拠点コード"),
        ({"code": "02"}, "2回"),
    ],
)
def test_unreadable_hubs_are_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        allocate(two(**changes))


@pytest.mark.parametrize(
    "case",
    [
        two(prior="40000000"),
        two(score=80.5),
        {**two(), "total": "80000000"},
        {**two(), "total": 1.0},
    ],
)
def test_values_of_the_wrong_type_are_refused(case):
    with pytest.raises(TypeError):
        allocate(case)


def test_no_hub_no_need_and_unknown_keys_are_refused():
    with pytest.raises(ValueError, match="拠点がありません"):
        allocate({"total": 1000, "hubs": []})
    with pytest.raises(ValueError, match="全国の合計が0"):
        allocate({"total": 80_000_000, "hubs": [hub(need={"sme": 0})]})
    with pytest.raises(ValueError, match="year"):
        allocate({**two(), "year": 2017})


def test_reading_parameters_does_not_change_the_default():
    before = canonical_json(dict(DEFAULT_PARAMS))
    read_params({"rate": "0.30"})
    assert canonical_json(dict(DEFAULT_PARAMS)) == before


# ---- explanation and cost -----------------------------------------------------------------


def scored(code, **points):
    weights = {"IND": "60", "SAT": "40"}
    return {
        "code": code,
        "components": [
            {"code": name, "weight": weights[name], "points": points[name]} for name in weights
        ],
    }


def test_performance_parts_add_up_to_the_bar_of_the_waterfall():
    case = {
        "total": 120_000_000,
        "hubs": [hub("01", score="86.00"), hub("02", score="74.00"), hub("03")],
    }
    results = [
        scored("01", IND="90.0000", SAT="80.0000"),
        scored("02", IND="70.0000", SAT="80.0000"),
        scored("03", IND="80.0000", SAT=None),
    ]
    parts = performance_parts(case, results)
    for entry in allocate(case)["hubs"]:
        bar = int(entry["waterfall"]["performance"])
        assert sum(parts[entry["code"]]["parts"].values()) == bar
    assert parts["01"]["parts"]["IND"] > 0 > parts["02"]["parts"]["IND"]
    assert parts["01"]["parts"]["SAT"] == 0
    assert abs(parts["01"]["parts"][None]) <= 2


def test_one_point_of_an_80_million_hub_is_worth_200_thousand_yen():
    case = {
        "total": 160_000_000,
        "params": {"reserve": "0"},
        "hubs": [hub("01", prior=80_000_000), hub("02", prior=80_000_000)],
    }
    results = [scored(code, IND="80.0000", SAT="80.0000") for code in ("01", "02")]
    assert performance_parts(case, results)["01"]["per_point"] == 200_000


def test_a_hub_without_score_result_is_named():
    with pytest.raises(ValueError, match="02"):
        performance_parts(two(), [scored("01", IND="80", SAT="80")])


@pytest.mark.parametrize(
    ("yen", "words"),
    [(1_240_400, "上回ったため +1,240千円"), (-2_000, "下回ったため ▲2千円"), (300, "ほぼ同じ")],
)
def test_the_sentence_says_direction_and_thousands(yen, words):
    assert words in sentence("課題解決件数", yen)


def test_two_hundred_hubs_sum_exactly():
    source = random.Random(7)  # noqa: S311
    hubs = [
        hub(
            f"{place:04}",
            prior=source.randrange(30_000_000, 90_000_000),
            score=cents(source.randrange(3000, 10000)),
            need={"sme": source.randrange(1000, 400_000)},
        )
        for place in range(200)
    ]
    found = allocate({"total": 12_000_000_000, "hubs": hubs})
    assert sum(entry["budget"] for entry in found["hubs"]) == found["distributed"]
