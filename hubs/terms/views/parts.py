"""The parts of a year: last year's content beside the new one, each taken over or changed."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.terms import operations, queries
from hubs.terms.flow import TERM_FLOW
from hubs.terms.models import Term, TermState
from hubs.terms.parts import Content, Entry, PartFaults, YearPart, find
from hubs.terms.queries import PartView
from hubs.terms.views.frame import crumbs, parts_crumb, term_crumb
from yorozu.core.access import allow, decide, scope_of
from yorozu.core.canonical import canonical_hash
from yorozu.core.errors import NotReady
from yorozu.core.fiscal import nendo
from yorozu.core.web.missing import linked


def part_of(code: str) -> YearPart:
    """The part of an address; 404 for an unknown one."""
    try:
        return find(code)
    except KeyError:
        raise Http404 from None


@require_safe
@allow("hubs.terms.view")
def term_parts(request: HttpRequest, pk: int) -> HttpResponse:
    """All parts of the year on one page, what differs in sight; a tick per part to take over."""
    return _parts_page(request, get_object_or_404(Term, pk=pk))


def _parts_page(
    request: HttpRequest, term: Term, faults: list[str] | None = None, status: int = 200
) -> HttpResponse:
    scope = scope_of(request)
    views = queries.opening(term)
    is_preparing = term.state == TermState.PREPARING
    may_decide = decide(scope, "hubs.terms.decide").allowed and term.state != TermState.CLOSED
    lacking = [part.label for part in queries.undecided(term)]
    offers = {row.action for row in TERM_FLOW.offers(term, scope)}
    context = {
        "title": f"{nendo(term.fiscal_year)} 年度の項目",
        "breadcrumbs": crumbs(term_crumb(term), ("年度の項目", None)),
        "term": term,
        "views": views,
        "steps": _steps(views),
        "is_preparing": is_preparing,
        "may_decide": may_decide,
        "may_take_over": is_preparing and may_decide and any(view.may_take_over for view in views),
        "may_start": "hubs.terms.start" in offers,
        "may_discard": is_preparing
        and decide(scope, "hubs.terms.open").allowed
        and all(view.decision is None for view in views),
        "lacking": lacking,
        "rules": queries.registered(term),
        "faults": faults or [],
    }
    return render(request, "hubs/terms/parts.html", context, status=status)


def _steps(views: list[PartView]) -> list[dict[str, Any]]:
    first = next((view.part.code for view in views if view.decision is None), "")
    return [
        {
            "label": view.part.label,
            "url": f"#{view.part.code}",
            "state": view.decision.get_kind_display()
            if view.decision
            else ("" if view.part.required else "任意"),
            "done": view.decision is not None,
            "current": view.part.code == first,
        }
        for view in views
    ]


@require_POST
@allow("hubs.terms.decide")
def term_take_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Take over the ticked parts, each as an own act."""
    term = get_object_or_404(Term, pk=pk)
    codes = [part_of(code).code for code in request.POST.getlist("parts")]
    if not codes:
        return _parts_page(request, term, ["引き継ぐ項目に印を付けてください。"], status=422)
    seen = {code: request.POST.get(f"seen-{code}", "") for code in codes}
    try:
        done = operations.take_over(actor=scope_of(request), term=term, codes=codes, seen=seen)
    except NotReady as refusal:
        return _parts_page(request, term, [refusal.message], status=409)
    names = "、".join(row.part_label for row in done)
    messages.success(request, f"{len(done)}項目を引き継ぎました（{names}）。")
    return redirect("term_parts", pk=term.pk)


@require_POST
@allow("hubs.terms.start")
def term_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Start the prepared term."""
    term = get_object_or_404(Term, pk=pk)
    try:
        operations.start_term(actor=scope_of(request), term=term)
    except NotReady as refusal:
        texts = [item.text for item in refusal.missing]
        return _parts_page(request, term, texts, status=409)
    name = nendo(term.fiscal_year)
    text = f"{name}の期を開始しました。次は年度の規則の登録と活動方針の公表です。"
    messages.success(request, text)
    return redirect("term_detail", pk=term.pk)


def edit_context(
    term: Term, part: YearPart, base: Content, left: Content | None, typed: Mapping[str, str] | None
) -> dict[str, Any]:
    """What the edit page of a part shows: its controls beside the content of the left column."""
    before = {row.key: row.text for row in part.rows(left)} if left is not None else {}
    entries = part.entries(term, base)
    groups: list[dict[str, Any]] = [
        {"title": title, "entries": [_control(entry, before, typed) for entry in found]}
        for (title, _), found in groupby(entries, key=lambda entry: _group(part, entry))
    ]
    return {
        "part": part,
        "groups": groups,
        "heads": [row["entry"].label for row in groups[0]["entries"]] if groups else [],
        "seen": canonical_hash(base),
    }


def _group(part: YearPart, entry: Entry) -> tuple[str, str]:
    """Heading of a control; in lines the code keeps two lines of one name apart."""
    return entry.group, entry.key.partition("/")[0] if part.layout == "lines" else ""


def _control(
    entry: Entry, before: Mapping[str, str], typed: Mapping[str, str] | None
) -> dict[str, Any]:
    value = entry.value if typed is None else typed.get(entry.key, "")
    name = f"v/{entry.key}"
    stood = before.get(entry.key, "")
    return {"entry": entry, "name": name, "value": value, "before": stood}


def typed_values(request: HttpRequest) -> dict[str, str]:
    """What was typed, by the key of its entry."""
    return {
        name.removeprefix("v/"): str(text)
        for name, text in request.POST.items()
        if name.startswith("v/")
    }


@require_http_methods(["GET", "HEAD", "POST"])
@allow("hubs.terms.decide")
def term_part(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Change one part: last year's value beside each control."""
    term, part = get_object_or_404(Term, pk=pk), part_of(code)
    view = queries.part_view(term, part, queries.previous_term(term))
    base = part.blank(term) if view.shown is None else view.shown
    typed, reason = None, request.POST.get("reason", "")
    faults: list[dict[str, str]] = []
    if request.method == "POST":
        typed = typed_values(request)
        try:
            content = part.read(term, base, typed)
            seen = request.POST.get("seen", "") if view.shown is not None else None
            operations.change_part(
                actor=scope_of(request), term=term, part=part, content=content,
                reason=reason, seen=seen,
            )  # fmt: skip
        except PartFaults as refusal:
            faults = fault_rows(refusal)
        except NotReady as refusal:
            faults = linked(refusal.missing) or [{"text": refusal.message, "url": ""}]
        else:
            messages.success(request, f"「{part.label}」を変更しました。")
            return redirect("term_parts", pk=term.pk)
    context = edit_context(term, part, base, view.last, typed) | {
        "title": f"{part.label}の変更",
        "breadcrumbs": crumbs(term_crumb(term), parts_crumb(term), (part.label, None)),
        "term": term,
        "origin": view.origin,
        "faults": faults,
        "has_errors": bool(faults),
        "reason": reason,
        "needs_reason": term.state != TermState.PREPARING,
        "history": queries.history(term, part.code),
        "back_url": reverse("term_parts", args=[term.pk]),
        "lead": part.hint,
    }
    return render(request, "hubs/terms/part.html", context, status=422 if faults else 200)


def fault_rows(refusal: PartFaults) -> list[dict[str, str]]:
    """Faults for the summary, each linked to its control."""
    return [
        {"text": problem.as_text(), "url": f"#v/{key}" if key else ""}
        for key, problem in zip(refusal.by_key, refusal.problems, strict=True)
    ]
