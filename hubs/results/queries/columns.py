"""The columns a hub answers for, and the stored figures found by month and column."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from hubs.network.models import Hub
from hubs.plans.models import Plan, PlanState
from hubs.results import rules
from hubs.results.models import MonthlyReport, MonthlyResult
from hubs.results.rules import Entry
from hubs.terms.models import Term
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

    @property
    def owner(self) -> tuple[int | None, int | None]:
        """How a stored figure names its column."""
        return self.indicator_id, self.focus_area_id


def columns_for(term: Term, plan: Plan | None) -> list[ResultColumn]:
    """Indicators of the term, then the focus areas once the plan is fixed."""
    fixed = plan if plan is not None and plan.state == PlanState.FINALIZED else None
    targets = {row.indicator_id: row.value for row in fixed.targets.all()} if fixed else {}
    columns = [
        ResultColumn(row.code, row.name, row.unit, target=targets.get(row.pk), indicator_id=row.pk)
        for row in term.indicators.all()
    ]
    if fixed:
        columns += [
            ResultColumn(area.code, area.name, area.unit, target=area.target, focus_area_id=area.pk)
            for area in fixed.focus_areas.all()
        ]
    return columns


def plan_of(hub: Hub, term: Term) -> Plan | None:
    """The hub's plan with what the columns need."""
    return (
        Plan.objects.filter(hub=hub, term=term).prefetch_related("targets", "focus_areas").first()
    )


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
