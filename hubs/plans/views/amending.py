"""Amendments: begin, write with autosave, ask, withdraw; approve, return or refuse."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.plans import operations
from hubs.plans.flow.amendment import AMENDABLE, AMENDMENT_FLOW
from hubs.plans.forms.amending import AmendPage, ApproveForm, OpenForm, ReasonForm, month_choices
from hubs.plans.models import PlanAmendment
from hubs.plans.operations.amending import (
    MONTH,
    REASON,
    AmendmentConflict,
    AmendmentSaved,
    missing_for_amendment,
)
from hubs.plans.queries.amending import (
    Proposal,
    first_free_month,
    open_amendment_of,
    proposal_of,
    visible_amendments,
)
from hubs.plans.rules.agreed import read_agreed
from hubs.plans.tables.differences import difference_sheet
from hubs.plans.tables.overview import AMENDMENT_CHIPS
from hubs.plans.views.frame import crumbs, get_plan, plan_crumb, version_of
from yorozu.core import clock
from yorozu.core.access import Scope, allow, decide, scope_of
from yorozu.core.errors import Missing, NotReady
from yorozu.core.fiscal import parse_month, wareki_month
from yorozu.core.web.chips import Chip
from yorozu.core.web.crumbs import Crumb


def _get(scope: Scope, pk: int) -> PlanAmendment:
    return get_object_or_404(visible_amendments(scope), pk=pk)


def _crumbs(amendment: PlanAmendment, *steps: tuple[str, str | None]) -> list[Crumb]:
    plan = amendment.plan
    label = f"計画変更{amendment.number}"
    here = (label, reverse("amendment_detail", args=[amendment.pk]) if steps else None)
    return crumbs(
        plan.term,
        plan_crumb(plan),
        ("版と計画変更", reverse("plan_versions", args=[plan.pk])),
        here,
        *steps,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.plans.amend")
def amendment_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin an amendment: effective month and reason; one on its way is gone on with."""
    scope = scope_of(request)
    plan = get_plan(scope, pk)
    there = open_amendment_of(plan)
    if there is not None:
        return redirect("amendment_detail", pk=there.pk)
    form = OpenForm(
        request.POST if request.method == "POST" else None,
        initial={"effective_month": f"{first_free_month(plan):%Y-%m}"},
        fiscal_year=plan.term.fiscal_year,
    )
    if request.method == "POST" and form.is_valid():
        made = operations.open_amendment(
            actor=scope,
            plan=plan,
            effective_month=parse_month(form.cleaned_data["effective_month"]),
            reason=form.cleaned_data["reason"],
        )
        return redirect("amendment_edit", pk=made.pk)
    context = {
        "title": f"{plan.hub} 計画変更の作成",
        "breadcrumbs": crumbs(plan.term, plan_crumb(plan), ("計画変更の作成", None)),
        "plan": plan,
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "hubs/plans/amendment_new.html", context, status=status)


def _facts(found: Proposal) -> dict[str, Any]:
    """What every page of an amendment shows: its difference to the version before."""
    amendment = found.amendment
    return {
        "amendment": amendment,
        "plan": amendment.plan,
        "chip": Chip(AMENDMENT_CHIPS[amendment.state]),
        "sheet": difference_sheet(found.base, found.edition),
        "base": found.base,
        "retroactive": "、".join(wareki_month(month) for month in found.retroactive),
    }


@require_safe
@allow("hubs.plans.view")
def amendment_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The amendment beside the version it changes, and what may be done next."""
    scope = scope_of(request)
    amendment = _get(scope, pk)
    found = proposal_of(amendment)
    offers = {row.action.removeprefix("hubs.plans.") for row in _offers(amendment, scope)}
    context = _facts(found) | {
        "title": f"{amendment.plan.hub} 計画変更{amendment.number}",
        "breadcrumbs": _crumbs(amendment),
        "offers": offers,
        "may_edit": amendment.state in AMENDABLE
        and decide(scope, "hubs.plans.amend", hub_id=amendment.hub_id).allowed,
    }
    return render(request, "hubs/plans/amendment.html", context)


def _offers(amendment: PlanAmendment, scope: Scope) -> Sequence[Any]:
    return AMENDMENT_FLOW.offers(amendment, scope)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.plans.amend")
def amendment_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form; without JavaScript this POST saves, with it every change is saved on the way."""
    scope = scope_of(request)
    amendment = _get(scope, pk)
    if request.method != "POST":
        return _edit_page(request, amendment)
    try:
        saved = operations.save_amendment(
            actor=scope,
            amendment=amendment,
            values=request.POST.dict(),
            version=version_of(request),
        )
    except AmendmentConflict as conflict:
        return _conflict_page(request, conflict)
    if saved.problems:
        return _edit_page(request, saved.amendment, status=422)
    messages.success(request, "計画変更を保存しました。内容を確認して申請してください。")
    return redirect("amendment_detail", pk=amendment.pk)


