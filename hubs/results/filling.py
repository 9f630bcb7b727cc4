"""Writing the figures of a file into open months in bulk, and putting them back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from hubs.results import rules
from hubs.results.flow import EDITABLE
from hubs.results.models import MonthlyReport, MonthlyResult, ReportState
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.errors import Conflict
from yorozu.core.imports.kinds import Change

MOVED_ON = "取込のあとに月次実績が変わりました。最新の内容を確認してください。"
Owner = tuple[int | None, int | None]


def is_sent(report: MonthlyReport) -> bool:
    """Whether the month is past what a file may fill."""
    return report.state not in EDITABLE


def by_owner(report: MonthlyReport | None) -> dict[Owner, MonthlyResult]:
    """Stored figures of a month by column (results prefetched)."""
    if report is None:
        return {}
    return {(row.indicator_id, row.focus_area_id): row for row in report.results.all()}


def locked(pks: Iterable[int]) -> dict[int, MonthlyReport]:
    """Reports under a lock, with their figures."""
    rows = MonthlyReport.objects.select_for_update(of=("self",)).filter(pk__in=list(pks))
    return {report.pk: report for report in rows.prefetch_related("results")}


_COLUMNS = [
    "value_state",
    "value",
    "draft_text",
    "reason",
    "import_batch_id",
    "import_row",
    "source",
]


class Writer:
    """Writes the changes of one file in bulk."""

    def __init__(self, actor: Scope, batch_id: int) -> None:
        self._actor, self._batch_id = actor, batch_id

    def write(self, changes: Sequence[Change]) -> list[dict[str, Any]]:
        """Returns one undo record per report."""
        old = locked(c.data["report_id"] for c in changes if c.data["report_id"])
        reports = [self._report(change, old) for change in changes]
        MonthlyReport.objects.bulk_create(_unsaved(reports))
        MonthlyReport.objects.bulk_update(
            list(old.values()), ["version", "updated_by_name", "updated_at"], batch_size=200
        )
        new: list[MonthlyResult] = []
        changed: list[MonthlyResult] = []
        undo = [
            self._figures(change, report, (new, changed))
            for change, report in zip(changes, reports, strict=True)
        ]
        MonthlyResult.objects.bulk_create(new, batch_size=500)
        MonthlyResult.objects.bulk_update(changed, _COLUMNS, batch_size=100)
        return undo

    def _report(self, change: Change, old: Mapping[int, MonthlyReport]) -> MonthlyReport:
        data = change.data
        name = self._actor.name[:80]
        if data["report_id"] is None:
            return MonthlyReport(
                hub_id=data["hub_id"],
                term_id=data["term_id"],
                month=date.fromisoformat(data["month"]),
                state=ReportState.OPEN,
                version=1,
                updated_by_name=name,
            )
        report = old.get(data["report_id"])
        if report is None or report.version != data["version"] or is_sent(report):
            raise Conflict(MOVED_ON)
        report.version += 1
        report.updated_by_name, report.updated_at = name, clock.now()
        return report

    def _figures(
        self,
        change: Change,
        report: MonthlyReport,
        into: tuple[list[MonthlyResult], list[MonthlyResult]],
    ) -> dict[str, Any]:
        is_new = change.data["report_id"] is None
        stored = {} if is_new else by_owner(report)
        before = []
        for indicator_id, area_id, state, value in change.data["cells"]:
            row = stored.get((indicator_id, area_id))
            before.append([indicator_id, area_id, _kept(row)])
            if row is None:
                row = MonthlyResult(report=report, indicator_id=indicator_id, focus_area_id=area_id)
            row.value_state, row.value, row.draft_text = state, value, ""
            row.source = rules.DECLARED
            row.import_batch_id, row.import_row = self._batch_id, change.row
            into[0 if row._state.adding else 1].append(row)  # noqa: SLF001 (Django's own flag)
        return {
            "report_id": report.pk,
            "version": report.version,
            "created": is_new,
            "cells": before,
        }


def _unsaved(reports: Sequence[MonthlyReport]) -> list[MonthlyReport]:
    return [row for row in reports if row._state.adding]  # noqa: SLF001 (Django's own flag)


def _kept(row: MonthlyResult | None) -> list[Any] | None:
    return None if row is None else [getattr(row, name) for name in _COLUMNS]


def put_back(undo: Sequence[Mapping[str, Any]], reports: Mapping[int, MonthlyReport]) -> None:
    """Every figure as it stood before the file; Conflict when one is gone."""
    changed, gone = [], []
    for entry in undo:
        report = reports[entry["report_id"]]
        stored = by_owner(report)
        for indicator_id, area_id, kept in entry["cells"]:
            row = stored.get((indicator_id, area_id))
            if row is None:
                raise Conflict(MOVED_ON)
            if kept is None:
                gone.append(row.pk)
                continue
            # Files applied before the source was kept have one column less.
            for name, value in zip(_COLUMNS, kept, strict=False):
                setattr(row, name, value)
            changed.append(row)
        report.version += 1
        report.updated_at = clock.now()
    MonthlyResult.objects.filter(pk__in=gone).delete()
    MonthlyResult.objects.bulk_update(changed, _COLUMNS, batch_size=100)
    MonthlyReport.objects.bulk_update(
        list(reports.values()), ["version", "updated_at"], batch_size=200
    )
