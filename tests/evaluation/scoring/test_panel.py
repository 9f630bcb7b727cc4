"""The panel's adjustments: five points at most, two names, and a run of their own."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from evaluation.budget.rules.check import check_file
from evaluation.scoring import operations
from evaluation.scoring.models import (
    AdjustmentState,
    EvaluationRun,
    PanelAdjustment,
    RunState,
    Succession,
)
from evaluation.scoring.queries import certificate, panel_effect, without_adjustments
from tests.cast import Cast
from tests.evaluation.ground import checked
from tests.evaluation.run_ground import EVIDENCE, REASON, Year, judged_year
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Refused
from yorozu.core.jobs.models import JobState
from yorozu.core.jobs.runner import run as run_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def year(cast: Cast) -> Year:
    return judged_year(cast)


@pytest.fixture
def run(year: Year) -> EvaluationRun:
    return checked(year.run(), year.cast.hq.scope)


def propose(year: Year, run: EvaluationRun, **changes: Any) -> PanelAdjustment:
    values = {"hub_code": "04", "points": "3.00", "reason": REASON, "evidence": EVIDENCE}
    return operations.propose_adjustment(year.cast.hq.scope, run=run, **{**values, **changes})


def adjusted(year: Year, run: EvaluationRun, **changes: Any) -> EvaluationRun:
    row = propose(year, run, **changes)
    operations.second_adjustment(year.cast.hq_second.scope, adjustment=row)
    return operations.apply_adjustments(year.cast.hq.scope, run=run)


def test_an_adjustment_makes_a_run_that_takes_the_place(year: Year, run: EvaluationRun) -> None:
    before = {row.hub.code: row for row in run.hub_results.select_related("hub")}
    made = adjusted(year, run)
    run.refresh_from_db()
    assert (run.state, made.state) == (RunState.SUPERSEDED, RunState.PANEL)
    assert (made.supersedes, made.succession) == (run, Succession.ADJUSTMENT)
    after = {row.hub.code: row for row in made.hub_results.select_related("hub")}
    assert after["04"].mechanical == before["04"].mechanical
    assert after["04"].final == before["04"].final + Decimal("3.00")
    assert after["13"].final == before["13"].final
    [said] = json.loads(made.snapshot)["adjustments"]
    assert said["reason"] == REASON
    assert said["proposed_by"] != said["confirmed_by"]
    passed, failed, lines = check_file(certificate(made))
    assert (failed, lines) == (0, []), passed
    assert PanelAdjustment.objects.get().applied_run == made


def test_the_same_adjustments_give_the_same_hashes(year: Year, run: EvaluationRun) -> None:
    made = adjusted(year, run)
    rows = PanelAdjustment.objects.filter(applied_run=made)
    again = operations.panel.adjusted_snapshot(run, rows.select_related("hub"))
    assert json.loads(made.snapshot) == again


def test_it_is_computed_by_a_job_with_its_analysis(
    year: Year, run: EvaluationRun, sign_in: Any
) -> None:
    row = propose(year, run)
    url = f"/evaluation/runs/{run.pk}/panel/"
    assert sign_in(year.cast.hq).post(f"{url}apply/").status_code == 409
    operations.second_adjustment(year.cast.hq_second.scope, adjustment=row)
    first = operations.start_adjusting(year.cast.hq.scope, run=run)
    assert operations.start_adjusting(year.cast.hq.scope, run=run) == first
    assert run_job(first.pk) == JobState.SUCCEEDED
    made = EvaluationRun.objects.latest("pk")
    assert made.analysis.result_hash
    page = sign_in(year.cast.auditor).get(f"/evaluation/runs/{made.pk}/panel/").content.decode()
    assert "1 / 3拠点" in page
    assert REASON in page


def test_the_page_says_where_all_would_stand_without(year: Year, run: EvaluationRun) -> None:
    made = adjusted(year, run, hub_code="14", points="5")
    effect = panel_effect(made)
    bare = without_adjustments(made)
    assert [line.code for line in effect.adjusted] == ["14"]
    line = effect.adjusted[0]
    assert (line.mechanical, line.points) == (line.final - Decimal("5.00"), Decimal("5.00"))
    assert line.rank_without == bare["14"]["rank"] > line.rank
    moved = {one.code for one in effect.moved}
    wanted = {
        row.hub.code
        for row in made.hub_results.select_related("hub")
        if row.hub.code != "14" and row.rank != bare[row.hub.code]["rank"]
    }
    assert moved == wanted != set()
    stored = {row.hub.code: row.rank for row in run.hub_results.select_related("hub")}
    assert {code: entry["rank"] for code, entry in bare.items()} == stored


def test_zero_takes_a_standing_adjustment_back(year: Year, run: EvaluationRun) -> None:
    made = adjusted(year, run)
    with pytest.raises(InvalidInput):
        propose(year, made, points="3.00")
    back = adjusted(year, made, points="0")
    old = dict(run.hub_results.values_list("hub__code", "final"))
    assert dict(back.hub_results.values_list("hub__code", "final")) == old
    assert json.loads(back.snapshot)["adjustments"] == []


BAD: dict[str, tuple[dict[str, str], list[str]]] = {
    "too many points": ({"points": "5.01"}, ["調整点"]),
    "too few": ({"points": "-5.01"}, ["調整点"]),
    "three decimals": ({"points": "1.005"}, ["調整点"]),
    "no number": ({"points": "二点"}, ["調整点"]),
    "infinite": ({"points": "Infinity"}, ["調整点"]),
    "nothing": ({"points": "0.00"}, ["調整点"]),
    "49 letters": ({"reason": "あ" * 49}, ["理由"]),
    "blanks do not count": ({"reason": "あ" * 49 + " " * 20}, ["理由"]),
    "no evidence": ({"evidence": " "}, ["根拠"]),
    "unknown hub": ({"hub_code": "99"}, ["拠点"]),
    "all at once": ({"points": "x", "reason": "", "evidence": ""}, ["調整点", "理由", "根拠"]),
}


@pytest.mark.parametrize("name", BAD)
def test_what_an_adjustment_must_have(name: str, year: Year, run: EvaluationRun) -> None:
    changes, columns = BAD[name]
    with pytest.raises(InvalidInput) as refusal:
        propose(year, run, **changes)
    assert [problem.column for problem in refusal.value.problems] == columns
    assert not PanelAdjustment.objects.exists()


GOOD = {"５．００": "5.00", "-5": "-5.00", "▲1.5": "-1.50", "＋0.25": "0.25", "0.1": "0.10"}


@pytest.mark.parametrize("typed", GOOD)
def test_points_are_read_as_offices_type_them(typed: str, year: Year, run: EvaluationRun) -> None:
    row = propose(year, run, points=typed, reason="あ" * 50)
    assert f"{row.points:.2f}" == GOOD[typed]


def test_the_proposer_does_not_confirm(year: Year, run: EvaluationRun, sign_in: Any) -> None:
    row = propose(year, run)
    with pytest.raises(NotReady) as refusal:
        operations.second_adjustment(year.cast.hq.scope, adjustment=row)
    assert "本人" in refusal.value.missing[0].text
    url = f"/evaluation/runs/adjustments/{row.pk}/second/"
    assert sign_in(year.cast.hq).post(url).status_code == 409
    assert sign_in(year.cast.hq_second).post(url).status_code == 302
    row.refresh_from_db()
    assert row.state == AdjustmentState.CONFIRMED
    with pytest.raises(Conflict):
        operations.drop_adjustment(year.cast.hq.scope, adjustment=row)


def test_nothing_unsettled_is_fixed(year: Year, run: EvaluationRun) -> None:
    row = propose(year, run)
    second = year.cast.hq_second.scope
    with pytest.raises(NotReady, match="確定"):
        operations.fix_run(second, run=run)
    with pytest.raises(NotReady, match="反映"):
        operations.apply_adjustments(year.cast.hq.scope, run=run)
    operations.second_adjustment(second, adjustment=row)
    with pytest.raises(NotReady) as refusal:
        operations.fix_run(second, run=run)
    assert "反映されていません" in refusal.value.missing[0].text


def test_who_computed_what_is_adjusted_does_not_fix_it(year: Year, run: EvaluationRun) -> None:
    """HQ's first person computed the base; the second carried the adjustments in."""
    row = operations.propose_adjustment(
        year.cast.hq_second.scope,
        run=run,
        hub_code="04",
        points="1",
        reason=REASON,
        evidence=EVIDENCE,
    )
    operations.second_adjustment(year.cast.hq.scope, adjustment=row)
    made = operations.apply_adjustments(year.cast.hq_second.scope, run=run)
    for actor in (year.cast.hq, year.cast.hq_second):
        with pytest.raises(NotReady) as refusal:
            operations.fix_run(actor.scope, run=made)
        assert "本人" in refusal.value.missing[0].text


