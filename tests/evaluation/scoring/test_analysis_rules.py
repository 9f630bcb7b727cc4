"""Standard errors, variants and the analysis as a whole, by hand and against the engine."""

import copy
import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from evaluation.scoring.rules import analysis, intervals, noise, regional, sensitivity, simulation
from evaluation.scoring.rules.correlation import correlations, pearson
from evaluation.scoring.rules.opinions import Answers
from evaluation.scoring.rules.scheme import DEFAULT_SCHEME, merged, read_scheme
from evaluation.scoring.rules.severity import TOLD, Severity
from evaluation.scoring.rules.v1 import score
from yorozu.core.canonical import canonical_json

FILE = Path(__file__).parents[2] / "data" / "evaluation_vectors.json"
VECTORS = {row["id"]: row for row in json.loads(FILE.read_text(encoding="utf-8"))["vectors"]}
MODEL = VECTORS["V01"]["input"]["hubs"][0]
MONTHS = [f"2025-{month:02d}" for month in range(4, 13)] + ["2026-01", "2026-02", "2026-03"]
pytestmark = pytest.mark.once


def nation(count: int = 14, seed: int = 3) -> dict[str, Any]:
    """A term's input: hubs of different strength, three raters, one of them strict."""
    dice = random.Random(seed)  # noqa: S311 (cases of a test)
    hubs = []
    for number in range(1, count + 1):
        hub = copy.deepcopy(MODEL)
        hub["code"] = f"{number:02d}"
        for entry in hub["indicators"].values():
            entry["actual"] = int(entry["target"] * dice.uniform(0.6, 1.4))
        hub["survey"] = [dice.randint(0, 9) for _ in range(5)]
        for listed in hub["checks"].values():
            for item in listed:
                item["scores"] = {
                    rater: min(4, max(0, dice.randint(1, 4) - strict))
                    for rater, strict in (("a", 0), ("b", 0), ("c", 1))
                }
        hubs.append(hub)
    return {"hubs": hubs}


def rows_of(given: dict[str, Any], months: noise.MonthsOfHubs | None = None) -> dict[str, Any]:
    """The noisy items of the first hub."""
    spreads = noise.noise_of(given, months or {})
    found = noise.simulation_input(given, score(given), spreads)
    rows: dict[str, Any] = found["hubs"][given["hubs"][0]["code"]]
    return rows


def alone(**changes: Any) -> dict[str, Any]:
    """One hub exactly on plan, changed."""
    return {"hubs": [{**copy.deepcopy(MODEL), **changes}]}


def test_a_count_ratio_errs_as_a_poisson_count() -> None:
    given = alone()
    given["hubs"][0]["indicators"]["CONS"] = {"target": 1000, "actual": 900}
    given["hubs"][0]["indicators"]["SOLVE"] = {"target": 400, "actual": 400, "challenge": "1.10"}
    rows = {row[0]: row for row in rows_of(given)["IND"]}
    # The root of 900 over 1000; 1.1 times the root of 400 over 400.
    assert rows["CONS"] == ["CONS", "0.9000", "0.030000", "10", "ratio"]
    assert rows["SOLVE"] == ["SOLVE", "1.1000", "0.055000", "14", "ratio"]


def test_a_part_year_errs_against_its_own_target() -> None:
    given = alone(months=6)
    given["hubs"][0]["indicators"]["CONS"] = {"target": 1000, "actual": 400}
    rows = {row[0]: row for row in rows_of(given)["IND"]}
    assert rows["CONS"][1:3] == ["0.8000", "0.040000"]
    given["hubs"][0]["target_is_prorated"] = True
    rows = {row[0]: row for row in rows_of(given)["IND"]}
    assert rows["CONS"][1:3] == ["0.4000", "0.020000"]


def test_months_that_vary_more_than_counts_widen_the_error() -> None:
    own = dict(zip(MONTHS, [100, 0] * 6, strict=True))
    # Expected 50 a month: chi2 = 12 * 50^2 / 50 = 600 over 11 degrees of freedom.
    assert noise.dispersion(own, {}) == Decimal("54.5455")
    given = alone()
    given["hubs"][0]["indicators"]["CONS"] = {"target": 600, "actual": 600}
    rows = {row[0]: row for row in rows_of(given, {MODEL["code"]: {"IND.CONS": own}})["IND"]}
    assert rows["CONS"][2] == format((Decimal("54.5455") * 600).sqrt() / 600, ".6f")


