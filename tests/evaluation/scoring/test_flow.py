"""A run is fixed by a second person, published once to all, and never moves back."""

from datetime import timedelta
from typing import Any

import pytest

from evaluation.scoring import operations
from evaluation.scoring.models import EvaluationRun, RunKind, RunState
from evaluation.scoring.queries import visible_results, visible_runs
from evaluation.scoring.rules.scheme import DEFAULT_SCHEME
from tests.cast import Cast
from tests.evaluation.ground import checked, make_run, make_term, three_hubs
from yorozu.core import clock
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import Conflict, NotReady, Refused
from yorozu.core.notices.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(cast: Cast) -> EvaluationRun:
    return make_run(three_hubs(), actor=cast.hq.scope)


def fixed(cast: Cast, run: EvaluationRun) -> EvaluationRun:
    return operations.fix_run(cast.hq_second.scope, run=checked(run, cast.hq.scope))


def test_the_person_who_computed_cannot_fix(cast: Cast, run: EvaluationRun) -> None:
    run = checked(run)
    with pytest.raises(NotReady) as refusal:
        operations.fix_run(cast.hq.scope, run=run)
    assert "本人" in refusal.value.missing[0].text
    run.refresh_from_db()
    assert run.state == RunState.PANEL


def test_a_final_run_is_not_fixed_before_its_fact_check(cast: Cast, run: EvaluationRun) -> None:
    with pytest.raises(NotReady) as refusal:
        operations.fix_run(cast.hq_second.scope, run=run)
    assert "事実確認" in refusal.value.missing[0].text


def test_a_provisional_run_is_fixed_without_one(cast: Cast) -> None:
    run = make_run(three_hubs(), actor=cast.hq.scope, kind=RunKind.PROVISIONAL)
    assert operations.fix_run(cast.hq_second.scope, run=run).state == RunState.FIXED
    with pytest.raises(Conflict):
        operations.ask_facts(cast.hq.scope, run=run)


def test_a_second_person_fixes_and_the_agency_publishes(cast: Cast, run: EvaluationRun) -> None:
    assert fixed(cast, run).state == RunState.FIXED
    published = operations.publish_run(cast.agency.scope, run=run)
    assert published.state == RunState.PUBLISHED
    assert published.published_at
    actions = list(AuditEvent.objects.order_by("sequence").values_list("action", flat=True))
    assert actions[-2:] == ["evaluation.scoring.fix", "evaluation.scoring.publish"]


def test_a_trial_cannot_be_fixed_but_deleted(cast: Cast) -> None:
    run = make_run(three_hubs(), actor=cast.hq.scope, kind=RunKind.TRIAL)
    with pytest.raises(NotReady):
        operations.fix_run(cast.hq_second.scope, run=run)
    with pytest.raises(NotReady):
        operations.ask_facts(cast.hq.scope, run=run)
    operations.delete_trial(cast.hq.scope, run=run)
    assert not EvaluationRun.objects.exists()


def test_a_final_run_cannot_be_deleted(cast: Cast, run: EvaluationRun) -> None:
    with pytest.raises(Conflict):
        operations.delete_trial(cast.hq.scope, run=run)


def test_unanswered_items_need_a_reason(cast: Cast) -> None:
    given = three_hubs()
    given["hubs"][1]["checks"]["CHK"][0]["scores"] = {}
    run = checked(make_run(given, actor=cast.hq.scope))
    with pytest.raises(NotReady) as refusal:
        operations.fix_run(cast.hq_second.scope, run=run)
    assert "東京都よろず支援拠点（C1）" in refusal.value.missing[0].text
    assert operations.fix_run(cast.hq_second.scope, run=run, reason="根拠なし").state == "fixed"


ROLES_THAT_FIX = {"hq_second"}
ROLES_THAT_PUBLISH = {"agency"}


