"""Late actions are brought before owner, hub chief, bureau and HQ, step by step, every night."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from evaluation.guidance.flow import ESCALATE
from evaluation.guidance.models import (
    ActionState,
    CaseState,
    GuidanceAction,
    GuidanceCase,
    GuidanceEscalation,
)
from evaluation.guidance.operations.telling import tell_case, tell_late
from evaluation.guidance.queries import bureau_people, hq_people
from evaluation.guidance.rules import METHODS, Step, steps_reached
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import Act, record_many


@dataclass(frozen=True)
class Escalated:
    """What a night has done: steps taken, plans that are late."""

    steps: int
    late_plans: int

    @property
    def counts(self) -> dict[str, int]:
        """For the job's result."""
        return {"steps": self.steps, "late_plans": self.late_plans}


def escalate(actor: Scope) -> Escalated:
    """Take every step that is due and was not taken; doing it twice changes nothing.

    A night that was missed is made up for: all steps reached since are taken at once.
    """
    require(actor, ESCALATE)
    today = clock.today()
    with transaction.atomic():
        # Two runs at once wait here for each other, on either database.
        running = GuidanceCase.objects.filter(state__in=[CaseState.RUNNING, CaseState.REVIEW])
        list(running.select_for_update().order_by("pk"))
        taken = _take(_late_actions(today), today)
        record_many(
            actor,
            ESCALATE,
            [
                Act(action, None, {"step": step.code, "days": days}, hub_id=action.case.hub_id)
                for action, step, days in taken
            ],
        )
        tell_late(taken, f"guidance-late:{clock.now():%Y%m%d%H%M%S%f}")
        plans = _tell_late_plans(today)
    return Escalated(len(taken), plans)


def _late_actions(today: date) -> list[GuidanceAction]:
    rows = GuidanceAction.objects.filter(
        state=ActionState.OPEN,
        due__lt=today,
        case__state__in=[CaseState.RUNNING, CaseState.REVIEW],
    )
    rows = rows.select_related("case__hub").prefetch_related("escalations")
    return list(rows.order_by("case", "number"))


def _take(actions: list[GuidanceAction], today: date) -> list[tuple[GuidanceAction, Step, int]]:
    taken = []
    for action in actions:
        held = {row.step for row in action.escalations.all() if row.due == action.due}
        days = (today - action.due).days
        method = METHODS[action.case.method_version]
        reached = steps_reached(action.due, today, method)
        taken += [(action, step, days) for step in reached if step.code not in held]
    GuidanceEscalation.objects.bulk_create(
        [
            GuidanceEscalation(action=action, step=step.code, due=action.due, days=days, on=today)
            for action, step, days in taken
        ]
    )
    return taken


def _tell_late_plans(today: date) -> int:
    """Plans not agreed in time: bureau and HQ are told once."""
    rows = GuidanceCase.objects.filter(
        state__in=[CaseState.OPENED, CaseState.PLANNING], started_at=None, plan_due__lt=today
    )
    late = list(rows.select_related("hub").order_by("pk"))
    for case in late:
        people = [*bureau_people(case.hub_id), *hq_people()]
        text = f"{case.hub}の重点指導の計画が、期限までに合意されていません。"
        tell_case(case, people, "plan-late", text)
    return len(late)
