"""Scoring rules beyond the vectors: refusals, roundings, gates, explanation (evaluation.md 1-2)."""

import copy
import decimal
import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.scoring.rules import checks, indicators, opinions
from evaluation.scoring.rules.explain import explain
from evaluation.scoring.rules.intervals import intervals, normal, order_statistics
from evaluation.scoring.rules.scheme import (
    DEFAULT_SCHEME,
    approval_faults,
    points,
    read_scheme,
    refuse_approval,
)
from evaluation.scoring.rules.v1 import ENGINE, score
from evaluation.surveys import rules as surveys
from yorozu.core.canonical import canonical_json

SCHEME = read_scheme()
RATIO = SCHEME.components[0].anchors


def hub(code="01", **changes):
    """A hub on plan everywhere."""
    base = {
        "code": code,
        "indicators": {
            name: {"target": 100, "actual": 100} for name in ("CONS", "VISIT", "SOLVE", "NETW")
        },
        "focus": [{"code": "F1", "target": 50, "actual": 50}],
        "survey": [0, 2, 10, 60, 48],
        "partners": ["4", "4.5", "3.5"],
        "checks": {
            name: [{"code": f"{name}1", "scores": {"R1": 3, "R2": 3}, "evidence": True}]
            for name in ("CHK", "UNQ")
        },
    }
    return {**base, **changes}


def result_of(one, **top):
    return score({"hubs": [one], **top})["hubs"][0]


def part(result, code):
    return next(entry for entry in result["components"] if entry["code"] == code)


def components(**changes):
    """The default components with fields of some of them changed."""
    entries = copy.deepcopy(DEFAULT_SCHEME["components"])
    for entry in entries:
        entry.update(changes.get(entry["code"], {}))
    return {"components": entries}


def test_the_engine_is_named_v1():
    assert ENGINE == "v1"


# ---- scheme -------------------------------------------------------------------------------


def test_the_default_scheme_may_be_approved():
    assert approval_faults() == []


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (components(IND={"weight": "41"}), "100ではありません"),
        (components(IND={"items": {"CONS": "10", "VISIT": "8"}}), "指標の重みの合計"),
        (components(SAT={"k": "0"}), "0より大きい"),
        (components(SAT={"kind": "poll"}), "種類"),
        (components(SAT={"colour": "red"}), "colour"),
        (components(FOC={"k": "5"}), "k"),
        (components(PAR={"code": "SAT"}), "同じ記号"),
        (components(PAR={"kind": "survey"}), "1つだけ"),
        ({"components": []}, "項目がない"),
        ({"weights": {}}, "weights"),
        ({"grades": [["A", "80"], ["B", "80"], ["C", "0"]]}, "大きい順"),
        ({"grades": [["A", "80"], ["B", "10"]]}, "最後を0"),
        ({"gates": [{"rule": "component_below", "cap": "B"}]}, "limit"),
        ({"gates": [{"rule": "luck", "cap": "B"}]}, "luck"),
        ({"gates": [{"rule": "integrity_finding", "cap": "E"}]}, "評語の上限"),
        ({"aggregation": "best"}, "best"),
        ({"term_months": 0}, "1以上"),
        ({"min_months": "6"}, "整数"),
        ({"adjust_limit": "-1"}, "負の数"),
        ({"min_coverage": 70.0}, "文字列"),
        ({"k_estimate": {"lowest": "9", "highest": "5"}}, "上限を超えて"),
        ({"check_scores": {"lowest": 0}}, "決まっていない"),
        (
            {"anchors": {**DEFAULT_SCHEME["anchors"], "ratio": [["0", "0"], ["0", "80"]]}},
            "小さい順",
        ),
        (
            {"anchors": {**DEFAULT_SCHEME["anchors"], "check": [["0", "0"], ["4", "101"]]}},
            "100まで",
        ),
        ({"anchors": {"ratio": [["0", "0"], ["1", "80"]]}}, "決まっていない"),
    ],
)
def test_a_contradictory_scheme_is_not_approved(overrides, words):
    assert words in " / ".join(approval_faults(overrides))
    with pytest.raises(ValueError, match=words):
        refuse_approval(overrides)


def test_a_component_without_a_needed_value_is_refused():
    entries = copy.deepcopy(DEFAULT_SCHEME["components"])
    del entries[2]["n_min"]
    with pytest.raises(ValueError, match="n_min"):
        read_scheme({"components": entries})


