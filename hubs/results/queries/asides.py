"""What stands beside a figure: what is asked about it, the remark of a return, corrections."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from hubs.network.models import Hub
from hubs.results import rules
from hubs.results.effective import counts_as, that_count
from hubs.results.models import (
    OPEN_STATES,
    CorrectionState,
    MonthlyReport,
    ReportState,
    ResultCorrection,
    ReturnRemark,
)
from hubs.results.queries.columns import Found, ResultColumn
from hubs.results.queries.figures import Owner
from hubs.results.queries.series import HubSeries, month_before, past_series
from hubs.results.rules import Entry
from hubs.terms.models import Term
from yorozu.core.web.chips import Chip, Status

CORRECTION_CHIPS = {
    CorrectionState.REQUESTED: Chip(Status.WAITING, "実施機関"),
    CorrectionState.CONFIRMED: Chip(Status.WAITING, "経済産業局"),
    CorrectionState.ACCEPTED: Chip(Status.APPLIED),
    CorrectionState.REFUSED: Chip(Status.NOT_APPROVED),
    CorrectionState.WITHDRAWN: Chip(Status.WITHDRAWN),
}


def correction_chip(correction: ResultCorrection) -> Chip:
    """The state of a correction, with whose turn it is."""
    return CORRECTION_CHIPS[CorrectionState(correction.state)]


@dataclass(frozen=True)
class Aside:
    """Everything beside one figure of one month."""

    doubts: Sequence[str] = ()
    contradiction: str = ""
    remark: ReturnRemark | None = None
    corrections: Sequence[ResultCorrection] = ()

    @property
    def accepted(self) -> list[ResultCorrection]:
        """The corrections that count, the last of them last."""
        return that_count(self.corrections)

    @property
    def pending(self) -> ResultCorrection | None:
        """The correction on its way, if there is one."""
        return next((row for row in self.corrections if row.state in OPEN_STATES), None)

    def effective(self, entry: Entry) -> Entry:
        """What counts: the last accepted correction, else the figure itself."""
        return counts_as(entry, self.accepted)


NOTHING = Aside()
Place = tuple[int, Owner]


@dataclass(frozen=True)
class Surround:
    """What the cells of one grid are held against; build it with ``surround``."""

    found: Found
    names: Mapping[str, str]
    series: HubSeries
    remarks: Mapping[Place, ReturnRemark] = field(default_factory=dict)
    corrections: Mapping[Place, Sequence[ResultCorrection]] = field(default_factory=dict)

    def aside(self, report: MonthlyReport | None, column: ResultColumn, month: date) -> Aside:
        """What stands beside one cell."""
        if report is None:
            return NOTHING
        place = (report.pk, column.owner)
        is_fixed = report.state == ReportState.ACCEPTED
        return Aside(
            doubts=self._doubts(column, month),
            contradiction=self._contradiction(column, month),
            remark=None if is_fixed else self.remarks.get(place),
            corrections=self.corrections.get(place, ()),
        )

    def _value(self, month: date, key: str) -> int | None:
        row = self.found.get((month, key))
        return row.value if row else None

    def _doubts(self, column: ResultColumn, month: date) -> list[str]:
        others = [
            row.value
            for (at, key), row in self.found.items()
            if key == column.key and at != month and row.value is not None
        ]
        series = self.series.get(column.series_key, {})
        return rules.doubts_of(
            self._value(month, column.key), surroundings(series, month, others=others)
        )

    def _contradiction(self, column: ResultColumn, month: date) -> str:
        values = {key: self._value(month, key) for key in ("CONS", column.key)}
        problems = dict(rules.logic_problems(values, self.names))
        return problems.get(column.key, "")


def surroundings(
    series: Mapping[date, int], month: date, *, others: Sequence[int]
) -> rules.Surroundings:
    """What the figure of a month is held against, from the series of its column."""
    before = sorted(at for at in series if at < month)[-rules.HISTORY_MONTHS :]
    return rules.Surroundings(
        others=others,
        history=[series[at] for at in before],
        two_before=[series.get(month_before(month, 2)), series.get(month_before(month, 1))],
    )


def surround(
    hub: Hub,
    term: Term,
    columns: Sequence[ResultColumn],
    found: Found,
    reports: Iterable[MonthlyReport],
) -> Surround:
    """The surroundings of a hub's grid; reports come with remarks and corrections prefetched."""
    remarks: dict[Place, ReturnRemark] = {}
    corrections: dict[Place, list[ResultCorrection]] = defaultdict(list)
    for report in reports:
        remarks |= {(report.pk, row.owner): row for row in last_round(report.remarks.all())}
        for row in report.corrections.all():
            corrections[report.pk, row.owner].append(row)
    names = {column.key: column.label for column in columns}
    series = past_series([hub.pk], term.fiscal_year)[hub.pk]
    return Surround(found, names, series, remarks, corrections)


def last_round(remarks: Iterable[ReturnRemark]) -> list[ReturnRemark]:
    """The remarks on single figures of the last return."""
    rows = list(remarks)
    last = max((row.round for row in rows), default=0)
    return [row for row in rows if row.round == last and row.owner != (None, None)]
