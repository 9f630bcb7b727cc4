"""The activity policy: written by either side, signed by both, held by the database."""

from dataclasses import replace

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from hubs.terms import operations
from hubs.terms.flow import POLICY_FLOW
from hubs.terms.models import ActivityPolicy, PolicyState
from hubs.terms.queries import draft_of, published_policy
from tests.hubs.year import HQ, open_year, publish
from yorozu.core.access import Role
from yorozu.core.audit.operations import verify_chain
from yorozu.core.errors import Conflict, NotReady, Refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]


@pytest.fixture
def term(cast):
    return open_year(published=False)


@pytest.fixture
def draft(cast, term):
    return operations.draft_policy(actor=cast.hq.scope, term=term, title="方針", body="本文")


@pytest.mark.parametrize("order", [("hq", "agency"), ("agency", "hq")])
def test_both_sides_sign_and_the_second_publishes(cast, draft, order):
    first, second = (cast.actors[key] for key in order)
    signed = operations.sign_policy(actor=first.scope, policy=draft)
    assert (signed.state, signed.published_at) == (PolicyState.SIGNED, None)
    assert published_policy(signed.term) is None
    done = operations.sign_policy(actor=second.scope, policy=signed)
    assert done.state == PolicyState.PUBLISHED
    assert done.content_hash == operations.policy_hash(done)
    assert done.published_by_id == second.user.pk
    names = (done.agency_signed_name, done.hq_signed_name)
    assert names == (cast.agency.scope.label, cast.hq.scope.label)
    assert done.agency_signed_at
    assert done.hq_signed_at
    with pytest.raises(Conflict):
        operations.sign_policy(actor=second.scope, policy=done)
    assert verify_chain() == []


def test_one_side_and_one_person_cannot_sign_for_both(cast, draft):
    operations.sign_policy(actor=cast.hq.scope, policy=draft)
    with pytest.raises(NotReady) as refusal:
        operations.sign_policy(actor=cast.hq_second.scope, policy=draft)
    assert refusal.value.missing[0].text == ("全国本部は承認済みです。中小企業庁の担当者の番です。")
    # The same person in the role of the other side.
    both = replace(cast.agency.scope, user_id=cast.hq.user.pk)
    with pytest.raises(NotReady) as refusal:
        operations.sign_policy(actor=both, policy=draft)
    assert "本人" in refusal.value.missing[0].text
    draft.refresh_from_db()
    assert draft.state == PolicyState.SIGNED


def test_a_change_of_the_text_withdraws_the_first_signature(cast, term, draft):
    operations.sign_policy(actor=cast.agency.scope, policy=draft)
    same = operations.draft_policy(actor=cast.hq.scope, term=term, title="方針", body="本文")
    assert same.state == PolicyState.SIGNED
    changed = operations.draft_policy(actor=cast.hq.scope, term=term, title="方針", body="改訂")
    assert (changed.pk, changed.state, changed.agency_signed_at) == (draft.pk, "draft", None)
    assert changed.agency_signed_name == ""
    operations.sign_policy(actor=cast.hq.scope, policy=changed)
    assert published_policy(term) is None
    assert verify_chain() == []


def test_the_signer_takes_the_signature_back_but_the_other_side_does_not(cast, draft):
    operations.sign_policy(actor=cast.agency.scope, policy=draft)
    with pytest.raises(NotReady):
        operations.unsign_policy(actor=cast.hq.scope, policy=draft)
    back = operations.unsign_policy(actor=cast.agency.scope, policy=draft)
    assert (back.state, back.agency_signed_at) == (PolicyState.DRAFT, None)


@pytest.mark.once
@pytest.mark.parametrize(
    "key", ["bureau_kanto", "pm_kanto", "cc_tokyo", "body_tokyo", "admin", "auditor", "nobody"]
)
def test_nobody_else_writes_or_signs(cast, term, draft, key):
    actor = cast.actors[key].scope
    for act in (
        lambda: operations.draft_policy(actor=actor, term=term, title="x", body="y"),
        lambda: operations.sign_policy(actor=actor, policy=draft),
        lambda: operations.unsign_policy(actor=actor, policy=draft),
    ):
        with pytest.raises(Refused):
            act()
    operations.sign_policy(actor=cast.hq.scope, policy=draft)
    with pytest.raises(Refused):
        operations.sign_policy(actor=actor, policy=draft)


@pytest.mark.parametrize("state", list(PolicyState))
@pytest.mark.parametrize("action", list(POLICY_FLOW.by_action))
def test_every_step_of_a_policy_is_refused_in_every_other_state(cast, draft, state, action):
    policy = {
        PolicyState.DRAFT: lambda: draft,
        PolicyState.SIGNED: lambda: operations.sign_policy(actor=HQ, policy=draft),
        PolicyState.PUBLISHED: lambda: publish(draft),
    }[state]()
    if state in POLICY_FLOW.by_action[action].sources:
        return
    with pytest.raises(Conflict):
        POLICY_FLOW.apply(policy, action, actor=cast.agency.scope)
    policy.refresh_from_db()
    assert policy.state == state


