"""An amendment read on top of its base: what it would make of the plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from hubs.plans.models import OPEN_AMENDMENTS, AmendmentState, FocusArea, Plan, PlanAmendment
from hubs.plans.queries.editions import Edition, of_version
from hubs.plans.queries.listing import with_content
from hubs.plans.rules.agreed import kept_count, read_agreed, retroactive_months
from hubs.plans.rules.amending import Amended, area_codes, base_texts, read_amendment
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.canonical import canonical_hash
from yorozu.core.fiscal import month_of, months_of


@dataclass(frozen=True)
class Proposal:
    """An amendment with its base: current texts, wanted texts, and the content they make."""

    amendment: PlanAmendment
    base: Edition
    current: Mapping[str, str]
    texts: Mapping[str, str]
    codes: Sequence[str]
    kept: int
    amended: Amended
    retroactive: Sequence[date]

    @property
    def is_current(self) -> bool:
        """Whether its base is still the last version of the plan."""
        last = self.amendment.plan.versions.order_by("-number").first()
        return last is not None and last.pk == self.amendment.base_id

    @property
    def edition(self) -> Edition:
        """The wanted content as an edition, to compare with the base; its version once made."""
        if self.amendment.state == AmendmentState.APPROVED:
            return of_version(self.base.plan, self.amendment.approved_version)
        return Edition(
            key=f"a{self.amendment.number}",
            label=f"計画変更{self.amendment.number}の案",
            plan=self.base.plan,
            content=self.amended.content,
            content_hash=canonical_hash(self.amended.content),
            at=self.amendment.submitted_at or self.amendment.updated_at,
            by=self.amendment.submitted_by_name or self.amendment.updated_by_name,
        )


def visible_amendments(scope: Scope) -> QuerySet[PlanAmendment]:
    """Amendments of the scope with plan and base."""
    rows: QuerySet[PlanAmendment] = PlanAmendment.objects.visible_to(scope)
    return rows.select_related("plan__hub__bureau", "plan__term", "base")


def proposal_of(amendment: PlanAmendment) -> Proposal:
    """Read the amendment on top of its base."""
    plan = with_content(amendment.plan)
    base = of_version(plan, amendment.base)
    agreed = read_agreed(base.content, base.names)
    # Areas that this amendment or a later one brought were free when it was written.
    rows = FocusArea.objects.filter(plan=plan).exclude(added_in__number__gt=amendment.base.number)
    codes = area_codes(agreed, rows.values_list("code", flat=True))
    current = base_texts(base.content, agreed, codes)
    texts = {**current, **{k: v for k, v in amendment.texts.items() if k in current}}
    year = plan.term.fiscal_year
    kept = kept_count(amendment.effective_month, year) if amendment.effective_month else 0
    amended = read_amendment(base.content, agreed, texts, kept=kept, codes=codes)
    return Proposal(
        amendment=amendment,
        base=base,
        current=current,
        texts=texts,
        codes=codes,
        kept=kept,
        amended=amended,
        retroactive=reached_back(plan, amendment.effective_month),
    )


def accepted_months(plan: Plan) -> list[date]:
    """Months of the plan's year whose results the bureau has accepted."""
    rows = plan.hub.monthly_reports.filter(term=plan.term_id, state="accepted")
    return list(rows.values_list("month", flat=True))


def reached_back(plan: Plan, effective_month: date | None) -> list[date]:
    """Accepted months that the effective month would reach back into."""
    if effective_month is None:
        return []
    return retroactive_months(effective_month, accepted_months(plan))


def first_free_month(plan: Plan) -> date:
    """The first month no result of which is accepted: the earliest ordinary effective month."""
    months = months_of(plan.term.fiscal_year)
    accepted = accepted_months(plan)
    free = [month for month in months if not accepted or month > max(accepted)]
    wanted = min(max(month_of(clock.today()), months[0]), months[-1])
    return max(free[0], wanted) if free else months[-1]


def open_amendment_of(plan: Plan) -> PlanAmendment | None:
    """The amendment that is on its way, None when there is none."""
    return plan.amendments.filter(state__in=OPEN_AMENDMENTS).first()


def content_with_names(edition: Edition, content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with names and units of the indicators, which old contents lack."""
    names = edition.names
    targets = [
        {"name": names[row["code"]].name, "unit": names[row["code"]].unit, **row}
        for row in content["targets"]
    ]
    return {**content, "targets": targets}
