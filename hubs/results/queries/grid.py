"""The grid of a hub: twelve months by columns, and what one month may still take."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db.models import prefetch_related_objects
from django.urls import reverse

from hubs.network.models import Hub
from hubs.network.rules import Span
from hubs.results import rules
from hubs.results.flow import EDITABLE
from hubs.results.models import MonthlyReport, ReportState
from hubs.results.origins import counts_now, origin_of
from hubs.results.queries.asides import NOTHING, Aside, Surround, surround
from hubs.results.queries.columns import (
    Found,
    ResultColumn,
    columns_for,
    entries,
    entry_of,
    plan_of,
    shown,
)
from hubs.results.queries.series import HubSeries
from hubs.results.queries.totals import YearTotal, totals_of
from hubs.results.rules import Entry, Origin, Standing
from hubs.terms.models import FigureSource, Term, TermState
from hubs.terms.rules import report_code
from yorozu.core import clock, figures
from yorozu.core.fiscal import month_of, months_of
from yorozu.core.web.chips import Chip, Status, overdue

CHIPS = {
    ReportState.OPEN: Chip(Status.DRAFT),
    ReportState.SUBMITTED: Chip(Status.SUBMITTED),
    ReportState.CONFIRMED: Chip(Status.WAITING, "実施機関確認済"),
    ReportState.ACCEPTED: Chip(Status.ACCEPTED),
    ReportState.RETURNED: Chip(Status.RETURNED),
}


@dataclass(frozen=True)
class GridCell:
    """One field: what stands in it, what stood in the month before, what needs another look."""

    column: ResultColumn
    month: date
    entry: Entry = rules.BLANK
    draft_text: str = ""
    reason: str = ""
    previous: Entry | None = None
    is_gap: bool = False
    origin: Origin = rules.NO_ORIGIN
    aside: Aside = NOTHING
    # Where the counted rows are listed.
    rows_url: str = ""

    @property
    def name(self) -> str:
        """Name of the form field."""
        return f"c-{self.month:%Y%m}-{self.column.key}"

    @property
    def reason_name(self) -> str:
        """Name of the reason's field."""
        return f"r-{self.month:%Y%m}-{self.column.key}"

    @property
    def is_absent(self) -> bool:
        """The plan in force in this month does not have this focus area: nothing is asked."""
        return self.month in self.column.absent

    @property
    def text(self) -> str:
        """What the field shows; an unreadable entry as it was typed."""
        return self.draft_text or rules.entry_text(self.entry)

    @property
    def shown(self) -> str:
        """A locked figure: thousands by comma, － and blank kept apart."""
        return shown(self.entry)

    @property
    def previous_text(self) -> str:
        """前月 as small text; empty in April."""
        return "" if self.previous is None else shown(self.previous) or "未報告"

    @property
    def problem(self) -> str:
        """Why a kept entry cannot be read."""
        if not self.draft_text:
            return ""
        try:
            rules.read_entry(self.draft_text)
        except figures.FigureError as error:
            return str(error)
        return ""

    @property
    def source(self) -> str:
        """Whether the figure was drawn from the ledger or declared."""
        return self.origin.source

    @property
    def standing(self) -> Standing:
        """How the figure stands to the ledger's count; an unreadable text stands nowhere."""
        if self.draft_text:
            return Standing.NOT_KEPT
        return rules.standing(self.entry, self.origin)

    @property
    def ledger_problem(self) -> str:
        """Why the figure may not be sent beside the ledger's count; empty when it may."""
        if self.draft_text or self.origin.is_sent:
            return ""
        return rules.ledger_problem(self.column.label, self.entry, self.origin, self.reason)

    @property
    def is_declared_beside(self) -> bool:
        """The hub declares another figure than its ledger counts: both are shown."""
        return self.standing in {Standing.DIFFERS, Standing.STALE}

    @property
    def difference_text(self) -> str:
        """Figure less count with its sign; empty when one of them is no number."""
        return rules.difference_text(self.entry, self.origin)

    @property
    def drift_text(self) -> str:
        """What became of the records after the month was sent."""
        return rules.drift_text(self.origin)

    @property
    def source_label(self) -> str:
        """相談記録 or 申告; empty while there is no figure."""
        if self.entry.state == rules.NOT_REPORTED:
            return ""
        return FigureSource(self.source).label

    @property
    def is_improbable(self) -> bool:
        """Whether the rules ask about the figure."""
        return bool(self.aside.doubts)

    @property
    def explanation_asked(self) -> str:
        """What makes a contradiction sendable; empty where nothing does or a reason stands."""
        is_open = self.aside.contradiction and not self.reason and not self.origin.is_sent
        return rules.EXPLAIN if is_open and self._may_be_explained else ""

    @property
    def is_blocked(self) -> bool:
        """The figure cannot be true and no reason makes it sendable."""
        return bool(self.aside.contradiction) and not self._may_be_explained

    @property
    def _may_be_explained(self) -> bool:
        return rules.may_be_explained(self.column.key, self.source)

    @property
    def answer_name(self) -> str:
        """Name of the field for the answer to a remark."""
        return f"a-{self.month:%Y%m}-{self.column.key}"

    @property
    def answer(self) -> str:
        """The answer given so far to the remark of the last return."""
        return self.aside.remark.answer if self.aside.remark else ""

    @property
    def effective(self) -> Entry:
        """What counts today: the figure, or the last accepted correction of it."""
        return self.aside.effective(self.entry)

    @property
    def effective_shown(self) -> str:
        """The corrected figure as text."""
        return shown(self.effective)

    @property
    def asks_reason(self) -> bool:
        """A reason field stands below: the figure asks for one, or one was given."""
        asked = self.is_improbable or self.is_gap or self.is_declared_beside
        return asked or bool(self.reason) or bool(self.explanation_asked)


