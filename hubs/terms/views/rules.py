"""Screens of the registered rules of a year: versions, registration, proposed changes."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.terms import operations, queries
from hubs.terms.flow import CHANGE_FLOW
from hubs.terms.forms import ReasonForm
from hubs.terms.models import RuleChange, Term, TermState, YearRules
from hubs.terms.operations.registering import change_base, change_hash, lacking_parts
from hubs.terms.parts import PartFaults, rule_parts
from hubs.terms.queries.registry import proposed_parts
from hubs.terms.rules.signing import side_of
from hubs.terms.views.frame import crumbs, rules_crumb, term_crumb
from hubs.terms.views.parts import edit_context, fault_rows, part_of, typed_values
from yorozu.core.access import Scope, allow, decide, scope_of
from yorozu.core.canonical import canonical_hash, canonical_json, sha256_text
from yorozu.core.errors import NotReady
from yorozu.core.fiscal import nendo
from yorozu.core.web.missing import linked


@require_safe
@allow("hubs.terms.view")
def year_rules(request: HttpRequest, pk: int) -> HttpResponse:
    """All versions with hash, names and dates; the change being prepared; the command."""
    term, scope = get_object_or_404(Term, pk=pk), scope_of(request)
    rules = queries.registered(term)
    is_open = term.state == TermState.OPEN
    change = queries.open_change(term) if _knows_changes(scope) else None
    context = {
        "title": f"{nendo(term.fiscal_year)} 年度の規則",
        "breadcrumbs": crumbs(term_crumb(term), ("年度の規則", None)),
        "term": term,
        "rules": rules,
        "steps": queries.rules_history(term),
        "deviating": queries.deviating(term, rules) if rules else [],
        "change": change,
        "may_register": is_open
        and rules is None
        and decide(scope, "hubs.terms.register_rules").allowed,
        "may_change": is_open
        and rules is not None
        and decide(scope, "hubs.terms.draft_change").allowed,
    }
    return render(request, "hubs/terms/rules.html", context)


def _knows_changes(scope: Scope) -> bool:
    """A proposal is between state and HQ until both consent; the auditor reads along."""
    return decide(scope, "hubs.terms.draft_change").allowed or scope.role == "auditor"


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.terms.register_rules")
def year_rules_register(request: HttpRequest, pk: int) -> HttpResponse:
    """Check page and act: register the rules of the year with their hash."""
    term = get_object_or_404(Term, pk=pk)
    refused, status = "", 200
    if request.method == "POST":
        try:
            operations.register_rules(
                actor=scope_of(request), term=term, seen=request.POST.get("seen", "")
            )
        except NotReady as refusal:
            refused, status = refusal.message, 409
        else:
            messages.success(request, "年度の規則を登録しました。期初面談を記録できます。")
            return redirect("year_rules", pk=term.pk)
    text = canonical_json(queries.rules_content(term, 1, None))
    contents = [(part, part.stands(term)) for part in rule_parts()]
    context = {
        "title": "年度の規則の登録（内容の確認）",
        "breadcrumbs": crumbs(term_crumb(term), rules_crumb(term), ("登録", None)),
        "term": term,
        "parts": [
            {"part": part, "rows": part.rows(content) if content is not None else []}
            for part, content in contents
        ],
        "digest": sha256_text(text),
        "missing": linked(lacking_parts(term)),
        "refused": refused,
        "is_offered": term.state == TermState.OPEN and queries.registered(term) is None,
        "has_errors": status != 200,
    }
    return render(request, "hubs/terms/rules_register.html", context, status=status)


@require_safe
@allow("hubs.terms.view")
def year_rules_file(request: HttpRequest, pk: int) -> HttpResponse:
    """One registered version as a file with its hash."""
    rules = get_object_or_404(YearRules.objects.select_related("term"), pk=pk)
    answer = JsonResponse(queries.rules_file(rules), json_dumps_params={"ensure_ascii": False})
    name = f"year-rules-{rules.term.fiscal_year}-v{rules.version}.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.terms.draft_change")
def rule_change(request: HttpRequest, pk: int) -> HttpResponse:
    """The proposal of a change: begin it with its reason, then see its parts and consents."""
    term, scope = get_object_or_404(Term, pk=pk), scope_of(request)
    change = queries.open_change(term)
    initial = {"reason": change.reason if change else ""}
    form = ReasonForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if change is None:
            operations.begin_change(actor=scope, term=term, reason=reason)
            messages.success(request, "変更案を作成しました。変更する項目を選んでください。")
        else:
            operations.save_change(actor=scope, change=change, reason=reason)
            messages.success(request, "変更の理由を保存しました。")
        return redirect("rule_change", pk=term.pk)
    context = {
        "title": "年度の規則の変更案",
        "breadcrumbs": crumbs(term_crumb(term), rules_crumb(term), ("変更案", None)),
        "term": term,
        "rules": queries.registered(term),
        "is_open": term.state == TermState.OPEN,
        "form": form,
        **(_change_context(change, scope) if change else {"change": None}),
    }
    return render(
        request, "hubs/terms/rule_change.html", context, status=422 if form.errors else 200
    )


def _change_context(change: RuleChange, scope: Scope) -> dict[str, Any]:
    side = side_of(scope.role)
    signatures = queries.signatures(change)
    return {
        "change": change,
        "changes": queries.change_pairs(change),
        "changed": set(proposed_parts(change)),
        "parts": rule_parts(),
        "signatures": signatures,
        "digest": change_hash(change),
        "may_sign": any(one.side == side and one.at is None for one in signatures),
        "is_second": any(one.at is not None for one in signatures),
        "offers": {row.action for row in CHANGE_FLOW.offers(change, scope)},
    }


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.terms.draft_change")
def rule_change_part(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Write one part into the open proposal, beside the registered content."""
    term, part = get_object_or_404(Term, pk=pk), part_of(code)
    change = queries.open_change(term)
    if change is None:
        raise NotReady("先に、年度の規則の変更案を作成してください。")
    held = change_base(change).get(part.code)
    base = proposed_parts(change).get(part.code, held)
    stands = part.blank(term) if base is None else base
    typed, faults = None, []
    if request.method == "POST":
        typed = typed_values(request)
        try:
            content = part.read(term, stands, typed)
        except PartFaults as refusal:
            faults = fault_rows(refusal)
        else:
            operations.set_change_part(
                actor=scope_of(request),
                change=change,
                part=part,
                content=content,
                seen=request.POST.get("seen", "") if base is not None else canonical_hash(None),
            )
            messages.success(request, f"変更案の「{part.label}」を保存しました。")
            return redirect("rule_change", pk=term.pk)
    context = edit_context(term, part, stands, held, typed) | {
        "title": f"{part.label}の変更案",
        "breadcrumbs": crumbs(
            term_crumb(term),
            rules_crumb(term),
            ("変更案", reverse("rule_change", args=[term.pk])),
            (part.label, None),
        ),
        "term": term,
        "origin": f"第{change.base_version}版（登録済み）",
        "faults": faults,
        "has_errors": bool(faults),
        "needs_reason": False,
        "history": [],
        "back_url": reverse("rule_change", args=[term.pk]),
        "lead": "双方の同意がそろうまで、登録済みの内容が使われます。",
    }
    return render(request, "hubs/terms/part.html", context, status=422 if faults else 200)


