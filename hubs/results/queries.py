"""Reading results: the grid of a hub, totals of the year, and who has sent what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import QuerySet

from hubs.network.models import Hub
from hubs.plans.models import Plan, PlanState
from hubs.results import rules
from hubs.results.flow import EDITABLE
from hubs.results.models import MonthlyReport, MonthlyResult, ReportState
from hubs.results.rules import Entry
from hubs.terms.models import Term, TermState
from hubs.terms.rules import report_code
from yorozu.core import clock, figures
from yorozu.core.access import Scope
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
class ResultColumn:
    """A column of the grid: an activity indicator, or a focus area of the fixed plan."""

    key: str
    label: str
    unit: str
    target: int | None = None
    indicator_id: int | None = None
    focus_area_id: int | None = None

    @property
    def owner(self) -> tuple[int | None, int | None]:
        """How a stored figure names its column."""
        return self.indicator_id, self.focus_area_id


def columns_for(term: Term, plan: Plan | None) -> list[ResultColumn]:
    """Indicators of the term, then the focus areas once the plan is fixed."""
    fixed = plan if plan is not None and plan.state == PlanState.FINALIZED else None
    targets = {row.indicator_id: row.value for row in fixed.targets.all()} if fixed else {}
    columns = [
        ResultColumn(row.code, row.name, row.unit, target=targets.get(row.pk), indicator_id=row.pk)
        for row in term.indicators.all()
    ]
    if fixed:
        columns += [
            ResultColumn(area.code, area.name, area.unit, target=area.target, focus_area_id=area.pk)
            for area in fixed.focus_areas.all()
        ]
    return columns


def plan_of(hub: Hub, term: Term) -> Plan | None:
    """The hub's plan with what the columns need."""
    return (
        Plan.objects.filter(hub=hub, term=term).prefetch_related("targets", "focus_areas").first()
    )


@dataclass(frozen=True)
class GridCell:
    """One field: what stands in it, what stood in the month before, what needs another look."""

    column: ResultColumn
    month: date
    entry: Entry = rules.BLANK
    draft_text: str = ""
    reason: str = ""
    previous: Entry | None = None
    is_improbable: bool = False
    is_gap: bool = False

    @property
    def name(self) -> str:
        """Name of the form field."""
        return f"c-{self.month:%Y%m}-{self.column.key}"

    @property
    def reason_name(self) -> str:
        """Name of the reason's field."""
        return f"r-{self.month:%Y%m}-{self.column.key}"

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
    def asks_reason(self) -> bool:
        """A reason field stands below: improbable, a gap beside figures, or one was given."""
        return self.is_improbable or self.is_gap or bool(self.reason)


def shown(entry: Entry) -> str:
    """A figure as text on a page."""
    if entry.state == rules.NOT_APPLICABLE:
        return figures.Blank.NOT_APPLICABLE.value
    return figures.format_count(entry.value)


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
    def version(self) -> int:
        """What the page was drawn from; 0 while the month does not exist."""
        return self.report.version if self.report else 0

    @property
    def version_name(self) -> str:
        """Name of the hidden field."""
        return f"v-{self.month:%Y%m}"


@dataclass(frozen=True)
class YearTotal:
    """Sum of what was reported in accepted months; None when nothing was."""

    column: ResultColumn
    value: int | None
    accepted_months: int
    missing_months: int

    @property
    def percent_of_target(self) -> str:
        """Progress against the year's target, － when it cannot be said."""
        return figures.format_percent(figures.percent(self.value, self.column.target))


@dataclass(frozen=True)
class Grid:
    """The whole page: columns, twelve months, totals."""

    hub: Hub
    term: Term
    columns: Sequence[ResultColumn]
    rows: Sequence[GridRow]
    totals: Sequence[YearTotal] = field(default_factory=list)

    def row(self, month: date) -> GridRow | None:
        """One month."""
        return next((row for row in self.rows if row.month == month), None)


def results_grid(hub: Hub, term: Term) -> Grid:
    """Twelve months x columns of one hub; months without a row yet are drawn empty."""
    columns = columns_for(term, plan_of(hub, term))
    reports = {
        report.month: report
        for report in MonthlyReport.objects.filter(hub=hub, term=term).prefetch_related("results")
    }
    due = {row.code: row.due_at for row in term.deadlines.all()}
    entries = _entries(columns, reports.values())
    rows = [
        _grid_row(
            hub,
            term,
            reports.get(month),
            due.get(report_code(month)),
            [_grid_cell(month, column, entries) for column in columns],
            month=month,
        )
        for month in months_of(term.fiscal_year)
    ]
    return Grid(hub, term, columns, rows, _totals(columns, reports.values()))


Found = Mapping[tuple[date, str], MonthlyResult]


def _entries(columns: Sequence[ResultColumn], reports: Iterable[MonthlyReport]) -> Found:
    keys = {column.owner: column.key for column in columns}
    return {
        (report.month, keys[owner]): result
        for report in reports
        for result in report.results.all()
        if (owner := (result.indicator_id, result.focus_area_id)) in keys
    }


