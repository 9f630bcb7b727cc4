"""Check pages before submitting and finalizing; sending back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from hubs.plans import operations
from hubs.plans.flow import PLAN_FLOW, missing_for
from hubs.plans.forms import ReturnForm
from hubs.plans.views.frame import crumbs, get_plan, linked, may_edit, plan_crumb, reading
from yorozu.core.access import allow, scope_of
from yorozu.core.errors import NotReady


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.plans.submit")
def plan_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Check page before the submission; the button that submits stands only here."""
    return _decide(request, pk, "hubs.plans.submit")


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.plans.finalize")
def plan_finalize(request: HttpRequest, pk: int) -> HttpResponse:
    """Check page before the plan is fixed."""
    return _decide(request, pk, "hubs.plans.finalize")


_DECISIONS = {
    "hubs.plans.submit": (
        "提出",
        operations.submit_plan,
        "事業計画を提出しました。次は経済産業局が確認し、期初面談を行います。",
        "提出すると、経済産業局が差し戻すまで変更できません。",
    ),
    "hubs.plans.finalize": (
        "確定",
        operations.finalize_plan,
        "事業計画を確定しました。",
        "確定すると、計画と数値目標は変更できません。内容のハッシュが記録されます。",
    ),
}


def _decide(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    scope = scope_of(request)
    plan = get_plan(scope, pk)
    verb, act, done, effect = _DECISIONS[action]
    missing, status = missing_for(plan, action, scope), 200
    if request.method == "POST":
        try:
            act(actor=scope, plan=plan)
        except NotReady as refusal:
            missing, status = refusal.missing, 409
        else:
            messages.success(request, done)
            return redirect("plan_detail", pk=plan.pk)
    answer = PLAN_FLOW.decision(plan, action, scope)
    context = reading(plan, scope) | {
        "title": f"事業計画の{verb}（内容の確認）",
        "breadcrumbs": crumbs(plan.term, plan_crumb(plan), (verb, None)),
        "verb": verb,
        "effect": effect,
        "missing": linked(plan, missing, scope),
        "is_offered": answer.allowed,
        "refusal": answer.reason,
        "may_edit": may_edit(plan, scope),
    }
    return render(request, "hubs/plans/check.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.plans.return")
def plan_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Send back with a reason."""
    scope = scope_of(request)
    plan = get_plan(scope, pk)
    PLAN_FLOW.require(plan, "hubs.plans.return", scope)
    form = ReturnForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        operations.return_plan(actor=scope, plan=plan, reason=form.cleaned_data["reason"])
        messages.success(request, "事業計画を差し戻しました。拠点が直して、もう一度提出します。")
        return redirect("plan_detail", pk=plan.pk)
    context = {
        "title": f"{plan.hub} 事業計画の差戻し",
        "breadcrumbs": crumbs(plan.term, plan_crumb(plan), ("差戻し", None)),
        "plan": plan,
        "form": form,
    }
    return render(request, "hubs/plans/return.html", context, status=422 if form.errors else 200)