@require_POST
@allow("hubs.terms.sign_change")
def rule_change_sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Consent for one's side; the second consent registers the new version."""
    term, scope = get_object_or_404(Term, pk=pk), scope_of(request)
    change = _open(term)
    done = operations.sign_change(actor=scope, change=change, seen=request.POST.get("seen", ""))
    if done.state == "published":
        messages.success(
            request,
            "双方の同意がそろい、新しい版を登録しました。この年度のすべての結果に表示されます。",
        )
        return redirect("year_rules", pk=term.pk)
    waiting = next(one.side.label for one in queries.signatures(done) if one.at is None)
    messages.success(request, f"変更案に同意しました。{waiting}が同意すると登録されます。")
    return redirect("rule_change", pk=term.pk)


@require_POST
@allow("hubs.terms.withdraw_change")
def rule_change_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the open proposal up, with a reason."""
    term = get_object_or_404(Term, pk=pk)
    change = _open(term)
    reason = request.POST.get("reason", "")
    operations.withdraw_change(actor=scope_of(request), change=change, reason=reason)
    messages.success(request, "変更案を取り下げました。登録済みの規則は変わりません。")
    return redirect("year_rules", pk=term.pk)


def _open(term: Term) -> RuleChange:
    change = queries.open_change(term)
    if change is None:
        raise NotReady("作成中の変更案がありません。")
    return change