def test_a_dropped_proposal_makes_room(year: Year, run: EvaluationRun) -> None:
    row = propose(year, run)
    with pytest.raises(Conflict, match="すでに"):
        propose(year, run, points="1.00")
    operations.drop_adjustment(year.cast.hq.scope, adjustment=row)
    assert propose(year, run, points="1.00").points == Decimal("1.00")


def test_adjustments_belong_to_the_panels_time(year: Year, run: EvaluationRun) -> None:
    operations.fix_run(year.cast.hq_second.scope, run=run)
    run.refresh_from_db()
    with pytest.raises(Conflict, match="確定"):
        propose(year, run)
    with pytest.raises(Conflict):
        operations.apply_adjustments(year.cast.hq.scope, run=run)


def test_only_headquarters_adjust(year: Year, run: EvaluationRun) -> None:
    row = propose(year, run)
    for actor in year.cast.all():
        if actor.key in {"hq", "hq_second"}:
            continue
        for act in (
            lambda scope: operations.propose_adjustment(
                scope, run=run, hub_code="13", points="1", reason=REASON, evidence=EVIDENCE
            ),
            lambda scope: operations.second_adjustment(scope, adjustment=row),
            lambda scope: operations.drop_adjustment(scope, adjustment=row),
            lambda scope: operations.apply_adjustments(scope, run=run),
            lambda scope: operations.start_adjusting(scope, run=run),
        ):
            with pytest.raises(Refused):
                act(actor.scope)