def test_a_season_that_all_share_is_no_noise() -> None:
    season = dict(zip(MONTHS, [10, 20, 30, 40] * 3, strict=True))
    doubled = {month: 2 * value for month, value in season.items()}
    assert noise.dispersion(season, doubled) == 1
    assert noise.dispersion(season, {}) > 1
    # Another hub that did not count all of these months is no measure.
    assert noise.dispersion(season, {MONTHS[0]: 5}) == noise.dispersion(season, {})
    found = noise.dispersions({"1": {"IND.X": season}, "2": {"IND.X": doubled}})
    assert found == {}
    areas = noise.dispersions({"1": {"FOC.F1": season}, "2": {"FOC.F1": doubled}})
    assert set(areas) == {"1", "2"}


@pytest.mark.parametrize("months", [{}, dict.fromkeys(MONTHS[:5], 9), dict.fromkeys(MONTHS, 0)])
def test_few_or_empty_months_tell_nothing(months: dict[str, int]) -> None:
    assert noise.dispersion(months, {}) == 1


def test_a_survey_errs_by_the_pooled_spread_and_the_shrinkage() -> None:
    given = {
        "hubs": [
            alone(survey=[10, 0, 0, 0, 10])["hubs"][0],
            {**copy.deepcopy(MODEL), "code": "B", "survey": [0, 0, 20, 0, 0]},
        ]
    }
    # Spread 20 * 4 + 0 over 20 + 20 - 2 degrees of freedom; then sqrt(2.1053 / (20 + 20)).
    rows = rows_of(given)
    assert noise.noise_of(given, {}).variances["SAT"] == Decimal("2.1053")
    assert rows["SAT"] == [["all", "3.0000", "0.229418", "1", "scale5"]]


def test_the_spread_of_answers_has_a_floor() -> None:
    same = [Answers(30, Decimal(120), Decimal(480))]
    assert noise.pooled_variance(same) == Decimal("0.25")
    assert noise.pooled_variance([Answers(1, Decimal(4), Decimal(16))]) == Decimal("0.25")
    assert noise.pooled_variance([]) == Decimal("0.25")


@pytest.mark.parametrize(
    ("rows", "sd"),
    [
        ([[1, 3], [2, 4]], "1.4142"),
        ([[3, 3], [2, 2]], "0.3"),
        ([[3], [2]], "0.5"),
        ([], "0.5"),
        ([[3], [1, 3]], "1.4142"),
    ],
)
def test_the_spread_of_raters_is_pooled_within_the_items(rows: list[list[int]], sd: str) -> None:
    assert noise.pooled_rater_sd(rows) == Decimal(sd)


def test_an_item_errs_by_its_raters_and_a_lone_rater_more() -> None:
    given = alone(
        checks={
            "CHK": [
                {"code": "C1", "scores": {"a": 2, "b": 4}, "evidence": True, "weight": "2"},
                {"code": "C2", "scores": {"a": 3}, "evidence": True},
                # Without evidence the 4 counts as 2: no spread in this item.
                {"code": "C3", "scores": {"a": 2, "b": 4}, "evidence": False},
                {"code": "C4", "scores": {}, "evidence": False},
                {"code": "C5", "na": True},
            ],
            "UNQ": [],
        }
    )
    rows = rows_of(given)
    # s_r: sqrt((2 + 0) / 2) = 1; 1 / sqrt(2).
    assert rows["CHK"] == [
        ["C1", "3.0000", "0.707107", "2", "check"],
        ["C2", "3.0000", "0.500000", "1", "check"],
        ["C3", "2.0000", "0.707107", "1", "check"],
        ["C4", "0", "0", "1", "missing"],
    ]
    assert rows["UNQ"] == [["all", "0", "0", "1", "missing"]]


