"""Files of this slice: one row per hub and month with the indicators and up to five focus areas."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hubs.network.facts import fact_rows
from hubs.network.models import Hub
from hubs.plans.models import Plan, PlanState
from hubs.plans.queries import with_versions
from hubs.plans.rules import MAX_AREAS
from hubs.results import rules
from hubs.results.filling import MOVED_ON, Writer, by_owner, is_sent, locked, put_back
from hubs.results.models import MonthlyReport, MonthlyResult
from hubs.results.queries import ResultColumn, columns_for, entry_of, shown
from hubs.results.queries.reports import BESIDE
from hubs.results.rules import Entry
from hubs.terms.files import HEADING
from hubs.terms.models import Term, TermState
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.errors import Conflict, Problem
from yorozu.core.figures import Blank
from yorozu.core.fiscal import fiscal_year_of, nendo, wareki_month
from yorozu.core.imports.kinds import (
    ADDED,
    CHANGED,
    UNCHANGED,
    Change,
    Comparison,
    ImportKind,
    register,
)
from yorozu.core.sheets import Column, Row, Table, cells, read_table

KEYS = frozenset({"hub_code", "hub_name", "month"})
RULES_NOTE = "rules_note"


class MonthlyImport(ImportKind):
    """Monthly results as CSV or XLSX; fills months that are open, never states."""

    code = "results.monthly"
    label = "月次実績"
    action = "hubs.results.import"
    description = (
        "1行に1拠点1か月の実績を入力したファイルを取り込みます。空欄は未報告、0は0件、"
        "－は該当なしとして扱います。提出は、取込のあとに画面で行います。"
    )

    def columns(self, params: dict[str, Any]) -> list[Column]:
        """拠点コード, 拠点名, 対象月, the four indicators, 重点分野1 to 重点分野5."""
        figure = cells.count(0, rules.MAX_VALUE)
        columns = [
            Column("hub_code", "拠点コード", cells.code(2), key=True),
            Column("hub_name", "拠点名", cells.text(40), optional=True, blank=True, key=True),
            Column("month", "対象月", cells.month(), ("月", "年月"), key=True),
        ]
        columns += [Column(row["code"], row["name"], figure) for row in fact_rows("indicators.csv")]
        columns += [
            Column(f"F{slot}", f"重点分野{slot}", figure, optional=True)
            for slot in range(1, MAX_AREAS + 1)
        ]
        return columns

    def read(self, data: bytes, filename: str, params: dict[str, Any]) -> Table:
        """One row per hub and month: a second one is a fault."""
        columns = self.columns(params)
        beside = _passed_over([one for one in columns if one.name not in KEYS])
        return read_table(data, filename, [*columns, *beside], unique=("hub_code", "month"))

    def compare(self, table: Table, params: dict[str, Any], actor: Scope) -> Comparison:
        """Compare with what is stored: a fixed number of queries for the file, none per row."""
        reader = _RowReader(_Stock(row["month"] for row in table.rows), actor, self.columns(params))
        changes = [change for row in table.rows if (change := reader.change(row)) is not None]
        return Comparison(changes, [*table.problems, *reader.problems])

    def write(
        self, changes: Sequence[Change], params: dict[str, Any], actor: Scope, batch_id: int
    ) -> list[dict[str, Any]]:
        """Write reports and figures in bulk; the undo keeps every figure that stood before."""
        return Writer(actor, batch_id).write(changes)

    def revert(
        self, undo: list[dict[str, Any]], params: dict[str, Any], actor: Scope, batch_id: int
    ) -> None:
        """Put the figures back; Conflict when a month was edited or sent since."""
        reports = locked(entry["report_id"] for entry in undo)
        for entry in undo:
            report = reports.get(entry["report_id"])
            if report is None or report.version != entry["version"] or is_sent(report):
                raise Conflict(MOVED_ON)
        created = [entry["report_id"] for entry in undo if entry["created"]]
        MonthlyReport.objects.filter(pk__in=created).delete()
        kept = [entry for entry in undo if not entry["created"]]
        put_back(kept, {entry["report_id"]: reports[entry["report_id"]] for entry in kept})

    def example_rows(self, params: dict[str, Any]) -> list[list[Any]]:
        """Two rows that show the three states."""
        width = len(self.columns(params)) - 7
        return [
            ["13", "東京都よろず支援拠点", "2026-04", 320, 210, 85, 40, *[""] * width],
            ["13", "東京都よろず支援拠点", "2026-05", 298, 0, "－", 38, *[""] * width],
        ]


def _passed_over(figure_columns: Sequence[Column]) -> list[Column]:
    """What an exported file carries for its reader; it comes back and is not imported."""
    figure = cells.count(0, rules.MAX_VALUE)
    note = Column(RULES_NOTE, HEADING, cells.text(2_000), optional=True, blank=True)
    beside = [
        Column(f"{one.name}{part}", f"{one.heading}{part}", figure, optional=True, blank=True)
        for one in figure_columns
        for part in BESIDE
    ]
    return [*beside, note]


@dataclass
class _Stock:
    """Everything the rows of one file are compared with, read once."""

    months: Iterable[date]
    terms: dict[int, Term] = field(init=False)
    hubs: dict[str, Hub] = field(init=False)
    reports: dict[tuple[int, date], MonthlyReport] = field(init=False)

    def __post_init__(self) -> None:
        wanted = set(self.months)
        years = {fiscal_year_of(month) for month in wanted}
        self.terms = {
            term.fiscal_year: term
            for term in Term.objects.filter(fiscal_year__in=years).prefetch_related("indicators")
        }
        self.hubs = {hub.code: hub for hub in Hub.objects.prefetch_related("contracts")}
        self._plans = {
            (plan.hub_id, plan.term_id): plan
            for plan in with_versions(
                Plan.objects.filter(term__in=list(self.terms.values()), state=PlanState.FINALIZED)
            )
        }
        self.reports = {
            (report.hub_id, report.month): report
            for report in MonthlyReport.objects.filter(month__in=wanted).prefetch_related("results")
        }
        self._columns: dict[tuple[int, int], list[ResultColumn]] = {}

    def columns(self, hub: Hub, term: Term) -> list[ResultColumn]:
        """The columns the hub reports in this term."""
        key = (hub.pk, term.pk)
        if key not in self._columns:
            self._columns[key] = columns_for(term, self._plans.get(key))
        return self._columns[key]


class _RowReader:
    """Rows against the stock; every fault is named by row and heading."""

    def __init__(self, stock: _Stock, actor: Scope, columns: Sequence[Column]) -> None:
        self._stock, self._actor = stock, actor
        self._today = clock.today()
        self._headings = {column.name: column.heading for column in columns}
        self.problems: list[Problem] = []

    def _fault(self, row: Row, name: str, message: str) -> None:
        self.problems.append(Problem(row.number, self._headings[name], message))

    def change(self, row: Row) -> Change | None:
        """What the row would do; None when it has a fault."""
        before = len(self.problems)
        hub, term = self._hub(row), self._term(row)
        if hub is not None and (problem := _outside(hub, row["month"])):
            self._fault(row, "month", problem)
        if hub is None or term is None or len(self.problems) > before:
            return None
        entries = self._entries(row, hub, term)
        if len(self.problems) > before:
            return None
        return self._compared(row, hub, term, entries)

    def _hub(self, row: Row) -> Hub | None:
        hub = self._stock.hubs.get(row["hub_code"])
        if hub is None:
            self._fault(row, "hub_code", f"拠点コード「{row['hub_code']}」の拠点はありません。")
        elif not self._actor.covers(hub.pk):
            self._fault(row, "hub_code", f"{hub}は担当する拠点ではありません。")
        elif row["hub_name"] and row["hub_name"] != hub.name:
            self._fault(row, "hub_name", f"拠点コード{hub.code}の拠点名は「{hub.name}」です。")
        return hub

    def _term(self, row: Row) -> Term | None:
        year = fiscal_year_of(row["month"])
        term = self._stock.terms.get(year)
        if term is None:
            self._fault(row, "month", f"{nendo(year)}の期が開始されていません。")
        elif term.state != TermState.OPEN:
            self._fault(row, "month", f"{nendo(year)}の期は終了しているため、取り込めません。")
        elif problem := rules.month_problem(row["month"], year, self._today):
            self._fault(row, "month", problem)
        return term

    def _entries(self, row: Row, hub: Hub, term: Term) -> list[tuple[ResultColumn, Entry]]:
        columns = {column.key: column for column in self._stock.columns(hub, term)}
        entries = []
        for name, value in row.as_dict().items():
            if name in KEYS or name.endswith((*BESIDE, RULES_NOTE)) or value is None:
                continue
            if name in columns:
                entries.append((columns[name], _entry(value)))
            elif value is not Blank.NOT_REPORTED:
                heading = self._headings[name]
                self._fault(row, name, f"{hub}の確定した計画に{heading}はありません。")
        return entries

    def _compared(
        self, row: Row, hub: Hub, term: Term, entries: Sequence[tuple[ResultColumn, Entry]]
    ) -> Change | None:
        month = row["month"]
        report = self._stock.reports.get((hub.pk, month))
        stored = by_owner(report)
        moved = [
            (column, stored.get(column.owner), entry)
            for column, entry in entries
            if _moves(stored.get(column.owner), entry)
        ]
        kind = ADDED if report is None else CHANGED if moved else UNCHANGED
        if kind == CHANGED and report is not None and is_sent(report):
            state = report.get_state_display()
            message = f"{wareki_month(month)}の実績は「{state}」のため、変更できません。"
            self._fault(row, "month", message)
            return None
        return Change(
            row=row.number,
            key=f"{hub.code}-{month:%Y%m}",
            kind=kind,
            label=f"{hub.name} {wareki_month(month)}",
            fields=tuple(
                (column.label, _stored_text(old), shown(entry) or "未報告")
                for column, old, entry in moved
            ),
            data={
                "hub_id": hub.pk,
                "term_id": term.pk,
                "month": month.isoformat(),
                "report_id": report.pk if report else None,
                "version": report.version if report else 0,
                "cells": [[*column.owner, entry.state, entry.value] for column, _, entry in moved],
            },
        )


def _outside(hub: Hub, month: date) -> str:
    return rules.hub_problem(*hub.operation_span(fiscal_year_of(month)), month)


def _entry(value: int | Blank) -> Entry:
    if value is Blank.NOT_REPORTED:
        return rules.BLANK
    if isinstance(value, Blank):
        return Entry(rules.NOT_APPLICABLE)
    return Entry(rules.REPORTED, value)


def _stored_text(result: MonthlyResult | None) -> str:
    if result is not None and result.draft_text:
        return f"{result.draft_text}（要確認）"
    return shown(entry_of(result)) or "未報告"


def _moves(result: MonthlyResult | None, entry: Entry) -> bool:
    if result is not None and result.draft_text:
        return True
    return entry_of(result) != entry


register(MonthlyImport())
