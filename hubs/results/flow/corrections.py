"""States of a correction: requested, confirmed by the body, accepted by the bureau, or not."""

from hubs.results.effective import that_count
from hubs.results.flow.months import is_explained
from hubs.results.models import (
    OPEN_STATES,
    CorrectionState,
    MonthlyReport,
    ReportState,
    ResultCorrection,
    ValueState,
)
from hubs.results.rules import logic_problems
from hubs.terms.models import TermState
from yorozu.core.access import Scope
from yorozu.core.errors import Missing
from yorozu.core.flow import Flow, arrow

CLOSED = (
    "{term}の期は終了しているため、修正できません。終了した年度の数値は動きません。"
    "誤りは、経済産業局を通じて全国本部に文書で申し出てください。"
)


def term_still_runs(correction: ResultCorrection, actor: Scope) -> list[Missing]:
    """A closed term is never corrected; the sentence says what to do instead."""
    term = correction.report.term
    if term.state != TermState.OPEN:
        return [Missing(CLOSED.format(term=term), "term_detail")]
    return []


def old_figure_still_counts(correction: ResultCorrection, actor: Scope) -> list[Missing]:
    """What the correction replaces is what counts today."""
    counted = effective_figures(correction.report).get(
        correction.owner, (ValueState.NOT_REPORTED.value, None)
    )
    if counted == (correction.old_state, correction.old_value):
        return []
    return [Missing("申請のあとに別の修正が反映されました。取り下げて、申請し直してください。")]


def figures_stay_logical(correction: ResultCorrection, actor: Scope) -> list[Missing]:
    """With the correction no figure exceeds the consultations."""
    return [
        Missing(sentence)
        for sentence in contradictions(
            correction.report, {correction.owner: (correction.new_state, correction.new_value)}
        )
    ]


Owner = tuple[int | None, int | None]
Figure = tuple[str, int | None]


def effective_figures(report: MonthlyReport) -> dict[Owner, Figure]:
    """What counts in a month today: the accepted figures with the accepted corrections."""
    counted = {
        (row.indicator_id, row.focus_area_id): (row.value_state, row.value)
        for row in report.results.order_by()
    }
    for row in that_count(report.corrections.order_by()):
        counted[row.owner] = (row.new_state, row.new_value)
    return counted


def contradictions(report: MonthlyReport, changes: dict[Owner, Figure]) -> list[str]:
    """What could not be true if these figures counted (evaluation.md 6, logic).

    A figure that was sent with its explanation stays explained until it is itself corrected.
    """
    counted = effective_figures(report) | changes
    indicators = list(report.term.indicators.all())
    values = {row.code: counted.get((row.pk, None), ("", None))[1] for row in indicators}
    names = {row.code: row.name for row in indicators}
    explained = _explained(report, counted, {row.pk: row.code for row in indicators})
    return [text for code, text in logic_problems(values, names) if code not in explained]


def _explained(
    report: MonthlyReport, counted: dict[Owner, Figure], codes: dict[int, str]
) -> set[str]:
    """The indicators that still count what was sent with a reason."""
    return {
        codes[row.indicator_id]
        for row in report.results.order_by()
        if row.indicator_id in codes
        and is_explained(row, codes[row.indicator_id])
        and counted[row.indicator_id, None] == (row.value_state, row.value)
    }


def month_is_accepted(report: MonthlyReport) -> bool:
    """Only what was accepted is corrected; before that the month itself is changed."""
    return report.state == ReportState.ACCEPTED


CORRECTION_FLOW = Flow(
    name="result_correction",
    label="実績の修正",
    states=CorrectionState,
    page="correction_detail",
    transitions=(
        arrow(
            "hubs.results.correction_confirm",
            "修正の確認",
            [CorrectionState.REQUESTED],
            CorrectionState.CONFIRMED,
            term_still_runs,
        ),
        arrow(
            "hubs.results.correction_decline",
            "実施機関による修正の不承認",
            [CorrectionState.REQUESTED],
            CorrectionState.REFUSED,
            needs_reason=True,
        ),
        arrow(
            "hubs.results.correction_accept",
            "修正の反映",
            [CorrectionState.CONFIRMED],
            CorrectionState.ACCEPTED,
            term_still_runs,
            old_figure_still_counts,
            figures_stay_logical,
        ),
        arrow(
            "hubs.results.correction_refuse",
            "修正の不承認",
            [CorrectionState.CONFIRMED],
            CorrectionState.REFUSED,
            needs_reason=True,
        ),
        arrow(
            "hubs.results.correction_withdraw",
            "修正申請の取下げ",
            OPEN_STATES,
            CorrectionState.WITHDRAWN,
        ),
    ),
)
