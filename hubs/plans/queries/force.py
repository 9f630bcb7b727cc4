"""Which version of a plan holds, and what it says: the one way to a target for other slices.

The rows of a finalized plan stay the original version; amended versions are read on top of them.
The last version carries the targets of the whole year (months before its effective month keep the
phasing they had), so ``month`` None answers "what is the target of this year".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from hubs.network.models import Hub
from hubs.plans.models import Plan, PlanState, PlanSubmission, PlanVersion, VersionKind
from hubs.plans.queries.content import plan_content
from hubs.plans.rules.agreed import Agreed, AgreedTarget, Named, in_force, read_agreed
from hubs.terms.models import Term
from yorozu.core.canonical import parse_canonical
from yorozu.core.fiscal import first_day, months_of


@dataclass(frozen=True)
class PlanInForce:
    """A version of a plan with what it says; ``version_id`` None: fixed before versions existed.

    ``area_ids`` leads from the code of a focus area to the row its results are reported under.
    """

    plan: Plan
    number: int
    kind: str
    effective_month: date
    content_hash: str
    finalized_at: datetime | None
    finalized_by_name: str
    version_id: int | None
    agreed: Agreed
    area_ids: Mapping[str, int] = field(default_factory=dict)
    # Per version (number, effective month) the codes of its focus areas.
    areas_by_version: tuple[tuple[int, date, frozenset[str]], ...] = ()

    def absent_months(self, code: str) -> frozenset[date]:
        """Months of the year whose version does not have this focus area."""
        held = {number: codes for number, _, codes in self.areas_by_version}
        starts = [(number, month) for number, month, _ in self.areas_by_version]
        months = months_of(self.plan.term.fiscal_year)
        numbers = {month: in_force(starts, month) for month in months}
        return frozenset(
            month for month, number in numbers.items() if number and code not in held[number]
        )

    @property
    def label(self) -> str:
        """第1版（当初）, 第2版（変更）."""
        return f"第{self.number}版（{VersionKind(self.kind).label}）"


def with_versions(plans: QuerySet[Plan]) -> QuerySet[Plan]:
    """Plans with everything ``plan_in_force_of`` reads, in a fixed number of queries."""
    return plans.select_related("hub", "term", "finalized_by").prefetch_related(
        "versions", "focus_areas", "term__indicators"
    )


def content_of(version: PlanVersion | PlanSubmission) -> dict[str, Any]:
    """The stored text as a mapping; a number with a fraction is refused, it would be a float."""
    read = parse_canonical(version.content)
    if not isinstance(read, dict):
        raise TypeError("a version of a plan holds an object")
    return read


def plan_in_force_of(plan: Plan, month: date | None = None) -> PlanInForce | None:
    """What holds in a month (None: the last version); None while the plan is not fixed."""
    if plan.state != PlanState.FINALIZED:
        return None
    versions = {row.number: row for row in plan.versions.all()}
    number = in_force(((row.number, row.effective_month) for row in versions.values()), month)
    return _rows(plan) if number is None else _read(plan, versions[number])


def plan_in_force(hub: Hub, term: Term, month: date | None = None) -> PlanInForce | None:
    """The same by hub and term."""
    plan = with_versions(Plan.objects.filter(hub=hub, term=term)).first()
    return plan_in_force_of(plan, month) if plan is not None else None


def plans_in_force(
    term: Term, month: date | None = None, hubs: Iterable[Hub] | None = None
) -> dict[int, PlanInForce]:
    """The same for many hubs, by hub id; the number of queries does not grow with the hubs."""
    plans = Plan.objects.filter(term=term, state=PlanState.FINALIZED)
    if hubs is not None:
        plans = plans.filter(hub__in=[hub.pk for hub in hubs])
    found = ((plan.hub_id, plan_in_force_of(plan, month)) for plan in with_versions(plans))
    return {hub_id: held for hub_id, held in found if held is not None}


def targets_in_force(hub: Hub, term: Term, month: date | None = None) -> dict[str, AgreedTarget]:
    """Targets of the indicators by code; empty while the plan is not fixed."""
    held = plan_in_force(hub, term, month)
    return {row.code: row for row in held.agreed.targets} if held is not None else {}


def amended_in_force(plans: Iterable[Plan], day: date) -> dict[int, PlanVersion]:
    """By plan id the amended version that holds on a day, of those plans that have one.

    One query; a plan without an entry is what its own rows say.
    """
    rows = PlanVersion.objects.filter(
        plan__in=[plan.pk for plan in plans], kind=VersionKind.AMENDMENT, effective_month__lte=day
    )
    return {row.plan_id: row for row in rows.order_by("plan", "number")}


def _names(plan: Plan) -> dict[str, Named]:
    return {row.code: Named(row.name, row.unit) for row in plan.term.indicators.all()}


def _area_ids(plan: Plan) -> dict[str, int]:
    return {area.code: area.pk for area in plan.focus_areas.all()}


def _read(plan: Plan, version: PlanVersion) -> PlanInForce:
    return PlanInForce(
        plan=plan,
        number=version.number,
        kind=version.kind,
        effective_month=version.effective_month,
        content_hash=version.content_hash,
        finalized_at=version.finalized_at,
        finalized_by_name=version.finalized_by_name,
        version_id=version.pk,
        agreed=read_agreed(content_of(version), _names(plan)),
        area_ids=_area_ids(plan),
        areas_by_version=tuple(
            (row.number, row.effective_month, _codes(row)) for row in plan.versions.all()
        ),
    )


def _codes(version: PlanVersion) -> frozenset[str]:
    return frozenset(row["code"] for row in content_of(version)["focus_areas"])


def _rows(plan: Plan) -> PlanInForce:
    return PlanInForce(
        plan=plan,
        number=1,
        kind=VersionKind.ORIGINAL,
        effective_month=first_day(plan.term.fiscal_year),
        content_hash=plan.content_hash,
        finalized_at=plan.finalized_at,
        finalized_by_name=plan.finalized_by.name if plan.finalized_by else "",
        version_id=None,
        agreed=read_agreed(plan_content(plan), _names(plan)),
        area_ids=_area_ids(plan),
    )