def test_a_new_version_leaves_the_published_one_in_force(cast, term, draft):
    done = publish(draft)
    second = operations.draft_policy(actor=cast.hq.scope, term=term, title="方針", body="改訂")
    assert (second.version, published_policy(term), draft_of(term)) == (2, done, second)


def test_two_writers_of_a_draft_meet_and_a_changed_draft_is_not_signed_unseen(cast, term):
    draft = operations.draft_policy(actor=cast.hq.scope, term=term, title="方針", body="一")
    seen = operations.text_hash("方針", "一")
    digest = operations.policy_hash(draft)
    operations.draft_policy(actor=cast.hq.scope, term=term, title="方針", body="二", seen=seen)
    with pytest.raises(Conflict):
        operations.draft_policy(
            actor=cast.agency.scope, term=term, title="方針", body="三", seen=seen
        )
    with pytest.raises(Conflict):
        operations.sign_policy(actor=cast.agency.scope, policy=draft, seen=digest)
    assert ActivityPolicy.objects.get().body == "二"


def test_an_empty_policy_is_not_signed(cast, term):
    draft = operations.draft_policy(actor=cast.hq.scope, term=term, title="方針", body=" ")
    with pytest.raises(NotReady) as refusal:
        operations.sign_policy(actor=cast.agency.scope, policy=draft)
    assert [item.text for item in refusal.value.missing] == ["本文を入力してください。"]


BYPASSES = {
    "update": lambda pk: ActivityPolicy.objects.filter(pk=pk).update(body="x"),
    "signature": lambda pk: ActivityPolicy.objects.filter(pk=pk).update(hq_signed_name="x"),
    "delete": lambda pk: ActivityPolicy.objects.filter(pk=pk).delete(),
    "raw": lambda pk: connection.cursor().execute(
        "UPDATE hubs_activitypolicy SET title = 'x' WHERE id = %s", [pk]
    ),
}


@pytest.mark.parametrize("way", sorted(BYPASSES))
def test_a_published_policy_is_held_by_the_database(cast, draft, way):
    policy = publish(draft)
    with (
        pytest.raises(DatabaseError, match="公表した活動方針は変更できません"),
        transaction.atomic(),
    ):
        BYPASSES[way](policy.pk)
    policy.refresh_from_db()
    assert (policy.title, policy.body) == ("方針", "本文")


def test_the_database_refuses_a_publication_with_one_signature(cast, draft):
    operations.sign_policy(actor=HQ, policy=draft)
    with pytest.raises(DatabaseError, match="双方の承認"), transaction.atomic():
        ActivityPolicy.objects.filter(pk=draft.pk).update(
            state=PolicyState.PUBLISHED, published_at=draft.term.deadlines.first().due_at
        )


def test_the_screens_lead_both_sides_through(cast, sign_in, draft):
    page = reverse("policy_detail", args=[draft.pk])
    act = reverse("policy_publish", args=[draft.pk])
    hq, agency = sign_in(cast.hq), sign_in(cast.agency)
    assert "内容を確認して承認する" in hq.get(page).content.decode()
    answer = hq.post(act, {"seen": operations.policy_hash(draft)}, follow=True)
    assert "中小企業庁が承認すると公表されます" in answer.content.decode()
    assert "承認を取り下げる" in hq.get(page).content.decode()
    assert "内容を確認し、承認して公表する" in agency.get(page).content.decode()
    again = hq.post(act, {"seen": operations.policy_hash(draft)})
    assert again.status_code == 409
    assert "中小企業庁の担当者の番です" in again.content.decode()
    answer = agency.post(act, {"seen": operations.policy_hash(draft)}, follow=True)
    text = answer.content.decode()
    assert cast.hq.scope.name in text
    assert cast.agency.scope.name in text
    assert "双方の承認がそろい" in text


def test_a_signed_draft_is_not_shown_to_hubs(cast, sign_in, draft):
    operations.sign_policy(actor=HQ, policy=draft)
    for key, status in (("cc_tokyo", 404), ("bureau_kanto", 404), ("auditor", 200)):
        answer = sign_in(cast.actors[key]).get(reverse("policy_detail", args=[draft.pk]))
        assert answer.status_code == status


def test_versions_stand_side_by_side_with_their_differences(cast, sign_in, term):
    text = "一つ目\n二つ目\n三つ目"
    publish(operations.draft_policy(actor=cast.hq.scope, term=term, title="方針", body=text))
    second = operations.draft_policy(
        actor=cast.agency.scope, term=term, title="方針", body="一つ目\n二つ目を改める\n三つ目"
    )
    url = reverse("policy_difference", args=[second.pk])
    answer = sign_in(cast.agency).get(url)
    marked = [
        (pair.before.text if pair.before else None, pair.after.text if pair.after else None)
        for pair in answer.context["pairs"]
        if pair.differs
    ]
    assert marked == [("二つ目", "二つ目を改める")]
    assert Role.AUDITOR.value == cast.auditor.membership.role
    assert sign_in(cast.auditor).get(url).status_code == 200
    assert sign_in(cast.cc_tokyo).get(url).status_code == 404