def test_every_other_role_is_refused_in_every_step(cast: Cast, run: EvaluationRun) -> None:
    run = checked(run)
    for actor in cast.all():
        if actor.key not in ROLES_THAT_FIX | {"hq"}:
            with pytest.raises(Refused):
                operations.fix_run(actor.scope, run=run)
    operations.fix_run(cast.hq_second.scope, run=run)
    for actor in cast.all():
        if actor.key not in ROLES_THAT_PUBLISH:
            with pytest.raises(Refused):
                operations.publish_run(actor.scope, run=run)
    run.refresh_from_db()
    assert run.state == RunState.FIXED


def test_steps_in_the_wrong_state_are_conflicts(cast: Cast, run: EvaluationRun) -> None:
    with pytest.raises(Conflict):
        operations.publish_run(cast.agency.scope, run=run)
    fixed(cast, run)
    with pytest.raises(Conflict):
        operations.fix_run(cast.hq_second.scope, run=run)
    operations.publish_run(cast.agency.scope, run=run)
    with pytest.raises(Conflict):
        operations.publish_run(cast.agency.scope, run=run)


def test_publishing_supersedes_the_earlier_run_and_tells_the_hubs(cast: Cast) -> None:
    first = make_run(three_hubs(), actor=cast.hq.scope)
    fixed(cast, first)
    operations.publish_run(cast.agency.scope, run=first)
    second = make_run(three_hubs(), actor=cast.hq.scope)
    fixed(cast, second)
    operations.publish_run(cast.agency.scope, run=second)
    first.refresh_from_db()
    assert first.state == RunState.SUPERSEDED
    trail = AuditEvent.objects.filter(object_id=str(first.pk)).order_by("sequence").last()
    assert trail is not None
    assert '"state":"superseded"' in trail.after
    told = set(
        Notice.objects.filter(key=f"run-published-{second.pk}").values_list("user_id", flat=True)
    )
    assert cast.cc_tokyo.user.pk in told
    assert cast.agency.user.pk not in told


def test_who_has_left_is_not_told_of_the_publication(cast: Cast, run: EvaluationRun) -> None:
    gone = cast.actors["cc_kanagawa"].user
    gone.memberships.update(valid_to=clock.today() - timedelta(days=1))
    operations.publish_run(cast.agency.scope, run=fixed(cast, run))
    told = set(
        Notice.objects.filter(key=f"run-published-{run.pk}").values_list("user_id", flat=True)
    )
    assert cast.cc_tokyo.user.pk in told
    assert gone.pk not in told


def test_the_hub_side_knows_only_published_runs_and_its_own_hub(
    cast: Cast, run: EvaluationRun
) -> None:
    for key in ("cc_tokyo", "co_tokyo", "body_tokyo"):
        assert not visible_runs(cast.actors[key].scope).exists()
    assert visible_runs(cast.bureau_kanto.scope).exists()
    fixed(cast, run)
    operations.publish_run(cast.agency.scope, run=run)
    seen = [row.hub.code for row in visible_results(run, cast.cc_tokyo.scope)]
    assert visible_runs(cast.cc_tokyo.scope).exists()
    assert seen == ["13"]
    area = [row.hub.code for row in visible_results(run, cast.bureau_kanto.scope)]
    assert area == ["13", "14"]


def test_start_names_the_hubs_without_a_book(cast: Cast) -> None:
    term = make_term()
    operations.adopt_scheme(cast.hq.scope, term=term)
    with pytest.raises(NotReady) as refusal:
        operations.start_run(cast.hq.scope, term=term, kind=RunKind.FINAL)
    assert len(refusal.value.missing) == 47


def test_a_scheme_that_contradicts_itself_is_not_locked(cast: Cast) -> None:
    wrong: dict[str, Any] = {**DEFAULT_SCHEME, "components": DEFAULT_SCHEME["components"][:2]}
    with pytest.raises(ValueError, match="100"):
        operations.adopt_scheme(cast.hq.scope, term=make_term(), content=wrong)


def test_the_same_scheme_is_adopted_once(cast: Cast) -> None:
    term = make_term()
    first = operations.adopt_scheme(cast.hq.scope, term=term)
    assert operations.adopt_scheme(cast.hq.scope, term=term) == first