def entry_of(result: MonthlyResult | None) -> Entry:
    """A stored figure as the rules see it."""
    return Entry(result.value_state, result.value) if result else rules.BLANK


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
        chip=month_chip(report, lock_reason, due_at),
        lock_reason=lock_reason,
        is_current=month == month_of(clock.today()),
        due_at=due_at,
    )


def _grid_cell(month: date, column: ResultColumn, found: Found) -> GridCell:
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
        is_improbable=_is_improbable(month, column, found),
        is_gap=_is_gap(month, column, found),
    )


def _is_gap(month: date, column: ResultColumn, found: Found) -> bool:
    """Blank, while another column of the month has its figure."""
    result = found.get((month, column.key))
    if result is not None and (result.draft_text or result.value_state != rules.NOT_REPORTED):
        return False
    return any(at == month and row.value is not None for (at, _), row in found.items())


def _is_improbable(month: date, column: ResultColumn, found: Found) -> bool:
    result = found.get((month, column.key))
    others = [
        row.value
        for (at, key), row in found.items()
        if key == column.key and at != month and row.value is not None
    ]
    return rules.is_improbable(result.value if result else None, others)


def lock_reason_of(hub: Hub, term: Term, month: date, report: MonthlyReport | None) -> str:
    """Why the month takes no figures; empty when it does."""
    if term.state != TermState.OPEN:
        return "期が実施中ではないため、入力できません。"
    problem = rules.month_problem(month, term.fiscal_year, clock.today())
    problem = problem or rules.hub_problem(*hub.operation_span(term.fiscal_year), month)
    if problem:
        return problem
    if report is not None and report.state not in EDITABLE:
        return f"「{report.get_state_display()}」のため、入力できません。"
    return ""


def month_chip(report: MonthlyReport | None, lock_reason: str, due_at: datetime | None) -> Chip:
    """State of a month; 期限超過 when its report is late."""
    if report is not None and report.state not in EDITABLE:
        return CHIPS[ReportState(report.state)]
    if lock_reason:
        return Chip(Status.EXCLUDED)
    if report is not None and report.state == ReportState.RETURNED:
        return CHIPS[ReportState.RETURNED]
    if due_at is not None and due_at < clock.now():
        return overdue((clock.today() - due_at.astimezone(clock.now().tzinfo).date()).days)
    return CHIPS[ReportState.OPEN] if report is not None else Chip(Status.NOT_SUBMITTED)


def _totals(columns: Sequence[ResultColumn], reports: Iterable[MonthlyReport]) -> list[YearTotal]:
    accepted = [report for report in reports if report.state == ReportState.ACCEPTED]
    found = _entries(columns, accepted)
    return [_total(column, accepted, found) for column in columns]


def _total(column: ResultColumn, accepted: Sequence[MonthlyReport], found: Found) -> YearTotal:
    entries = [entry_of(found.get((report.month, column.key))) for report in accepted]
    return YearTotal(
        column=column,
        value=figures.total([entry.value for entry in entries]),
        accepted_months=len(accepted),
        missing_months=sum(entry.state == rules.NOT_REPORTED for entry in entries),
    )


def year_totals(hub: Hub, term: Term) -> dict[str, YearTotal]:
    """Totals by column key (CONS ... F1 ...) over the accepted months; gaps are no zeros."""
    columns = columns_for(term, plan_of(hub, term))
    accepted = MonthlyReport.objects.filter(
        hub=hub, term=term, state=ReportState.ACCEPTED
    ).prefetch_related("results")
    return {total.column.key: total for total in _totals(columns, list(accepted))}


def months_in_operation(hub: Hub, term: Term) -> int:
    """Whole months of the term in which the hub was open on 15 days or more."""
    return rules.months_in_operation(*hub.operation_span(term.fiscal_year), term.fiscal_year)


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


def visible_reports(scope: Scope) -> QuerySet[MonthlyReport]:
    """Reports of the scope with hub and term."""
    rows: QuerySet[MonthlyReport] = MonthlyReport.objects.visible_to(scope)
    return rows.select_related("hub", "hub__bureau", "term", "accepted_by")


def reports_in(scope: Scope, term: Term, states: Iterable[str]) -> list[MonthlyReport]:
    """Reports of a term in given states, by hub and month (lists of まとめて…)."""
    rows = visible_reports(scope).filter(term=term, state__in=list(states))
    return list(rows.order_by("hub__code", "month"))


def export_rows(grid: Grid) -> tuple[list[str], list[list[object]]]:
    """Header and rows of the grid: the import's own headings, so that a file can come back."""
    header = ["拠点コード", "拠点名", "対象月"]
    header += [
        column.label if column.indicator_id else f"重点分野{column.key[1:]}"
        for column in grid.columns
    ]
    rows: list[list[object]] = []
    for row in grid.rows:
        values = [_export_value(cell.entry) for cell in row.cells]
        rows.append([grid.hub.code, grid.hub.name, f"{row.month:%Y-%m}", *values])
    return header, rows


def _export_value(entry: Entry) -> object:
    if entry.state == rules.NOT_APPLICABLE:
        return figures.Blank.NOT_APPLICABLE
    return entry.value
