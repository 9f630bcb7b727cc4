"""Entering figures: opening months, typed values, what they leave behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction

from hubs.network.models import Hub
from hubs.results import rules
from hubs.results.flow import EDITABLE
from hubs.results.models import MonthlyReport, MonthlyResult
from hubs.results.queries import Grid, GridCell, GridRow, ResultColumn, results_grid
from hubs.results.rules import Entry
from hubs.terms.models import Term, TermState
from hubs.terms.queries import term_for
from yorozu.core import clock, figures
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, NotReady
from yorozu.core.fiscal import fiscal_year_of, months_of, nendo, wareki_month
from yorozu.core.flow import lock

MAX_DRAFT, MAX_REASON = 40, 200


class MonthConflict(Conflict):
    """The month was changed meanwhile; column key, stored and typed text per field."""

    def __init__(self, report: MonthlyReport, differences: Sequence[tuple[str, str, str]]) -> None:
        who = report.updated_by_name or "他の人"
        at = f"{report.updated_at.astimezone(clock.now().tzinfo):%H:%M}"
        super().__init__(f"{who}が{at}に更新しました。")
        self.report = report
        self.differences = list(differences)


@dataclass(frozen=True)
class Entered:
    """What an entry left behind: the report, unreadable fields, fields that ask for a reason."""

    report: MonthlyReport | None
    problems: Mapping[str, str] = field(default_factory=dict)
    doubts: Sequence[str] = ()


@dataclass
class _Cell:
    """A field as it shall be stored."""

    column: ResultColumn
    entry: Entry
    draft_text: str
    reason: str
    source: str = rules.DECLARED
    problem: str = ""


def open_months(*, actor: Scope, term: Term, hubs: Sequence[Hub] | None = None) -> int:
    """Create the empty reports of every month that has begun; returns how many were new."""
    require(actor, "hubs.results.enter")
    mine = Hub.objects.visible_to(actor).prefetch_related("contracts")
    chosen = list(mine) if hubs is None else list(hubs)
    for hub in chosen:
        require(actor, "hubs.results.enter", hub_id=hub.pk)
    with transaction.atomic():
        wanted = [
            MonthlyReport(hub=hub, term=term, month=month, version=0)
            for hub in chosen
            for month in months_of(term.fiscal_year)
            if not _refusal(hub, term, month)
        ]
        there = set(MonthlyReport.objects.filter(term=term).values_list("hub_id", "month"))
        new = [row for row in wanted if (row.hub_id, row.month) not in there]
        MonthlyReport.objects.bulk_create(new)
        if new:
            record(actor, "hubs.results.enter", term, after={"opened_months": len(new)})
    return len(new)


def _refusal(hub: Hub, term: Term, month: date) -> str:
    if term.state != TermState.OPEN:
        return f"{nendo(term.fiscal_year)}の期が実施中ではないため、入力できません。"
    problem = rules.month_problem(month, term.fiscal_year, clock.today())
    return problem or rules.hub_problem(*hub.operation_span(term.fiscal_year), month)


def enter_month(
    *,
    actor: Scope,
    hub: Hub,
    month: date,
    values: Mapping[str, str],
    version: int,
    reasons: Mapping[str, str] | None = None,
) -> Entered:
    """Enter typed figures by column key (CONS ... F1 ...); columns not named stay as they are.

    An unreadable text is kept as typed, marked 要確認 and blocks the submission. Improbable
    values are kept and ask for a reason. Raises NotReady (future month, closed term), Conflict
    (already sent) and MonthConflict (changed by somebody else since ``version``).
    """
    require(actor, "hubs.results.enter", hub_id=hub.pk)
    term = term_for(fiscal_year_of(month))
    if term is None:
        raise NotReady(f"{nendo(fiscal_year_of(month))}の期が開始されていません。")
    if problem := _refusal(hub, term, month):
        raise NotReady(problem)
    with transaction.atomic():
        # The first writer makes the row; whoever comes at the same moment waits and reads its text.
        report, is_new = MonthlyReport.objects.get_or_create(
            hub=hub, month=month, defaults={"term": term, "version": 0}
        )
        row = _locked_row(report, hub, term)
        cells = _read(row, values, reasons or {})
        changes = [(old, new) for old, new in cells if _differs(old, new)]
        if changes:
            report = _checked_report(row, changes, version=0 if is_new else version)
            _store(report, [new for _, new in changes], actor)
            _record(actor, report, changes)
        elif is_new:
            report.delete()
    return _outcome(results_grid(hub, term).row(month))


def _locked_row(report: MonthlyReport, hub: Hub, term: Term) -> GridRow:
    """The month as it stands, with its report locked."""
    held = lock(report)
    grid: Grid = results_grid(hub, term)
    row = grid.row(held.month)
    assert row is not None  # noqa: S101 (_refusal has checked the month)
    if held.state not in EDITABLE:
        state = held.get_state_display()
        raise Conflict(f"{wareki_month(held.month)}の月次実績は「{state}」のため、変更できません。")
    return row


def _read(
    row: GridRow, values: Mapping[str, str], reasons: Mapping[str, str]
) -> list[tuple[GridCell, _Cell]]:
    pairs = []
    for cell in row.cells:
        key = cell.column.key
        if key in values or key in reasons:
            typed = values.get(key, cell.text)
            _check_asked(cell, typed)
            pairs.append((cell, _read_cell(cell, typed, reasons.get(key, cell.reason))))
    return pairs


def _check_asked(cell: GridCell, typed: str) -> None:
    if cell.is_absent and typed.strip() and typed != cell.text:
        raise NotReady(
            f"重点分野「{cell.column.label}」は、{wareki_month(cell.month)}の計画にありません。"
            "計画変更の適用開始月を確認してください。"
        )


def _read_cell(cell: GridCell, typed: str, reason: str) -> _Cell:
    reason = reason.strip()[:MAX_REASON]
    try:
        entry = rules.read_entry(typed)
    except figures.FigureError as error:
        kept = typed.strip()[:MAX_DRAFT]
        return _Cell(cell.column, rules.BLANK, kept, reason, problem=str(error))
    return _Cell(cell.column, entry, "", reason, rules.source_of(entry, cell.origin.now))


def _differs(old: GridCell, new: _Cell) -> bool:
    return (old.entry, old.draft_text, old.reason) != (new.entry, new.draft_text, new.reason)


def _text(cell: GridCell | _Cell) -> str:
    text = cell.draft_text or rules.entry_text(cell.entry)
    if cell.source == rules.LEDGER:
        text = f"{text}（相談記録）"
    return f"{text}（理由：{cell.reason}）" if cell.reason else text


def _checked_report(
    row: GridRow, changes: Sequence[tuple[GridCell, _Cell]], *, version: int
) -> MonthlyReport:
    """The report to write to; its version must be the one the typist saw."""
    report = row.report
    assert report is not None  # noqa: S101 (the row has just been locked)
    if report.version != version:
        raise MonthConflict(
            report, [(old.column.key, _text(old), _text(new)) for old, new in changes]
        )
    return report


def _store(report: MonthlyReport, cells: Sequence[_Cell], actor: Scope) -> None:
    stored = {(row.indicator_id, row.focus_area_id): row for row in report.results.all()}
    new: list[MonthlyResult] = []
    changed: list[MonthlyResult] = []
    for cell in cells:
        row = stored.get(cell.column.owner)
        if row is None:
            row = MonthlyResult(
                report=report,
                indicator_id=cell.column.indicator_id,
                focus_area_id=cell.column.focus_area_id,
            )
        row.value_state, row.value = cell.entry.state, cell.entry.value
        row.draft_text, row.reason, row.source = cell.draft_text, cell.reason, cell.source
        # A figure typed by hand no longer comes from a file.
        row.import_batch_id = row.import_row = None
        (new if row._state.adding else changed).append(row)  # noqa: SLF001 (Django's own flag)
    MonthlyResult.objects.bulk_create(new)
    MonthlyResult.objects.bulk_update(
        changed,
        ["value_state", "value", "draft_text", "reason", "source", "import_batch_id", "import_row"],
    )
    report.version += 1
    report.updated_by_name = actor.name[:80]
    report.save(update_fields=["version", "updated_by_name", "updated_at"])


def _record(actor: Scope, report: MonthlyReport, changes: Sequence[tuple[GridCell, _Cell]]) -> None:
    record(
        actor,
        "hubs.results.enter",
        report,
        before={old.column.key: _text(old) for old, _ in changes},
        after={new.column.key: _text(new) for _, new in changes},
    )


def _outcome(row: GridRow | None) -> Entered:
    if row is None:
        return Entered(None)
    return Entered(
        report=row.report,
        problems={cell.column.key: cell.problem for cell in row.cells if cell.problem},
        doubts=[cell.column.key for cell in row.cells if cell.is_improbable and not cell.reason],
    )
