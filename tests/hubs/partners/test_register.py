"""The register of support organisations: put right with its trail, merged, and by whom."""

from datetime import date

import pytest
from django.urls import reverse

from hubs.ledger.models import NetworkActivity
from hubs.ledger.operations import correct_activity, enter_activity
from hubs.ledger.queries import ActivityValues, activity_values, alike, joinable
from hubs.ledger.queries.activity_files import Organizations, stored_activities
from hubs.network.models import Prefecture
from hubs.partners.models import SupportOrganization
from hubs.partners.operations import (
    edit_organization,
    merge_organization,
    register_organization,
    state_of,
    tie_organization,
)
from hubs.partners.queries import organizations
from tests.hubs.year import hub
from yorozu.core.access import decide
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]
DAY = date(2026, 10, 8)


def registered(cast, name="見本商工会議所", code="13", who="cc_tokyo"):
    return register_organization(
        actor=getattr(cast, who).scope, hub=hub(code), name=name, kind="chamber_of_commerce"
    )


def edited(scope, row, **changes):
    values = {"name": row.name, "kind": row.kind, "prefecture": row.prefecture, **changes}
    return edit_organization(actor=scope, organization=row, seen=state_of(row), **values)


def merged(cast, alias, kept):
    return merge_organization(
        actor=cast.hq.scope, organization=alias, kept=kept, reason="旧名称の登録"
    )


def activity(cast, *rows, code="13", who="cc_tokyo", title="合同相談会"):
    values = ActivityValues(DAY, "2", title, "見本太郎", tuple(sorted(row.pk for row in rows)))
    return enter_activity(actor=getattr(cast, who).scope, hub=hub(code), values=values)


def test_an_entry_is_put_right_and_the_trail_keeps_both(cast, sign_in):
    row = registered(cast)
    client = sign_in(cast.cc_tokyo)
    url = reverse("partner_edit", args=[row.pk])
    form = client.get(url).context["form"]
    sent = {**form.initial, "name": "見本　商工会議所 本所", "kind": "other"}
    assert client.post(url, {**sent, "name": ""}).status_code == 422
    assert client.post(url, sent).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.kind) == ("見本　商工会議所 本所", "other")
    event = AuditEvent.objects.filter(action="hubs.partners.edit").get()
    assert "見本商工会議所" in event.before
    assert "本所" in event.after
    # Registered anew under the new name, it is the same entry.
    assert registered(cast, "見本商工会議所本所") != row
    assert registered(cast, "見本 商工会議所 本所") == row


def test_two_people_at_one_entry_see_both_texts(cast, sign_in):
    row = registered(cast)
    client = sign_in(cast.hq)
    url = reverse("partner_edit", args=[row.pk])
    old = client.get(url).context["form"].initial
    edited(cast.cc_tokyo.scope, row, name="先に直した会議所")
    answer = client.post(url, {**old, "name": "後から直した会議所"})
    assert answer.status_code == 409
    assert "いまの内容：先に直した会議所" in answer.text
    assert 'value="後から直した会議所"' in answer.text
    again = {**old, "name": "後から直した会議所", "seen": answer.context["form"]["seen"].value()}
    assert client.post(url, again).status_code == 302
    row.refresh_from_db()
    assert row.name == "後から直した会議所"


def test_what_other_hubs_work_with_only_hq_puts_right(cast):
    row = registered(cast)
    with pytest.raises(NotReady, match="連携していない"):
        edited(cast.cc_kanagawa.scope, row)
    tie_organization(actor=cast.cc_kanagawa.scope, hub=hub("14"), organization=row)
    with pytest.raises(NotReady, match="ほかの拠点も"):
        edited(cast.cc_tokyo.scope, row, name="別の名称")
    assert edited(cast.hq.scope, row, name="別の名称").name == "別の名称"


def test_a_name_of_the_prefecture_stands_once(cast):
    row, other = registered(cast), registered(cast, "例示商工会議所")
    with pytest.raises(InvalidInput, match="同じ名称"):
        edited(cast.hq.scope, other, name="見本商工会議所")
    elsewhere = Prefecture.objects.get(hub__code="14")
    assert edited(cast.hq.scope, other, name=row.name, prefecture=elsewhere).name == row.name


