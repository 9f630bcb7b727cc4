"""The desk in the small world: the what-if of a running year, whose it is, that nothing is kept."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evaluation.desk import bench, trial
from evaluation.desk.rules import trial as rules
from evaluation.surveys.models import SatisfactionSurvey
from hubs.integrity.models import IntegrityFlag
from tests.world import World, canary

TRIAL = "/evaluation/desk/trial/2026/13/"
PART = {"HX-Request": "true"}


def shown(client: Any, url: str, status: int = 200, **more: Any) -> str:
    answer = client.get(url, **more)
    assert answer.status_code == status, url
    return str(answer.content.decode())


def base(world: World, code: str, year: int, mode: str, actor: str = "hq") -> trial.Base:
    found = trial.base_of(world.hubs[code], world.terms[year], mode, world.cast.actors[actor].scope)
    assert isinstance(found, trial.Base)
    return found


def field(found: trial.Base, name: str) -> rules.Field:
    return next(one for one in found.fields if one.name == name)


def test_what_if_is_for_ones_own_hubs(world: World, sign_in: Any) -> None:
    cast = world.cast
    for actor in (cast.cc_tokyo, cast.co_tokyo, cast.body_tokyo, cast.bureau_kanto, cast.hq):
        shown(sign_in(actor), TRIAL)
    for actor in (cast.cc_miyagi, cast.bureau_tohoku):
        shown(sign_in(actor), TRIAL, 404)
    for key in ("supporter", "admin", "pm_kanto", "nobody"):
        shown(sign_in(cast.actors[key]), TRIAL, 403)
    listed = shown(sign_in(cast.bureau_kanto), "/evaluation/desk/trial/")
    assert TRIAL in listed
    assert "/evaluation/desk/trial/2026/04/" not in listed
    answer = sign_in(cast.cc_tokyo).get("/evaluation/desk/trial/")
    assert (answer.status_code, answer.headers["Location"]) == (302, TRIAL)


def test_whole_year_without_a_change_is_what_the_evaluation_says(world: World) -> None:
    """All months of 2025 are accepted: counts as in the run, points to the fourth decimal."""
    found = base(world, "13", 2025, trial.FORECAST)
    assert field(found, "IND.CONS").origin == "全ての月が確認済のため実績の計"
    tried = rules.read(found.fields, {})
    outcome = trial.outcome(found, tried)
    run = json.loads(world.runs["published"].result)
    own = next(hub for hub in run["hubs"] if hub["code"] == "13")
    judged = {part["code"]: part["points"] for part in own["components"]}
    for code in ("IND", "FOC"):
        assert str(outcome.points(code)) == judged[code]


def test_to_date_counts_accepted_months_and_cuts_the_target(world: World) -> None:
    found = base(world, "13", 2026, trial.TO_DATE)
    solved = field(found, "IND.CONS")
    assert (solved.value, solved.target, solved.asked) == (Decimal(104), 1200, Decimal(100))
    assert solved.origin == "確認済の1か月の計"
    outcome = trial.outcome(found, rules.read(found.fields, {}))
    assert not outcome.is_graded
    assert outcome.grade in {"S", "A", "B", "C", "D"}
    assert "確認済でない月（5月、6月、7月、8月、9月）の実績は含みません。" in found.notes


def test_what_cannot_be_estimated_stands_at_its_target_and_says_so(world: World) -> None:
    found = base(world, "13", 2026, trial.FORECAST)
    solved = field(found, "IND.CONS")
    assert (solved.value, solved.asked) == (Decimal(1200), None)
    assert "3か月に満たないため" in solved.origin
    assert "目標どおりと置いています" in solved.origin
    outcome = trial.outcome(found, rules.read(found.fields, {}))
    assert outcome.points("IND") == Decimal("80.0000")


def test_plan_that_is_not_fixed_is_named(world: World, sign_in: Any) -> None:
    found = base(world, "14", 2026, trial.FORECAST)
    assert any("事業計画は確定していません" in note for note in found.notes)
    said = shown(sign_in(world.cast.cc_kanagawa), "/evaluation/desk/trial/2026/14/")
    assert "事業計画は確定していません" in said
    assert canary("13") not in said


def test_opinions_of_this_year_are_for_those_who_judge(world: World) -> None:
    """A survey that was counted before the evaluation is no news for the hub."""
    SatisfactionSurvey.objects.filter(hub=world.hubs["13"], term=world.terms[2026]).delete()
    SatisfactionSurvey.objects.create(
        hub=world.hubs["13"],
        term=world.terms[2026],
        sent=100,
        returned=20,
        level_1=0,
        level_2=0,
        level_3=0,
        level_4=0,
        level_5=20,
    )
    seen = field(base(world, "13", 2026, trial.FORECAST), "SAT.mean")
    assert (seen.value, "令和8年度に集まった値" in seen.origin) == (Decimal("5.00"), True)
    hidden = field(base(world, "13", 2026, trial.FORECAST, "cc_tokyo"), "SAT.mean")
    assert hidden.value != Decimal("5.00")
    assert hidden.origin == "令和7年度の評価の値"


def test_without_any_evaluation_the_standard_is_taken(world: World) -> None:
    found = base(world, "13", 2025, trial.FORECAST, "cc_tokyo")
    assert found.last is None
    for name, value in (("SAT.mean", "4.00"), ("PAR.mean", "4.00"), ("CHK.mean", "3.0")):
        assert field(found, name).value == Decimal(value)
        assert "標準の80点" in field(found, name).origin
    outcome = trial.outcome(found, rules.read(found.fields, {}))
    assert outcome.points("SAT") == outcome.points("CHK") == Decimal("80.0000")


def test_chances_of_the_grades_rise_with_the_figure(world: World, sign_in: Any) -> None:
    """The same thousand draws for every figure: more solved issues never make an A less likely."""
    found = base(world, "13", 2026, trial.FORECAST)
    chances = []
    for solved in ("340", "380", "420", "456"):
        outcome = trial.outcome(found, rules.read(found.fields, {"IND.SOLVE": solved}))
        assert abs(sum(chance for _, chance in outcome.chances) - 100) < Decimal("0.3")
        held = dict(outcome.chances)
        chances.append(held.get("S", Decimal(0)) + held.get("A", Decimal(0)))
    assert chances == sorted(chances)
    assert chances[0] < chances[-1]
    again = trial.outcome(found, rules.read(found.fields, {"IND.SOLVE": "456"}))
    assert again.chances == outcome.chances
    early = base(world, "13", 2026, trial.TO_DATE)
    assert trial.outcome(early, rules.read(early.fields, {})).chances == ()
    assert "評語の確からしさ" in shown(sign_in(world.cast.cc_tokyo), TRIAL)


def test_slider_moves_the_score_and_part_of_the_page_comes_alone(
    world: World, sign_in: Any
) -> None:
    client = sign_in(world.cast.cc_tokyo)
    whole = shown(client, f"{TRIAL}?IND.SOLVE=456")
    part = shown(client, f"{TRIAL}?IND.SOLVE=456", headers=PART)
    assert "<html" in whole
    assert "<html" not in part
    assert part.lstrip().startswith("<section")
    assert "+2.80" in part
    assert "+2.80" in whole
    assert "これは試算です。評価ではありません。" in whole


@pytest.mark.parametrize("headers", [{}, PART])
def test_unreadable_figure_is_named_at_its_field(
    world: World, sign_in: Any, headers: dict[str, str]
) -> None:
    client = sign_in(world.cast.cc_tokyo)
    text = shown(client, f"{TRIAL}?IND.SOLVE=many&mode=no-such", 422, headers=headers)
    assert "課題解決件数</a>：数として読めません。" in text
    assert "総合点（試算）" not in text
    if not headers:
        assert 'value="many"' in text


def test_a_hub_learns_what_its_own_result_would_mean_in_yen(world: World, sign_in: Any) -> None:
    assert "翌年度の配分" in shown(sign_in(world.cast.cc_tokyo), TRIAL)
    shown(sign_in(world.cast.cc_kanagawa), TRIAL, 404)
    assert "翌年度の配分" in shown(sign_in(world.cast.hq), TRIAL)
    found = base(world, "13", 2026, trial.FORECAST)
    amounts = []
    for solved in ("300", "380", "456"):
        outcome = trial.outcome(found, rules.read(found.fields, {"IND.SOLVE": solved}))
        money = trial.next_year(found, outcome)
        assert money is not None
        amounts.append(money.yen)
    assert amounts == sorted(amounts)
    assert amounts[0] < amounts[-1]


def test_terms_that_cannot_be_tried_say_why(world: World, sign_in: Any) -> None:
    client = sign_in(world.cast.hq)
    closed = shown(client, "/evaluation/desk/trial/2024/13/")
    assert "令和6年度は終了しました。" in closed
    early = shown(client, "/evaluation/desk/trial/2027/13/")
    assert "年度の規則はまだ登録されていない" in early
    prepared = shown(client, "/evaluation/desk/trial/2023/13/")
    assert "評価基準はまだ確定していません" in prepared
    shown(client, "/evaluation/desk/trial/2019/13/", 404)
    shown(client, "/evaluation/desk/trial/2026/99/", 404)


def test_nothing_is_kept(world: World, sign_in: Any) -> None:
    client = sign_in(world.cast.cc_tokyo)
    shown(client, TRIAL)
    with CaptureQueriesContext(connection) as asked:
        shown(client, f"{TRIAL}?IND.SOLVE=456", headers=PART)
    assert not [
        row["sql"] for row in asked if not row["sql"].lstrip("(").startswith(("SELECT", "PRAGMA"))
    ]
    assert len(asked) <= 60


# --- Workbench ------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["hq", "agency", "auditor"])
def test_every_source_is_a_page_that_opens(world: World, sign_in: Any, key: str) -> None:
    """One click from the hub to each source, for each role that reads the workbench."""
    run, actor = world.runs["published"], world.cast.actors[key]
    result = run.hub_results.get(hub__code="13")
    found = bench.hub_bench(run, result, actor.scope, {}).links
    labels = [link.label for link in found]
    assert labels[:4] == ["点数の計算", "点数の理由と上げ方", "評価票", "証拠台帳"]
    assert {"事業計画", "月次実績", "満足度調査", "ヒアリング", "配分案", "確認事項"} <= set(labels)
    client = sign_in(actor)
    for link in found:
        shown(client, link.url)


def test_fact_check_and_guidance_are_among_the_sources(world: World, sign_in: Any) -> None:
    """Wherever a run of the world has asked the hub for its facts, or guides it."""
    scope, client = world.cast.hq.scope, sign_in(world.cast.hq)
    found: dict[str, str] = {}
    for run in world.runs.values():
        for result in run.hub_results.select_related("hub", "evidence_book"):
            links = bench.hub_bench(run, result, scope, {}).links
            found |= {link.label: link.url for link in links}
    for label in ("事実確認", "重点指導"):
        shown(client, found[label])


def ask(world: World, code: str, state: str) -> IntegrityFlag:
    """A question about the judged year."""
    flag = world.flags["waiting"]
    return IntegrityFlag.objects.create(
        hub=world.hubs[code],
        term=world.terms[2025],
        check_code=flag.check_code,
        rule_version=flag.rule_version,
        subject="2025-09/CONS",
        sentence=f"{code}の9月の数値について確認をお願いします。",
        basis_hash="1" * 64,
        figures=flag.figures,
        state=state,
        first_seen=flag.first_seen,
        last_seen=flag.last_seen,
        answer_due=flag.answer_due,
    )


def test_flags_of_the_year_stand_beside_the_hub(world: World, sign_in: Any) -> None:
    """What the hub has not answered yet is not known to HQ."""
    run = world.runs["published"]
    waiting, raised = ask(world, "13", "waiting"), ask(world, "14", "raised")
    listed = bench.listing(run, world.cast.hq.scope, {})
    counted = {row.result.hub.code: row.flags for row in listed.rows}
    assert counted == {"04": 0, "13": 1, "14": 0}
    narrowed = bench.listing(run, world.cast.hq.scope, {"mark": "asked"})
    assert [row.result.hub.code for row in narrowed.shown] == ["13"]
    client = sign_in(world.cast.hq)
    assert waiting.sentence in shown(client, f"/evaluation/desk/runs/{run.pk}/hubs/13/")
    assert raised.sentence not in shown(client, f"/evaluation/desk/runs/{run.pk}/hubs/14/")


def test_auditor_reads_no_button_to_write(world: World, sign_in: Any) -> None:
    run = world.runs["published"]
    said = shown(sign_in(world.cast.actors["auditor"]), f"/evaluation/desk/runs/{run.pk}/hubs/13/")
    assert "講評を書く" not in said
    assert 'method="post"' not in said.split("<main", 1)[1]
