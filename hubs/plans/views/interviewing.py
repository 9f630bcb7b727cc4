"""The start interview beside the plan, and its sheet on paper."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from hubs.plans import operations, queries
from hubs.plans.forms import InterviewForm, attendee_forms
from hubs.plans.models import Plan, Side
from hubs.plans.queries.talk import chief_name, rounds_by_section
from hubs.plans.rules import NO_CHALLENGE, is_small_target
from hubs.plans.rules.talk import Attendee
from hubs.plans.views.frame import crumbs, get_plan, may_read_minutes, plan_crumb, reading
from hubs.terms.queries import rules_missing
from yorozu.core import clock
from yorozu.core.access import Scope, allow, scope_of
from yorozu.core.errors import NotReady


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.plans.record_interview")
def plan_interview(request: HttpRequest, pk: int) -> HttpResponse:
    """Record the start interview beside the plan."""
    scope = scope_of(request)
    plan = get_plan(scope, pk)
    if missing := rules_missing(plan.term):
        # Said before anything is typed, so that no minutes are lost.
        raise NotReady("期初面談を記録できません。", missing)
    data = request.POST if request.method == "POST" else None
    form = _form(plan, data)
    people = attendee_forms(data, _known(plan, scope))
    is_valid = data is not None and all([form.is_valid(), people.is_valid()])
    if is_valid:
        operations.record_interview(
            actor=scope,
            plan=plan,
            said=form.record(people.attendees()),
            approvals=form.approvals(),
        )
        messages.success(request, "期初面談を記録しました。計画が提出済なら、確定できます。")
        return redirect("plan_detail", pk=plan.pk)
    context = reading(plan, scope) | {
        "title": f"{plan.hub} 期初面談の記録",
        "breadcrumbs": crumbs(plan.term, plan_crumb(plan), ("期初面談", None)),
        "form": form,
        "people": people,
        "adequacy": queries.adequacy_of(plan),
        "rounds": rounds_by_section(plan),
        "has_errors": data is not None,
    }
    status = 422 if data is not None else 200
    return render(request, "hubs/plans/interview.html", context, status=status)


def _form(plan: Plan, data: Any) -> InterviewForm:
    zeros = [row for row in plan.targets.all() if row.value == 0]
    stretched: list[tuple[str, str, Any]] = [
        (row.indicator.code, row.indicator.name, row) for row in plan.targets.all()
    ]
    stretched += [(row.code, f"重点分野「{row.name}」", row) for row in plan.focus_areas.all()]
    stretched = [one for one in stretched if one[2].challenge != NO_CHALLENGE]
    initial = dict(queries.interview_texts(plan)) | {
        "zero_approved": [row.indicator.code for row in zeros if row.is_zero_approved],
        "challenge_approved": [code for code, _, row in stretched if row.is_challenge_approved],
    }
    return InterviewForm(
        data,
        initial=initial,
        zeros=[
            (row.indicator.code, f"{row.indicator.name}の目標を0とすることを承認する")
            for row in zeros
        ],
        challenges=[
            (code, f"{name} {row.challenge}（理由：{row.challenge_reason}）")
            for code, name, row in stretched
        ],
    )


def _known(plan: Plan, scope: Scope) -> list[Attendee]:
    """The people recorded; before the first record the two who are surely there."""
    interview = queries.interview_of(plan)
    if interview is not None and (people := queries.attendees_of(interview)):
        return people
    chief = chief_name(plan.hub, clock.today())
    return [
        Attendee(Side.BUREAU, scope.organization or plan.hub.bureau.name, scope.name),
        Attendee(Side.HUB, plan.hub.name, chief),
    ]


@require_safe
@allow("hubs.plans.view")
def plan_interview_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet of the interview: what to talk about, or what was said."""
    scope = scope_of(request)
    plan = get_plan(scope, pk)
    context = {
        "plan": plan,
        "title": f"{plan.hub} 期初面談の記録",
        "back_url": reverse("plan_detail", args=[plan.pk]),
        "printed_on": clock.today(),
        "interview": queries.interview_of(plan),
        "may_read_minutes": may_read_minutes(plan, scope),
        "areas": [(area, is_small_target(area.target)) for area in plan.focus_areas.all()],
        "adequacy": queries.adequacy_of(plan),
        "rounds": rounds_by_section(plan),
        "blank_rows": range(6),
        "for_pdf": False,
    }
    return render(request, "hubs/plans/interview_print.html", context)