@dataclass(frozen=True)
class GridRow:
    """One month of the grid."""

    month: date
    report: MonthlyReport | None
    cells: Sequence[GridCell]
    chip: Chip
    lock_reason: str
    is_current: bool
    due_at: datetime | None = None

    @property
    def is_editable(self) -> bool:
        """Whether figures may be typed (the role is asked elsewhere)."""
        return not self.lock_reason

    @property
    def is_future(self) -> bool:
        """Whether the month has not begun."""
        return self.month > clock.today()

    @property
    def is_accepted(self) -> bool:
        """Whether the bureau has accepted the month."""
        return self.report is not None and self.report.state == ReportState.ACCEPTED

    @property
    def is_kept(self) -> bool:
        """Whether the hub keeps records of the month."""
        return any(cell.origin.now is not None for cell in self.cells)

    @property
    def may_be_drawn(self) -> bool:
        """Whether the ledger would fill a figure of the month otherwise than it stands."""
        return any(
            cell.origin.now is not None and cell.entry.value != cell.origin.now
            for cell in self.cells
        )

    @property
    def version(self) -> int:
        """What the page was drawn from; 0 while the month does not exist."""
        return self.report.version if self.report else 0

    @property
    def version_name(self) -> str:
        """Name of the hidden field."""
        return f"v-{self.month:%Y%m}"


@dataclass(frozen=True)
class Grid:
    """The whole page: columns, twelve months, totals."""

    hub: Hub
    term: Term
    columns: Sequence[ResultColumn]
    rows: Sequence[GridRow]
    totals: Sequence[YearTotal] = field(default_factory=list)
    series: HubSeries = field(default_factory=dict)

    def row(self, month: date) -> GridRow | None:
        """One month."""
        return next((row for row in self.rows if row.month == month), None)


def results_grid(hub: Hub, term: Term) -> Grid:
    """Twelve months x columns of one hub; months without a row yet are drawn empty."""
    columns = columns_for(term, plan_of(hub, term))
    rows_of = MonthlyReport.objects.filter(hub=hub, term=term)
    reports = {
        report.month: report
        for report in rows_of.prefetch_related("results", "remarks", "corrections")
    }
    prefetch_related_objects([hub], "contracts")
    due = {row.code: row.due_at for row in term.deadlines.all()}
    found = entries(columns, reports.values())
    around = surround(hub, term, columns, found, reports.values())
    rows = [
        _grid_row(
            hub,
            term,
            reports.get(month),
            due.get(report_code(month)),
            [_grid_cell(month, column, around, reports.get(month)) for column in columns],
            month=month,
        )
        for month in months_of(term.fiscal_year)
    ]
    rows = _with_origins(rows, hub, found)
    return Grid(hub, term, columns, rows, totals_of(columns, reports.values()), around.series)


