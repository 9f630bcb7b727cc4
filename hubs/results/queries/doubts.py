"""What should be looked at before a month is confirmed or accepted, for many months at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from hubs.results import rules
from hubs.results.models import MonthlyReport, MonthlyResult, ReturnRemark
from hubs.results.queries.asides import surroundings
from hubs.results.queries.columns import entry_of, shown
from hubs.results.queries.series import past_series, series_key
from hubs.terms.models import ActivityIndicator, Term
from yorozu.core.fiscal import first_day, last_day


def doubts_in(reports: Sequence[MonthlyReport], term: Term) -> dict[int, list[str]]:
    """Sentences by report: questions about figures, gaps, answers to remarks.

    Six queries however many reports; a report without any has an empty list.
    """
    series = past_series({report.hub_id for report in reports}, term.fiscal_year)
    codes = {row.pk: row.code for row in ActivityIndicator.objects.filter(term=term)}
    by_pk = {report.pk: report for report in reports}
    found: dict[int, list[str]] = {pk: [] for pk in by_pk}
    results = MonthlyResult.objects.filter(report__in=by_pk).select_related(
        "indicator", "focus_area"
    )
    for row in results:
        report = by_pk[row.report_id]
        key = series_key((row.indicator_id, row.focus_area_id), codes)
        found[row.report_id] += _about(row, report.month, series[report.hub_id].get(key, {}), term)
    for pk, count in _answered(by_pk).items():
        found[pk].append(f"差戻しの指摘{count}件への対応を確かめてください。")
    return found


def _about(row: MonthlyResult, month: date, series: Mapping[date, int], term: Term) -> list[str]:
    name = str(row.indicator or row.focus_area)
    if row.value is None:
        said = f"（理由：{row.reason}）" if row.reason else ""
        return [f"{name}：未報告です{said}。"] if row.value_state == rules.NOT_REPORTED else []
    own = {
        at: value
        for at, value in series.items()
        if first_day(term.fiscal_year) <= at <= last_day(term.fiscal_year)
    }
    others = [value for at, value in own.items() if at != month]
    sentences = rules.doubts_of(row.value, surroundings(series, month, others=others))
    reason = f"（理由：{row.reason}）" if row.reason and sentences else ""
    return [f"{name} {shown(entry_of(row))}：{text}{reason}" for text in sentences]


def _answered(reports: Mapping[int, MonthlyReport]) -> dict[int, int]:
    """How many remarks of the last return stand beside each report."""
    by_round: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    rows = ReturnRemark.objects.filter(report__in=reports).order_by()
    for report_id, number, indicator_id, area_id in rows.values_list(
        "report_id", "round", "indicator_id", "focus_area_id"
    ):
        by_round[report_id][number] += bool(indicator_id or area_id)
    last = {pk: rounds[max(rounds)] for pk, rounds in by_round.items()}
    return {pk: count for pk, count in last.items() if count}
