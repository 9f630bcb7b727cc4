"""実績取りまとめ: the results of a period per hub, bureau and nation, from one place for all media.

Accepted figures, the corrections beside them, and what is sent but not yet accepted stay apart;
a fixed number of queries for any number of hubs.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db.models import Q, prefetch_related_objects

from hubs.network.models import Hub
from hubs.plans.models import Plan, PlanState
from hubs.plans.queries import with_versions
from hubs.results import rules
from hubs.results.models import MonthlyReport, ReportState
from hubs.results.queries.columns import ResultColumn, columns_for
from hubs.results.queries.figures import MonthFigure, Owner, month_figures
from hubs.results.queries.series import month_before
from hubs.results.queries.shares import Shares, shares_of
from hubs.terms.models import ActivityIndicator, Term
from yorozu.core import clock, figures
from yorozu.core.access import Scope
from yorozu.core.fiscal import months_of

SENT = {ReportState.SUBMITTED.value, ReportState.CONFIRMED.value}
UNSENT = "未提出"


@dataclass(frozen=True)
class Period:
    """The months that are compiled: one month, or April up to it."""

    months: Sequence[date]
    is_single: bool

    @property
    def last(self) -> date:
        """The latest month of the period."""
        return self.months[-1]

    @property
    def label(self) -> str:
        """4月 or 4月から6月まで."""
        first, last = self.months[0], self.months[-1]
        if len(self.months) == 1:
            return f"{last.month}月"
        return f"{first.month}月から{last.month}月まで"


def months_over(term: Term) -> list[date]:
    """The months of the term that may be compiled: those that are over."""
    return [m for m in months_of(term.fiscal_year) if rules.is_over(m, clock.today())]


def period_of(term: Term, wanted: date | None, *, single: bool) -> Period | None:
    """The asked period, or up to the latest month that is over; None before the first one is."""
    over = months_over(term)
    if not over:
        return None
    last = wanted if wanted in over else over[-1]
    return Period([last] if single else [m for m in over if m <= last], single)


@dataclass(frozen=True)
class Amount:
    """One indicator of one row: sums over the months of the period.

    ``accepted`` as the bureau accepted, ``effect`` of the corrections, ``total`` of both;
    ``pending`` was sent and is not accepted. ``target`` asks of the same months as ``total`` has
    figures for, so that a late acceptance does not look like a poor result. ``like`` and
    ``last_year`` are the same hubs and months in both years: a missing month is no decline.
    """

    accepted: int | None = None
    effect: int = 0
    corrections: int = 0
    total: int | None = None
    pending: int | None = None
    target: Decimal | None = None
    year_target: Decimal | None = None
    like: int | None = None
    last_year: int | None = None

    @property
    def attainment(self) -> Decimal | None:
        """Total in percent of what the targets ask of the same months."""
        return figures.percent(self.total, self.target)

    @property
    def year_on_year(self) -> Decimal | None:
        """The like-for-like total in percent of last year's."""
        return figures.percent(self.like, self.last_year)


def summed(amounts: Iterable[Amount]) -> Amount:
    """Sums of sums; what nobody reported stays unsaid."""
    rows = list(amounts)
    return Amount(
        accepted=figures.total(row.accepted for row in rows),
        effect=sum(row.effect for row in rows),
        corrections=sum(row.corrections for row in rows),
        total=figures.total(row.total for row in rows),
        pending=figures.total(row.pending for row in rows),
        target=figures.total(row.target for row in rows),
        year_target=figures.total(row.year_target for row in rows),
        like=figures.total(row.like for row in rows),
        last_year=figures.total(row.last_year for row in rows),
    )


@dataclass(frozen=True)
class Row:
    """The nation, a bureau's area, or a hub; ``owed`` and ``accepted`` count hub-months."""

    level: str
    code: str
    name: str
    amounts: Mapping[str, Amount]
    owed: int
    accepted: int
    missing_hubs: int


@dataclass(frozen=True)
class MissingHub:
    """A hub whose months are not all accepted, with the state of each."""

    hub: Hub
    months: Sequence[tuple[date, str]]

    @property
    def text(self) -> str:
        """The months in words: 5月（提出済）、6月（未提出）."""
        return "、".join(f"{month.month}月（{state}）" for month, state in self.months)