def test_reading_a_scheme_does_not_change_the_default():
    before = canonical_json(dict(DEFAULT_SCHEME))
    read_scheme({"min_months": 3})
    assert canonical_json(dict(DEFAULT_SCHEME)) == before


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ("-1", "0"),
        ("0", "0"),
        ("0.5", "40"),
        ("1", "80"),
        ("1.1", "90"),
        ("1.2", "100"),
        ("9", "100"),
        ("0.00001", "0.0008"),
        ("1.000005", "80.0005"),
    ],
)
def test_points_lie_on_the_line_between_anchors(x, expected):
    assert points(Decimal(x), RATIO) == Decimal(expected)


# ---- refusals of the input ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"colour": 1}, "colour"),
        ({"months": 13}, "期の月数"),
        ({"months": -1}, "負の数"),
        ({"survey": [1, 2, 3]}, "5つ"),
        ({"survey": [0, 0, 0, 0, -1]}, "負の数"),
        ({"partners": ["5.1"]}, "1から5"),
        ({"partners": ["four"]}, "数値として"),
        ({"partners": ["４"]}, "数値として"),
        ({"indicators": {"CONZ": {"target": 1, "actual": 1}}}, "CONZ"),
        ({"indicators": {"CONS": {"target": 1, "actual": -1}}}, "負の数"),
        ({"indicators": {"CONS": {"target": "-1", "actual": 1}}}, "負の数"),
        ({"indicators": {"CONS": {"target": 1, "actual": "1e3"}}}, "数値として"),
        ({"indicators": {"CONS": {"target": 1, "actual": 1, "note": ""}}}, "note"),
        ({"focus": [{"code": "F", "target": 1, "actual": 1, "challenge": "1.20"}]}, "挑戦係数"),
        ({"focus": [{"code": "F", "target": 1, "actual": 1, "weight": "0"}]}, "重み"),
        ({"focus": [{"target": 1, "actual": 1}]}, "記号"),
        ({"focus": [{"code": "F"}, {"code": "F"}]}, "記号"),
        ({"checks": {"CHECK": []}}, "CHECK"),
        ({"checks": {"CHK": [{"code": "C", "scores": {"R": 5}}]}}, "0から4"),
        ({"checks": {"CHK": [{"code": "C", "scores": {"R": 3}, "weight": "-1"}]}}, "重み"),
        ({"checks": {"CHK": [{"code": "C"}, {"code": "C"}]}}, "同じ記号"),
        ({"checks": {"CHK": [{"scores": {"R": 3}}]}}, "記号"),
        ({"checks": {"CHK": [{"code": "C", "second": {}}]}}, "second"),
        ({"adjust": "much"}, "数値として"),
    ],
)
def test_unreadable_hub_input_is_refused_with_its_cause(changes, words):
    with pytest.raises(ValueError, match=words):
        result_of(hub(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"indicators": {"CONS": {"target": 1.5, "actual": 1}}},
        {"indicators": {"CONS": {"target": True, "actual": 1}}},
        {"indicators": {"CONS": {"excused": "yes"}}},
        {"checks": {"CHK": [{"code": "C", "scores": {"R": "3"}}]}},
        {"checks": {"CHK": [{"code": "C", "na": 1}]}},
        {"survey": [0, 0, 0, 0, "1"]},
        {"survey_excused": "no"},
        {"months": "12"},
        {"integrity_findings": "late edits"},
    ],
)
def test_values_of_the_wrong_type_are_refused(changes):
    with pytest.raises(TypeError):
        result_of(hub(**changes))


@pytest.mark.parametrize(
    ("given_input", "words"),
    [
        ({"hubs": []}, "拠点がありません"),
        ({"hubs": [hub()], "engine": "v1"}, "engine"),
        ({"hubs": [hub(), hub()]}, "2回"),
        ({"hubs": [{"months": 12}]}, "拠点コード"),
        ({"hubs": [hub()], "drop": "IND.SOLV"}, "除く項目"),
        ({"hubs": [hub()], "drop": "XXX"}, "除く項目"),
        ({"hubs": [hub()], "drop": "SAT.x"}, "除く項目"),
    ],
)
def test_unreadable_run_input_is_refused(given_input, words):
    with pytest.raises(ValueError, match=words):
        score(given_input)


# ---- items and components -----------------------------------------------------------------


def test_a_tie_of_the_ratio_is_rounded_up_although_the_quotient_never_ends():
    # 22001 / 22000 does not end, but times 1.10 it is exactly 1.10005.
    found = indicators.ratio(Decimal(22001), Decimal(22000), Decimal("1.10"), lower=False)
    assert found == Decimal("1.1001")


