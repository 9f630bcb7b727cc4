"""HQ writes the next version of the checklist; what was adopted stands (G8)."""

from decimal import Decimal

import pytest

from evaluation.hearings import operations
from evaluation.hearings.models import Checklist, ChecklistItem, Hearing
from evaluation.hearings.operations import drafts
from evaluation.hearings.queries import checklist_of
from hubs.terms.operations import begin_change, open_term, register_rules
from hubs.terms.queries import open_change
from tests.evaluation.hearings.panel_ground import prepared, scoring
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hearing_day")]


def values(code="C9", **more):
    anchors = {f"anchor_{level}": f"目安{level}" for level in range(5)}
    base = {"component": "CHK", "code": code, "text": "新しい項目", "weight": Decimal("1.50")}
    return {**base, **anchors, **more}


@pytest.fixture
def term(cast):
    return prepared(cast).term


@pytest.fixture
def draft(cast, term):
    return drafts.begin_draft(cast.hq.scope, term=term, reason="項目の見直し")


@pytest.mark.parametrize("key", ["agency", "bureau_tohoku", "board", "cc_tokyo", "auditor"])
def test_only_hq_writes(cast, term, key):
    with pytest.raises(Refused):
        drafts.begin_draft(cast.actors[key].scope, term=term, reason="見直し")


def test_a_draft_is_a_copy_and_not_in_use(cast, term, draft):
    assert draft.version == 2
    assert [row.code for row in draft.items.all()] == ["C1", "U1"]
    assert checklist_of(term).version == 1
    with pytest.raises(Conflict, match="作成中"):
        drafts.begin_draft(cast.hq.scope, term=term, reason="もう一つ")
    with pytest.raises(InvalidInput, match="理由"):
        drafts.begin_draft(cast.hq.scope, term=term, reason=" ")


def test_items_are_added_changed_moved_and_removed(cast, draft):
    hq = cast.hq.scope
    item = drafts.add_item(hq, draft=draft, values=values())
    assert item.order == 2
    with pytest.raises(InvalidInput, match="すでにあります"):
        drafts.add_item(hq, draft=draft, values=values())
    with pytest.raises(InvalidInput, match="重み"):
        drafts.add_item(hq, draft=draft, values=values("C8", weight=Decimal(0)))
    with pytest.raises(InvalidInput, match="5段階"):
        drafts.add_item(hq, draft=draft, values=values("C8", anchor_2=" "))
    drafts.edit_item(hq, item=item, values=values("C7", text="直した"))
    item.refresh_from_db()
    drafts.move_item(hq, item=item, step=-1)
    assert [row.code for row in draft.items.order_by("order")] == ["C1", "C7", "U1"]
    drafts.remove_item(hq, item=ChecklistItem.objects.get(checklist=draft, code="C1"))
    assert [row.code for row in draft.items.order_by("order")] == ["C7", "U1"]
    events = AuditEvent.objects.filter(action="evaluation.hearings.author")
    assert events.count() == 5


def test_an_adopted_draft_is_in_use_and_locked(cast, term, draft):
    hq = cast.hq.scope
    drafts.add_item(hq, draft=draft, values=values())
    adopted = drafts.adopt_draft(hq, draft=draft)
    assert adopted == checklist_of(term)
    assert adopted.is_locked
    assert (adopted.reason, adopted.adopted_by_name) == ("項目の見直し", hq.label)
    assert set(Hearing.objects.filter(term=term).values_list("checklist", flat=True)) == {
        adopted.pk
    }
    with pytest.raises(Conflict, match="採用されたか"):
        drafts.add_item(hq, draft=adopted, values=values("C8"))


def test_an_incomplete_draft_is_not_adopted(cast, draft):
    hq = cast.hq.scope
    drafts.remove_item(hq, item=draft.items.get(code="U1"))
    with pytest.raises(NotReady) as error:
        drafts.adopt_draft(hq, draft=draft)
    assert "独自の取組" in error.value.missing[0].text
    with pytest.raises(Refused):
        drafts.adopt_draft(cast.agency.scope, draft=draft)


def test_hearings_that_have_begun_keep_their_checklist(cast):
    stand = scoring(cast)
    hq = cast.hq.scope
    draft = drafts.begin_draft(hq, term=stand.term, reason="途中の見直し")
    drafts.add_item(hq, draft=draft, values=values())
    with pytest.raises(Conflict, match="評点がある"):
        drafts.adopt_draft(hq, draft=draft)
    assert Checklist.objects.filter(pk=draft.pk, is_locked=False).exists()


def test_a_discarded_draft_is_gone(cast, term, draft):
    drafts.discard_draft(cast.hq.scope, draft=draft)
    assert not Checklist.objects.filter(pk=draft.pk).exists()


def test_after_registration_a_draft_goes_into_a_change_of_the_rules(cast):
    hq = cast.hq.scope
    term = open_term(actor=hq, fiscal_year=2027)
    register_rules(actor=hq, term=term)
    draft = drafts.begin_draft(hq, term=term, reason="見直し")
    item = draft.items.order_by("order").first()
    drafts.edit_item(
        hq,
        item=item,
        values={**{name: getattr(item, name) for name in values()}, "text": "直した項目"},
    )
    with pytest.raises(NotReady, match="登録されています"):
        drafts.adopt_draft(hq, draft=draft)
    with pytest.raises(NotReady, match="変更案がまだ"):
        drafts.propose_draft(hq, draft=draft)
    begin_change(actor=hq, term=term, reason="チェックリストの見直し")
    drafts.propose_draft(hq, draft=draft)
    assert "直した項目" in open_change(term).content
    assert "直した項目" not in [row.text for row in checklist_of(term).items.all()]
    assert operations.default_items()
