"""Network activities: entered, corrected, withdrawn; joined by a second hub instead of doubled."""

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from hubs.ledger.models import CodeKind, NetworkActivity, NetworkParticipation
from hubs.ledger.operations.dirty import mark_dirty
from hubs.ledger.operations.entry import Doubtful, require_open_year
from hubs.ledger.operations.numbers import ACTIVITY_LETTER, lock_series, propose_number
from hubs.ledger.operations.versions import VersionConflict, trail_of_doubts
from hubs.ledger.queries import (
    ActivityValues,
    Doubts,
    activity_values,
    alike,
    code_book,
    current_activity,
    joinable,
    spelled_as_registered,
)
from hubs.ledger.rules import personal_data_in
from hubs.network.models import Hub
from hubs.partners.models import SupportOrganization
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Problem
from yorozu.core.fiscal import fiscal_year_of

ENTER, CORRECT = "hubs.ledger.enter", "hubs.ledger.correct"
ATTEMPTS = 3


class ActivityConflict(VersionConflict):
    """Somebody else corrected the activity meanwhile; ``current`` is None when it was withdrawn."""

    def __init__(self, row: NetworkActivity) -> None:
        self.current = current_activity(row)
        super().__init__(row.record_no, self.current)


@dataclass(frozen=True)
class _History:
    """What makes a row a later version."""

    record_no: str = ""
    revision: int = 1
    reason: str = ""
    is_withdrawn: bool = False


def enter_activity(
    *, actor: Scope, hub: Hub, values: ActivityValues, confirmed: str = ""
) -> NetworkActivity:
    """Store a new activity, which counts once at this hub, with the next number of the year.

    Raises InvalidInput, NotReady (closed term) and Doubtful: personal data in the title, or an
    activity of any hub with the same day, kind and organisation, which the hub may rather join.
    """
    require(actor, ENTER, hub_id=hub.pk)
    values = _checked(hub, values)
    doubts = Doubts(personal_data_in(values.title), alike(hub, values))
    if doubts.token and doubts.token != confirmed:
        raise Doubtful(doubts)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                lock_series(hub)
                year = fiscal_year_of(values.held_on)
                number = propose_number(NetworkActivity, hub, year, ACTIVITY_LETTER)
                row = _store(actor, hub, values, _History(number))
                after = {**_trail(values), **trail_of_doubts(doubts)}
                record(actor, ENTER, row, after=after)
        except IntegrityError:
            if attempt == ATTEMPTS:
                raise
        else:
            break
    return row


def correct_activity(
    *,
    actor: Scope,
    row: NetworkActivity,
    values: ActivityValues,
    reason: str,
    confirmed: str = "",
) -> NetworkActivity:
    """Put a corrected version in the place of ``row``; hubs that joined stay joined.

    Raises InvalidInput, Doubtful, NotReady (no reason, no change, closed term), ActivityConflict.
    """
    require(actor, CORRECT, hub_id=row.hub_id)
    values = _checked(row.hub, values)
    known = {one.text for one in personal_data_in(row.title)}
    found = [*personal_data_in(values.title), *personal_data_in(reason)]
    doubts = Doubts(tuple(one for one in found if one.text not in known))
    if doubts.token and doubts.token != confirmed:
        raise Doubtful(doubts)
    if values == activity_values(row):
        raise NotReady("変更された項目がありません。")
    return _replace(actor, row, values, reason)


def withdraw_activity(*, actor: Scope, row: NetworkActivity, reason: str) -> NetworkActivity:
    """Take an activity out of the counts; its versions and the reason stay to be read."""
    require(actor, CORRECT, hub_id=row.hub_id)
    if personal_data_in(reason):
        raise NotReady("理由に個人情報らしい記載があります。取り除いてください。")
    return _replace(actor, row, activity_values(row), reason, is_withdrawn=True)


def join_activity(*, actor: Scope, hub: Hub, row: NetworkActivity) -> NetworkParticipation:
    """Note that a further hub took part: shown at both, counted at the reporting hub alone.

    Conflict when it cannot be joined (withdrawn, the hub's own, no organisation in common).
    """
    require(actor, ENTER, hub_id=hub.pk)
    require_open_year(fiscal_year_of(row.held_on))
    with transaction.atomic():
        if not joinable(hub, row.held_on, row.held_on).filter(pk=row.pk).exists():
            raise Conflict(
                "この活動には参加を記録できません。すでに参加しているか、取り消されたか、"
                "連携する支援機関の活動ではありません。"
            )
        joined, created = NetworkParticipation.objects.get_or_create(activity=row, hub=hub)
        if created:
            mark_dirty([(hub.pk, row.held_on)])
            after = {"joined": row.record_no, "reported_by": row.hub.code}
            record(actor, ENTER, row, after=after, hub_id=hub.pk)
    return joined