def test_a_target_that_is_already_for_the_part_year_is_not_cut_again():
    area = {"code": "F1", "target": 50, "actual": 50, "target_is_prorated": True}
    whole = result_of(hub(months=7, focus=[area]))
    assert part(whole, "FOC")["detail"]["F1"]["ratio"] == "1.0000"
    cut = result_of(hub(months=7, focus=[{**area, "target_is_prorated": False}]))
    assert part(cut, "FOC")["detail"]["F1"]["ratio"] == "1.7143"


def test_a_target_that_vanishes_by_proration_never_divides_by_zero():
    area = {"code": "F1", "target": "0.0004", "actual": 1}
    assert part(result_of(hub(months=1, focus=[area])), "FOC")["detail"]["F1"] == {
        "status": "MISSING",
        "ratio": None,
        "points": "0.0000",
    }


def test_no_focus_area_is_zero_points_unless_excused():
    assert part(result_of(hub(focus=[])), "FOC")["points"] == "0.0000"
    excused = result_of(hub(focus=[], focus_excused=True))
    assert part(excused, "FOC")["status"] == "NA"
    assert excused["coverage"] == "85.00"


@pytest.mark.parametrize(
    ("weights", "faults"),
    [
        ([1], 0),
        ([1, 1], 0),
        (["6", "4"], 0),
        (["7", "3"], 1),
        ([8, 1, 1], 1),
        ([19, 1], 2),
        ([1] * 5, 0),
        ([1] * 6, 1),
        ([], 1),
    ],
)
def test_agreed_focus_areas_keep_to_number_and_share(weights, faults):
    areas = [{"code": f"F{n}", "weight": weight} for n, weight in enumerate(weights)]
    assert len(indicators.focus_faults(areas, SCHEME)) == faults


def test_without_evidence_high_scores_count_as_two():
    counted = checks.counted_scores([0, 2, 3, 4], SCHEME.checks, evidence=False)
    assert counted == [0, 2, 2, 2]


def test_raters_far_apart_are_flagged_even_when_missing_evidence_levels_them():
    item = {"code": "C", "scores": {"R1": 4, "R2": 2}, "evidence": False}
    found = part(result_of(hub(checks={"CHK": [item], "UNQ": [item]})), "CHK")["detail"][0]
    assert (found["mean"], found["reconcile"]) == ("2.0000", True)


def test_a_missing_checklist_is_zero_points():
    found = part(result_of(hub(checks={})), "CHK")
    assert (found["status"], found["points"], found["covered"]) == ("MISSING", "0.0000", "1")


def test_a_hub_without_any_component_has_no_score():
    one = {
        "code": "01",
        "indicators": {"X": {"excused": True}},
    }
    scheme = {
        "components": [{"code": "IND", "kind": "indicator", "weight": "100", "items": {"X": "100"}}]
    }
    found = result_of(one, scheme=scheme)
    assert (found["mechanical"], found["final"], found["graded"], found["rank"]) == (
        None,
        None,
        False,
        None,
    )
    assert found["coverage"] == "0.00"


def test_few_answers_never_lift_a_hub_above_the_prior():
    few = opinions.Answers(1, Decimal(5), Decimal(25))
    known = opinions.Prior(Decimal("4.0000"), Decimal(20))
    assert opinions.shrunk(few, known, 10) == Decimal("4.0000")
    assert opinions.shrunk(few, known, 1) == Decimal("4.0476")


def test_without_enough_answers_anywhere_the_prior_is_the_mean_of_all():
    pool = [
        opinions.Answers(1, Decimal(5), Decimal(25)),
        opinions.Answers(2, Decimal(6), Decimal(18)),
    ]
    assert opinions.prior_mean(pool, 10) == Decimal("3.6667")
    assert opinions.prior_mean([], 10) is None


def test_each_hub_counts_once_in_the_prior():
    big = opinions.Answers(1000, Decimal(5000), Decimal(25000))
    small = opinions.Answers(10, Decimal(30), Decimal(90))
    assert opinions.prior_mean([big, small], 10) == Decimal("4.0000")


@pytest.mark.parametrize(
    ("pool", "expected"),
    [
        ([], "50"),
        ([opinions.Answers(9, Decimal(36), Decimal(150))], "50"),
        ([opinions.Answers(1, Decimal(4), Decimal(16))] * 2, "50"),
        ([opinions.Answers(2, Decimal(6), Decimal(20))] * 2, "50"),
        (
            [
                opinions.Answers(5, Decimal(5), Decimal(5)),
                opinions.Answers(5, Decimal(25), Decimal(125)),
            ],
            "5",
        ),
    ],
)
def test_the_estimated_constant_stays_within_the_scheme(pool, expected):
    assert opinions.estimate_k(pool, SCHEME.k_range) == Decimal(expected)