def _page(found: Proposal) -> AmendPage:
    return AmendPage(
        base=read_agreed(found.base.content, found.base.names),
        current=found.current,
        texts=found.texts,
        problems=found.amended.problems,
        codes=found.codes,
        kept=found.kept,
        fiscal_year=found.base.plan.term.fiscal_year,
    )


def _edit_page(request: HttpRequest, amendment: PlanAmendment, status: int = 200) -> HttpResponse:
    if amendment.state not in AMENDABLE:
        state = amendment.get_state_display()
        raise NotReady(f"計画変更は現在「{state}」のため、変更できません。")
    found = proposal_of(amendment)
    page = _page(found)
    month = amendment.effective_month
    context = {
        "title": f"{amendment.plan.hub} 計画変更{amendment.number}の作成",
        "breadcrumbs": _crumbs(amendment, ("作成", None)),
        "amendment": amendment,
        "page": page,
        "base": found.base,
        "faults": page.faults(),
        "has_errors": bool(found.amended.problems),
        "months": month_choices(amendment.plan.term.fiscal_year),
        "month": f"{month:%Y-%m}" if month else "",
        "retroactive": "、".join(wareki_month(month) for month in found.retroactive),
        "autosave_url": reverse("amendment_autosave", args=[amendment.pk]),
    }
    return render(request, "hubs/plans/amendment_edit.html", context, status=status)


def _label(name: str, page: AmendPage) -> str:
    heads = {REASON: "変更の理由", MONTH: "適用開始月"}
    if name in heads:
        return heads[name]
    groups = [*page.targets, *page.areas]
    labels = {one.name: one.label for one in page.sections}
    labels |= {one.name: one.label for group in groups for one in group.fields}
    labels |= {one.name: f"{group.title}の{one.label}" for group in groups for one in group.months}
    return labels.get(name, name)


def _differences(conflict: AmendmentConflict) -> list[dict[str, str]]:
    page = _page(proposal_of(conflict.amendment))
    return [
        {"name": name, "label": _label(name, page), "theirs": theirs, "mine": mine}
        for name, theirs, mine in conflict.differences
    ]


def _conflict_page(request: HttpRequest, conflict: AmendmentConflict) -> HttpResponse:
    amendment = conflict.amendment
    context = {
        "title": "他の人が先に更新しました",
        "breadcrumbs": _crumbs(amendment, ("入力の確認", None)),
        "edit_url": reverse("amendment_edit", args=[amendment.pk]),
        "version": amendment.version,
        "message": conflict.message,
        "differences": _differences(conflict),
        "has_errors": True,
    }
    return render(request, "conflict.html", context, status=409)


@require_POST
@allow("hubs.plans.amend")
def amendment_autosave(request: HttpRequest, pk: int) -> HttpResponse:
    """One change on the way: 200 saved, 422 kept but to be checked, 409 both texts (ui.md 2.2)."""
    scope = scope_of(request)
    amendment = _get(scope, pk)
    name = request.headers.get("HX-Trigger-Name", "")
    try:
        saved = operations.save_amendment(
            actor=scope,
            amendment=amendment,
            values=request.POST.dict(),
            version=version_of(request),
        )
    except AmendmentConflict as conflict:
        found = _differences(conflict)
        context = {
            "amendment": conflict.amendment,
            "message": conflict.message,
            "difference": next((row for row in found if row["name"] == name), found[0]),
        }
        return render(request, "hubs/plans/_amendment_conflict.html", context, status=409)
    return _saved_fragment(request, saved, name)


def _saved_fragment(request: HttpRequest, saved: AmendmentSaved, name: str) -> HttpResponse:
    problem = saved.problems.get(name, "")
    context = {"plan": saved.amendment, "problem": problem, "at": clock.now(), "months": None}
    response = render(request, "hubs/plans/_saved.html", context, status=422 if problem else 200)
    if request.POST.get("reload") or name == MONTH:
        # Another effective month locks other months: show the form as it now stands.
        response["HX-Refresh"] = "true"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.plans.submit_amendment")
