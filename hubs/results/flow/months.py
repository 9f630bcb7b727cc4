"""States of a monthly report: open, submitted, confirmed by the body, accepted by the bureau."""

from hubs.plans.queries import plan_in_force
from hubs.results.models import (
    MonthlyReport,
    MonthlyResult,
    ReportState,
    ReturnRemark,
    ValueState,
)
from hubs.results.origins import month_origins, problems_of
from hubs.results.rules import EXPLAIN, is_over, logic_problems, may_be_explained
from hubs.terms.models import TermState
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.errors import Missing
from yorozu.core.flow import Flow, arrow

EDITABLE = frozenset({ReportState.OPEN.value, ReportState.RETURNED.value})
GRID = "results_grid"


def term_is_open(report: MonthlyReport, actor: Scope) -> list[Missing]:
    """A closed term takes nothing any more."""
    if report.term.state != TermState.OPEN:
        return [Missing(f"{report.term}の期が実施中ではありません。", "term_detail")]
    return []


def month_is_over(report: MonthlyReport, actor: Scope) -> list[Missing]:
    """The report of a month is complete only when the month is."""
    if is_over(report.month, clock.today()):
        return []
    return [Missing(f"{report.month.month}月はまだ終わっていません。月末から提出できます。")]


def figures_are_complete(report: MonthlyReport, actor: Scope) -> list[Missing]:
    """Every column answered (a number, 0 or －; a gap needs its reason), readable and logical."""
    indicators = list(report.term.indicators.all())
    wanted = {("i", row.pk): row.name for row in indicators}
    wanted |= {("f", pk): name for pk, name in agreed_areas(report).items()}
    missing = []
    hints: dict[str, str] = {}
    values: dict[str, int | None] = {}
    codes = {row.pk: row.code for row in indicators}
    for result in report.results.order_by():
        kind = "i" if result.indicator_id else "f"
        key = (kind, result.indicator_id or result.focus_area_id or 0)
        name = wanted.pop(key, "")
        if not name:
            # A focus area that the plan in force does not have in this month is not asked for.
            continue
        if result.draft_text:
            missing.append(f"{name}の「{result.draft_text}」は数として読めません。")
        elif result.value_state == ValueState.NOT_REPORTED and not result.reason:
            missing.append(_gap(name))
        code = codes.get(result.indicator_id or 0)
        if code and not is_explained(result, code):
            values[code] = result.value
            hints[code] = EXPLAIN if may_be_explained(code, result.source) else ""
    missing += [_gap(name) for name in wanted.values()]
    names = {row.code: row.name for row in indicators}
    found = logic_problems(values, names)
    missing += [sentence + hints.get(code, "") for code, sentence in found]
    return [Missing(text, GRID) for text in missing]


def is_explained(result: MonthlyResult, code: str) -> bool:
    """A figure of the ledger that may exceed the consultations, with the reason for it."""
    return may_be_explained(code, result.source) and bool(result.reason)


def ledger_is_followed(report: MonthlyReport, actor: Scope) -> list[Missing]:
    """A figure other than the ledger's count has its reason, and none is behind the ledger."""
    return [Missing(text, GRID) for text in problems_of(month_origins(report))]


def _gap(name: str) -> str:
    return (
        f"{name}が未報告です。0件なら0、該当しないなら－、報告できないなら理由を入力してください。"
    )


def agreed_areas(report: MonthlyReport) -> dict[int, str]:
    """Focus areas of the plan in force in the month: id of the row to name (S74)."""
    held = plan_in_force(report.hub, report.term, report.month)
    if held is None:
        return {}
    return {held.area_ids[area.code]: area.name for area in held.agreed.areas}


def remarks_are_met(report: MonthlyReport, actor: Scope) -> list[Missing]:
    """Every figure asked about in the last return was changed or the remark answered."""
    stored = {
        (row.indicator_id, row.focus_area_id): (row.value_state, row.value)
        for row in report.results.order_by()
    }
    return [
        Missing(
            f"{remark.indicator or remark.focus_area}への指摘に、"
            "回答を入力するか数値を直してください。",
            GRID,
        )
        for remark in last_remarks(report)
        if not remark.answer
        and stored.get(remark.owner, (ValueState.NOT_REPORTED, None))
        == (remark.value_state, remark.value)
    ]


def last_remarks(report: MonthlyReport) -> list[ReturnRemark]:
    """The remarks on single figures of the last return."""
    rows = list(report.remarks.select_related("indicator", "focus_area"))
    last = max((row.round for row in rows), default=0)
    return [row for row in rows if row.round == last and row.owner != (None, None)]


RESULT_FLOW = Flow(
    name="monthly_report",
    label="月次実績",
    states=ReportState,
    page="month_detail",
    advice={ReportState.ACCEPTED: "確認済の月の数値を直すときは、修正を申請します。"},
    transitions=(
        arrow(
            "hubs.results.submit",
            "提出",
            EDITABLE,
            ReportState.SUBMITTED,
            term_is_open,
            month_is_over,
            figures_are_complete,
            ledger_is_followed,
            remarks_are_met,
        ),
        arrow(
            "hubs.results.withdraw",
            "提出の取下げ",
            [ReportState.SUBMITTED],
            ReportState.OPEN,
            term_is_open,
        ),
        arrow(
            "hubs.results.confirm",
            "実施機関の確認",
            [ReportState.SUBMITTED],
            ReportState.CONFIRMED,
            term_is_open,
        ),
        arrow(
            "hubs.results.accept",
            "確認",
            [ReportState.CONFIRMED],
            ReportState.ACCEPTED,
            term_is_open,
        ),
        arrow(
            "hubs.results.return",
            "差戻し",
            [ReportState.SUBMITTED, ReportState.CONFIRMED],
            ReportState.RETURNED,
            term_is_open,
            needs_reason=True,
        ),
    ),
)


def missing_for(report: MonthlyReport, action: str, actor: Scope) -> list[Missing]:
    """What a transition would still lack, for the check page."""
    return [
        item for check in RESULT_FLOW.by_action[action].conditions for item in check(report, actor)
    ]
