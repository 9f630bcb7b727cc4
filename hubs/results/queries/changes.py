"""What has changed since the bureau accepted: corrections by state, and the ledger's drift."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from hubs.network.models import Hub
from hubs.results import rules
from hubs.results.models import CorrectionState, MonthlyReport, ResultCorrection
from hubs.results.queries.asides import correction_chip
from hubs.results.queries.columns import shown
from hubs.results.queries.drift import LedgerDrift, ledger_drift
from hubs.results.queries.totals import signed
from hubs.results.rules import Entry
from hubs.terms.models import Term
from yorozu.core import figures
from yorozu.core.access import Scope
from yorozu.core.web.chips import Chip


def visible_corrections(scope: Scope) -> QuerySet[ResultCorrection]:
    """Corrections of the scope with everything a line shows."""
    rows: QuerySet[ResultCorrection] = ResultCorrection.objects.visible_to(scope)
    return rows.select_related("report__hub__bureau", "report__term", "indicator", "focus_area")


@dataclass(frozen=True)
class CorrectionLine:
    """One correction as text: what, from what to what, and what it does to the total."""

    correction: ResultCorrection

    @property
    def report(self) -> MonthlyReport:
        """The month it belongs to."""
        return self.correction.report

    @property
    def hub(self) -> Hub:
        """The hub whose figure it is."""
        return self.correction.report.hub

    @property
    def name(self) -> str:
        """The indicator or focus area."""
        return str(self.correction.indicator or self.correction.focus_area)

    @property
    def unit(self) -> str:
        """The unit of the figure."""
        column = self.correction.indicator or self.correction.focus_area
        return column.unit if column else ""

    @property
    def old(self) -> str:
        """What counted before; 未報告 for a gap."""
        return shown(Entry(self.correction.old_state, self.correction.old_value)) or "未報告"

    @property
    def new(self) -> str:
        """What is to count instead."""
        return shown(Entry(self.correction.new_state, self.correction.new_value))

    @property
    def effect(self) -> int:
        """What it adds to every total the figure is in."""
        return (self.correction.new_value or 0) - (self.correction.old_value or 0)

    @property
    def effect_text(self) -> str:
        """The effect with its sign."""
        return signed(self.effect)

    @property
    def chip(self) -> Chip:
        """Its state, with whose turn it is."""
        return correction_chip(self.correction)


def correction_lines(rows: Iterable[ResultCorrection]) -> list[CorrectionLine]:
    """Corrections as lines."""
    return [CorrectionLine(row) for row in rows]


@dataclass(frozen=True)
class Changes:
    """Everything that moved, or wants to move, since acceptance."""

    bureau_turn: Sequence[CorrectionLine]
    body_turn: Sequence[CorrectionLine]
    accepted: Sequence[CorrectionLine]
    closed: Sequence[CorrectionLine]
    drifts: Sequence[LedgerDrift]

    @property
    def lines(self) -> list[CorrectionLine]:
        """All of them, those that wait first."""
        return [*self.bureau_turn, *self.body_turn, *self.accepted, *self.closed]

    @property
    def count(self) -> int:
        """Cells that differ, or may come to differ, from what was accepted."""
        lines = [*self.bureau_turn, *self.body_turn, *self.accepted]
        cells = {(line.report.pk, line.correction.owner) for line in lines}
        return len(cells | {(row.report_id, (row.indicator.pk, None)) for row in self.drifts})


def changes_since_acceptance(scope: Scope, term: Term, *, with_drift: bool = True) -> Changes:
    """The list behind 「確認後に変わった数値」; seven queries however many hubs.

    One query without the drift of the ledger, for those who only wait for corrections.
    """
    lines = correction_lines(
        visible_corrections(scope)
        .filter(report__term=term)
        .order_by("report__hub__code", "report__month", "requested_at", "pk")
    )

    def in_states(*states: CorrectionState) -> list[CorrectionLine]:
        return [line for line in lines if line.correction.state in states]

    return Changes(
        bureau_turn=in_states(CorrectionState.CONFIRMED),
        body_turn=in_states(CorrectionState.REQUESTED),
        accepted=in_states(CorrectionState.ACCEPTED),
        closed=in_states(CorrectionState.REFUSED, CorrectionState.WITHDRAWN),
        drifts=ledger_drift(term, scope) if with_drift else (),
    )


CORRECTION_HEADER = (
    "拠点コード",
    "拠点名",
    "対象月",
    "項目",
    "単位",
    "修正前",
    "修正後",
    "計への影響",
    "状態",
    "理由",
    "根拠",
    "申請日時",
    "申請者",
    "決定日時",
    "決定者",
    "不承認の理由",
)


def correction_rows(lines: Iterable[CorrectionLine]) -> list[list[object]]:
    """Corrections as rows of a file, in the order of CORRECTION_HEADER."""
    return [
        [
            line.hub.code,
            line.hub.name,
            f"{line.report.month:%Y-%m}",
            line.name,
            line.unit,
            _cell(line.correction.old_state, line.correction.old_value),
            _cell(line.correction.new_state, line.correction.new_value),
            line.effect,
            line.correction.get_state_display(),
            line.correction.reason,
            line.correction.evidence,
            _moment(line.correction.requested_at),
            line.correction.requested_by_name,
            _moment(line.correction.decided_at),
            line.correction.decided_by_name,
            line.correction.refusal_reason,
        ]
        for line in lines
    ]


def _cell(state: str, value: int | None) -> object:
    return figures.Blank.NOT_APPLICABLE if state == rules.NOT_APPLICABLE else value


def _moment(at: datetime | None) -> datetime | None:
    """The moment in Tokyo without its zone: a spreadsheet knows none."""
    return timezone.localtime(at).replace(tzinfo=None) if at is not None else None