def test_what_is_missing_is_sure_and_what_does_not_apply_is_not_drawn() -> None:
    given = alone(survey=None, partners_excused=True, focus=[])
    given["hubs"][0]["indicators"]["VISIT"] = {"excused": True}
    given["hubs"][0]["indicators"]["NETW"] = {"target": None, "actual": None}
    rows = rows_of(given)
    assert "PAR" not in rows
    assert rows["SAT"] == rows["FOC"] == [["all", "0", "0", "1", "missing"]]
    assert [row[0] for row in rows["IND"]] == ["CONS", "SOLVE", "NETW"]
    assert rows["IND"][2] == ["NETW", "0", "0", "8", "missing"]


def test_the_middle_of_sure_draws_is_the_score_itself() -> None:
    given = nation()
    found = noise.simulation_input(given, score(given), noise.noise_of(given, {}))
    for parts in found["hubs"].values():
        for rows in parts.values():
            for row in rows:
                row[2] = "0"
    drawn = simulation.intervals({**found, "seed": "s", "draws": 20, "delta": "0.25"})
    for hub in score(given)["hubs"]:
        low, middle, high = drawn["m"][hub["code"]]["score"]
        assert low == middle == high
        assert abs(Decimal(middle) - Decimal(hub["final"])) <= Decimal("0.01")


def test_judging_takes_adjustment_gates_and_findings_of_the_run() -> None:
    given = nation(3)
    given["hubs"][0]["adjust"] = "9"
    given["hubs"][1]["integrity_findings"] = ["F1"]
    given["hubs"][2]["months"] = 5
    rules = noise.judging_of(given, score(given))
    assert rules.ranked == ("01", "02")
    assert rules.adjust == {"01": 5.0}
    assert rules.caps == {"02": 3}
    assert rules.gates == ((40.0, 2),)
    assert rules.gated["01"] == ("IND", "FOC", "SAT", "PAR", "CHK", "UNQ")


