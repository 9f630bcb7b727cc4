"""Reminding everybody who owes a late month, in one act."""

from collections import defaultdict
from collections.abc import Collection

from django.db import transaction
from django.urls import reverse

from hubs.results.models import Reminder
from hubs.results.queries.reminding import LateMonth, late_months, working_day
from hubs.terms.models import Term
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import NotReady
from yorozu.core.fiscal import nendo
from yorozu.core.notices.operations import Message, notify_all

NOBODY = "督促を送る相手がいません。提出済みになったか、本日すでに督促しています。"


def send_reminders(*, actor: Scope, term: Term, keys: Collection[str]) -> list[Reminder]:
    """Remind the people of the named late months (``LateMonth.key``): notice, mail and record.

    What was sent or reminded of meanwhile is left out; NotReady when nothing is left.
    """
    require(actor, "hubs.results.remind")
    with transaction.atomic():
        # The term's lock keeps two officers from reminding the same people at once.
        Term.objects.select_for_update(of=("self",)).get(pk=term.pk)
        chosen = [row for row in late_months(actor, term) if row.key in keys and not row.problem]
        if not chosen:
            raise NotReady(NOBODY)
        rows = _rows(actor, term, chosen)
        Reminder.objects.bulk_create(rows)
        notify_all(_messages(term, chosen), act=_act(term), mail=True)
        record(
            actor,
            "hubs.results.remind",
            term,
            after={
                "hubs": sorted({row.hub.code for row in chosen}),
                "months": len(chosen),
                "people": len({row.recipient_id for row in rows}),
            },
        )
    return rows


def _act(term: Term) -> str:
    return f"remind:{term.pk}:{clock.now():%Y%m%d%H%M%S%f}"


def _rows(actor: Scope, term: Term, chosen: list[LateMonth]) -> list[Reminder]:
    day = working_day()
    return [
        Reminder(
            term=term,
            month=row.cell.month,
            hub=row.hub,
            recipient_id=one.user_id,
            recipient_name=one.label[:200],
            email=one.email,
            sent_at=clock.now(),
            working_day=day,
            sent_by_id=actor.user_id,
            sent_by_name=actor.label[:200],
        )
        for row in chosen
        for one in row.open_recipients
    ]


def _messages(term: Term, chosen: list[LateMonth]) -> list[Message]:
    """One notice per person and hub, naming all its late months."""
    months: dict[tuple[int, int], list[LateMonth]] = defaultdict(list)
    for row in chosen:
        for one in row.open_recipients:
            months[one.user_id, row.hub.pk].append(row)
    day = working_day()
    return [
        Message(
            user_id,
            f"remind:{hub_id}:{day:%Y%m%d}:{'-'.join(f'{r.cell.month:%Y%m}' for r in rows)}",
            _text(term, rows),
            reverse("results_grid", args=[term.pk, hub_id]),
        )
        for (user_id, hub_id), rows in months.items()
    ]


def _text(term: Term, rows: list[LateMonth]) -> str:
    named = "、".join(f"{row.cell.month.month}月分" for row in rows)
    return (
        f"{rows[0].hub}の{nendo(term.fiscal_year)}の月次実績（{named}）の提出期限を過ぎています。"
        "入力して提出してください。"
    )
