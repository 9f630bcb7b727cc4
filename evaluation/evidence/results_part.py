"""The part of a book that holds the results: accepted figures, with the corrections that count.

A correction counts in a book when the bureau accepted it up to the book's cut; the month keeps the
accepted value beside it, and the book lists every correction it contains. A month without
corrections reads as it always did, so that equal figures freeze to equal books.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from evaluation.evidence.rules import year_total
from evaluation.evidence.sources import source, stamp
from evaluation.evidence.stock import Facts
from hubs.plans.models import Plan
from hubs.results.models import MonthlyReport, MonthlyResult, ResultCorrection

Owner = tuple[int | None, int | None]
Corrections = Mapping[tuple[int, Owner], Sequence[ResultCorrection]]


def results_part(
    reports: Sequence[MonthlyReport], plan: Plan, facts: Facts, as_of: date
) -> dict[str, Any]:
    """Series of the indicators and focus areas, the reports, and the corrections if any."""
    counted = _counted(reports, facts, as_of)
    values: dict[Owner, list[dict[str, Any]]] = defaultdict(list)
    for report in reports:
        met = set()
        for row in facts.results[report.pk]:
            owner = (row.indicator_id, row.focus_area_id)
            met.add(owner)
            values[owner].append(_month_value(report, row, counted.get((report.pk, owner), ())))
        for (report_id, owner), rows in counted.items():
            if report_id == report.pk and owner not in met:
                values[owner].append(_added_value(report, rows))
    part = {
        "indicators": [_series(row, values[row.pk, None]) for row in facts.indicators],
        "focus_areas": [_series(row, values[None, row.pk]) for row in facts.areas[plan.pk]],
        "reports": [
            {
                "month": f"{report.month:%Y-%m}",
                "accepted_at": stamp(report.accepted_at),
                "accepted_by": report.accepted_by.name if report.accepted_by else None,
                "source": source(report),
            }
            for report in reports
        ],
    }
    if counted:
        months = {report.pk: report.month for report in reports}
        listed = sorted((row for rows in counted.values() for row in rows), key=lambda row: row.pk)
        part["corrections"] = [_correction(row, months[row.report_id]) for row in listed]
    return part


def _is_in(row: ResultCorrection, as_of: date) -> bool:
    """Whether the bureau had accepted the correction by the end of the cut's day."""
    return row.decided_at is not None and timezone.localdate(row.decided_at) <= as_of


def _counted(reports: Sequence[MonthlyReport], facts: Facts, as_of: date) -> Corrections:
    """Corrections within the cut by report and column, the one that counts last."""
    found: dict[tuple[int, Owner], list[ResultCorrection]] = defaultdict(list)
    for report in reports:
        for row in facts.corrections[report.pk]:
            if _is_in(row, as_of):
                found[report.pk, row.owner].append(row)
    return found


def _month_value(
    report: MonthlyReport, row: MonthlyResult, corrections: Sequence[ResultCorrection]
) -> dict[str, Any]:
    part = {
        "month": f"{report.month:%Y-%m}",
        "state": row.value_state,
        "value": row.value,
        "reason": row.reason,
        "source": source(row),
    }
    if row.counted is not None:
        part |= {"drawn_from": row.source, "counted": row.counted}
    if not corrections:
        return part
    last = corrections[-1]
    return {
        **part,
        "state": last.new_state,
        "value": last.new_value,
        "accepted_state": row.value_state,
        "accepted_value": row.value,
        "corrected_by": last.pk,
    }


def _added_value(report: MonthlyReport, corrections: Sequence[ResultCorrection]) -> dict[str, Any]:
    """A figure that the accepted month did not have at all."""
    last = corrections[-1]
    return {
        "month": f"{report.month:%Y-%m}",
        "state": last.new_state,
        "value": last.new_value,
        "reason": "",
        "source": source(last),
        "accepted_state": "not_reported",
        "accepted_value": None,
        "corrected_by": last.pk,
    }


def _correction(row: ResultCorrection, month: date) -> dict[str, Any]:
    column = row.indicator or row.focus_area
    return {
        "id": row.pk,
        "in_month": f"{month:%Y-%m}",
        "item": column.code if column else "",
        "item_name": column.name if column else "",
        "old_state": row.old_state,
        "old_value": row.old_value,
        "new_state": row.new_state,
        "new_value": row.new_value,
        "reason": row.reason,
        "proof": row.evidence,
        "requested_at": stamp(row.requested_at),
        "requested_by": row.requested_by_name,
        "confirmed_at": stamp(row.confirmed_at),
        "confirmed_by": row.confirmed_by_name,
        "decided_at": stamp(row.decided_at),
        "decided_by": row.decided_by_name,
        "source": source(row),
    }


def _series(row: Any, months: Sequence[dict[str, Any]]) -> dict[str, Any]:
    ordered = sorted(months, key=lambda entry: str(entry["month"]))
    return {
        "code": row.code,
        "name": row.name,
        "unit": row.unit,
        "total": year_total(ordered),
        "months": ordered,
    }


def later_corrections(reports: Sequence[MonthlyReport], facts: Facts, as_of: date) -> str:
    """What a reader of the book must know: corrections accepted after the cut; empty for none."""
    rows = [row for report in reports for row in facts.corrections[report.pk]]
    later = sum(not _is_in(row, as_of) for row in rows)
    if not later:
        return ""
    return f"基準日のあとに反映された修正が{later}件あります。この基準日の台帳には入りません。"