def variants_of(given: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Rows by variant and hub."""
    found = sensitivity.engine_variants(given, score, score(given))
    return {one.code: {row["code"]: row for row in one.hubs} for one in found}


def test_every_row_weight_and_assumption_has_its_variant() -> None:
    found = variants_of(nation(4))
    drops = ["IND.CONS", "IND.VISIT", "IND.SOLVE", "IND.NETW", "FOC", "SAT", "PAR", "CHK", "UNQ"]
    parts = ["IND", "FOC", "SAT", "PAR", "CHK", "UNQ"]
    assert list(found) == [
        *(f"drop:{name}" for name in drops),
        *(f"weight:{name}:{move}" for name in parts for move in ("+25", "-25")),
        "aggregation:geometric",
        "cap:1.0",
        "cap:1.5",
        "k:estimate",
        "adjustment:none",
    ]


def test_leaving_one_out_is_the_vector() -> None:
    given = {key: value for key, value in VECTORS["V13"]["input"].items() if key != "drop"}
    expected = {hub["code"]: hub for hub in VECTORS["V13"]["expected"]["hubs"]}
    for code, row in variants_of(given)["drop:IND.SOLVE"].items():
        assert (row["final"], row["grade"], row["rank"]) == (
            expected[code]["final"],
            expected[code]["grade"],
            expected[code]["rank"],
        )


def test_the_other_aggregation_is_the_vector() -> None:
    plain = VECTORS["V11b"]
    found = variants_of(plain["input"])["aggregation:geometric"]
    assert found["A"]["final"] == VECTORS["V11"]["expected"]["hubs"][0]["final"] == "80.94"
    back = variants_of(VECTORS["V11"]["input"])
    assert back["aggregation:arithmetic"]["A"]["final"] == plain["expected"]["hubs"][0]["final"]


def test_the_estimated_k_is_the_vector() -> None:
    given = copy.deepcopy(VECTORS["V05"]["input"])
    estimated = score(given)
    for part in given["scheme"]["components"]:
        if "k" in part:
            part["k"] = "20"
    found = variants_of(given)["k:estimate"]
    for hub in estimated["hubs"]:
        assert found[hub["code"]]["final"] == hub["final"]
    assert "k:fixed" in variants_of(VECTORS["V05"]["input"])


def test_a_weight_moves_alone() -> None:
    given = nation(3)
    scheme = {"components": copy.deepcopy(score_components())}
    scheme["components"][1]["weight"] = "18.75"
    wanted = score({**given, "scheme": scheme})
    found = variants_of(given)["weight:FOC:+25"]
    assert [found[hub["code"]]["final"] for hub in wanted["hubs"]] == [
        hub["final"] for hub in wanted["hubs"]
    ]


def score_components() -> list[dict[str, Any]]:
    """The components of the default scheme as data."""
    components: list[dict[str, Any]] = DEFAULT_SCHEME["components"]
    return components


@pytest.mark.parametrize(
    ("cap", "row"),
    [
        ("1.0", [["0", "0"], ["1", "80"]]),
        ("1.5", [["0", "0"], ["1", "80"], ["1.5", "100"]]),
    ],
)
def test_a_cap_keeps_the_way_up_to_the_plan(cap: str, row: list[list[str]]) -> None:
    anchors = read_scheme(None).components[0].anchors
    assert sensitivity.capped(anchors, Decimal(cap)) == row


def test_a_scheme_with_another_cap_is_tried_with_the_usual_one() -> None:
    anchors = {"ratio": [["0", "0"], ["1", "80"], ["1.3", "100"]]}
    full = {**read_anchor_defaults(), **anchors}
    codes = list(variants_of({**nation(2), "scheme": {"anchors": full}}))
    assert [code for code in codes if code.startswith("cap")] == ["cap:1.0", "cap:1.2", "cap:1.5"]


def read_anchor_defaults() -> dict[str, Any]:
    """All anchors of the default scheme."""
    anchors: dict[str, Any] = merged()["anchors"]
    return anchors


def test_without_the_panels_adjustment() -> None:
    given = nation(3)
    given["hubs"][0]["adjust"] = "-5"
    found = variants_of(given)["adjustment:none"]
    base = {hub["code"]: hub for hub in score(given)["hubs"]}
    assert found["01"]["final"] == base["01"]["mechanical"]
    assert found["02"]["final"] == base["02"]["final"]


def test_who_is_graded_is_said_by_the_run() -> None:
    """A hub with a thin basis keeps its grade when one more part is left out; a short one none."""
    given = nation(3)
    given["hubs"][0] |= {"focus_excused": True, "survey_excused": True}
    given["hubs"][1]["months"] = 5
    base = {hub["code"]: hub for hub in score(given)["hubs"]}
    assert base["01"]["graded"]
    assert not base["02"]["graded"]
    found = variants_of(given)["drop:CHK"]
    assert found["01"]["grade"] is not None
    assert found["02"]["grade"] is None
    assert found["02"]["rank"] is None
    assert {found["01"]["rank"], found["03"]["rank"]} <= {1, 2}


def test_severity_zero_is_the_run_itself() -> None:
    given = nation(6)
    given["hubs"][0]["checks"]["CHK"][0]["na"] = True
    given["hubs"][1]["checks"]["CHK"][1]["scores"] = {}
    given["hubs"][2]["checks"]["UNQ"] = []
    base = score(given)
    nothing = Severity(TOLD, dict.fromkeys("abc", Decimal(0)), {})
    found = sensitivity.severity_variant(given, base, nothing)
    assert found.hubs == sensitivity.comparable(base, base)


def test_a_strict_panel_is_raised() -> None:
    given = nation(3)
    base = score(given)
    strict = Severity(TOLD, dict.fromkeys("abc", Decimal("-0.5")), {})
    found = sensitivity.severity_variant(given, base, strict)
    for row, hub in zip(found.hubs, base["hubs"], strict=True):
        assert Decimal(row["final"]) > Decimal(hub["final"])


def test_a_verdict_names_what_the_grade_depends_on() -> None:
    base = {
        "hubs": [
            {"code": "1", "grade": "A", "graded": True},
            {"code": "2", "grade": None, "graded": False},
        ]
    }
    same = sensitivity.Variant(
        "drop", "SAT", [{"code": "1", "grade": "A", "rank": 3, "final": "81"}]
    )
    other = sensitivity.Variant(
        "severity",
        "",
        [
            {"code": "1", "grade": "B", "rank": 3, "final": "79"},
            {"code": "2", "grade": "C", "rank": None, "final": "55"},
        ],
    )
    assert sensitivity.verdicts(base, [same]) == {"1": {"robust": True, "depends_on": []}}
    assert sensitivity.verdicts(base, [same, other]) == {
        "1": {"robust": False, "depends_on": ["severity"]}
    }


@pytest.mark.parametrize(
    ("target", "expected", "moved"),
    [
        ("100", 110, "105.0000"),
        ("100", 190, "120.0000"),
        ("100", 10, "80.0000"),
        ("33", 33, "33.0000"),
    ],
)
def test_a_target_moves_half_way_and_a_fifth_at_most(
    target: str, expected: int, moved: str
) -> None:
    assert regional.moved_target(Decimal(target), expected) == Decimal(moved)


def regions(given: dict[str, Any]) -> dict[str, dict[str, int]]:
    """Some region for each hub."""
    return {
        hub["code"]: {"smes": 10_000 + 4_000 * place, "area": 3_000 + 977 * (place % 7)}
        for place, hub in enumerate(given["hubs"])
    }


def test_an_expectation_never_reads_the_hub_itself() -> None:
    given = nation(14)
    scheme = read_scheme(None)
    before = regional.regional_lines(given["hubs"], scheme, regions(given))["05"]
    given["hubs"][4]["indicators"]["CONS"]["actual"] *= 3
    after = regional.regional_lines(given["hubs"], scheme, regions(given))
    assert [line.expected for line in after["05"]] == [line.expected for line in before]
    assert before[0].used == ("smes", "area")


def test_no_expectation_without_region_target_or_enough_hubs() -> None:
    given = nation(14)
    scheme = read_scheme(None)
    given["hubs"][0]["target_is_prorated"] = True
    given["hubs"][1]["indicators"]["CONS"]["excused"] = True
    given["hubs"][2]["indicators"]["CONS"]["target"] = 0
    known = regions(given)
    del known["04"]
    found = regional.regional_lines(given["hubs"], scheme, known)
    assert {"01", "04"}.isdisjoint(found)
    assert [line.indicator for line in found["02"]] == ["VISIT", "SOLVE", "NETW"]
    assert [line.indicator for line in found["03"]] == ["VISIT", "SOLVE", "NETW"]
    assert regional.regional_lines(given["hubs"][:9], scheme, known) == {}


def test_correlations_by_hand_and_their_warnings() -> None:
    assert pearson([Decimal(1), Decimal(2), Decimal(3)], [Decimal(2), Decimal(4), Decimal(6)]) == 1
    assert pearson(
        [Decimal(1), Decimal(2), Decimal(3)], [Decimal(3), Decimal(1), Decimal(2)]
    ) == Decimal("-0.5")
    assert pearson([Decimal(1)] * 3, [Decimal(1), Decimal(2), Decimal(3)]) is None
    assert pearson([Decimal(1), Decimal(2)], [Decimal(1), Decimal(2)]) is None
    hubs = [
        {
            "code": str(n),
            "mechanical": str(n),
            "components": [
                {"code": "A", "points": str(n)},
                {"code": "B", "points": str(2 * n)},
                {"code": "C", "points": str(9 - n)},
                {"code": "D", "points": None},
            ],
        }
        for n in range(4)
    ]
    found = correlations({"hubs": hubs})
    assert found["double"] == [["A", "B"], ["A", "C"], ["B", "C"]]
    assert found["backwards"] == ["C"]
    assert ["D", "TOTAL", None, 0] in found["pairs"]


def further(given: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The analysis's own input with few draws."""
    months = {
        hub["code"]: {"IND.CONS": dict.fromkeys(MONTHS, hub["indicators"]["CONS"]["actual"] // 12)}
        for hub in given["hubs"]
    }
    made = analysis.further_input("ab" * 32, months, regions(given), draws=60)
    return {**made, **changes}


def test_the_analysis_is_the_same_text_without_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    given = nation()
    found = canonical_json(analysis.analyse(given, further(given), score))
    monkeypatch.setattr(simulation, "HAS_NUMPY", False)
    assert canonical_json(analysis.analyse(given, further(given), score)) == found


def test_the_order_of_the_hubs_changes_no_hub() -> None:
    given = nation()
    found = analysis.analyse(given, further(given), score)
    turned = analysis.analyse({"hubs": given["hubs"][::-1]}, further(given), score)
    for part in ("verdicts", "reliability", "severity", "regional", "noise"):
        assert canonical_json(turned[part]) == canonical_json(found[part]), part
    assert canonical_json(turned["intervals"]) == canonical_json(found["intervals"])


def test_the_analysis_says_everything_and_how_far_it_is() -> None:
    given = nation()
    said: list[tuple[int, str]] = []
    found = analysis.analyse(
        given, further(given), score, lambda done, name: said.append((done, name))
    )
    assert said == list(enumerate(analysis.STEPS))
    assert [one["code"] for one in found["variants"]][-2:] == ["severity", "regional"]
    assert found["severity"]["state"] == "told"
    assert Decimal(found["severity"]["raters"]["c"]["correction"]) < 0
    hub = found["intervals"]["m"]["01"]
    assert sum(hub["grades"].values()) == sum(hub["reached"].values()) == 60
    assert hub["rank"][0] <= hub["rank"][1] <= hub["rank"][2] <= 14
    assert found["shrinkage"]["SAT"][0] == "20"
    assert set(found["verdicts"]) == {hub["code"] for hub in given["hubs"]}


def test_another_run_draws_other_numbers() -> None:
    given = nation()
    one = analysis.analyse(given, further(given), score)["intervals"]["m"]
    other = analysis.analyse(given, further(given, run="cd" * 32), score)["intervals"]["m"]
    assert one != other


def test_no_interval_under_geometric_aggregation() -> None:
    given = {**nation(4), "scheme": {"aggregation": "geometric"}}
    found = analysis.analyse(given, further(given), score)
    assert found["intervals"] is None
    assert found["verdicts"]


def test_a_hub_without_any_score_has_no_interval() -> None:
    given = nation(3)
    given["hubs"][0] = {
        "code": "01",
        "indicators": {code: {"excused": True} for code in MODEL["indicators"]},
        "focus_excused": True,
        "survey_excused": True,
        "partners_excused": True,
        "checks": {"CHK": [{"code": "C1", "na": True}], "UNQ": [{"code": "U1", "na": True}]},
    }
    found = analysis.analyse(given, further(nation(3)), score)
    assert set(found["intervals"]["m"]) == {"02", "03"}
    assert "01" not in found["verdicts"]


@pytest.mark.parametrize(
    ("score_text", "names"),
    [
        (["79.99", "81", "82"], ["A"]),
        (["80.00", "81", "82"], []),
        (["70", "80", "80.00"], ["A"]),
        (["49", "66", "91"], ["S", "A", "B", "C"]),
    ],
)
def test_near_a_cut(score_text: list[str], names: list[str]) -> None:
    assert analysis.near_cuts(score_text, read_scheme(None)) == names


def test_unreadable_input_of_the_analysis_is_refused() -> None:
    given = nation(2)
    with pytest.raises(ValueError, match="知らない分析の方式"):
        analysis.analyse(given, further(given, method="z9"), score)
    with pytest.raises(ValueError, match="知らない項目"):
        analysis.analyse(given, further(given, more=1), score)
    lacking = {key: value for key, value in further(given).items() if key != "months"}
    with pytest.raises(ValueError, match="months"):
        analysis.analyse(given, lacking, score)


def test_the_oracle_reads_the_analysis_input() -> None:
    """What the page shows can be drawn again by the plain form alone."""
    given = nation(4)
    found = analysis.analyse(given, further(given), score)
    base = score(given)
    read = noise.simulation_input(given, base, noise.noise_of(given, further(given)["months"]))
    again = intervals.judged(
        {**read, "seed": "ab" * 32, "draws": 60, "delta": "0.25"}, noise.judging_of(given, base)
    )
    for code, hub in again["m"].items():
        assert found["intervals"]["m"][code]["score"] == hub["score"]
