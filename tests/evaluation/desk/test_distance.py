"""Raising an item by the stated amount raises the grade, one step less does not; by the engine."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from evaluation.desk.rules import levers, words
from evaluation.desk.rules.distance import HELD, TOO_SMALL, HubDistance, Network, distance_of
from evaluation.desk.rules.levers import Fixed, Lever, even_lever, levers_of
from evaluation.scoring.rules.scheme import read_scheme
from evaluation.scoring.rules.v1 import score
from tests.evaluation.desk.network import hubs

SCHEME = read_scheme()
GRADES = [name for name, _ in SCHEME.grades]


def lever_of(hub: Mapping[str, Any], component: str, item: str) -> Lever | Fixed:
    """The lever of one item."""
    if not component:
        found = even_lever(hub, SCHEME)
        assert found is not None
        return found
    return next(
        lever
        for lever in levers_of(hub, SCHEME)
        if (lever.component, lever.item) == (component, item)
    )


def engine(network: Mapping[str, dict[str, Any]], *changed: dict[str, Any]) -> dict[str, Any]:
    """The whole engine over all hubs, some of them changed; results by hub code."""
    given = {**network, **{hub["code"]: hub for hub in changed}}
    return {hub["code"]: hub for hub in score({"hubs": list(given.values())})["hubs"]}


def is_better(grade: str, than: str) -> bool:
    return GRADES.index(grade) < GRADES.index(than)


@pytest.fixture(scope="module", params=[7, 2026])
def whole(request: pytest.FixtureRequest) -> tuple[dict[str, Any], dict[str, HubDistance]]:
    """All hubs by code, and the way of each to its next grade."""
    given = {hub["code"]: hub for hub in hubs(request.param)}
    network = Network(SCHEME, list(given.values()))
    return given, {code: distance_of(code, network) for code in given}


def ways(found: Mapping[str, HubDistance]) -> Iterator[tuple[str, Any]]:
    for code, way in found.items():
        yield from ((code, item) for item in way.items)
        if way.evenly:
            yield code, way.evenly


def test_ground_has_every_case(whole: Any) -> None:
    given, found = whole
    kinds = {item.kind for _, item in ways(found) if item.reach}
    assert kinds >= {
        levers.COUNT,
        levers.ANSWERS,
        levers.RATER_POINTS,
        levers.EVENLY,
    }
    whys = {item.why for _, item in ways(found)}
    assert whys >= {TOO_SMALL, HELD, levers.EXCUSED, levers.ZERO_TARGET, levers.NO_ANSWERS}
    assert {way.grade for way in found.values()} >= {"A", "B", "C", "D", ""}
    assert sum(bool(item.reach) for _, item in ways(found)) > 60
    assert len(given) == 47


def test_start_is_what_the_engine_says(whole: Any) -> None:
    given, found = whole
    for code, result in engine(given).items():
        way = found[code]
        assert (str(way.final), way.grade) == (result["final"], result["grade"] or "")
        for item in way.items:
            if item.now:
                assert str(item.now.final) == result["final"]


def test_stated_amount_raises_the_grade_of_every_hub_and_one_step_less_does_not(whole: Any) -> None:
    """Items of different hubs that move no national prior are raised in one run of the engine."""
    given, found = whole
    rounds: dict[tuple[str, str], list[tuple[str, Any]]] = {}
    for code, item in ways(found):
        if item.reach:
            # An answer moves the prior of the others, so its hub is raised alone.
            alone = code if item.component in {"SAT", "PAR"} else ""
            rounds.setdefault((f"{item.component}.{item.item}", alone), []).append((code, item))
    for raised in rounds.values():
        for less in (0, 1):
            changed = [
                lever_of(given[code], item.component, item.item).state(item.reach.steps - less)
                for code, item in raised
            ]
            results = engine(given, *changed)
            for code, item in raised:
                after = results[code]
                assert is_better(after["grade"], found[code].grade) == (not less), (code, item)
                if not less:
                    assert (after["final"], after["grade"]) == (
                        str(item.reach.final),
                        item.reach.grade,
                    )


def test_item_said_not_to_reach_does_not_at_its_very_end(whole: Any) -> None:
    given, found = whole
    tried = 0
    for code, item in ways(found):
        if item.why not in {TOO_SMALL, HELD} or item.component not in {"SAT", "PAR", "FOC", "IND"}:
            continue
        after = engine(
            given, lever_of(given[code], item.component, item.item).state(item.most.steps)
        )
        assert not is_better(after[code]["grade"], found[code].grade)
        cut = found[code].cut
        assert (Decimal(after[code]["final"]) < cut) == (item.why == TOO_SMALL)
        tried += 1
        if tried == 40:
            break
    assert tried == 40


def test_combination_raises_the_grade(whole: Any) -> None:
    given, found = whole
    checked = 0
    for code, way in found.items():
        for one in way.combinations[:1]:
            hub = given[code]
            for item, step in one.parts:
                lever = lever_of(hub, item.component, item.item)
                before, hub = hub, lever.state(step.steps)
                one_less = lever.state(step.steps - 1)
            assert len(one.parts) > 1
            assert engine(given, hub)[code]["final"] == str(one.reach.final)
            assert is_better(engine(given, hub)[code]["grade"], way.grade)
            assert not is_better(engine(given, one_less)[code]["grade"], way.grade)
            assert not is_better(engine(given, before)[code]["grade"], way.grade)
            checked += 1
    assert checked > 3


def test_points_never_fall_along_a_lever(whole: Any) -> None:
    given, _ = whole
    network = Network(SCHEME, list(given.values()))
    for hub in list(given.values())[:12]:
        for lever in levers_of(hub, SCHEME):
            if isinstance(lever, Fixed):
                continue
            steps = sorted({*range(min(lever.top, 8) + 1), lever.top // 2, lever.top})
            finals = [
                Decimal(network.score(lever.state(step), lever.component)["final"])
                for step in steps
            ]
            assert finals == sorted(finals), (hub["code"], lever.component, lever.item)


# --- single cases ---------------------------------------------------------------------------------


def plain_hub(code: str = "01", **changes: Any) -> dict[str, Any]:
    """79.20 everywhere: a B that a little more of anything makes an A."""
    base = {
        "code": code,
        "indicators": {
            name: {"target": 100, "actual": 99} for name in ("CONS", "VISIT", "SOLVE", "NETW")
        },
        "focus": [{"code": "F1", "target": 50, "actual": 50}],
        "survey": [0, 0, 20, 60, 20],
        "partners": ["4", "4", "4"],
        "checks": {
            name: [{"code": f"{name}1", "scores": {"R1": 3, "R2": 3}, "evidence": True}]
            for name in ("CHK", "UNQ")
        },
    }
    return {**base, **changes}


def way_of(hub: dict[str, Any], *others: dict[str, Any]) -> HubDistance:
    return distance_of(hub["code"], Network(SCHEME, [hub, *others]))


def item_of(way: HubDistance, component: str, item: str = "") -> Any:
    return next(one for one in way.items if (one.component, one.item) == (component, item))


NAMES = {
    ("IND", "SOLVE"): words.Named("課題解決件数"),
    ("FOC", ""): words.Named("重点分野"),
    ("FOC", "F1"): words.Named("事業承継"),
    ("SAT", ""): words.Named("顧客満足度調査"),
    ("PAR", ""): words.Named("支援機関による評価"),
    ("CHK", "CHK1"): words.Named("相談の記録"),
}


@pytest.mark.parametrize(
    ("component", "item", "sentence"),
    [
        (
            "IND",
            "SOLVE",
            "課題解決件数をあと3件増やす（99→102）と、総合点が80.07点になり、評語がAになります。",
        ),
        (
            "FOC",
            "F1",
            "事業承継をあと2件増やす（50→52）と、総合点が80.28点になり、評語がAになります。",
        ),
        (
            "PAR",
            "",
            (
                "3機関の評価を、合わせて0.5点上げる（平均4.00→4.17）と、"
                "総合点が80.01点になり、評語がAになります。"
            ),
        ),
        (
            "CHK",
            "CHK1",
            (
                "「相談の記録」に評価者の評点を合わせて1点上げる（平均3.00→3.50）と、"
                "総合点が80.88点になり、評語がAになります。"
            ),
        ),
    ],
)
def test_sentences(component: str, item: str, sentence: str) -> None:
    way = way_of(plain_hub())
    assert (way.grade, str(way.final), str(way.gap), way.target) == ("B", "79.68", "0.32", "A")
    assert words.sentence(item_of(way, component, item), NAMES) == sentence


def test_gate_is_named_and_the_gated_item_lifts_the_grade() -> None:
    """A focus area at 45 % holds the grade at B; only the area itself helps."""
    indicators = {
        name: {"target": 100, "actual": 130} for name in ("CONS", "VISIT", "SOLVE", "NETW")
    }
    gated = plain_hub(indicators=indicators, focus=[{"code": "F1", "target": 100, "actual": 45}])
    way = way_of(gated)
    assert (way.grade, way.gap) == ("B", Decimal("0.00"))
    survey = item_of(way, "SAT")
    assert (survey.reach, survey.why) == (None, HELD)
    said = "この項目を上限まで上げても、「重点分野」が基準の点に満たないため、評語はBまでです。"
    assert words.reason(survey, way, NAMES) == said
    area = item_of(way, "FOC", "F1")
    assert (area.reach.steps, area.reach.grade) == (5, "A")


def test_integrity_finding_leaves_no_way() -> None:
    way = way_of(plain_hub(integrity_findings=["I-1"]))
    assert way.grade == "C"
    assert not [item for item in way.items if item.reach]
    said = "この項目を上限まで上げても、データの確認事項が解決するまで、評語はCまでです。"
    assert words.reason(item_of(way, "IND", "SOLVE"), way, NAMES) == said
    assert way.combinations == ()


def test_best_grade_and_no_grade_have_no_way() -> None:
    best = way_of(
        plain_hub(
            indicators={
                name: {"target": 100, "actual": 130} for name in ("CONS", "VISIT", "SOLVE", "NETW")
            },
            focus=[{"code": "F1", "target": 50, "actual": 70}],
            survey=[0, 0, 0, 0, 90],
        )
    )
    assert (best.grade, best.target, best.items) == ("S", "", ())
    young = way_of(plain_hub(months=4))
    assert (young.grade, young.target, young.items, young.gap) == ("", "", (), None)


def test_document_alone_may_be_the_step() -> None:
    checks = {
        "CHK": [{"code": "CHK1", "scores": {"R1": 3, "R2": 3}, "evidence": False}],
        "UNQ": [{"code": "UNQ1", "scores": {"R1": 3, "R2": 3}, "evidence": True}],
    }
    way = way_of(plain_hub(checks=checks, survey=[0, 0, 0, 50, 50]))
    item = item_of(way, "CHK", "CHK1")
    assert (item.reach.steps, item.reach.paper, item.reach.total) == (1, True, 0)
    assert words.change(item, item.reach, NAMES) == "「相談の記録」に根拠資料を添える"
    assert words.amount(item, item.reach, NAMES) == "根拠資料"


@pytest.mark.parametrize(
    ("counts", "steps", "after"),
    [
        ([2, 0, 1, 0, 0], 1, [1, 1, 1, 0, 0]),
        ([2, 0, 1, 0, 0], 3, [0, 1, 2, 0, 0]),
        ([2, 0, 1, 0, 0], 10, [0, 0, 0, 0, 3]),
        ([0, 0, 0, 0, 4], 0, [0, 0, 0, 0, 4]),
    ],
)
def test_answers_rise_from_the_lowest(counts: list[int], steps: int, after: list[int]) -> None:
    lifted = levers.lifted(counts, steps)
    assert lifted == after
    assert sum(lifted) == sum(counts)


def test_no_value_rises_above_its_scale() -> None:
    assert levers.raised([Decimal("4.95"), Decimal(3)], 30) == [Decimal(5), Decimal(5)]
    assert levers.raised([Decimal("4.95"), Decimal(3)], 2) == [Decimal("4.95"), Decimal("3.2")]
    assert levers.heightened({"A": 4, "B": 3}, 5, 4) == {"A": 4, "B": 4}