def _with_origins(rows: Sequence[GridRow], hub: Hub, found: Found) -> list[GridRow]:
    """The same rows, with what the ledger counts beside every figure that may be drawn from it."""
    cells = rows[0].cells if rows else ()
    keys = [cell.column.key for cell in cells if cell.column.is_counted]
    counts = counts_now(hub.pk, [row.month for row in rows], keys)
    ledger = reverse("ledger_list", args=[hub.code])

    def with_origin(row: GridRow, cell: GridCell) -> GridCell:
        place = (row.month, cell.column.key)
        if not cell.column.is_counted:
            return cell
        state = row.report.state if row.report else ""
        origin = origin_of(found.get(place), counts.get(place), state)
        url = f"{ledger}?month={row.month:%Y-%m}&indicator={cell.column.key}"
        return replace(cell, origin=origin, rows_url=url)

    return [replace(row, cells=[with_origin(row, cell) for cell in row.cells]) for row in rows]


def _grid_row(
    hub: Hub,
    term: Term,
    report: MonthlyReport | None,
    due_at: datetime | None,
    cells: Sequence[GridCell],
    *,
    month: date,
) -> GridRow:
    lock_reason = lock_reason_of(hub, term, month, report)
    return GridRow(
        month=month,
        report=report,
        cells=cells,
        chip=month_chip(report.state if report else None, lock_reason, due_at),
        lock_reason=lock_reason,
        is_current=month == month_of(clock.today()),
        due_at=due_at,
    )


def _grid_cell(
    month: date, column: ResultColumn, around: Surround, report: MonthlyReport | None
) -> GridCell:
    found = around.found
    result = found.get((month, column.key))
    earlier = (month.replace(year=month.year - 1, month=12)) if month.month == 1 else None
    before = earlier or (month.replace(month=month.month - 1))
    return GridCell(
        column=column,
        month=month,
        entry=entry_of(result),
        draft_text=result.draft_text if result else "",
        reason=result.reason if result else "",
        previous=None if month.month == 4 else entry_of(found.get((before, column.key))),
        is_gap=_is_gap(month, column, found),
        aside=around.aside(report, column, month),
    )


def _is_gap(month: date, column: ResultColumn, found: Found) -> bool:
    """Blank, while another column of the month has its figure."""
    if month in column.absent:
        return False
    result = found.get((month, column.key))
    if result is not None and (result.draft_text or result.value_state != rules.NOT_REPORTED):
        return False
    return any(at == month and row.value is not None for (at, _), row in found.items())


def lock_reason_of(hub: Hub, term: Term, month: date, report: MonthlyReport | None) -> str:
    """Why the month takes no figures; empty when it does."""
    span = hub.operation_span(term.fiscal_year)
    return lock_reason_in(term, span, month, report.state if report else None)


def lock_reason_in(
    term: Term, span: Span, month: date, state: str | None, today: date | None = None
) -> str:
    """The same for a hub in operation in ``span``, by the state of its report (None: no report)."""
    if term.state != TermState.OPEN:
        return "期が実施中ではないため、入力できません。"
    problem = rules.month_problem(month, term.fiscal_year, today or clock.today())
    problem = problem or rules.hub_problem(*span, month)
    if problem:
        return problem
    if state is not None and state not in EDITABLE:
        return f"「{ReportState(state).label}」のため、入力できません。"
    return ""


def month_chip(
    state: str | None, lock_reason: str, due_at: datetime | None, now: datetime | None = None
) -> Chip:
    """State of a month by that of its report (None: no report); 期限超過 when it is late."""
    if state is not None and state not in EDITABLE:
        return CHIPS[ReportState(state)]
    if lock_reason:
        return Chip(Status.EXCLUDED)
    late = _late_note(due_at, now or clock.now())
    if state == ReportState.RETURNED:
        # A returned month stays 差戻し: the word says what to do, the days say how late.
        return Chip(Status.RETURNED, late)
    if late:
        return Chip(Status.OVERDUE, late)
    return CHIPS[ReportState.OPEN] if state is not None else Chip(Status.NOT_SUBMITTED)


def _late_note(due_at: datetime | None, now: datetime) -> str:
    if due_at is None or due_at >= now:
        return ""
    days = (now.date() - due_at.astimezone(now.tzinfo).date()).days
    return overdue(days).note if days else "▲ 本日の期限を超過"
