"""The steps of a month: submit, take back, confirm, accept, send back; one or many."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from hubs.results.flow import EDITABLE, RESULT_FLOW, last_remarks
from hubs.results.models import MonthlyReport, ReturnRemark
from hubs.results.operations.ledger import keep_counts
from hubs.results.queries import columns_for, entry_of, plan_of
from hubs.results.queries.recipients import chiefs_of
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Problem
from yorozu.core.fiscal import wareki_month
from yorozu.core.flow import lock
from yorozu.core.notices.operations import notify

MAX_REMARK = 1_000


def submit_month(*, actor: Scope, report: MonthlyReport) -> MonthlyReport:
    """Send the month to the implementing body; NotReady names every gap and contradiction.

    What the ledger counts at this moment is kept beside every figure.
    """
    now = clock.now()
    with transaction.atomic():
        sent: MonthlyReport = RESULT_FLOW.apply(
            report,
            "hubs.results.submit",
            actor=actor,
            changes={
                "submitted_at": now,
                "first_submitted_at": Coalesce("first_submitted_at", Value(now)),
                "return_reason": "",
            },
        )
        keep_counts(sent)
    return sent


def confirm_month(*, actor: Scope, report: MonthlyReport) -> MonthlyReport:
    """The implementing body's confirmation."""
    confirmed: MonthlyReport = RESULT_FLOW.apply(
        report, "hubs.results.confirm", actor=actor, changes={"confirmed_at": clock.now()}
    )
    return confirmed


def accept_month(*, actor: Scope, report: MonthlyReport) -> MonthlyReport:
    """The bureau's acceptance: from here triggers hold the month."""
    accepted: MonthlyReport = RESULT_FLOW.apply(
        report,
        "hubs.results.accept",
        actor=actor,
        changes={"accepted_at": clock.now(), "accepted_by_id": actor.user_id},
    )
    return accepted


def withdraw_month(*, actor: Scope, report: MonthlyReport) -> MonthlyReport:
    """Take back a month that the implementing body has not confirmed yet."""
    back: MonthlyReport = RESULT_FLOW.apply(
        report, "hubs.results.withdraw", actor=actor, changes={"submitted_at": None}
    )
    return back


def return_month(
    *,
    actor: Scope,
    report: MonthlyReport,
    reason: str,
    remarks: Mapping[str, str] | None = None,
) -> MonthlyReport:
    """Send the month back with a reason, and with remarks on single figures by column key.

    The reason and the remarks are kept with the round; InvalidInput names an unknown column.
    """
    wanted = {key: text.strip() for key, text in (remarks or {}).items() if text.strip()}
    with transaction.atomic():
        rows = _remarked(report, wanted)
        back: MonthlyReport = RESULT_FLOW.apply(
            report,
            "hubs.results.return",
            actor=actor,
            reason=reason,
            changes={"return_reason": reason.strip(), "submitted_at": None, "confirmed_at": None},
            audit={"remarks": wanted} if wanted else None,
        )
        number = 1 + max(back.remarks.values_list("round", flat=True), default=0)
        whole = ReturnRemark(report=back, text=reason.strip())
        for row in (whole, *rows):
            row.round, row.by_id, row.by_name, row.at = (
                number,
                actor.user_id,
                actor.label[:200],
                clock.now(),
            )
        ReturnRemark.objects.bulk_create([whole, *rows])
        notify(
            [one.user_id for one in chiefs_of(back.hub)],
            key=f"month:{back.pk}:returned:{clock.now():%Y%m%d%H%M%S%f}",
            text=f"{back.hub}の{wareki_month(back.month)}の月次実績が差し戻されました。",
            url=reverse("month_detail", args=[back.pk]),
            mail=True,
        )
    return back


def _remarked(report: MonthlyReport, remarks: Mapping[str, str]) -> list[ReturnRemark]:
    """The remarks with the figures as they stand now."""
    columns = {row.key: row for row in columns_for(report.term, plan_of(report.hub, report.term))}
    if unknown := [key for key in remarks if key not in columns]:
        raise InvalidInput([Problem(None, "", f"{key}という項目はありません。") for key in unknown])
    stored = {(row.indicator_id, row.focus_area_id): row for row in report.results.all()}
    rows = []
    for key, text in remarks.items():
        column = columns[key]
        entry = entry_of(stored.get(column.owner))
        rows.append(
            ReturnRemark(
                report=report,
                indicator_id=column.indicator_id,
                focus_area_id=column.focus_area_id,
                value_state=entry.state,
                value=entry.value,
                text=text[:MAX_REMARK],
            )
        )
    return rows


def answer_remarks(
    *, actor: Scope, report: MonthlyReport, answers: Mapping[str, str]
) -> list[ReturnRemark]:
    """Answer remarks of the last return by column key; an empty text takes the answer back.

    Conflict when the month has been sent meanwhile.
    """
    require(actor, "hubs.results.enter", hub_id=report.hub_id)
    with transaction.atomic():
        locked = lock(report)
        if locked.state not in EDITABLE:
            state = locked.get_state_display()
            raise Conflict(f"月次実績は「{state}」のため、回答を変更できません。")
        keys = {
            row.owner: row.key for row in columns_for(locked.term, plan_of(locked.hub, locked.term))
        }
        changed, before = [], {}
        for remark in last_remarks(locked):
            key = keys.get(remark.owner, "")
            text = answers.get(key, remark.answer).strip()[:MAX_REMARK]
            if text != remark.answer:
                before[key] = remark.answer
                remark.answer = text
                remark.answered_at = clock.now() if text else None
                remark.answered_by_name = actor.label[:200] if text else ""
                remark.save(update_fields=["answer", "answered_at", "answered_by_name"])
                changed.append(remark)
        if changed:
            after = {keys[row.owner]: row.answer for row in changed}
            record(actor, "hubs.results.enter", locked, before=_said(before), after=_said(after))
    return changed


def _said(answers: Mapping[str, str]) -> dict[str, str]:
    return {f"{key}.answer": text for key, text in answers.items()}


def submit_months(*, actor: Scope, reports: Sequence[MonthlyReport]) -> list[MonthlyReport]:
    """Submit the given months, all or none."""
    return _each(reports, lambda report: submit_month(actor=actor, report=report))


def confirm_months(*, actor: Scope, reports: Sequence[MonthlyReport]) -> list[MonthlyReport]:
    """Confirm the given months, all or none."""
    return _each(reports, lambda report: confirm_month(actor=actor, report=report))


def accept_months(*, actor: Scope, reports: Sequence[MonthlyReport]) -> list[MonthlyReport]:
    """Accept the given months, all or none."""
    return _each(reports, lambda report: accept_month(actor=actor, report=report))


def _each(reports: Sequence[MonthlyReport], act: Callable[[MonthlyReport], Any]) -> list[Any]:
    """One flow step per report in one transaction; a refusal names the report it stopped at."""
    with transaction.atomic():
        done = []
        for report in reports:
            try:
                done.append(act(report))
            except NotReady as refusal:
                raise NotReady(f"{report}：{refusal.message}", refusal.missing) from refusal
            except Conflict as refusal:
                raise Conflict(f"{report}：{refusal.message}") from refusal
    return done
