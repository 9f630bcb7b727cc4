"""The columns a hub answers for, and the stored figures found by month and column."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from hubs.network.models import Hub
from hubs.plans.models import FocusArea, Plan
from hubs.plans.queries import PlanInForce, plan_in_force_of, with_versions
from hubs.results import rules
from hubs.results.models import MonthlyReport, MonthlyResult
from hubs.results.rules import Entry
from hubs.terms.models import ActivityIndicator, FigureSource, Term
from yorozu.core import figures


@dataclass(frozen=True)
class ResultColumn:
    """A column of the grid: an activity indicator, or a focus area of the fixed plan."""

    key: str
    label: str
    unit: str
    target: int | None = None
    indicator_id: int | None = None
    focus_area_id: int | None = None
    # Whether the figure may be drawn from the ledger.
    is_counted: bool = False
    # The twelve monthly targets, April first; empty for a plan without phasing.
    phasing: tuple[int, ...] = ()
    # Months in which the plan in force does not have this focus area: nothing is asked for them.
    absent: frozenset[date] = frozenset()

    @property
    def owner(self) -> tuple[int | None, int | None]:
        """How a stored figure names its column."""
        return self.indicator_id, self.focus_area_id

    @property
    def series_key(self) -> str:
        """An indicator goes on from term to term by its code; a focus area ends with its plan."""
        return self.key if self.focus_area_id is None else f"area-{self.focus_area_id}"


def columns_for(term: Term, plan: Plan | None) -> list[ResultColumn]:
    """Indicators of the term, then every focus area the fixed plan ever had.

    Targets are those of the version in force; an area keeps its column when an amendment drops it,
    because results were reported under it.
    """
    held = plan_in_force_of(plan) if plan is not None else None
    columns = [_indicator_column(row, held) for row in term.indicators.all()]
    if held is not None:
        columns += [_area_column(area, held) for area in held.plan.focus_areas.all()]
    return columns


def _indicator_column(row: ActivityIndicator, held: PlanInForce | None) -> ResultColumn:
    target = held.agreed.target(row.code) if held is not None else None
    return ResultColumn(
        row.code,
        row.name,
        row.unit,
        target=target.value if target is not None else None,
        indicator_id=row.pk,
        is_counted=row.source == FigureSource.LEDGER,
        phasing=target.phasing if target is not None else (),
    )


def _area_column(row: FocusArea, held: PlanInForce) -> ResultColumn:
    area = held.agreed.area(row.code)
    return ResultColumn(
        row.code,
        area.name if area is not None else row.name,
        row.unit,
        target=area.target if area is not None else None,
        focus_area_id=row.pk,
        phasing=area.phasing if area is not None else (),
        absent=held.absent_months(row.code),
    )


def plan_of(hub: Hub, term: Term) -> Plan | None:
    """The hub's plan with what the columns need."""
    return with_versions(Plan.objects.filter(hub=hub, term=term)).first()


def shown(entry: Entry) -> str:
    """A figure as text on a page."""
    if entry.state == rules.NOT_APPLICABLE:
        return figures.Blank.NOT_APPLICABLE.value
    return figures.format_count(entry.value)


Found = Mapping[tuple[date, str], MonthlyResult]


def entries(columns: Sequence[ResultColumn], reports: Iterable[MonthlyReport]) -> Found:
    """Stored figures of the reports by month and column key."""
    keys = {column.owner: column.key for column in columns}
    return {
        (report.month, keys[owner]): result
        for report in reports
        for result in report.results.all()
        if (owner := (result.indicator_id, result.focus_area_id)) in keys
    }


def entry_of(result: MonthlyResult | None) -> Entry:
    """A stored figure as the rules see it."""
    return Entry(result.value_state, result.value) if result else rules.BLANK
