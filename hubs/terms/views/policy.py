"""Screens of the activity policy: read, write, sign from both sides, compare versions."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.terms import operations, queries
from hubs.terms.flow import POLICY_FLOW
from hubs.terms.forms import PolicyForm
from hubs.terms.models import ActivityPolicy, PolicyState, Term
from hubs.terms.rules.comparing import text_pairs
from hubs.terms.rules.signing import side_of
from hubs.terms.views.frame import crumbs, term_crumb, visible_policy
from yorozu.core.access import Scope, allow, decide, scope_of
from yorozu.core.errors import Conflict, NotReady
from yorozu.core.fiscal import nendo
from yorozu.core.web.missing import linked

SIGNING = {"hubs.terms.sign_policy", "hubs.terms.publish_policy"}


def _signing(policy: ActivityPolicy, scope: Scope) -> str:
    """The act of signing this person may do now: sign, publish, or nothing."""
    side = side_of(scope.role)
    offers = {row.action for row in POLICY_FLOW.offers(policy, scope)} & SIGNING
    if side is None or not offers:
        return ""
    own = next(one for one in queries.signatures(policy) if one.side == side)
    return "" if own.at is not None else offers.pop()


@require_safe
@allow("hubs.terms.view")
def policy_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One version of the activity policy with both signatures."""
    scope = scope_of(request)
    policy = visible_policy(scope, pk)
    side = side_of(scope.role)
    own = [one for one in queries.signatures(policy) if side == one.side and one.at]
    versions = list(queries.policies(scope, policy.term))
    context = {
        "title": policy.title,
        "breadcrumbs": crumbs(term_crumb(policy.term), (f"活動方針 第{policy.version}版", None)),
        "policy": policy,
        "chip": queries.policy_chip(policy),
        "signatures": queries.signatures(policy),
        "signing": _signing(policy, scope),
        "may_unsign": policy.state == PolicyState.SIGNED and bool(own),
        "may_draft": decide(scope, "hubs.terms.draft_policy").allowed,
        "earlier": next((row for row in versions if row.version < policy.version), None),
    }
    return render(request, "hubs/terms/policy_detail.html", context)


@require_safe
@allow("hubs.terms.view")
def policy_difference(request: HttpRequest, pk: int) -> HttpResponse:
    """Two versions side by side; ?with= picks the other one, else the version before."""
    scope = scope_of(request)
    policy = visible_policy(scope, pk)
    versions = list(queries.policies(scope, policy.term).exclude(pk=policy.pk))
    wanted = request.GET.get("with", "")
    earlier = next((row for row in versions if row.version < policy.version), None)
    other = next((row for row in versions if str(row.version) == wanted), earlier)
    context = {
        "title": "活動方針の版の比較",
        "breadcrumbs": crumbs(
            term_crumb(policy.term),
            (f"活動方針 第{policy.version}版", reverse("policy_detail", args=[policy.pk])),
            ("比較", None),
        ),
        "policy": policy,
        "other": other,
        "versions": versions,
        "pairs": text_pairs(_text(other), _text(policy)) if other else [],
    }
    return render(request, "hubs/terms/policy_difference.html", context)


def _text(policy: ActivityPolicy) -> str:
    return f"{policy.title}\n{policy.body}"


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.terms.draft_policy")
def policy_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the draft of the policy: the open one, or a new version from the published text."""
    term = get_object_or_404(Term, pk=pk)
    draft = queries.draft_of(term)
    base = draft or queries.published_policy(term)
    initial = {
        "title": base.title if base else f"{nendo(term.fiscal_year)}活動方針",
        "body": base.body if base else "",
        "seen": operations.text_hash(draft.title, draft.body) if draft else "",
    }
    form = PolicyForm(request.POST if request.method == "POST" else None, initial=initial)
    context = {
        "title": "活動方針の作成",
        "breadcrumbs": crumbs(term_crumb(term), ("活動方針の作成", None)),
        "form": form,
        "term": term,
        "draft": draft,
        "is_signed": draft is not None and draft.state == PolicyState.SIGNED,
        "theirs": None,
    }
    if request.method != "POST":
        return render(request, "hubs/terms/policy_edit.html", context)
    if not form.is_valid():
        return render(request, "hubs/terms/policy_edit.html", context, status=422)
    try:
        policy = operations.draft_policy(actor=scope_of(request), term=term, **form.cleaned_data)
    except Conflict:
        # Both texts stay on the page; sending again from here means: mine, knowing theirs.
        mine = {**form.cleaned_data, "seen": initial["seen"]}
        context.update(form=PolicyForm(initial=mine), theirs=draft, has_errors=True)
        return render(request, "hubs/terms/policy_edit.html", context, status=409)
    text = "活動方針の下書きを保存しました。中小企業庁と全国本部の双方が承認すると、公表されます。"
    messages.success(request, text)
    return redirect("policy_detail", pk=policy.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.terms.publish_policy")
def policy_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Check page and act: sign for one's side; the second signature publishes."""
    scope = scope_of(request)
    policy = visible_policy(scope, pk)
    missing, status = [], 200
    if request.method == "POST":
        try:
            signed = operations.sign_policy(
                actor=scope, policy=policy, seen=request.POST.get("seen", "")
            )
        except NotReady as refusal:
            missing, status = linked(refusal.missing), 409
        else:
            messages.success(request, _said(signed))
            return redirect("policy_detail", pk=signed.pk)
    context = {
        "title": "活動方針の承認（内容の確認）",
        "breadcrumbs": crumbs(term_crumb(policy.term), ("活動方針の承認", None)),
        "policy": policy,
        "digest": operations.policy_hash(policy),
        "signatures": queries.signatures(policy),
        "signing": _signing(policy, scope),
        "missing": missing,
        "has_errors": bool(missing),
    }
    return render(request, "hubs/terms/policy_publish.html", context, status=status)


def _said(policy: ActivityPolicy) -> str:
    if policy.state == PolicyState.PUBLISHED:
        return "双方の承認がそろい、活動方針を公表しました。各拠点は事業計画を提出できます。"
    waiting = next(one.side.label for one in queries.signatures(policy) if one.at is None)
    return f"活動方針を承認しました。{waiting}が承認すると公表されます。"


@require_POST
@allow("hubs.terms.unsign_policy")
def policy_unsign(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the signature of one's own side."""
    scope = scope_of(request)
    policy = operations.unsign_policy(actor=scope, policy=visible_policy(scope, pk))
    messages.success(request, "活動方針の承認を取り下げました。")
    return redirect("policy_detail", pk=policy.pk)