@dataclass(frozen=True)
class AreaLine:
    """One focus area of one hub."""

    hub: Hub
    column: ResultColumn
    amount: Amount


@dataclass(frozen=True)
class Compilation:
    """Everything of a period: sums over all hubs, single hubs of the scope only."""

    term: Term
    period: Period
    indicators: Sequence[ActivityIndicator]
    nation: Row
    bureaus: Sequence[Row]
    hubs: Sequence[Row]
    missing: Sequence[MissingHub]
    areas: Sequence[AreaLine]
    trend: Mapping[str, Mapping[date, int]]
    is_whole: bool
    # What the consultations were about, by the ledger; None when nobody asked.
    shares: Sequence[Shares] | None = None

    @property
    def is_sample(self) -> bool:
        """True when the figures are made up for trying the portal out."""
        return settings.IS_SAMPLE_DATA or self.term.is_sample

    @property
    def rows(self) -> list[Row]:
        """All rows, the nation first."""
        return [self.nation, *self.bureaus, *self.hubs]


Cells = Mapping[tuple[int, date, Owner], MonthFigure]


@dataclass(frozen=True)
class _Stock:
    """What the rows are made of, read once."""

    term: Term
    period: Period
    indicators: Sequence[ActivityIndicator]
    states: Mapping[tuple[int, date], str]
    now: Cells
    before: Mapping[tuple[int, date, str], int]
    columns: Mapping[int, Sequence[ResultColumn]]
    owed: Mapping[int, Sequence[date]] = field(default_factory=dict)

    def months(self, hub: Hub, *states: str) -> list[date]:
        """The owed months of a hub in these states."""
        return [m for m in self.owed[hub.pk] if self.states.get((hub.pk, m)) in states]

    def state(self, hub: Hub, month: date) -> str:
        """The state in words."""
        state = self.states.get((hub.pk, month))
        if state in {None, ReportState.OPEN.value}:
            return UNSENT
        return ReportState(state).label


def _read(term: Term, period: Period, hubs: Sequence[Hub]) -> _Stock:
    year = term.fiscal_year
    prefetch_related_objects([term], "indicators")
    reports = MonthlyReport.objects.filter(term=term).order_by()
    codes = dict(
        ActivityIndicator.objects.filter(term__fiscal_year=year - 1).values_list("pk", "code")
    )
    this = month_figures(Q(report__term=term))
    last = month_figures(Q(report__term__fiscal_year=year - 1, report__state=ReportState.ACCEPTED))
    plans = with_versions(Plan.objects.filter(term=term, state=PlanState.FINALIZED))
    held = {plan.hub_id: plan for plan in plans}
    return _Stock(
        term=term,
        period=period,
        indicators=list(term.indicators.all()),
        states={
            (hub_id, month): state
            for hub_id, month, state in reports.values_list("hub_id", "month", "state")
        },
        now={(row.hub_id, row.month, row.owner): row for row in this},
        before={
            (row.hub_id, row.month, codes[row.owner[0]]): row.effective.value
            for row in last
            if row.owner[0] in codes and row.effective.value is not None
        },
        columns={hub.pk: columns_for(term, held.get(hub.pk)) for hub in hubs},
        owed={
            hub.pk: [
                month
                for month in rules.operated_months(*hub.operation_span(year), year)
                if month in period.months
            ]
            for hub in hubs
        },
    )


def compilation(
    scope: Scope, term: Term, period: Period, *, with_shares: bool = False
) -> Compilation:
    """The results of the period; nation and bureaus over all hubs, rows of the scope's hubs.

    ``with_shares`` adds the breakdown of the ledger over the scope's hubs.
    """
    hubs = list(Hub.objects.select_related("bureau").prefetch_related("contracts"))
    stock = _read(term, period, hubs)
    rows = {hub.pk: _hub_row(hub, stock) for hub in hubs}
    seen = [hub for hub in hubs if scope.covers(hub.pk)]
    by_bureau: dict[str, list[Hub]] = defaultdict(list)
    for hub in sorted(hubs, key=lambda hub: hub.bureau.order):
        by_bureau[hub.bureau.name].append(hub)
    return Compilation(
        term=term,
        period=period,
        indicators=stock.indicators,
        nation=_joined("全国", "全国", rows.values(), stock),
        bureaus=[
            _joined("経済産業局", name, [rows[hub.pk] for hub in members], stock)
            for name, members in by_bureau.items()
        ],
        hubs=[rows[hub.pk] for hub in seen],
        missing=[row for hub in seen if (row := _missing(hub, stock)).months],
        areas=[line for hub in seen for line in _areas(hub, stock)],
        trend=_trend(stock),
        is_whole=len(seen) == len(hubs),
        shares=shares_of(scope, period.months[0], period.last) if with_shares else None,
    )


