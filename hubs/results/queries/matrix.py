"""Who has sent what: hubs down, months across, with what is late and who was reminded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from django.db.models import Max, Prefetch

from hubs.network.models import CommissionContract, Hub
from hubs.results import rules
from hubs.results.models import MonthlyReport, Reminder, ReportState
from hubs.results.queries.grid import lock_reason_of, month_chip
from hubs.terms.models import Term, TermState
from hubs.terms.rules import report_code
from yorozu.core import clock, figures
from yorozu.core.access import Scope
from yorozu.core.fiscal import months_of
from yorozu.core.web.chips import Chip


class Need(Enum):
    """What a month waits for: the filters of the matrix; the value is the name in addresses."""

    NOT_SUBMITTED = ("not_submitted", "未提出")
    OVERDUE = ("overdue", "期限超過")
    RETURNED = ("returned", "差戻し")
    WAITING = ("waiting", "確認待ち")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


def need_of(code: str) -> Need | None:
    """The filter of an address; None for none and for an unknown one."""
    return next((need for need in Need if need.code == code), None)


_TURNS = {
    ReportState.OPEN.value: Need.NOT_SUBMITTED,
    ReportState.RETURNED.value: Need.RETURNED,
    ReportState.SUBMITTED.value: Need.WAITING,
    ReportState.CONFIRMED.value: Need.WAITING,
}
_HUB_TURN = {Need.NOT_SUBMITTED, Need.RETURNED}


@dataclass(frozen=True)
class MatrixCell:
    """One month of one hub in the submission matrix.

    ``days_late``: whole days from the deadline to the sending, or to today while it is the hub's
    turn; 0 when in time.
    """

    month: date
    chip: Chip
    report_id: int | None
    needs: frozenset[Need] = frozenset()
    days_late: int = 0
    reminded_at: datetime | None = None
    is_due: bool = False
    is_in_time: bool = False

    @property
    def is_future(self) -> bool:
        """Whether the month has not begun: nothing can be said of it yet."""
        return self.month > clock.today()

    @property
    def note(self) -> str:
        """Small text below the chip: late sending, last reminder."""
        parts = []
        if self.days_late and not self.needs & _HUB_TURN:
            parts.append(f"{self.days_late}日遅れ")
        if self.reminded_at is not None:
            day = self.reminded_at.astimezone(clock.now().tzinfo)
            parts.append(f"督促 {day.month}/{day.day}")
        return "・".join(parts)


@dataclass(frozen=True)
class HubMonths:
    """One row of the submission matrix; ``waiting`` counts what was sent, not yet accepted."""

    hub: Hub
    cells: Sequence[MatrixCell]
    accepted: int
    waiting: int

    @property
    def latest(self) -> MatrixCell | None:
        """The last month that is over, for the matrix 拠点 x 工程 of the portal."""
        over = [cell for cell in self.cells if rules.is_over(cell.month, clock.today())]
        return over[-1] if over else None

    @property
    def due(self) -> int:
        """Months whose deadline has passed."""
        return sum(cell.is_due for cell in self.cells)

    @property
    def in_time(self) -> int:
        """Those of them that were first sent before the deadline."""
        return sum(cell.is_in_time for cell in self.cells)

    @property
    def timeliness(self) -> str:
        """Share of the due months sent in time; － while none is due. Never a score."""
        return figures.format_percent(figures.percent(self.in_time, self.due))

    def waits_for(self, need: Need) -> list[MatrixCell]:
        """The months a filter shows."""
        return [cell for cell in self.cells if need in cell.needs]


@dataclass(frozen=True)
class _Ground:
    """What the rows share: reports, deadlines and reminders, read once."""

    term: Term
    reports: Mapping[tuple[int, date], MonthlyReport]
    due: Mapping[str, datetime]
    reminded: Mapping[tuple[int, date], datetime] = field(default_factory=dict)


def submission_matrix(scope: Scope, term: Term) -> list[HubMonths]:
    """State of every month of every hub of the scope; six queries however many hubs."""
    # What a cell reads and no more: the dates of every report would cost as much as the page.
    reports = MonthlyReport.objects.visible_to(scope).filter(term=term)
    reports = reports.only("hub_id", "month", "state", "first_submitted_at", "submitted_at")
    reminders = Reminder.objects.visible_to(scope).filter(term=term).order_by()
    ground = _Ground(
        term=term,
        reports={(report.hub_id, report.month): report for report in reports},
        due={row.code: row.due_at for row in term.deadlines.all()},
        reminded={
            (row["hub"], row["month"]): row["last"]
            for row in reminders.values("hub", "month").annotate(last=Max("sent_at"))
        },
    )
    hubs = Hub.objects.visible_to(scope).select_related("bureau")
    hubs = hubs.prefetch_related(_contracts(term))
    return [_hub_months(hub, ground) for hub in hubs]


def _contracts(term: Term) -> Prefetch:
    """The contracts that say when a hub was in operation in this year, and nothing else of them."""
    rows = CommissionContract.objects.filter(fiscal_year=term.fiscal_year)
    return Prefetch("contracts", rows.only("hub_id", "fiscal_year", "starts_on", "ends_on"))


def _hub_months(hub: Hub, ground: _Ground) -> HubMonths:
    months = months_of(ground.term.fiscal_year)
    states = [
        report.state if (report := ground.reports.get((hub.pk, month))) else "" for month in months
    ]
    return HubMonths(
        hub,
        [_cell(hub, month, ground) for month in months],
        accepted=states.count(ReportState.ACCEPTED),
        waiting=states.count(ReportState.SUBMITTED) + states.count(ReportState.CONFIRMED),
    )


def _cell(hub: Hub, month: date, ground: _Ground) -> MatrixCell:
    report = ground.reports.get((hub.pk, month))
    due_at = ground.due.get(report_code(month))
    reason = lock_reason_of(hub, ground.term, month, report)
    chip = month_chip(report, reason, due_at)
    owes = not reason or (report is not None and report.state not in {"open", "returned"})
    if not owes:
        return MatrixCell(month, chip, report.pk if report else None)
    needs = _needs(report, month, due_at, ground)
    sent = _first_sent(report)
    return MatrixCell(
        month=month,
        chip=chip,
        report_id=report.pk if report else None,
        needs=needs,
        days_late=_days_late(due_at, None if needs & _HUB_TURN else sent),
        reminded_at=ground.reminded.get((hub.pk, month)),
        is_due=due_at is not None and due_at < clock.now(),
        is_in_time=due_at is not None
        and due_at < clock.now()
        and sent is not None
        and sent <= due_at,
    )


def _needs(
    report: MonthlyReport | None, month: date, due_at: datetime | None, ground: _Ground
) -> frozenset[Need]:
    if ground.term.state != TermState.OPEN or not rules.is_over(month, clock.today()):
        return frozenset()
    need = _TURNS.get(report.state if report else ReportState.OPEN.value)
    if need is None:
        return frozenset()
    late = need in _HUB_TURN and due_at is not None and due_at < clock.now()
    return frozenset({need, Need.OVERDUE}) if late else frozenset({need})


def _first_sent(report: MonthlyReport | None) -> datetime | None:
    """When the month was first sent; reports of before this was kept show their last sending."""
    if report is None:
        return None
    return report.first_submitted_at or report.submitted_at


def _days_late(due_at: datetime | None, sent: datetime | None) -> int:
    """Days between the day of the deadline and the day of the sending (today when not sent)."""
    until = sent or clock.now()
    if due_at is None or until <= due_at:
        return 0
    zone = clock.now().tzinfo
    return (until.astimezone(zone).date() - due_at.astimezone(zone).date()).days
