"""The way of a plan: guards one by one, wrong states, wrong roles, and the triggers behind them."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from hubs.plans import operations
from hubs.plans.flow import PLAN_FLOW
from hubs.plans.models import FocusArea, Plan, StartInterview, Target
from hubs.plans.operations import PlanConflict
from hubs.plans.queries import plan_hash, visible_plans, with_content
from hubs.terms.operations import close_term
from tests.hubs.year import (
    SYSTEM,
    TEXTS,
    fixed_plan,
    hub,
    interview,
    interview_record,
    open_year,
    written_plan,
)
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Refused
from yorozu.core.notices.models import Notice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]


def test_the_whole_way_with_its_people(cast):
    term = open_year()
    plan = operations.open_plan(actor=cast.cc_tokyo.scope, hub=hub("13"), term=term)
    assert operations.open_plan(actor=cast.cc_tokyo.scope, hub=hub("13"), term=term) == plan
    saved = operations.save_plan(
        actor=cast.cc_tokyo.scope, plan=plan, values=TEXTS, version=plan.version
    )
    assert not saved.problems
    operations.submit_plan(actor=cast.cc_tokyo.scope, plan=plan)
    assert Notice.objects.get(user=cast.bureau_kanto.user).text.endswith("提出されました。")
    operations.return_plan(actor=cast.bureau_kanto.scope, plan=plan, reason="目標を見直す")
    plan.refresh_from_db()
    assert (plan.state, plan.return_reason) == ("returned", "目標を見直す")
    operations.submit_plan(actor=cast.cc_tokyo.scope, plan=plan)
    interview(plan, cast)
    done = operations.finalize_plan(actor=cast.bureau_kanto.scope, plan=plan)
    assert done.state == "finalized"
    assert done.finalized_by == cast.bureau_kanto.user
    assert done.content_hash == plan_hash(with_content(done))
    assert done.return_reason == ""


GUARDS = {
    "regional_analysis": ("地域分析がありません", {"regional_analysis": " "}),
    "business_plan": ("事業計画がありません", {"business_plan": ""}),
    "CONS": ("相談対応件数の数値目標", {"target_CONS": ""}),
    "VISIT": ("来訪相談者数の数値目標", {"target_VISIT": ""}),
    "SOLVE": ("課題解決件数の数値目標", {"target_SOLVE": ""}),
    "NETW": ("ネットワーク活動件数の数値目標", {"target_NETW": ""}),
    "area_target": ("数値目標のある重点分野が1つもありません", {"f1_target": "", "f2_target": ""}),
    "weights": ("重みの合計が1になりません", {"f1_weight": "0.5"}),
    "unread": ("確認が必要な入力が1か所", {"target_CONS": "12.9"}),
}


@pytest.mark.parametrize("guard", sorted(GUARDS))
def test_a_submission_names_what_is_missing(cast, guard):
    said, change = GUARDS[guard]
    plan = written_plan(open_year(), **change)
    with pytest.raises(NotReady) as refusal:
        operations.submit_plan(actor=cast.cc_tokyo.scope, plan=plan)
    texts = [item.text for item in refusal.value.missing]
    assert any(said in text for text in texts), texts
    assert all(item.link_name == "plan_edit" for item in refusal.value.missing)
    assert Plan.objects.get().state == "draft"


def test_the_policy_comes_first(cast):
    plan = written_plan(open_year(published=False))
    with pytest.raises(NotReady) as refusal:
        operations.submit_plan(actor=cast.cc_tokyo.scope, plan=plan)
    assert [item.link_name for item in refusal.value.missing] == ["term_detail"]


def test_no_plan_is_fixed_without_the_recorded_interview(cast):
    plan = written_plan(open_year())
    operations.submit_plan(actor=SYSTEM, plan=plan)
    with pytest.raises(NotReady) as refusal:
        operations.finalize_plan(actor=cast.bureau_kanto.scope, plan=plan)
    assert [(i.text, i.link_name) for i in refusal.value.missing] == [
        ("期初面談の記録がありません。", "plan_interview")
    ]


def put(state, cast):
    term = open_year()
    if state == "finalized":
        return fixed_plan(term)
    plan = written_plan(term)
    if state in {"submitted", "returned"}:
        operations.submit_plan(actor=SYSTEM, plan=plan)
        interview(plan)
    if state == "returned":
        operations.return_plan(actor=SYSTEM, plan=plan, reason="理由")
    plan.refresh_from_db()
    return plan


ACTS = {
    "hubs.plans.submit": lambda actor, plan: operations.submit_plan(actor=actor, plan=plan),
    "hubs.plans.return": lambda actor, plan: operations.return_plan(
        actor=actor, plan=plan, reason="理由"
    ),
    "hubs.plans.finalize": lambda actor, plan: operations.finalize_plan(actor=actor, plan=plan),
}
STATES = ["draft", "submitted", "returned", "finalized"]
WRONG = [
    (action, state)
    for action in ACTS
    for state in STATES
    if state not in PLAN_FLOW.by_action[action].sources
]


@pytest.mark.parametrize(("action", "state"), WRONG)
def test_every_act_is_refused_in_every_wrong_state(cast, action, state):
    plan = put(state, cast)
    before = AuditEvent.objects.count()
    with pytest.raises(Conflict):
        ACTS[action](SYSTEM, plan)
    plan.refresh_from_db()
    assert plan.state == state
    assert AuditEvent.objects.count() == before


ALLOWED = {
    "hubs.plans.submit": {"cc_tokyo"},
    "hubs.plans.return": {"bureau_kanto"},
    "hubs.plans.finalize": {"bureau_kanto"},
}


@pytest.mark.parametrize("action", sorted(ACTS))
def test_every_act_is_refused_to_everybody_else(cast, action):
    state = min(PLAN_FLOW.by_action[action].sources)
    plan = put(state, cast)
    for actor in cast.all():
        if actor.key in ALLOWED[action]:
            assert PLAN_FLOW.decision(plan, action, actor.scope).allowed
            continue
        with pytest.raises(Refused):
            ACTS[action](actor.scope, plan)
    assert Plan.objects.get().state == state


@pytest.mark.once
@pytest.mark.parametrize("key", ["cc_kanagawa", "co_tokyo", "bureau_kanto", "hq", "agency"])
def test_only_the_own_chief_writes(cast, key):
    plan = written_plan(open_year())
    with pytest.raises(Refused):
        operations.save_plan(
            actor=cast.actors[key].scope,
            plan=plan,
            values={"business_plan": "x"},
            version=plan.version,
        )


def test_a_return_needs_its_reason_and_an_interview_its_facts(cast):
    plan = put("submitted", cast)
    with pytest.raises(NotReady, match="理由"):
        operations.return_plan(actor=cast.bureau_kanto.scope, plan=plan, reason=" ")
    with pytest.raises(InvalidInput) as refusal:
        operations.record_interview(
            actor=cast.bureau_kanto.scope,
            plan=plan,
            said=interview_record(held_on=date(2026, 11, 23), attendees=(), minutes=" "),
        )
    assert [problem.as_text() for problem in refusal.value.problems] == [
        "「実施日」：面談の実施日は今日までの日付を入力してください。",
        "「出席者」：拠点の出席者を1人以上入力してください。",
        "「出席者」：経済産業局の出席者を1人以上入力してください。",
        "「記録」：面談の記録を入力してください。",
    ]


def test_an_old_version_meets_both_texts_and_a_new_one_saves():
    plan = written_plan(open_year())
    first = operations.save_plan(
        actor=SYSTEM, plan=plan, values={"business_plan": "甲の文"}, version=plan.version
    ).plan
    with pytest.raises(PlanConflict) as conflict:
        operations.save_plan(
            actor=SYSTEM, plan=plan, values={"business_plan": "乙の文"}, version=plan.version
        )
    assert conflict.value.differences == [("business_plan", "甲の文", "乙の文")]
    operations.save_plan(
        actor=SYSTEM, plan=plan, values={"business_plan": "乙の文"}, version=first.version
    )
    # the same text again changes nothing, whatever version it comes with
    events = AuditEvent.objects.count()
    operations.save_plan(actor=SYSTEM, plan=plan, values={"business_plan": "乙の文"}, version=1)
    assert AuditEvent.objects.count() == events


def test_an_unreadable_number_is_kept_as_typed_and_never_counts():
    plan = written_plan(open_year())
    saved = operations.save_plan(
        actor=SYSTEM, plan=plan, values={"target_CONS": "12.9"}, version=plan.version
    )
    assert "整数" in saved.problems["target_CONS"]
    assert saved.plan.draft_texts == {"target_CONS": "12.9"}
    assert not Target.objects.filter(indicator__code="CONS").exists()


def test_a_zero_target_is_approved_at_the_interview_only():
    plan = written_plan(open_year(), target_NETW="0")
    operations.record_interview(
        actor=SYSTEM,
        plan=plan,
        said=interview_record(),
        approvals=operations.Approvals(zeros=["NETW", "CONS"]),
    )
    approved = Target.objects.filter(is_zero_approved=True)
    assert [row.indicator.code for row in approved] == ["NETW"]
    fresh = with_content(plan)
    operations.save_plan(
        actor=SYSTEM, plan=fresh, values={"target_NETW": "5"}, version=fresh.version
    )
    assert not Target.objects.filter(is_zero_approved=True).exists()


def test_a_closed_term_takes_nothing(cast):
    term = open_year()
    plan = put_in(term)
    close_term(actor=SYSTEM, term=term)
    for act in (ACTS["hubs.plans.return"], ACTS["hubs.plans.finalize"]):
        with pytest.raises(NotReady):
            act(SYSTEM, Plan.objects.get(pk=plan.pk))
    with pytest.raises(NotReady):
        interview(Plan.objects.get(pk=plan.pk))
    with pytest.raises(NotReady):
        operations.open_plan(actor=SYSTEM, hub=hub("14"), term=term.__class__.objects.get())


def put_in(term):
    plan = written_plan(term)
    operations.submit_plan(actor=SYSTEM, plan=plan)
    return plan


def test_many_are_fixed_together_or_not_at_all(cast):
    term = open_year()
    for code in ("13", "14", "04"):
        interview(put_in_hub(term, code))
    late = put_in_hub(term, "12")
    with pytest.raises(NotReady, match="千葉県よろず支援拠点"):
        operations.finalize_plans(actor=cast.bureau_kanto.scope, term=term)
    assert not Plan.objects.filter(state="finalized").exists()
    interview(late)
    done = operations.finalize_plans(actor=cast.bureau_kanto.scope, term=term)
    assert [plan.hub.code for plan in done] == ["12", "13", "14"]
    assert Plan.objects.get(hub__code="04").state == "submitted"
    with pytest.raises(Refused):
        operations.finalize_plans(actor=cast.hq.scope, term=term)


def put_in_hub(term, code):
    plan = written_plan(term, code)
    operations.submit_plan(actor=SYSTEM, plan=plan)
    return plan


def raw(sql):
    def run(plan, other):
        connection.cursor().execute(sql, {"plan": plan.pk, "other": other.pk})

    return run


BYPASSES = {
    "update": lambda plan, other: Plan.objects.filter(pk=plan.pk).update(business_plan="x"),
    "update state": lambda plan, other: Plan.objects.filter(pk=plan.pk).update(state="draft"),
    "bulk_update": lambda plan, other: Plan.objects.bulk_update(
        [Plan(pk=plan.pk, business_plan="x")], ["business_plan"]
    ),
    "raw": raw("UPDATE hubs_plan SET regional_analysis = 'x' WHERE id = %(plan)s"),
    "delete": raw("DELETE FROM hubs_plan WHERE id = %(plan)s"),
    "queryset delete": lambda plan, other: Plan.objects.filter(pk=plan.pk)._raw_delete("default"),
    "raw delete": raw("DELETE FROM hubs_target WHERE plan_id = %(plan)s"),
    "child update": lambda plan, other: Target.objects.filter(plan=plan).update(value=1),
    "child bulk_update": lambda plan, other: Target.objects.bulk_update(
        [Target(pk=row.pk, value=1) for row in plan.targets.all()], ["value"]
    ),
    "child insert": lambda plan, other: FocusArea.objects.create(
        plan=plan, code="F5", name="x", order=5
    ),
    "child moved in": lambda plan, other: FocusArea.objects.filter(plan=other, code="F1").update(
        plan=plan, code="F4"
    ),
    "child moved out": lambda plan, other: FocusArea.objects.filter(plan=plan, code="F1").update(
        plan=other, code="F4"
    ),
    "child delete": lambda plan, other: FocusArea.objects.filter(plan=plan).delete(),
    "interview": lambda plan, other: StartInterview.objects.filter(plan=plan).update(minutes="x"),
}


@pytest.mark.parametrize("way", sorted(BYPASSES))
def test_a_fixed_plan_is_held_by_the_database(way):
    term = open_year()
    plan, other = fixed_plan(term), written_plan(term, "14")
    digest = plan_hash(with_content(plan))
    with (
        pytest.raises(DatabaseError, match="確定した事業計画は変更できません"),
        transaction.atomic(),
    ):
        BYPASSES[way](plan, other)
    assert plan_hash(with_content(plan)) == digest


def test_a_scope_sees_its_own_plans_only(cast):
    term = open_year()
    for code in ("13", "14", "04"):
        written_plan(term, code)
    seen = {key: visible_plans(cast.actors[key].scope).count() for key in cast.actors}
    assert seen["hq"] == seen["agency"] == seen["auditor"] == 3
    assert seen["bureau_kanto"] == seen["pm_kanto"] == 2
    assert seen["cc_tokyo"] == seen["co_tokyo"] == seen["body_tokyo"] == 1
    assert seen["nobody"] == seen["board"] == 0