def test_the_merged_entry_is_an_alias_and_counts_once(cast, sign_in):
    kept, alias = registered(cast), registered(cast, "見本会議所", "14", "cc_kanagawa")
    both = registered(cast, "見本会議所", "13")
    assert both.pk != alias.pk  # another prefecture: another entry
    row = activity(cast, kept, both)
    elsewhere = activity(cast, alias, code="14", who="cc_kanagawa", title="別の相談会")
    merged(cast, both, kept)
    merged(cast, alias, kept)
    listed = organizations(cast.hq.scope, everywhere=True)
    assert set(listed) == {kept}
    # Found by the name of an alias; one's ties went over.
    assert list(organizations(cast.hq.scope, words="見本会議所")) == [kept]
    assert {one.code for one in kept.hubs.all()} == {"13", "14"}
    # The record has not moved, and names one organisation.
    row = NetworkActivity.objects.get(pk=row.pk)
    assert row.organizations.count() == 2
    assert row.partners == [kept]
    assert activity_values(row).organization_ids == (kept.pk,)
    # Tokyo now knows the activity of the other hub as one with its own organisation.
    assert list(joinable(hub("13"), DAY, DAY)) == [elsewhere]
    values = ActivityValues(DAY, "2", "三つめ", "見本太郎", (kept.pk,))
    assert set(alike(hub("04"), values)) == {row, elsewhere}
    # A file finds it by either name, and meets the activity as one of the kept organisation.
    assert Organizations().find(hub("13").pk, "見本会議所") == ({kept.pk}, True)
    assert {one.organization_ids for one in stored_activities([DAY], [])} == {frozenset({kept.pk})}
    # The name of the alias leads to the one that is kept, also by a second merge.
    assert registered(cast, "見本会議所") == kept
    newest = registered(cast, "見本商工会議所連合")
    merged(cast, kept, newest)
    assert registered(cast, "見本会議所") == newest
    text = sign_in(cast.cc_tokyo).get(reverse("activity_detail", args=[row.pk])).text
    assert "見本商工会議所連合" in text
    done = correct_activity(
        actor=cast.cc_tokyo.scope,
        row=row,
        values=ActivityValues(DAY, "2", "直した件名", "見本太郎", (newest.pk,)),
        reason="件名の誤り",
    )
    assert list(done.organizations.all()) == [newest]


def test_merging_on_the_screen(cast, sign_in):
    kept, alias = registered(cast), registered(cast, "見本会議所")
    client = sign_in(cast.hq)
    url = reverse("partner_merge", args=[alias.pk])
    assert "東京都よろず支援拠点" in client.get(url).text
    assert client.post(url, {"kept": alias.pk, "reason": "同じ"}).status_code == 422
    assert client.post(url, {"kept": kept.pk, "reason": ""}).status_code == 422
    assert client.post(url, {"kept": kept.pk, "reason": "二重の登録"}).status_code == 302
    event = AuditEvent.objects.filter(action="hubs.partners.merge").get()
    assert (event.reason, event.object_id) == ("二重の登録", str(alias.pk))
    assert "統合した登録：見本会議所" in client.get(reverse("partner_list")).text
    for name in ("partner_merge", "partner_edit"):
        assert client.get(reverse(name, args=[alias.pk])).status_code == 409
    for pair in ((alias, kept), (kept, kept)):
        with pytest.raises(NotReady):
            merged(cast, *pair)
    with pytest.raises(Conflict):
        edit_organization(
            actor=cast.hq.scope,
            organization=kept,
            name="別の名称",
            kind=kept.kind,
            prefecture=kept.prefecture,
            seen="0" * 16,
        )


def test_who_may_put_right_and_who_may_merge(cast):
    kept, alias = registered(cast), registered(cast, "見本会議所")
    for actor in cast.all():
        if not decide(actor.scope, "hubs.partners.edit").allowed:
            with pytest.raises(Refused):
                edited(actor.scope, kept, name="別")
        if actor.key not in {"hq", "hq_second"}:
            with pytest.raises(Refused):
                merge_organization(
                    actor=actor.scope, organization=alias, kept=kept, reason="二重の登録"
                )
    assert not SupportOrganization.objects.exclude(merged_into=None).exists()