# ---- gates, grade, rank, leave one out ----------------------------------------------------


def test_an_integrity_finding_caps_the_grade_at_c_but_not_the_score():
    clean = result_of(hub())
    found = result_of(hub(integrity_findings=["LATE_EDITS"]))
    assert found["final"] == clean["final"]
    assert (clean["grade"], found["grade"]) == ("A", "C")
    assert found["gates"] == [{"cap": "C", "because": ["LATE_EDITS"]}]


def test_a_gate_never_lifts_a_grade():
    low = {name: {"target": 100, "actual": 0} for name in ("CONS", "VISIT", "SOLVE", "NETW")}
    found = result_of(hub(indicators=low))
    assert found["gates"] == [{"cap": "B", "because": ["IND"]}]
    assert found["grade"] == "D"


def test_the_final_score_stays_between_0_and_100():
    scheme = {
        "components": [{"code": "IND", "kind": "indicator", "weight": "100", "items": {"X": "1"}}],
        "gates": [],
    }
    for actual, adjust, final in ((200, "5", "100.00"), (0, "-5", "0.00")):
        one = {
            "code": "1",
            "indicators": {"X": {"target": 100, "actual": actual}},
            "adjust": adjust,
        }
        assert result_of(one, scheme=scheme)["final"] == final


def test_leaving_out_a_component_moves_its_weight_to_the_others():
    found = result_of(hub(), drop="SAT")
    assert part(found, "SAT")["status"] == "DROPPED"
    assert part(found, "SAT")["points"] is None
    assert found["mechanical"] == "80.00"
    assert found["coverage"] == "85.00"


@pytest.mark.parametrize("drop", ["FOC.F1", "CHK.CHK1", "UNQ.UNQ1"])
def test_leaving_out_the_only_item_takes_the_component_out(drop):
    found = part(result_of(hub(), drop=drop), drop.split(".")[0])
    assert (found["status"], found["points"]) == ("NA", None)


def test_adding_hubs_with_the_same_opinion_changes_no_other_hub():
    alone = score({"hubs": [hub("01")]})["hubs"][0]
    both = score({"hubs": [hub("02"), hub("01")]})["hubs"][1]
    assert {**both, "rank": 1} == alone


# ---- properties ---------------------------------------------------------------------------


@given(seed=st.integers(0, 10**9), actuals=st.lists(st.integers(0, 300), min_size=4, max_size=4))
def test_order_of_hubs_changes_nothing_and_more_results_never_score_less(seed, actuals):
    names = ("CONS", "VISIT", "SOLVE", "NETW")
    rows = {name: {"target": 100, "actual": a} for name, a in zip(names, actuals, strict=True)}
    more = {name: {**row, "actual": row["actual"] + 1} for name, row in rows.items()}
    hubs = [hub("01", indicators=rows), hub("02", indicators=more), hub("03")]
    straight = {entry["code"]: entry for entry in score({"hubs": hubs})["hubs"]}
    random.Random(seed).shuffle(hubs)  # noqa: S311
    shuffled = {entry["code"]: entry for entry in score({"hubs": hubs})["hubs"]}
    assert straight == shuffled
    assert Decimal(straight["02"]["final"]) >= Decimal(straight["01"]["final"])


def test_a_foreign_decimal_context_changes_nothing():
    given_input = {"hubs": [hub("01", months=7), hub("02", adjust="1.25")]}
    expected = canonical_json(score(given_input))
    with decimal.localcontext() as foreign:
        foreign.prec, foreign.rounding = 5, decimal.ROUND_DOWN
        assert canonical_json(score(given_input)) == expected
        assert foreign.prec == decimal.getcontext().prec


# ---- explanation --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"adjust": "-2.25"},
        {"survey": [0, 0, 0, 0, 1], "partners": []},
        {"months": 7, "survey_excused": True},
        {"focus": [], "checks": {"CHK": [{"code": "C", "na": True}], "UNQ": []}},
    ],
)
def test_the_explained_parts_add_up_to_the_final_score(changes):
    one = hub(**changes)
    found = result_of(one)
    rows = explain(found, None, one)
    total = [row for row in rows if row["level"] == "total"]
    parts = [
        Decimal(row["contribution"])
        for row in rows
        if row["level"] in ("component", "rounding", "adjustment") and row["contribution"]
    ]
    assert sum(parts) == Decimal(found["final"]) == Decimal(total[0]["contribution"])
    assert all(row["formula"] for row in rows)


