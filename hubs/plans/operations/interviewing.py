"""Record the start interview."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from hubs.plans.flow import term_is_open
from hubs.plans.models import Plan, PlanState, StartInterview
from hubs.plans.queries import (
    interview_texts,
)
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Problem
from yorozu.core.flow import lock


def record_interview(
    *,
    actor: Scope,
    plan: Plan,
    held_on: date,
    attendees: str,
    minutes: str,
    zero_approved: Sequence[str] = (),
) -> StartInterview:
    """Record the start interview (S74); ``zero_approved``: indicators whose target 0 is agreed."""
    require(actor, "hubs.plans.record_interview", hub_id=plan.hub_id)
    _check_interview(held_on, attendees, minutes)
    with transaction.atomic():
        held = lock(plan)
        if held.state == PlanState.FINALIZED:
            raise Conflict("事業計画は確定しているため、面談の記録は変更できません。")
        if missing := term_is_open(held, actor):
            raise NotReady("期初面談を記録できません。", missing)
        before = interview_texts(held)
        interview, _ = StartInterview.objects.update_or_create(
            plan=held,
            defaults={
                "held_on": held_on,
                "attendees": attendees.strip(),
                "minutes": minutes.strip(),
                "recorded_by_name": actor.name[:80],
            },
        )
        zeros = held.targets.filter(value=0)
        zeros.update(is_zero_approved=False)
        zeros.filter(indicator__code__in=zero_approved).update(is_zero_approved=True)
        record(
            actor,
            "hubs.plans.record_interview",
            held,
            before=before,
            after={
                "held_on": held_on.isoformat(),
                "attendees": interview.attendees,
                "minutes": interview.minutes,
                "zero_approved": sorted(zero_approved),
            },
        )
    return interview


def _check_interview(held_on: date, attendees: str, minutes: str) -> None:
    problems = []
    if held_on > clock.today():
        problems.append(Problem(None, "実施日", "面談の実施日は今日までの日付を入力してください。"))
    if not attendees.strip():
        problems.append(Problem(None, "出席者", "出席者を所属とともに入力してください。"))
    if not minutes.strip():
        problems.append(Problem(None, "記録", "面談の記録を入力してください。"))
    if problems:
        raise InvalidInput(problems)
