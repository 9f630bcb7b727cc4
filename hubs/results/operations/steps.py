"""The steps of a month: submit, confirm, accept, send back; one or many."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.urls import reverse

from hubs.network.models import Membership
from hubs.results.flow import RESULT_FLOW
from hubs.results.models import MonthlyReport
from hubs.results.operations.ledger import keep_counts
from yorozu.core import clock
from yorozu.core.access import Role, Scope
from yorozu.core.errors import Conflict, NotReady
from yorozu.core.fiscal import wareki_month
from yorozu.core.notices.operations import notify


def submit_month(*, actor: Scope, report: MonthlyReport) -> MonthlyReport:
    """Send the month to the implementing body; NotReady names every gap and contradiction.

    What the ledger counts at this moment is kept beside every figure.
    """
    with transaction.atomic():
        sent: MonthlyReport = RESULT_FLOW.apply(
            report,
            "hubs.results.submit",
            actor=actor,
            changes={"submitted_at": clock.now(), "return_reason": ""},
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


def return_month(*, actor: Scope, report: MonthlyReport, reason: str) -> MonthlyReport:
    """Send the month back to the hub with a reason."""
    with transaction.atomic():
        back: MonthlyReport = RESULT_FLOW.apply(
            report,
            "hubs.results.return",
            actor=actor,
            reason=reason,
            changes={"return_reason": reason.strip(), "submitted_at": None, "confirmed_at": None},
        )
        chiefs = Membership.objects.filter(
            role=Role.CHIEF_COORDINATOR, hub=back.hub_id, valid_from__lte=clock.today()
        ).exclude(valid_to__lt=clock.today())
        notify(
            chiefs.values_list("user_id", flat=True),
            key=f"month:{back.pk}:returned:{clock.now():%Y%m%d%H%M%S%f}",
            text=f"{back.hub}の{wareki_month(back.month)}の月次実績が差し戻されました。",
            url=reverse("month_detail", args=[back.pk]),
        )
    return back


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