def amendment_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Check page before asking; the button stands only here."""
    done = "計画変更を申請しました。次は経済産業局が確認し、承認するかどうかを決めます。"
    return _decide(request, pk, "hubs.plans.submit_amendment", operations.submit_amendment, done)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.plans.withdraw_amendment")
def amendment_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the amendment up."""
    done = "計画変更を取り下げました。事業計画は変わりません。"
    action = "hubs.plans.withdraw_amendment"
    return _decide(request, pk, action, operations.withdraw_amendment, done)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.plans.return_amendment")
def amendment_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Send back with a reason."""
    done = "計画変更を差し戻しました。拠点が直して、もう一度申請します。"
    action = "hubs.plans.return_amendment"
    return _decide(request, pk, action, operations.return_amendment, done, _reason_form)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.plans.refuse_amendment")
def amendment_refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse with a reason."""
    done = "計画変更を不承認としました。事業計画は変わりません。"
    action = "hubs.plans.refuse_amendment"
    return _decide(request, pk, action, operations.refuse_amendment, done, _reason_form)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.plans.approve_amendment")
def amendment_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Check page before approving; writes the next version."""
    done = "計画変更を承認しました。新しい版ができました。"
    action = "hubs.plans.approve_amendment"
    return _decide(request, pk, action, operations.approve_amendment, done, _approve_form)


def _reason_form(data: Any, found: Proposal) -> ReasonForm:
    return ReasonForm(data)


def _approve_form(data: Any, found: Proposal) -> ApproveForm:
    names = {row["code"]: row.get("name") for row in found.amended.content["targets"]}
    zeros = [(code, names[code] or code) for code in found.amended.new_zeros]
    return ApproveForm(data, retroactive=found.retroactive, zeros=zeros)


_EFFECTS = {
    "hubs.plans.submit_amendment": "申請すると、経済産業局が差し戻すまで変更できません。",
    "hubs.plans.withdraw_amendment": "取り下げると、この計画変更は元に戻せません。"
    "必要なときは、新しい計画変更を作成します。",
    "hubs.plans.return_amendment": "差し戻すと、拠点が直して、もう一度申請できるようになります。",
    "hubs.plans.approve_amendment": "承認すると、事業計画の新しい版になります。"
    "目標は適用開始月から変わり、承認は取り消せません。",
    "hubs.plans.refuse_amendment": "不承認とすると、この計画変更は終わります。"
    "事業計画は変わりません。",
}


def _decide(
    request: HttpRequest,
    pk: int,
    action: str,
    act: Callable[..., Any],
    done: str,
    make_form: Callable[[Any, Proposal], Any] | None = None,
) -> HttpResponse:
    """One page for every step: the difference, what is missing, and the button."""
    scope = scope_of(request)
    amendment = _get(scope, pk)
    found = proposal_of(amendment)
    posted = request.POST if request.method == "POST" else None
    form = make_form(posted, found) if make_form is not None else None
    missing: Sequence[Missing] = missing_for_amendment(found, action, scope)
    status = 200
    if posted is not None and (form is None or form.is_valid()):
        try:
            act(actor=scope, amendment=amendment, **(form.cleaned_data if form else {}))
        except NotReady as refusal:
            missing, status = refusal.missing, 409
        else:
            messages.success(request, done)
            return redirect("amendment_detail", pk=amendment.pk)
    if form is not None and form.errors:
        status = 422
    answer = AMENDMENT_FLOW.decision(amendment, action, scope)
    verb = AMENDMENT_FLOW.by_action[action].label
    context = _facts(found) | {
        "title": f"{amendment.plan.hub} 計画変更{amendment.number}の{verb}",
        "breadcrumbs": _crumbs(amendment, (verb, None)),
        "verb": verb,
        "effect": _EFFECTS[action],
        "missing": _linked(amendment, missing, scope),
        "is_offered": answer.allowed,
        "refusal": answer.reason,
        "form": form,
        "is_negative": action.rpartition(".")[2].startswith(("refuse", "withdraw")),
    }
    return render(request, "hubs/plans/amendment_decide.html", context, status=status)


def _linked(
    amendment: PlanAmendment, missing: Sequence[Missing], scope: Scope
) -> list[Mapping[str, str]]:
    may = decide(scope, "hubs.plans.amend", hub_id=amendment.hub_id).allowed
    may = may and amendment.state in AMENDABLE
    return [
        {
            "text": item.text,
            "url": reverse(item.link_name, args=[amendment.pk])
            if may and item.link_name == "amendment_edit"
            else "",
        }
        for item in missing
    ]
