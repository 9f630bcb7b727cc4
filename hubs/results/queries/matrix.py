"""Who has sent what: hubs down, months across, with what is late and who was reminded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import NamedTuple

from django.db.models import Max
from django.db.models.functions import Coalesce

from hubs.network.models import Hub
from hubs.network.queries import operation_spans
from hubs.network.rules import Span
from hubs.results import rules
from hubs.results.models import MonthlyReport, Reminder, ReportState
from hubs.results.queries.grid import lock_reason_in, month_chip
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
    # The month has not begun: nothing can be said of it yet.
    is_future: bool = False

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


class _Report(NamedTuple):
    """What a cell reads of a report: its dates as objects would cost as much as the page.

    ``sent``: when it was first sent; of before this was kept, when it was last sent.
    """

    pk: int
    state: str
    sent: datetime | None


@dataclass(frozen=True)
class _Month:
    """What the cells of one month share; ``days_over`` to today, 0 before the deadline."""

    month: date
    due_at: datetime | None
    is_over: bool
    is_due: bool
    days_over: int


@dataclass(frozen=True)
class _Ground:
    """What the rows share: the moment, the months, reports and reminders, read once."""

    term: Term
    now: datetime
    months: Sequence[_Month]
    reports: Mapping[tuple[int, date], _Report]
    reminded: Mapping[tuple[int, date], datetime] = field(default_factory=dict)


def submission_matrix(scope: Scope, term: Term) -> list[HubMonths]:
    """State of every month of every hub of the scope; five queries however many hubs."""
    reminders = Reminder.objects.visible_to(scope).filter(term=term).order_by()
    last = reminders.values_list("hub", "month").annotate(last=Max("sent_at"))
    ground = _Ground(
        term=term,
        now=clock.now(),
        months=_months(term, clock.now()),
        reports=_reports(scope, term),
        reminded={(hub_id, month): at for hub_id, month, at in last},
    )
    hubs = list(Hub.objects.visible_to(scope).select_related("bureau"))
    spans = operation_spans(hubs, term.fiscal_year)
    return [_hub_months(hub, spans[hub.pk], ground) for hub in hubs]


def _reports(scope: Scope, term: Term) -> dict[tuple[int, date], _Report]:
    rows = MonthlyReport.objects.visible_to(scope).filter(term=term).order_by()
    rows = rows.annotate(sent=Coalesce("first_submitted_at", "submitted_at"))
    return {
        (hub_id, month): _Report(pk, state, sent)
        for hub_id, month, pk, state, sent in rows.values_list(
            "hub_id", "month", "pk", "state", "sent"
        )
    }


def _months(term: Term, now: datetime) -> list[_Month]:
    due = {row.code: row.due_at for row in term.deadlines.all()}
    return [
        _Month(
            month=month,
            due_at=(due_at := due.get(report_code(month))),
            is_over=rules.is_over(month, now.date()),
            is_due=due_at is not None and due_at < now,
            days_over=_days_late(due_at, now, now),
        )
        for month in months_of(term.fiscal_year)
    ]


def _hub_months(hub: Hub, span: Span, ground: _Ground) -> HubMonths:
    reports = [ground.reports.get((hub.pk, at.month)) for at in ground.months]
    states = [report.state if report else "" for report in reports]
    return HubMonths(
        hub,
        [
            _cell(hub, span, at, report, ground)
            for at, report in zip(ground.months, reports, strict=True)
        ],
        accepted=states.count(ReportState.ACCEPTED.value),
        waiting=states.count(ReportState.SUBMITTED.value)
        + states.count(ReportState.CONFIRMED.value),
    )


def _cell(hub: Hub, span: Span, at: _Month, report: _Report | None, ground: _Ground) -> MatrixCell:
    state, today = (report.state if report else None), ground.now.date()
    reason = lock_reason_in(ground.term, span, at.month, state, today)
    chip = month_chip(state, reason, at.due_at, ground.now)
    report_id = report.pk if report else None
    is_future = at.month > today
    if reason and state in {None, ReportState.OPEN.value, ReportState.RETURNED.value}:
        return MatrixCell(at.month, chip, report_id, is_future=is_future)
    needs = _needs(state, at, ground)
    sent = report.sent if report else None
    is_hub_turn = bool(needs & _HUB_TURN) or sent is None
    return MatrixCell(
        month=at.month,
        chip=chip,
        report_id=report_id,
        needs=needs,
        days_late=at.days_over if is_hub_turn else _days_late(at.due_at, sent, ground.now),
        reminded_at=ground.reminded.get((hub.pk, at.month)),
        is_due=at.is_due,
        is_in_time=at.is_due and sent is not None and at.due_at is not None and sent <= at.due_at,
        is_future=is_future,
    )


_LATE = {need: frozenset({need, Need.OVERDUE}) for need in _HUB_TURN}
_ONLY = {need: frozenset({need}) for need in Need}


def _needs(state: str | None, at: _Month, ground: _Ground) -> frozenset[Need]:
    if ground.term.state != TermState.OPEN or not at.is_over:
        return frozenset()
    need = _TURNS.get(state or ReportState.OPEN.value)
    if need is None:
        return frozenset()
    return _LATE[need] if at.is_due and need in _HUB_TURN else _ONLY[need]


def _days_late(due_at: datetime | None, until: datetime | None, now: datetime) -> int:
    """Days between the day of the deadline and the day of the sending (or of now)."""
    if due_at is None or until is None or until <= due_at:
        return 0
    zone = now.tzinfo
    return (until.astimezone(zone).date() - due_at.astimezone(zone).date()).days
