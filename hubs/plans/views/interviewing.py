"""The start interview beside the plan."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from hubs.plans import operations, queries
from hubs.plans.forms import InterviewForm
from hubs.plans.views.frame import crumbs, get_plan, plan_crumb, reading
from yorozu.core.access import allow, scope_of


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.plans.record_interview")
def plan_interview(request: HttpRequest, pk: int) -> HttpResponse:
    """Record the start interview beside the plan."""
    scope = scope_of(request)
    plan = get_plan(scope, pk)
    zeros = [row for row in plan.targets.all() if row.value == 0]
    initial = dict(queries.interview_texts(plan)) | {
        "zero_approved": [row.indicator.code for row in zeros if row.is_zero_approved]
    }
    form = InterviewForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        zeros=[row.indicator for row in zeros],
    )
    if request.method == "POST" and form.is_valid():
        operations.record_interview(actor=scope, plan=plan, **form.cleaned_data)
        messages.success(request, "期初面談を記録しました。計画が提出済なら、確定できます。")
        return redirect("plan_detail", pk=plan.pk)
    context = reading(plan, scope) | {
        "title": f"{plan.hub} 期初面談の記録",
        "breadcrumbs": crumbs(plan.term, plan_crumb(plan), ("期初面談", None)),
        "form": form,
    }
    return render(request, "hubs/plans/interview.html", context, status=422 if form.errors else 200)
