"""The history of a month, as a whole and per figure: who entered, changed, returned, accepted."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hubs.results.models import MonthlyReport, ReturnRemark
from hubs.results.queries.changes import correction_lines
from hubs.results.queries.columns import ResultColumn, columns_for, plan_of
from yorozu.core.audit.models import AuditEvent
from yorozu.core.audit.queries import action_label
from yorozu.core.imports.models import ImportBatch

ENTER = "hubs.results.enter"


@dataclass(frozen=True)
class Trace:
    """One line: when, who, what; ``keys`` are the columns it is about, empty for all."""

    at: datetime
    who: str
    what: str
    keys: frozenset[str] = field(default_factory=frozenset)
    note: str = ""


@dataclass(frozen=True)
class MonthTrace:
    """The lines of a month, the oldest first."""

    lines: Sequence[Trace]

    @property
    def steps(self) -> list[Trace]:
        """What happened to the month as a whole."""
        return [line for line in self.lines if not line.keys]

    def of(self, key: str) -> list[Trace]:
        """The history of one figure: its own lines and the steps of the month."""
        return [line for line in self.lines if not line.keys or key in line.keys]


def month_trace(report: MonthlyReport) -> MonthTrace:
    """From the trail, the remarks, the corrections and the imported files of one month."""
    columns = columns_for(report.term, plan_of(report.hub, report.term))
    lines = [
        *_events(report, columns),
        *_remarks(report, columns),
        *_corrections(report, columns),
        *_imports(report, columns),
    ]
    return MonthTrace(sorted(lines, key=lambda line: line.at))


def _events(report: MonthlyReport, columns: Sequence[ResultColumn]) -> Iterable[Trace]:
    names = {column.key: column.label for column in columns}
    rows = AuditEvent.objects.filter(object_type=report._meta.label, object_id=str(report.pk))
    for event in rows.order_by("sequence"):
        if event.action != ENTER:
            yield Trace(event.at, event.actor_label, action_label(event.action), note=event.reason)
            continue
        before, after = _values(event.before), _values(event.after)
        for key, text in after.items():
            column, _, part = key.partition(".")
            label = names.get(column, column) + ("の指摘への回答" if part else "")
            old = before.get(key) or "空欄"
            yield Trace(
                event.at,
                event.actor_label,
                f"{label}：{old} → {text or '空欄'}",
                frozenset({column}),
            )


def _values(text: str) -> dict[str, str]:
    read = json.loads(text) if text else {}
    return {key: str(value) for key, value in read.items()} if isinstance(read, dict) else {}


def _key(owner: tuple[int | None, int | None], columns: Sequence[ResultColumn]) -> str:
    return next((column.key for column in columns if column.owner == owner), "")


def _remarks(report: MonthlyReport, columns: Sequence[ResultColumn]) -> Iterable[Trace]:
    rows = ReturnRemark.objects.filter(report=report).select_related("indicator", "focus_area")
    for row in rows:
        if row.owner != (None, None):
            name = row.indicator or row.focus_area
            keys = frozenset({_key(row.owner, columns)})
            yield Trace(row.at, row.by_name, f"{name}への指摘（{row.round}回目）", keys, row.text)


def _corrections(report: MonthlyReport, columns: Sequence[ResultColumn]) -> Iterable[Trace]:
    rows = report.corrections.select_related("report", "indicator", "focus_area")
    for line in correction_lines(rows):
        row, keys = line.correction, frozenset({_key(line.correction.owner, columns)})
        said = f"{line.name}の修正 {line.old} → {line.new}"
        yield Trace(row.requested_at, row.requested_by_name, f"{said}：申請", keys, row.reason)
        if row.confirmed_at is not None:
            yield Trace(row.confirmed_at, row.confirmed_by_name, f"{said}：実施機関の確認", keys)
        if row.decided_at is not None:
            state = row.get_state_display()
            yield Trace(
                row.decided_at, row.decided_by_name, f"{said}：{state}", keys, row.refusal_reason
            )


def _imports(report: MonthlyReport, columns: Sequence[ResultColumn]) -> Iterable[Trace]:
    """Figures that stand as a file brought them; what was typed over them has its own line."""
    rows = [row for row in report.results.all() if row.import_batch_id is not None]
    batches = ImportBatch.objects.in_bulk({row.import_batch_id for row in rows})
    for row in rows:
        batch = batches.get(row.import_batch_id)
        if batch is not None and batch.applied_at is not None:
            key = _key((row.indicator_id, row.focus_area_id), columns)
            yield Trace(
                batch.applied_at,
                batch.created_by_name,
                f"ファイルの取込（{batch.filename} {row.import_row}行目）",
                frozenset({key}),
            )
