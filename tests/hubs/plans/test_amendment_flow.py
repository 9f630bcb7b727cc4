"""The way of an amendment: who, when, what it makes, and the triggers behind it."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from hubs.plans import operations
from hubs.plans.flow.amendment import AMENDMENT_FLOW
from hubs.plans.models import FocusArea, PlanAmendment, PlanVersion, Target
from hubs.plans.operations.amending import AmendmentConflict
from hubs.plans.queries import content_of, plan_in_force, targets_in_force
from hubs.plans.queries.records import broken_versions
from hubs.results.queries import results_grid
from hubs.terms.operations import close_term
from tests.hubs.year import (
    SYSTEM,
    accepted,
    entered,
    fixed_plan,
    hub,
    month,
    open_year,
    written_plan,
)
from yorozu.core import clock
from yorozu.core.audit.models import AuditEvent
from yorozu.core.canonical import canonical_hash
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Refused
from yorozu.core.notices.models import Notice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]
NEW = {"target_CONS": "4,200", "f3_name": "創業支援", "f3_target": "30"}
NEW |= {"f3_evidence": "創業計画書", "f1_weight": "0.5", "f2_weight": "0.3", "f3_weight": "0.2"}


def begun(plan=None, at=None, **values):
    plan = plan or fixed_plan(open_year())
    made = operations.open_amendment(
        actor=SYSTEM, plan=plan, effective_month=at or month(2026, 12), reason="相談が増えたため"
    )
    if values:
        operations.save_amendment(actor=SYSTEM, amendment=made, values=values, version=made.version)
    made.refresh_from_db()
    return made


def put(state, plan=None, at=None, **values):
    made = begun(plan, at, **(values or NEW))
    if state == "draft":
        return made
    operations.submit_amendment(actor=SYSTEM, amendment=made)
    ends = {
        "returned": lambda: operations.return_amendment(
            actor=SYSTEM, amendment=made, reason="理由"
        ),
        "approved": lambda: operations.approve_amendment(
            actor=SYSTEM, amendment=made, retroactive_reason="災害のため"
        ),
        "refused": lambda: operations.refuse_amendment(actor=SYSTEM, amendment=made, reason="理由"),
        "withdrawn": lambda: operations.withdraw_amendment(actor=SYSTEM, amendment=made),
    }
    if state in ends:
        ends[state]()
    made.refresh_from_db()
    assert made.state == state
    return made


def told(actor, ending):
    return Notice.objects.filter(user=actor.user, text__endswith=ending).exists()


def test_the_whole_way_with_its_people(cast):
    plan = fixed_plan(open_year())
    chief, officer = cast.cc_tokyo.scope, cast.bureau_kanto.scope
    made = operations.open_amendment(
        actor=chief, plan=plan, effective_month=month(2026, 12), reason="相談が増えたため"
    )
    again = operations.open_amendment(actor=chief, plan=plan, effective_month=month(2027, 1))
    assert again == made
    operations.save_amendment(actor=chief, amendment=made, values=NEW, version=made.version)
    operations.submit_amendment(actor=chief, amendment=made)
    assert told(cast.bureau_kanto, "の計画変更が申請されました。")
    operations.return_amendment(actor=officer, amendment=made, reason="根拠を書く")
    made.refresh_from_db()
    operations.save_amendment(
        actor=chief, amendment=made, values={"amend_reason": "企業の移転"}, version=made.version
    )
    operations.submit_amendment(actor=chief, amendment=made)
    version = operations.approve_amendment(actor=officer, amendment=made)
    assert (version.number, version.kind, version.reason) == (2, "amendment", "企業の移転")
    assert version.finalized_by == cast.bureau_kanto.user
    content = content_of(version)
    first = PlanVersion.objects.get(number=1)
    assert content["amendment"] == {
        "number": 2,
        "effective_month": "2026-12",
        "reason": "企業の移転",
        "retroactive_reason": "",
        "replaces": first.content_hash,
    }
    assert version.content_hash == canonical_hash(content)
    assert content["interview"] == content_of(first)["interview"]
    assert broken_versions() == []
    assert told(cast.cc_tokyo, "の計画変更が承認されました。")
    assert not told(cast.cc_kanagawa, "の計画変更が承認されました。")


def test_live_rows_stay_and_readers_see_the_version_in_force():
    plan = fixed_plan(open_year())
    put("approved", plan)
    assert Target.objects.get(plan=plan, indicator__code="CONS").value == 3600
    term = plan.term
    assert targets_in_force(hub("13"), term, month(2026, 11))["CONS"].value == 3600
    held = targets_in_force(hub("13"), term, month(2026, 12))["CONS"]
    assert held.value == 4200
    assert sum(held.phasing) == 4200
    assert held.phasing[:8] == (300,) * 8
    assert held.phasing[8:] == (450,) * 4
    assert targets_in_force(hub("13"), term)["CONS"].value == 4200
    assert plan_in_force(hub("13"), term, month(2026, 11)).agreed.area("F3") is None
    assert plan_in_force(hub("13"), term, month(2026, 12)).agreed.area("F3").target == 30


def test_the_grid_of_results_follows_the_version(cast, sign_in):
    plan = fixed_plan(open_year())
    put(
        "approved",
        plan,
        f2_name="",
        f2_target="",
        f1_weight="",
        f2_weight="",
        f3_name="創業支援",
        f3_target="30",
        f3_evidence="創業計画書",
        target_CONS="4200",
        at=month(2026, 11),
    )
    grid = results_grid(hub("13"), plan.term)
    columns = {column.key: column for column in grid.columns}
    assert (columns["CONS"].target, columns["F1"].target, columns["F3"].target) == (4200, 60, 30)
    assert columns["F2"].target is None
    assert columns["F2"].absent == {
        month(2026, 11),
        month(2026, 12),
        month(2027, 1),
        month(2027, 2),
        month(2027, 3),
    }
    assert columns["F3"].absent == {month(2026, m) for m in range(4, 11)}
    # October asks for F1 and F2, November for F1 and F3.
    entered(month(2026, 10), F1="5", F2="2")
    with pytest.raises(NotReady, match="令和8年10月"):
        entered(month(2026, 10), F3="1")
    with pytest.raises(NotReady, match="令和8年11月"):
        entered(month(2026, 11), F2="1")
    page = sign_in(cast.cc_tokyo).get(reverse("results_grid", args=[plan.term_id, hub("13").pk]))
    assert page.content.decode().count("対象外</span>") >= 7


def test_a_month_is_sent_without_the_area_it_does_not_have():
    plan = fixed_plan(open_year())
    put(
        "approved",
        plan,
        f3_name="創業支援",
        f3_target="30",
        f3_evidence="創業計画書",
        f1_weight="",
        f2_weight="",
    )
    report = accepted(month(2026, 10), F1="5", F2="2")
    assert report.state == "accepted"


STATES = ["draft", "submitted", "returned", "approved", "refused", "withdrawn"]
ACTS = {
    "hubs.plans.submit_amendment": lambda actor, row: operations.submit_amendment(
        actor=actor, amendment=row
    ),
    "hubs.plans.withdraw_amendment": lambda actor, row: operations.withdraw_amendment(
        actor=actor, amendment=row
    ),
    "hubs.plans.return_amendment": lambda actor, row: operations.return_amendment(
        actor=actor, amendment=row, reason="理由"
    ),
    "hubs.plans.approve_amendment": lambda actor, row: operations.approve_amendment(
        actor=actor, amendment=row
    ),
    "hubs.plans.refuse_amendment": lambda actor, row: operations.refuse_amendment(
        actor=actor, amendment=row, reason="理由"
    ),
}
WHO = {
    "hubs.plans.submit_amendment": "cc_tokyo",
    "hubs.plans.withdraw_amendment": "cc_tokyo",
    "hubs.plans.return_amendment": "bureau_kanto",
    "hubs.plans.approve_amendment": "bureau_kanto",
    "hubs.plans.refuse_amendment": "bureau_kanto",
}


@pytest.mark.parametrize("state", STATES)
def test_every_act_is_refused_in_every_wrong_state(state):
    made = put(state)
    for action, act in ACTS.items():
        if state in AMENDMENT_FLOW.by_action[action].sources:
            continue
        before = AuditEvent.objects.count()
        with pytest.raises((Conflict, NotReady)):
            act(SYSTEM, made)
        made.refresh_from_db()
        assert made.state == state, action
        assert AuditEvent.objects.count() == before
    if state not in {"draft", "returned"}:
        with pytest.raises(Conflict):
            operations.save_amendment(
                actor=SYSTEM, amendment=made, values={"target_CONS": "1"}, version=made.version
            )


def test_every_act_is_refused_to_everybody_else(cast):
    made = put("submitted")
    for action, act in ACTS.items():
        for actor in cast.all():
            if actor.key == WHO[action]:
                continue
            with pytest.raises(Refused):
                act(actor.scope, made)
    made.refresh_from_db()
    assert made.state == "submitted"
    for actor in cast.all():
        if actor.key == "cc_tokyo":
            continue
        with pytest.raises(Refused):
            operations.save_amendment(
                actor=actor.scope, amendment=made, values={"target_CONS": "1"}, version=1
            )
        with pytest.raises(Refused):
            operations.open_amendment(
                actor=actor.scope, plan=made.plan, effective_month=month(2026, 12)
            )


def lacking(act):
    with pytest.raises(NotReady) as refusal:
        act()
    return [item.text for item in refusal.value.missing]


def test_what_is_missing_is_named_before_asking():
    made = begun()
    texts = lacking(lambda: operations.submit_amendment(actor=SYSTEM, amendment=made))
    assert texts == ["変更前の版から変わったところがありません。"]
    operations.save_amendment(
        actor=SYSTEM,
        amendment=made,
        values={"target_CONS": "12.9", "amend_reason": " "},
        version=made.version,
    )
    made.refresh_from_db()
    assert made.texts == {"target_CONS": "12.9"}
    texts = lacking(lambda: operations.submit_amendment(actor=SYSTEM, amendment=made))
    assert texts == ["計画を変更する理由がありません。", "確認が必要な入力が1か所あります。"]


def test_an_amendment_is_of_a_fixed_plan_in_a_running_year():
    term = open_year()
    draft = written_plan(term, "14")
    with pytest.raises(Conflict, match="確定した"):
        operations.open_amendment(actor=SYSTEM, plan=draft, effective_month=month(2026, 12))
    plan = fixed_plan(term)
    for wrong in (month(2027, 4), month(2026, 3), month(2026, 12).replace(day=2)):
        with pytest.raises(InvalidInput):
            operations.open_amendment(actor=SYSTEM, plan=plan, effective_month=wrong)
    made = put("submitted", plan)
    close_term(actor=SYSTEM, term=term)
    made = PlanAmendment.objects.get(pk=made.pk)
    for action in ("hubs.plans.approve_amendment", "hubs.plans.return_amendment"):
        with pytest.raises(NotReady):
            ACTS[action](SYSTEM, made)


def test_reaching_back_into_accepted_months_needs_the_reason_of_the_bureau():
    plan = fixed_plan(open_year())
    report = accepted(month(2026, 4), F1="5", F2="2")
    made = put("submitted", plan, at=month(2026, 4))
    texts = lacking(lambda: operations.approve_amendment(actor=SYSTEM, amendment=made))
    assert texts == ["確認済みの月：令和8年4月（確認済みの実績は変わりません）"]
    version = operations.approve_amendment(
        actor=SYSTEM, amendment=made, retroactive_reason="災害のため"
    )
    assert content_of(version)["amendment"]["retroactive_reason"] == "災害のため"
    report.refresh_from_db()
    assert report.state == "accepted"
    assert report.results.get(indicator__code="CONS").value == 300
    assert targets_in_force(hub("13"), plan.term, month(2026, 4))["CONS"].value == 4200


def test_a_reason_for_reaching_back_is_kept_only_where_it_does():
    version = operations.approve_amendment(
        actor=SYSTEM, amendment=put("submitted"), retroactive_reason="不要"
    )
    assert content_of(version)["amendment"]["retroactive_reason"] == ""


@pytest.mark.parametrize("approved", [True, False])
def test_a_new_zero_counts_as_agreed_only_when_the_bureau_says_so(approved):
    made = put("submitted", at=month(2026, 4), target_NETW="0")
    operations.approve_amendment(
        actor=SYSTEM, amendment=made, zero_approved=["NETW", "CONS"] if approved else []
    )
    made.refresh_from_db()
    assert made.zero_approved == (["NETW"] if approved else [])
    held = targets_in_force(hub("13"), made.plan.term)
    assert held["NETW"].is_zero_approved is approved
    assert not held["CONS"].is_zero_approved


def test_amendments_follow_each_other_on_the_last_version():
    plan = fixed_plan(open_year())
    put("approved", plan, target_CONS="4200", at=month(2026, 12))
    put("withdrawn", plan, target_CONS="9000", at=month(2026, 12))
    third = put("approved", plan, target_CONS="4500", at=month(2026, 11))
    assert third.number == 3
    assert third.base.number == 2
    term = plan.term
    values = {
        m: targets_in_force(hub("13"), term, month(2026, m))["CONS"].value for m in (10, 11, 12)
    }
    assert values == {10: 3600, 11: 4500, 12: 4500}
    phasing = targets_in_force(hub("13"), term)["CONS"].phasing
    assert phasing[:7] == (300,) * 7
    assert sum(phasing) == 4500
    assert broken_versions() == []


def test_two_at_once_meet_both_texts():
    made = begun()
    first = operations.save_amendment(
        actor=SYSTEM, amendment=made, values={"target_CONS": "4000"}, version=made.version
    ).amendment
    with pytest.raises(AmendmentConflict) as conflict:
        operations.save_amendment(
            actor=SYSTEM, amendment=made, values={"target_CONS": "5000"}, version=made.version
        )
    assert conflict.value.differences == [("target_CONS", "4000", "5000")]
    saved = operations.save_amendment(
        actor=SYSTEM, amendment=made, values={"target_CONS": "5000"}, version=first.version
    )
    assert saved.amendment.texts == {"target_CONS": "5000"}
    # back to what stands in the plan: nothing is asked any more
    saved = operations.save_amendment(
        actor=SYSTEM,
        amendment=made,
        values={"target_CONS": "3,600"},
        version=saved.amendment.version,
    )
    assert saved.amendment.texts == {}


def raw(sql):
    return lambda row: connection.cursor().execute(sql, {"pk": row.pk, "plan": row.plan_id})


def version_of(row, **values):
    fields = {
        "plan": row.plan,
        "number": 3,
        "kind": "amendment",
        "effective_month": row.effective_month,
        "reason": row.reason,
        "content": "{}",
        "content_hash": "0" * 64,
        "amendment": row,
        "finalized_at": clock.now(),
    }
    return PlanVersion.objects.create(**{**fields, **values})


def area_of(row, **values):
    fields = {"plan": row.plan, "code": "F4", "name": "x", "order": 4}
    return FocusArea.objects.create(**{**fields, **values})


DECIDED = {
    "state": raw("UPDATE hubs_planamendment SET state = 'draft' WHERE id = %(pk)s"),
    "texts": lambda row: PlanAmendment.objects.filter(pk=row.pk).update(texts={}),
    "delete": lambda row: PlanAmendment.objects.filter(pk=row.pk)._raw_delete("default"),
    "a second version": version_of,
    "a version with another month": lambda row: version_of(row, effective_month=month(2026, 4)),
    "an area of no version": area_of,
    "an area the version does not name": lambda row: area_of(
        row, added_in=PlanVersion.objects.get(plan=row.plan, number=2)
    ),
    "an area of the original": lambda row: area_of(
        row, code="F3", added_in=PlanVersion.objects.get(plan=row.plan, number=1)
    ),
    "the brought area": lambda row: FocusArea.objects.filter(plan=row.plan, code="F3").update(
        target=1
    ),
    "the brought area away": lambda row: FocusArea.objects.filter(
        plan=row.plan, code="F3"
    )._raw_delete("default"),
    "a live target": lambda row: Target.objects.filter(plan=row.plan).update(value=1),
}


@pytest.mark.parametrize("way", sorted(DECIDED))
def test_the_database_lets_nothing_else_through(way):
    made = put("approved")
    before = list(FocusArea.objects.order_by("pk").values("code", "target"))
    with pytest.raises(DatabaseError), transaction.atomic():
        DECIDED[way](made)
    made.refresh_from_db()
    assert made.state == "approved"
    assert PlanVersion.objects.count() == 2
    assert list(FocusArea.objects.order_by("pk").values("code", "target")) == before


NOT_APPROVED = {
    "a version of a submitted one": lambda row: version_of(row, number=2),
    "a version with another reason": lambda row: version_of(row, number=2, reason="別"),
    "a second one on its way": lambda row: PlanAmendment.objects.create(
        plan=row.plan, number=2, base=row.base
    ),
    "one of a draft": lambda row: PlanAmendment.objects.create(
        plan=written_plan(row.plan.term, "14"), number=1, base=row.base
    ),
}


@pytest.mark.parametrize("way", sorted(NOT_APPROVED))
def test_no_version_without_an_approval(way):
    made = put("submitted")
    with pytest.raises(DatabaseError), transaction.atomic():
        NOT_APPROVED[way](made)
    assert PlanVersion.objects.count() == 1
