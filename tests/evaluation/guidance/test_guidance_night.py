"""Late actions go owner -> chief -> bureau -> HQ, once each, night by night; triggers hold it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from evaluation.guidance import operations
from evaluation.guidance.models import (
    GuidanceAction,
    GuidanceCase,
    GuidanceCheckpoint,
    GuidanceEscalation,
    GuidanceEvidence,
    GuidanceNote,
)
from evaluation.guidance.operations import escalate
from evaluation.guidance.queries import CaseFilter, filtered
from evaluation.guidance.tasks import escalate_nightly
from tests.cast import Cast
from tests.evaluation.guidance.ground import (
    NIGHT,
    NOW,
    action_of,
    action_values,
    at,
    done,
    later,
    opened,
    planned,
    reviewed,
    running,
)
from yorozu.core import clock
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import Refused
from yorozu.core.jobs.models import Job, JobState
from yorozu.core.notices.models import Notice

pytestmark = pytest.mark.django_db
DUE = 10
SIDES = ("co_tokyo", "cc_tokyo", "body_tokyo", "bureau_kanto", "hq", "cc_kanagawa", "bureau_tohoku")


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, NOW)


@pytest.fixture
def case(cast: Cast) -> GuidanceCase:
    """One running case with one action of the coordinator, due in ten days."""
    due = clock.today() + timedelta(days=DUE)
    return running(cast, action_values(owner="coordinator", due=due))


def late_notices(cast: Cast) -> set[str]:
    rows = Notice.objects.filter(key__startswith="guidance-late:")
    told = set(rows.values_list("user_id", flat=True))
    return {key for key in SIDES if cast.actors[key].user.pk in told}


def night(monkeypatch: pytest.MonkeyPatch, days_late: int) -> int:
    later(monkeypatch, DUE + days_late)
    return escalate(NIGHT).steps


def test_step_by_step_by_the_clock(
    cast: Cast, case: GuidanceCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = {
        0: (0, set()),
        1: (1, {"co_tokyo"}),
        6: (0, {"co_tokyo"}),
        7: (1, {"co_tokyo", "cc_tokyo"}),
        13: (0, {"co_tokyo", "cc_tokyo"}),
        14: (1, {"co_tokyo", "cc_tokyo", "bureau_kanto"}),
        20: (0, {"co_tokyo", "cc_tokyo", "bureau_kanto"}),
        21: (1, {"co_tokyo", "cc_tokyo", "bureau_kanto", "hq"}),
        50: (0, {"co_tokyo", "cc_tokyo", "bureau_kanto", "hq"}),
    }
    for days, (steps, people) in reached.items():
        assert night(monkeypatch, days) == steps, days
        assert late_notices(cast) == people, days
        assert escalate(NIGHT).steps == 0
    rows = GuidanceEscalation.objects.order_by("days")
    assert [(row.step, row.days) for row in rows] == [
        ("owner", 1),
        ("chief", 7),
        ("bureau", 14),
        ("hq", 21),
    ]
    assert AuditEvent.objects.filter(action="evaluation.guidance.escalate").count() == 4


def test_missed_nights_are_made_up_for(
    cast: Cast, case: GuidanceCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert night(monkeypatch, 15) == 3
    assert late_notices(cast) == {"co_tokyo", "cc_tokyo", "bureau_kanto"}


def test_a_named_owner_is_told_alone(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    due = clock.today() + timedelta(days=DUE)
    running(cast, action_values(owner=f"bureau:{cast.bureau_kanto.user.pk}", due=due))
    night(monkeypatch, 1)
    assert late_notices(cast) == {"bureau_kanto"}


def test_what_is_reported_done_dropped_or_not_begun_is_not_late(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = clock.today() + timedelta(days=DUE)
    first = action_values(due=due)
    serious = action_values(due=due, is_serious=True)
    case = running(cast, first, serious, first)
    done(cast, action_of(case, 1))
    done(cast, action_of(case, 2))
    operations.drop_action(actor=cast.hq.scope, action=action_of(case, 3), reason="統合")
    assert night(monkeypatch, 30) == 0
    (listed,) = filtered(cast.hq.scope, CaseFilter())
    assert (listed.action_count, listed.late_count) == (2, 0)


def test_a_plan_being_written_has_no_late_actions_but_is_late_itself(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned(cast, action_values(due=clock.today() + timedelta(days=1)))
    later(monkeypatch, 30)
    assert escalate(NIGHT).counts == {"steps": 0, "late_plans": 0}
    later(monkeypatch, 31)
    assert escalate(NIGHT).counts == {"steps": 0, "late_plans": 1}
    escalate(NIGHT)
    rows = Notice.objects.filter(text__contains="期限までに合意されていません")
    assert set(rows.values_list("user_id", flat=True)) == {
        cast.actors[key].user.pk for key in ("bureau_kanto", "hq", "hq_second")
    }
    assert rows.count() == 3


def test_a_moved_due_date_begins_anew(
    cast: Cast, case: GuidanceCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert night(monkeypatch, 8) == 2
    due = clock.today() + timedelta(days=5)
    operations.move_due(
        actor=cast.hq.scope, action=action_of(case), due=due, reason="研修の日程が変わったため"
    )
    assert escalate(NIGHT).steps == 0
    later(monkeypatch, DUE + 8 + 6)
    assert escalate(NIGHT).steps == 1


def test_nobody_escalates_by_hand(cast: Cast, case: GuidanceCase) -> None:
    for actor in cast.all():
        with pytest.raises(Refused):
            escalate(actor.scope)


def test_the_night_is_one_job(
    case: GuidanceCase,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    later(monkeypatch, DUE + 1)
    with django_capture_on_commit_callbacks(execute=True):
        first, second = escalate_nightly(), escalate_nightly()
    assert first == second
    job = Job.objects.get(pk=first)
    assert (job.state, job.result) == (JobState.SUCCEEDED, {"steps": 1, "late_plans": 0})
    assert GuidanceEscalation.objects.count() == 1


# --- What the database holds ----------------------------------------------------------------------


def refused(act: Any) -> None:
    """The database itself says no."""
    with pytest.raises(DatabaseError), transaction.atomic():
        act()


WHY = {
    "level": 1,
    "proposed_level": 1,
    "origin": "manual",
    "origin_reason": "別",
    "facts": "{}",
    "facts_hash": "0" * 64,
    "fiscal_year": 2030,
    "plan_due": date(2030, 1, 1),
    "opened_by_name": "別",
    "method_version": "別",
    "run_id": None,
    "hub_id": None,
}


@pytest.mark.parametrize("column", WHY)
def test_why_a_case_was_opened_cannot_be_rewritten(cast: Cast, column: str) -> None:
    case = opened(cast)
    rows = GuidanceCase.objects.filter(pk=case.pk)
    value = WHY[column]
    if column == "hub_id":
        value = cast.cc_kanagawa.membership.hub_id
    if column == "run_id":
        value = case.run_id + 1
    refused(lambda: rows.update(**{column: value}))
    assert rows.filter(facts_hash=case.facts_hash, level=2, hub_id=case.hub_id).exists()


def test_a_case_cannot_be_deleted_by_any_way(cast: Cast) -> None:
    case = opened(cast)
    refused(case.delete)
    refused(lambda: GuidanceCase.objects.all().delete())
    refused(lambda: _sql("DELETE FROM evaluation_guidancecase"))
    assert GuidanceCase.objects.filter(pk=case.pk).exists()


def _sql(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text)


@pytest.mark.parametrize("column", ["causes", "goal", "support_yen", "project_manager"])
def test_an_agreed_plan_is_held(cast: Cast, column: str) -> None:
    case = running(cast)
    value = 1 if column == "support_yen" else "別"
    refused(lambda: GuidanceCase.objects.filter(pk=case.pk).update(**{column: value}))


@pytest.mark.parametrize("column", ["text", "owner_role", "evidence_rule", "is_serious", "target"])
def test_an_agreed_action_is_held(cast: Cast, column: str) -> None:
    action = action_of(running(cast))
    value = True if column == "is_serious" else "bureau"
    refused(lambda: GuidanceAction.objects.filter(pk=action.pk).update(**{column: value}))
    refused(action.delete)


def test_what_is_done_is_held(cast: Cast) -> None:
    action = done(cast, action_of(running(cast)))
    rows = GuidanceAction.objects.filter(pk=action.pk)
    refused(lambda: rows.update(state="open", done_on=None))
    refused(lambda: rows.update(due=date(2030, 1, 1)))


def test_checkpoints_evidence_notes_and_escalations_are_append_only(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = reviewed(cast)
    action = action_of(case)
    operations.add_evidence(actor=cast.cc_tokyo.scope, action=action, text="資料")
    operations.add_note(actor=cast.cc_tokyo.scope, case=case, text="意見")
    later(monkeypatch, 61)
    assert escalate(NIGHT).steps == 1
    for model, column, value in (
        (GuidanceCheckpoint, "findings", "別"),
        (GuidanceCheckpoint, "meets", True),
        (GuidanceEvidence, "text", "別"),
        (GuidanceEvidence, "content", b"x"),
        (GuidanceNote, "text", "別"),
        (GuidanceEscalation, "days", 99),
    ):
        rows = model.objects.all()
        assert rows.exists()
        refused(lambda rows=rows, column=column, value=value: rows.update(**{column: value}))
        refused(rows.delete)


def test_a_closed_case_is_held_with_everything_in_it(cast: Cast) -> None:
    case = reviewed(cast)
    operations.release_case(actor=cast.hq.scope, case=case, reason="理由")
    rows = GuidanceCase.objects.filter(pk=case.pk)
    action = action_of(case)
    for change in (
        {"state": "running"},
        {"close_reason": "別"},
        {"closed_at": NOW},
        {"version": 9},
    ):
        refused(lambda change=change: rows.update(**change))
    refused(lambda: GuidanceAction.objects.filter(pk=action.pk).update(due=date(2030, 1, 1)))
    refused(lambda: GuidanceEvidence.objects.create(action=action, text="後から", by_name="誰か"))
    refused(
        lambda: GuidanceEscalation.objects.create(
            action=action, step="hq", due=action.due, days=21, on=NOW.date()
        )
    )
    last = case.checkpoints.get()
    last.pk, last.number = None, 2
    refused(last.save)
    action.pk, action.number = None, 2
    refused(action.save)


def test_a_hub_has_one_open_case(cast: Cast) -> None:
    case = opened(cast)
    case.pk = None
    refused(case.save)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "done", "done_on": NOW.date(), "is_serious": True},
        {"state": "done", "done_on": None},
    ],
)
def test_the_database_wants_the_second_person_and_the_day(
    cast: Cast, changes: dict[str, Any]
) -> None:
    action = action_of(planned(cast))
    refused(lambda: GuidanceAction.objects.filter(pk=action.pk).update(**changes))
