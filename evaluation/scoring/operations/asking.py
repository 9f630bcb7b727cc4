"""The fact check of a run: asking the hubs, their answers, and its end."""

from collections.abc import Iterable
from datetime import datetime, time

from django.db import transaction
from django.urls import reverse

from evaluation.scoring.flow import ASK, CLOSE_CHECK, CONFIRM, FACT_FLOW, FLOW
from evaluation.scoring.models import (
    EvaluationRun,
    FactCheck,
    FactCheckState,
    FactRemark,
    RemarkState,
    RunHubResult,
    RunState,
)
from evaluation.scoring.operations.giving_way import give_way
from evaluation.scoring.queries import checked_run, hub_people, people_of
from hubs.terms.queries import closed_days
from yorozu.core import clock
from yorozu.core.access import Role, Scope, require
from yorozu.core.audit.operations import Act, record_many
from yorozu.core.business_days import add_business_days, business_days_between
from yorozu.core.errors import Missing, NotReady
from yorozu.core.fiscal import nendo, wareki
from yorozu.core.notices.operations import Message, notify_all

# evaluation.md 5: ten working days; offices close at 17:00 (product default).
WORKING_DAYS = 10
CLOSING_TIME = time(17, 0)
# Reminders on the working days before the deadline, and on the day itself.
REMIND_BEFORE = (3, 1, 0)
REMIND = "evaluation.scoring.remind_facts"


def due_after(moment: datetime) -> datetime:
    """The end of the tenth working day after the day of this moment, Asia/Tokyo."""
    day = add_business_days(moment.date(), WORKING_DAYS, closed_days())
    return datetime.combine(day, CLOSING_TIME, tzinfo=moment.tzinfo)


def ask_facts(actor: Scope, *, run: EvaluationRun) -> EvaluationRun:
    """Ask every hub to check its facts, within ten working days; the run takes over from another.

    A hub whose book is the one it has answered for keeps its answer (or its deadline). NotReady
    while remarks of the run before wait for an answer, or an accepted objection has no effect here.
    """
    with transaction.atomic():
        asked: EvaluationRun = FLOW.apply(run, ASK, actor=actor)
        before = asked.supersedes
        known = _parts_of(before)
        _refuse_unmet(asked, before)
        rows = asked.hub_results.select_related("hub", "evidence_book").order_by("hub__code")
        moment = clock.now()
        parts = [_part(asked, row, known.get(row.hub_id), moment) for row in rows]
        FactCheck.objects.bulk_create(parts)
        _put_into_effect(actor, asked, before, parts)
        give_way(actor, asked)
        _tell_the_hubs(asked, [part for part in parts if part.carried_from_id is None])
    return asked


def _parts_of(run: EvaluationRun | None) -> dict[int, FactCheck]:
    """The answers that hubs gave on the run before, by hub."""
    if run is None:
        return {}
    rows = FactCheck.objects.filter(run=checked_run(run)).select_related("evidence_book")
    return {row.hub_id: row for row in rows}


def _is_same_book(part: FactCheck, row: RunHubResult) -> bool:
    old, new = part.evidence_book, row.evidence_book
    if old is None or new is None:
        return old is new
    return old.content_hash == new.content_hash


def _part(
    run: EvaluationRun, row: RunHubResult, before: FactCheck | None, moment: datetime
) -> FactCheck:
    """The hub's part: asked anew, or carried over when the book is the one it knows."""
    part = FactCheck(
        run=run,
        hub=row.hub,
        evidence_book=row.evidence_book,
        opened_at=moment,
        due_at=due_after(moment),
    )
    if before is None or not _is_same_book(before, row):
        return part
    part.carried_from, part.due_at = before, before.due_at
    if before.state != FactCheckState.WAITING:
        part.state, part.answered_at = before.state, before.answered_at
        part.answered_by_id = before.answered_by_id
        part.answered_by_name = before.answered_by_name
    elif before.due_at < moment:
        part.state, part.answered_at = FactCheckState.SILENT, moment
    return part


def _refuse_unmet(run: EvaluationRun, before: EvaluationRun | None) -> None:
    """Remarks of the run before must be answered, and accepted ones must show in this run."""
    if before is None:
        return
    books = dict(run.hub_results.values_list("hub_id", "evidence_book__content_hash"))
    rows = FactRemark.objects.filter(
        check_part__run=checked_run(before), state__in=[RemarkState.OPEN, RemarkState.ACCEPTED]
    ).select_related("hub", "check_part__evidence_book")
    missing = []
    for row in rows.order_by("hub__code", "pk"):
        old = row.check_part.evidence_book
        if row.state == RemarkState.OPEN:
            text = f"{row.hub.name}「{row.label}」への{row.get_kind_display()}に回答していません。"
        elif row.effect_run_id is None and old and old.content_hash == books.get(row.hub_id):
            text = (
                f"{row.hub.name}「{row.label}」の訂正が証拠台帳に反映されていません。"
                "もとの記録を訂正し、凍結し直してください。"
            )
        else:
            continue
        missing.append(Missing(text, "fact_remark", link_args=(row.pk,)))
    if missing:
        raise NotReady("まだ事実確認を引き継げません。次を確認してください。", missing)