def _hub_row(hub: Hub, stock: _Stock) -> Row:
    accepted = stock.months(hub, ReportState.ACCEPTED)
    owed = stock.owed[hub.pk]
    return Row(
        level="拠点",
        code=hub.code,
        name=hub.name,
        amounts={
            column.key: _indicator(hub, column, stock)
            for column in stock.columns[hub.pk]
            if column.indicator_id
        },
        owed=len(owed),
        accepted=len(accepted),
        missing_hubs=int(len(accepted) < len(owed)),
    )


def _indicator(hub: Hub, column: ResultColumn, stock: _Stock) -> Amount:
    amount = _amount(hub, column, stock)
    like, last_year = [], []
    for month in stock.months(hub, ReportState.ACCEPTED):
        this = stock.now.get((hub.pk, month, column.owner))
        before = stock.before.get((hub.pk, month_before(month, 12), column.key))
        if this is not None and this.effective.value is not None and before is not None:
            like.append(this.effective.value)
            last_year.append(before)
    return replace(amount, like=figures.total(like), last_year=figures.total(last_year))


def _amount(hub: Hub, column: ResultColumn, stock: _Stock) -> Amount:
    """Sums of one column of one hub over the period."""
    accepted = _cells(hub, column.owner, stock.months(hub, ReportState.ACCEPTED), stock)
    pending = _cells(hub, column.owner, stock.months(hub, *SENT), stock)
    year = stock.term.fiscal_year
    operated = rules.operated_months(*hub.operation_span(year), year)
    months = [row.month for row in accepted if row.effective.value is not None]
    return Amount(
        accepted=figures.total(row.entry.value for row in accepted),
        effect=sum(row.effect for row in accepted),
        corrections=sum(row.corrections for row in accepted),
        total=figures.total(row.effective.value for row in accepted),
        pending=figures.total(row.entry.value for row in pending),
        target=rules.expected_to_date(column.target, months, column.phasing) if months else None,
        year_target=rules.effective_target(column.target, operated, column.phasing),
    )


def _cells(hub: Hub, owner: Owner, months: Iterable[date], stock: _Stock) -> list[MonthFigure]:
    found = (stock.now.get((hub.pk, month, owner)) for month in months)
    return [row for row in found if row is not None]


def _joined(level: str, name: str, rows: Iterable[Row], stock: _Stock) -> Row:
    members = list(rows)
    return Row(
        level=level,
        code="",
        name=name,
        amounts={
            one.code: summed(row.amounts[one.code] for row in members) for one in stock.indicators
        },
        owed=sum(row.owed for row in members),
        accepted=sum(row.accepted for row in members),
        missing_hubs=sum(row.missing_hubs for row in members),
    )


def _missing(hub: Hub, stock: _Stock) -> MissingHub:
    accepted = set(stock.months(hub, ReportState.ACCEPTED))
    return MissingHub(
        hub, [(m, stock.state(hub, m)) for m in stock.owed[hub.pk] if m not in accepted]
    )


def _areas(hub: Hub, stock: _Stock) -> list[AreaLine]:
    return [
        AreaLine(hub, column, _amount(hub, column, stock))
        for column in stock.columns[hub.pk]
        if column.focus_area_id
    ]


def _trend(stock: _Stock) -> dict[str, dict[date, int]]:
    """National sums of accepted months of this and last year, by indicator."""
    codes = {row.pk: row.code for row in stock.indicators}
    found: dict[str, dict[date, int]] = {code: defaultdict(int) for code in codes.values()}
    for row in stock.now.values():
        if row.is_accepted and row.owner[0] in codes and row.effective.value is not None:
            found[codes[row.owner[0]]][row.month] += row.effective.value
    for (_, month, code), value in stock.before.items():
        if code in found:
            found[code][month] += value
    return found
