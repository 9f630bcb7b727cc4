"""The third layer: bureau or HQ draws resolved records by chance and looks at them."""

import secrets
from datetime import date

from django.db import transaction
from django.urls import reverse

from hubs.ledger.models import CheckOutcome, SampleCheck, SampleDraw
from hubs.ledger.operations.dirty import mark_dirty
from hubs.ledger.queries import last_of_month, undrawn
from hubs.ledger.rules import drawn, personal_data_in
from hubs.network.models import Hub, Membership
from yorozu.core import clock
from yorozu.core.access import Role, Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, NotReady
from yorozu.core.fiscal import month_of, wareki_month
from yorozu.core.notices.operations import notify

ACTION = "hubs.ledger.check"
MAX_DRAWN = 100


def draw_sample(*, actor: Scope, hub: Hub, month: date, size: int) -> SampleDraw:
    """Draw ``size`` records resolved in the month among those not drawn before.

    The seed comes from the machine at the moment of drawing, so that nobody can know it before; it
    is kept, so that anybody can repeat the drawing. NotReady when nothing is left to draw.
    """
    require(actor, ACTION, hub_id=hub.pk)
    first = month_of(month)
    if not 1 <= size <= MAX_DRAWN:
        raise NotReady(f"抽出する件数は1件から{MAX_DRAWN}件までです。")
    with transaction.atomic():
        Hub.objects.select_for_update(no_key=True).get(pk=hub.pk)
        rows = {row.record_no: row for row in undrawn(hub, first, last_of_month(first))}
        if not rows:
            raise NotReady(
                f"{wareki_month(first)}には、まだ抽出していない解決済みの記録がありません。"
            )
        draw = SampleDraw.objects.create(
            hub=hub,
            month=first,
            seed=secrets.token_hex(8),
            population=len(rows),
            drawn_by_name=actor.name,
            drawn_at=clock.now(),
        )
        numbers = drawn(rows, size, draw.seed)
        SampleCheck.objects.bulk_create(
            SampleCheck(draw=draw, consultation=rows[number]) for number in sorted(numbers)
        )
        after = {"month": f"{first:%Y-%m}", "population": len(rows), "seed": draw.seed}
        record(actor, ACTION, draw, after={**after, "drawn": sorted(numbers)})
    return draw


def record_check(
    *, actor: Scope, check: SampleCheck, outcome: str, remark: str = ""
) -> SampleCheck:
    """Keep what the look at one record found; it cannot be changed afterwards.

    A record that could not be confirmed needs a remark, and its hub is told. Raises NotReady and
    Conflict (somebody else was first).
    """
    row = check.consultation
    require(actor, ACTION, hub_id=row.hub_id)
    remark = remark.strip()[:200]
    if outcome not in CheckOutcome.values:
        raise NotReady("結果を選んでください。")
    if outcome == CheckOutcome.NOT_CONFIRMED and not remark:
        raise NotReady(f"受付番号{row.record_no}：「確認できず」には所見を入力してください。")
    if personal_data_in(remark):
        raise NotReady(f"受付番号{row.record_no}：所見に個人情報らしい記載があります。")
    with transaction.atomic():
        moved = SampleCheck.objects.filter(pk=check.pk, outcome="").update(
            outcome=outcome,
            remark=remark,
            checked_on=clock.today(),
            checked_by_name=actor.name,
        )
        if moved != 1:
            raise Conflict(f"受付番号{row.record_no}は、すでに確認の結果が記録されています。")
        check.refresh_from_db()
        mark_dirty([(row.hub_id, row.resolved_on)])
        after = {"record_no": row.record_no, "outcome": outcome}
        record(actor, ACTION, check, after=after, reason=remark, hub_id=row.hub_id)
        if outcome == CheckOutcome.NOT_CONFIRMED:
            _tell(check)
    return check


def _tell(check: SampleCheck) -> None:
    """The chief coordinators of the hub learn which record could not be confirmed."""
    row = check.consultation
    chiefs = Membership.objects.filter(
        role=Role.CHIEF_COORDINATOR, hub_id=row.hub_id, valid_from__lte=clock.today()
    ).exclude(valid_to__lt=clock.today())
    notify(
        chiefs.values_list("user_id", flat=True),
        key=f"ledger.check:{check.pk}",
        text=f"抽出確認：受付番号{row.record_no}の課題解決を確認できませんでした。",
        url=reverse("ledger_record", args=[row.pk]),
    )