def test_the_adjusted_hub_reads_reason_and_names_once_published(
    year: Year, run: EvaluationRun, sign_in: Any
) -> None:
    made = adjusted(year, run)
    # HQ's first person computed both; the second confirmed and may fix.
    operations.fix_run(year.cast.hq_second.scope, run=made)
    operations.publish_run(year.cast.agency.scope, run=made)
    own = sign_in(year.cast.cc_miyagi).get(f"/evaluation/runs/{made.pk}/hubs/04/").content.decode()
    assert REASON in own
    assert "+3.00点" in own
    other = sign_in(year.cast.cc_tokyo).get(f"/evaluation/runs/{made.pk}/hubs/13/")
    assert REASON not in other.content.decode()


SQL = {
    "points": lambda: PanelAdjustment.objects.update(points=Decimal("5.00")),
    "beyond the limit": lambda: PanelAdjustment.objects.update(points=Decimal("9.00")),
    "reason": lambda: PanelAdjustment.objects.update(reason="別の理由"),
    "one name": lambda: PanelAdjustment.objects.update(
        state="confirmed", confirmed_by_id=PanelAdjustment.objects.get().proposed_by_id
    ),
    "gone": lambda: PanelAdjustment.objects.all().delete(),
}


@pytest.mark.parametrize("way", SQL)
def test_the_database_holds_the_adjustment(way: str, year: Year, run: EvaluationRun) -> None:
    propose(year, run)
    with pytest.raises(DatabaseError), transaction.atomic():
        SQL[way]()