def _put_into_effect(
    actor: Scope, run: EvaluationRun, before: EvaluationRun | None, parts: Iterable[FactCheck]
) -> None:
    """Accepted objections whose hub has another book now are in effect by this run."""
    if before is None:
        return
    changed = [part.hub_id for part in parts if part.carried_from_id is None]
    rows = FactRemark.objects.filter(
        check_part__run=checked_run(before),
        state=RemarkState.ACCEPTED,
        effect_run=None,
        hub__in=changed,
    )
    met = list(rows.order_by("pk"))
    FactRemark.objects.filter(pk__in=[row.pk for row in met]).update(effect_run=run)
    record_many(actor, ASK, [Act(row, after={"effect_run": run.number}) for row in met])


def _tell_the_hubs(run: EvaluationRun, parts: list[FactCheck]) -> None:
    mine = {part.hub_id: part for part in parts if part.state == FactCheckState.WAITING}
    notify_all(
        [
            Message(
                user_id,
                f"facts-asked-{run.pk}-{hub_id}",
                f"{nendo(run.term.fiscal_year)}の評価に使う{mine[hub_id].hub.name}の数値の"
                f"事実確認をお願いします。期限は{_moment(mine[hub_id].due_at)}です。",
                reverse("fact_check", args=[mine[hub_id].pk]),
            )
            for user_id, hubs in sorted(hub_people(mine).items())
            for hub_id in sorted(hubs)
        ],
        act=f"facts-asked-{run.pk}",
        mail=True,
    )


def _moment(at: datetime) -> str:
    local = at.astimezone(clock.now().tzinfo)
    return f"{wareki(local.date())} {local:%H:%M}"


def confirm_facts(actor: Scope, *, part: FactCheck) -> FactCheck:
    """The hub has looked through its book and has nothing more to say."""
    confirmed: FactCheck = FACT_FLOW.apply(
        part,
        CONFIRM,
        actor=actor,
        changes={
            "answered_at": clock.now(),
            "answered_by_id": actor.user_id,
            "answered_by_name": actor.label[:200],
        },
        audit={"remarks": part.remarks.count()},
    )
    return confirmed


def close_facts(actor: Scope, *, run: EvaluationRun) -> EvaluationRun:
    """End the fact check: all hubs have answered or let the deadline pass, all remarks are met.

    A hub that said nothing until its deadline is written down as silent, not as confirming.
    """
    with transaction.atomic():
        closed: EvaluationRun = FLOW.apply(run, CLOSE_CHECK, actor=actor)
        silent = FactCheck.objects.filter(run=closed, state=FactCheckState.WAITING)
        acts = [Act(part, after={"state": FactCheckState.SILENT.value}) for part in silent]
        silent.update(state=FactCheckState.SILENT, answered_at=clock.now())
        record_many(actor, CLOSE_CHECK, acts)
    return closed


def remind_hubs(actor: Scope) -> int:
    """Remind the hubs that still owe an answer, on certain working days; returns the notices.

    Every reminder has a key of its own, so that asking twice on a day sends once.
    """
    require(actor, REMIND)
    now = clock.now()
    rows = FactCheck.objects.filter(
        state=FactCheckState.WAITING, run__state=RunState.FACT_CHECK, due_at__gte=now
    ).select_related("hub", "run__term")
    closed, messages = closed_days(), []
    with transaction.atomic():
        for part in rows.order_by("pk"):
            left = business_days_between(
                now.date(), part.due_at.astimezone(now.tzinfo).date(), closed
            )
            if left in REMIND_BEFORE:
                messages += _reminders(part, left)
        notify_all(messages, act=f"facts-due-{now:%Y%m%d}", mail=True)
        _tell_of_the_end(now)
    return len(messages)


def _reminders(part: FactCheck, left: int) -> list[Message]:
    when = f"あと{left}営業日" if left else "本日まで"
    text = f"{part.hub.name}の事実確認の期限は{_moment(part.due_at)}です（{when}）。"
    url = reverse("fact_check", args=[part.pk])
    people = sorted(hub_people([part.hub_id]))
    return [Message(user_id, f"facts-due-{part.pk}-{left}", text, url) for user_id in people]


def _tell_of_the_end(now: datetime) -> None:
    """National HQ learns that a run's deadline is over and the check can be closed."""
    over: dict[int, EvaluationRun] = {}
    for run in EvaluationRun.objects.filter(state=RunState.FACT_CHECK).select_related("term"):
        parts = FactCheck.objects.filter(run=run, state=FactCheckState.WAITING)
        if not parts.filter(due_at__gte=now).exists():
            over[run.pk] = run
    people = people_of(Role.NATIONAL_HQ)
    notify_all(
        [
            Message(
                user_id,
                f"facts-over-{pk}",
                f"{run}の事実確認は、全拠点の回答がそろったか、期限を過ぎました。",
                reverse("run_facts", args=[pk]),
            )
            for pk, run in over.items()
            for user_id in people
        ],
        act=f"facts-over-{now:%Y%m%d}",
    )