def leave_activity(*, actor: Scope, hub: Hub, row: NetworkActivity) -> None:
    """Take a participation back that was noted by mistake."""
    require(actor, CORRECT, hub_id=hub.pk)
    require_open_year(fiscal_year_of(row.held_on))
    with transaction.atomic():
        deleted, _ = NetworkParticipation.objects.filter(activity=row, hub=hub).delete()
        if not deleted:
            raise Conflict("この活動への参加は記録されていません。")
        mark_dirty([(hub.pk, row.held_on)])
        record(actor, CORRECT, row, before={"joined": row.record_no}, hub_id=hub.pk)


def _checked(hub: Hub, values: ActivityValues) -> ActivityValues:
    year = fiscal_year_of(values.held_on)
    found = {}
    if values.held_on > clock.today():
        found["実施日"] = "実施日が先の日付になっています。"
    if values.held_on < hub.opened_on:
        found["実施日"] = "実施日が拠点の開設日より前です。"
    if not code_book(year).holds(CodeKind.NETWORK_KIND, values.kind):
        found["種類"] = "種類を選んでください。"
    if not 0 < len(values.title.strip()) <= 120:
        found["件名"] = "件名を120文字までで入力してください。"
    if not values.organization_ids:
        found["支援機関"] = "支援機関を1つ以上選んでください。"
    if found:
        raise InvalidInput([Problem(None, name, text) for name, text in found.items()])
    require_open_year(year)
    name = spelled_as_registered(hub, values.held_on, values.coordinator_name.strip())
    ids = tuple(sorted(set(values.organization_ids)))
    return ActivityValues(values.held_on, values.kind, values.title.strip(), name, ids)


def _store(actor: Scope, hub: Hub, values: ActivityValues, past: _History) -> NetworkActivity:
    row = NetworkActivity.objects.create(
        hub=hub,
        record_no=past.record_no,
        held_on=values.held_on,
        kind=values.kind,
        title=values.title,
        coordinator_name=values.coordinator_name,
        revision=past.revision,
        is_current=not past.is_withdrawn,
        is_withdrawn=past.is_withdrawn,
        correction_reason=past.reason,
        created_by_name=actor.name,
        created_at=clock.now(),
    )
    row.organizations.set(SupportOrganization.objects.filter(pk__in=values.organization_ids))
    mark_dirty([(hub.pk, values.held_on)])
    return row


def _replace(
    actor: Scope,
    row: NetworkActivity,
    values: ActivityValues,
    reason: str,
    *,
    is_withdrawn: bool = False,
) -> NetworkActivity:
    reason = reason.strip()[:200]
    if not reason:
        raise NotReady("理由を入力してください。")
    require_open_year(fiscal_year_of(row.held_on))
    before = activity_values(row)
    with transaction.atomic():
        in_force = NetworkActivity.objects.filter(pk=row.pk, is_current=True)
        if in_force.update(is_current=False) != 1:
            raise ActivityConflict(row)
        past = _History(row.record_no, row.revision + 1, reason, is_withdrawn)
        new = _store(actor, row.hub, values, past)
        others = list(NetworkParticipation.objects.filter(activity=row))
        NetworkParticipation.objects.bulk_create(
            NetworkParticipation(activity=new, hub_id=one.hub_id) for one in others
        )
        days = (row.held_on, values.held_on)
        hubs = [row.hub_id, *(one.hub_id for one in others)]
        mark_dirty([(hub_id, day) for hub_id in hubs for day in days])
        record(
            actor,
            CORRECT,
            new,
            before={**_trail(before), "revision": row.revision},
            after={**_trail(values), "revision": new.revision, "is_withdrawn": is_withdrawn},
            reason=reason,
        )
    return new


def _trail(values: ActivityValues) -> dict[str, Any]:
    return {
        "held_on": values.held_on.isoformat(),
        "kind": values.kind,
        "title": values.title,
        "coordinator_name": values.coordinator_name,
        "organization_ids": list(values.organization_ids),
    }
