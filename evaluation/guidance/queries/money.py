"""The reserve that supports guidance: part of the adopted budget proposal, to the yen."""

from dataclasses import dataclass

from django.db.models import Sum

from evaluation.budget.models import BudgetScenario, ScenarioState
from evaluation.guidance.models import CaseState, GuidanceCase


@dataclass(frozen=True)
class Reserve:
    """Reserve of the adopted proposal for a year, and what cases of that year take of it."""

    total: int
    used: int

    @property
    def left(self) -> int:
        """Yen that may still be given."""
        return self.total - self.used


def reserve_of(case: GuidanceCase) -> Reserve | None:
    """The reserve beside the other cases of the same year; None while no proposal is adopted."""
    scenarios = BudgetScenario.objects.filter(
        fiscal_year=case.fiscal_year, state=ScenarioState.ADOPTED
    )
    scenario = scenarios.order_by("-adopted_at", "-pk").first()
    if scenario is None:
        return None
    others = GuidanceCase.objects.filter(fiscal_year=case.fiscal_year).exclude(pk=case.pk)
    # A case that was followed by another handed its support on.
    others = others.exclude(state__in=[CaseState.CANCELLED, CaseState.WAIVED])
    used = others.filter(following__isnull=True).aggregate(yen=Sum("support_yen"))["yen"]
    return Reserve(scenario.reserve_yen, used or 0)
