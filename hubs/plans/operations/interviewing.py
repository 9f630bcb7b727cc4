"""Record the start interview."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from hubs.plans.flow import term_is_open
from hubs.plans.models import InterviewAttendee, Plan, PlanState, StartInterview
from hubs.plans.queries import interview_texts
from hubs.plans.rules import NO_CHALLENGE
from hubs.plans.rules.talk import InterviewRecord, attendee_problems
from hubs.terms.queries import rules_missing
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Problem
from yorozu.core.flow import lock


@dataclass(frozen=True)
class Approvals:
    """What was agreed at the interview besides the values.

    ``zeros``: codes of indicators whose target 0 is agreed; ``challenges``: codes of indicators and
    focus areas (CONS, F1) whose challenge factor is agreed.
    """

    zeros: Sequence[str] = ()
    challenges: Sequence[str] = ()


NO_APPROVALS = Approvals()


def record_interview(
    *,
    actor: Scope,
    plan: Plan,
    said: InterviewRecord,
    approvals: Approvals = NO_APPROVALS,
) -> StartInterview:
    """Record the start interview (S74), at which somebody of the hub and of the bureau sat."""
    require(actor, "hubs.plans.record_interview", hub_id=plan.hub_id)
    _check_interview(said)
    with transaction.atomic():
        held = lock(plan)
        if held.state == PlanState.FINALIZED:
            raise Conflict("事業計画は確定しているため、面談の記録は変更できません。")
        if missing := [*term_is_open(held, actor), *rules_missing(held.term)]:
            raise NotReady("期初面談を記録できません。", missing)
        before = interview_texts(held)
        interview = write_interview(held, said, actor)
        approve(held, approvals)
        record(
            actor,
            "hubs.plans.record_interview",
            held,
            before=before,
            after={
                **interview_texts(Plan.objects.get(pk=held.pk)),
                "zero_approved": sorted(approvals.zeros),
                "challenge_approved": sorted(approvals.challenges),
            },
        )
    return interview


def write_interview(plan: Plan, said: InterviewRecord, actor: Scope) -> StartInterview:
    """Store the interview and its people in the caller's transaction."""
    interview, _ = StartInterview.objects.update_or_create(
        plan=plan,
        defaults={
            "held_on": said.held_on,
            "minutes": said.minutes.strip(),
            "agreed_points": said.agreed_points.strip(),
            "recorded_by_name": actor.name[:80],
        },
    )
    interview.people.all().delete()
    InterviewAttendee.objects.bulk_create(
        InterviewAttendee(
            interview=interview,
            side=row.side,
            organisation=row.organisation.strip(),
            name=row.name.strip(),
            order=order,
        )
        for order, row in enumerate(said.attendees, start=1)
    )
    return interview


def approve(plan: Plan, approvals: Approvals) -> None:
    """Keep what was agreed at the targets; what is not named is not agreed (any more)."""
    zeros = plan.targets.filter(value=0)
    zeros.update(is_zero_approved=False)
    zeros.filter(indicator__code__in=approvals.zeros).update(is_zero_approved=True)
    approve_challenges(plan, approvals.challenges)


def approve_challenges(plan: Plan, codes: Sequence[str]) -> None:
    """Of the targets and areas with a challenge factor exactly these are agreed."""
    targets = plan.targets.exclude(challenge=NO_CHALLENGE)
    targets.update(is_challenge_approved=False)
    targets.filter(indicator__code__in=codes).update(is_challenge_approved=True)
    areas = plan.focus_areas.exclude(challenge=NO_CHALLENGE)
    areas.update(is_challenge_approved=False)
    areas.filter(code__in=codes).update(is_challenge_approved=True)


def _check_interview(said: InterviewRecord) -> None:
    problems = []
    if said.held_on > clock.today():
        problems.append(Problem(None, "実施日", "面談の実施日は今日までの日付を入力してください。"))
    problems += [Problem(None, "出席者", text) for text in attendee_problems(said.attendees)]
    if not said.minutes.strip():
        problems.append(Problem(None, "記録", "面談の記録を入力してください。"))
    if problems:
        raise InvalidInput(problems)