def test_items_add_up_to_their_component_but_for_rounding():
    one = hub(months=7)
    rows = explain(result_of(one), None, one)
    for code in ("IND", "FOC", "CHK", "UNQ"):
        own = [row for row in rows if row["component"] == code]
        inside = sum(Decimal(row["contribution"]) for row in own if row["level"] == "item")
        whole = Decimal(next(r["contribution"] for r in own if r["level"] == "component"))
        assert abs(inside - whole) <= Decimal("0.0005")


def test_the_sentence_names_target_actual_ratio_and_points():
    one = hub(months=7)
    row = explain(result_of(one), None, one)[0]
    assert "目標 100×7÷12か月、実績 100" in row["formula"]
    assert f"達成率 1.7143 → {row['points']}点" in row["formula"]


def test_without_the_input_weights_of_areas_stay_unknown():
    rows = explain(result_of(hub()), None)
    area = next(row for row in rows if row["item"] == "F1")
    assert (area["weight"], area["contribution"]) == (None, None)
    assert next(row for row in rows if row["item"] == "SOLVE")["weight"] == "14"


def test_geometric_parts_do_not_pretend_to_add_up():
    scheme = {"aggregation": "geometric"}
    one = hub()
    rows = explain(result_of(one, scheme=scheme), scheme, one)
    assert {row["contribution"] for row in rows if row["level"] == "component"} == {None}
    assert rows[-1]["level"] == "total"


# ---- intervals and survey figures ---------------------------------------------------------


def test_draws_are_keyed_by_name_so_that_another_hub_changes_none():
    anchors = {"r": [["0", "0"], ["1", "80"], ["1.2", "100"]]}
    one = {"IND": [["X", "1.00", "0.05", "1", "r"]]}
    given_input = {
        "seed": "s",
        "draws": 50,
        "delta": "0.25",
        "weights": {"IND": "100"},
        "anchors": anchors,
        "hubs": {"A": one},
    }
    alone = intervals(given_input)["m"]["A"]["score"]
    both = intervals({**given_input, "hubs": {"0": one, "A": one}})["m"]
    assert both["A"]["score"] == alone
    assert both["0"]["score"] != alone


def test_the_drawn_numbers_are_centred_with_unit_variance():
    drawn = [normal(f"seed|{n}") for n in range(4000)]
    mean = sum(drawn) / len(drawn)
    variance = sum((z - mean) ** 2 for z in drawn) / len(drawn)
    assert abs(mean) < 0.06
    assert abs(variance - 1) < 0.08


def test_order_statistics_take_the_ceiling_index():
    assert order_statistics(list(range(1, 201))) == [10, 100, 190]
    assert order_statistics([7]) == [7, 7, 7]


@pytest.mark.parametrize(
    "changes",
    [{"draws": 0}, {"hubs": {}}, {"hubs": {"A": {}}}, {"hubs": {"A": {"Z": []}}}, {"speed": 1}],
)
def test_unreadable_interval_input_is_refused(changes):
    base = {
        "seed": "s",
        "draws": 5,
        "delta": "0.25",
        "weights": {"IND": "1"},
        "anchors": {},
        "hubs": {"A": {"IND": []}},
    }
    with pytest.raises(ValueError, match=r".+"):
        intervals({**base, **changes})


def test_histogram_figures_follow_the_counts():
    counts = [0, 2, 10, 60, 48]
    assert surveys.answer_count(counts) == 120
    assert surveys.answer_mean(counts) == Decimal("4.2833")
    assert surveys.top_box_count(counts) == 108
    assert surveys.top_box_share(counts) == Decimal("0.9000")


def test_without_answers_there_is_no_mean_and_no_share():
    assert surveys.answer_mean([0] * 5) is None
    assert surveys.top_box_share([0] * 5) is None


def test_more_hits_than_answers_are_refused():
    with pytest.raises(ValueError, match="超えて"):
        surveys.wilson(3, 2)


def test_an_incomplete_interval_input_names_what_is_missing():
    with pytest.raises(ValueError, match="seed"):
        intervals({"draws": 5})


def test_components_and_gates_must_be_named_values():
    with pytest.raises(TypeError):
        read_scheme({"components": ["IND"]})
    with pytest.raises(TypeError):
        read_scheme({"gates": ["B"]})


@given(n=st.integers(1, 2000), data=st.data())
def test_the_wilson_interval_holds_the_share(n, data):
    hits = data.draw(st.integers(0, n))
    low, high = surveys.wilson(hits, n)
    share = Decimal(hits) / n
    assert Decimal(0) <= low <= share + Decimal("0.00005")
    assert share - Decimal("0.00005") <= high <= Decimal(1)
