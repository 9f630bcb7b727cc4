"""Who has sent what: hubs down, months across."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from hubs.network.models import Hub
from hubs.results import rules
from hubs.results.models import MonthlyReport, ReportState
from hubs.results.queries.grid import lock_reason_of, month_chip
from hubs.terms.models import Term
from hubs.terms.rules import report_code
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.fiscal import months_of
from yorozu.core.web.chips import Chip


@dataclass(frozen=True)
class MatrixCell:
    """One month of one hub in the submission matrix."""

    month: date
    chip: Chip
    report_id: int | None


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


def submission_matrix(scope: Scope, term: Term) -> list[HubMonths]:
    """State of every month of every hub of the scope; five queries however many hubs."""
    due = {row.code: row.due_at for row in term.deadlines.all()}
    reports = {
        (report.hub_id, report.month): report
        for report in MonthlyReport.objects.visible_to(scope).filter(term=term)
    }
    return [
        _hub_months(hub, term, reports, due)
        for hub in Hub.objects.visible_to(scope)
        .select_related("bureau")
        .prefetch_related("contracts")
    ]


def _hub_months(
    hub: Hub,
    term: Term,
    reports: Mapping[tuple[int, date], MonthlyReport],
    due: Mapping[str, datetime],
) -> HubMonths:
    cells, states = [], []
    for month in months_of(term.fiscal_year):
        report = reports.get((hub.pk, month))
        reason = lock_reason_of(hub, term, month, report)
        chip = month_chip(report, reason, due.get(report_code(month)))
        cells.append(MatrixCell(month, chip, report.pk if report else None))
        states.append(report.state if report else "")
    return HubMonths(
        hub,
        cells,
        accepted=states.count(ReportState.ACCEPTED),
        waiting=states.count(ReportState.SUBMITTED) + states.count(ReportState.CONFIRMED),
    )
