"""What is late, whom to remind of it, and whether that has been done today already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from hubs.network.models import Hub
from hubs.results.models import Reminder
from hubs.results.queries.matrix import MatrixCell, Need, submission_matrix
from hubs.results.queries.recipients import Recipient, asked_for
from hubs.terms.models import Term
from hubs.terms.queries import closed_days
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.business_days import next_business_day


@dataclass(frozen=True)
class LateMonth:
    """One late month of a hub, with the people to remind and those reminded today already."""

    hub: Hub
    cell: MatrixCell
    recipients: Sequence[Recipient]
    done_today: frozenset[int]

    @property
    def key(self) -> str:
        """How a form names the month."""
        return f"{self.hub.pk}-{self.cell.month:%Y%m}"

    @property
    def open_recipients(self) -> list[Recipient]:
        """Who is still to be reminded today."""
        return [one for one in self.recipients if one.user_id not in self.done_today]

    @property
    def problem(self) -> str:
        """Why no reminder goes out; empty when one does."""
        if not self.recipients:
            return "督促を送る利用者が登録されていません。システム管理者に連絡してください。"
        if not self.open_recipients:
            return "本日は督促済みです。次の営業日から、また送ることができます。"
        return ""


def working_day() -> date:
    """The business day that a reminder of now counts for."""
    return next_business_day(clock.today(), closed_days())


def late_months(scope: Scope, term: Term) -> list[LateMonth]:
    """The months of the scope that hubs owe past their deadline, by hub and month."""
    rows = [
        (row.hub, cell)
        for row in submission_matrix(scope, term)
        for cell in row.waits_for(Need.OVERDUE)
    ]
    hub_ids = {hub.pk for hub, _ in rows}
    people = asked_for(hub_ids, term.fiscal_year)
    done: dict[tuple[int, date], set[int]] = {}
    today = Reminder.objects.filter(term=term, hub__in=hub_ids, working_day=working_day())
    for hub_id, month, user_id in today.values_list("hub_id", "month", "recipient_id"):
        done.setdefault((hub_id, month), set()).add(user_id)
    return [
        LateMonth(hub, cell, people[hub.pk], frozenset(done.get((hub.pk, cell.month), ())))
        for hub, cell in rows
    ]
