"""Screens of the flags: the list, one flag with its figures, note and decision, the thresholds."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from hubs.integrity import operations, queries, tables
from hubs.integrity.flow import CLOSE, CLOSE_NATIONAL, FLAG_FLOW, NOTE, SETTLE
from hubs.integrity.forms import DecisionForm, NoteForm, ReasonForm
from hubs.integrity.models import FlagState, IntegrityFlag, Outcome
from hubs.integrity.queries import FlagFilter
from hubs.integrity.rules import CURRENT, METHODS, Check
from hubs.network.models import Bureau, Hub
from hubs.terms.models import Term
from yorozu.core.access import Scope, allow, decide, scope_of
from yorozu.core.fiscal import nendo
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.downloads import sheet_file

PAGE = 100


def _crumbs(*steps: Crumb) -> list[Crumb]:
    return [Crumb("ホーム", "/"), Crumb("確認事項", reverse("integrity_list")), *steps]


# --- The list -------------------------------------------------------------------------------------


@require_safe
@allow("hubs.integrity.view")
def integrity_list(request: HttpRequest) -> HttpResponse:
    """Flags of the scope, newest first, narrowed by state, year, kind, bureau and hub."""
    scope, wanted = scope_of(request), FlagFilter.read(request.GET.dict())
    page = Paginator(queries.filtered(scope, wanted), PAGE).get_page(request.GET.get("page"))
    has_many = scope.hub_ids is None or len(scope.hub_ids) > 1
    context = {
        "title": "確認事項",
        "breadcrumbs": [*_crumbs()[:-1], Crumb("確認事項")],
        "table": tables.flag_table(page, with_hub=has_many),
        "page": page,
        "query": wanted.query(),
        "states": _state_links(scope, wanted),
        "conditions": _conditions(scope, wanted) if has_many else [],
        "wanted": wanted,
        "is_narrowed": bool(wanted.query(state="")),
        "answer_days": CURRENT.answer_days,
        "is_hub_side": decide(scope, NOTE).allowed,
    }
    return render(request, "hubs/integrity/list.html", context)


def _state_links(scope: Scope, wanted: FlagFilter) -> list[dict[str, object]]:
    counts = queries.state_counts(scope, wanted)
    every = {"label": f"すべて（{sum(counts.values())}）", "state": ""}
    rows = [every] + [
        {"label": f"{state.label}（{counts[state.value]}）", "state": state.value}
        for state in FlagState
    ]
    return [
        {
            "label": row["label"],
            "url": f"?{wanted.query(state=row['state'])}",
            "current": row["state"] == wanted.state,
        }
        for row in rows
    ]


def _conditions(scope: Scope, wanted: FlagFilter) -> list[dict[str, Any]]:
    """The selections above the list, each with its choices."""
    hubs = Hub.objects.visible_to(scope).select_related("bureau").order_by("code")
    bureaus = {hub.bureau.code: hub.bureau for hub in hubs}
    found = [
        _condition("fiscal_year", "年度", _years(), str(wanted.fiscal_year or "")),
        _condition("check", "種類", [(one.value, one.label) for one in Check], wanted.check),
    ]
    if len(bureaus) > 1:
        rows = sorted(bureaus.values(), key=_order)
        choices = [(row.code, row.name) for row in rows]
        found.append(_condition("bureau", "経済産業局", choices, wanted.bureau))
    found.append(_condition("hub", "拠点", [(hub.code, hub.name) for hub in hubs], wanted.hub))
    return found


def _order(bureau: Bureau) -> int:
    return int(bureau.order)


def _years() -> list[tuple[str, str]]:
    rows = Term.objects.order_by("-fiscal_year")
    return [(str(term.fiscal_year), nendo(term.fiscal_year)) for term in rows]


def _condition(
    name: str, label: str, choices: list[tuple[str, str]], chosen: str
) -> dict[str, Any]:
    return {"name": name, "label": label, "choices": choices, "chosen": chosen}


@require_safe
@allow("hubs.integrity.view")
def integrity_export(request: HttpRequest, kind: str) -> HttpResponse:
    """The same list as a file."""
    wanted = FlagFilter.read(request.GET.dict())
    rows = tables.file_rows(queries.filtered(scope_of(request), wanted))
    header = tables.FILE_HEADER
    return sheet_file(request, kind=kind, name="確認事項", header=header, rows=rows)


@require_safe
@allow("hubs.integrity.view")
def integrity_method(request: HttpRequest) -> HttpResponse:
    """The checks and thresholds, newest version first."""
    context = {
        "title": "確認の基準",
        "breadcrumbs": _crumbs(Crumb("確認の基準")),
        "tables": [tables.method_table(method) for method in reversed(list(METHODS.values()))],
        "answer_days": CURRENT.answer_days,
    }
    return render(request, "hubs/integrity/method.html", context)


# --- One flag -------------------------------------------------------------------------------------


def _get(request: HttpRequest, pk: int) -> IntegrityFlag:
    return get_object_or_404(queries.visible_flags(scope_of(request)), pk=pk)


@require_safe
@allow("hubs.integrity.view")
def integrity_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One flag: what is asked, the numbers behind it, what was said and decided."""
    return _page(request, _get(request, pk))


def _page(
    request: HttpRequest,
    flag: IntegrityFlag,
    note_form: NoteForm | None = None,
    decision_form: ReasonForm | None = None,
) -> HttpResponse:
    scope = scope_of(request)
    page = queries.flag_page(flag)
    offers = {one.action for one in FLAG_FLOW.offers(flag, scope)}
    may_note = (
        flag.hub_id is not None and flag.is_open and decide(scope, NOTE, hub_id=flag.hub_id).allowed
    )
    invalid = (note_form is not None) or (decision_form is not None)
    context = {
        "title": f"{flag.hub or tables.NETWORK}　{flag.kind.label}",
        "breadcrumbs": _crumbs(Crumb(str(flag.hub or tables.NETWORK)), Crumb(flag.kind.label)),
        "page": page,
        "flag": flag,
        "chip": tables.flag_chip(flag),
        "figures": tables.figure_table(page),
        "facts": tables.fact_table(page),
        "links": _links(scope, flag),
        "note_form": (note_form or NoteForm()) if may_note else None,
        "decision": _decision(flag, offers, decision_form),
        "has_errors": invalid,
        "form": note_form or decision_form,
    }
    status = 422 if invalid else 200
    return render(request, "hubs/integrity/detail.html", context, status=status)


def _links(scope: Scope, flag: IntegrityFlag) -> list[dict[str, str]]:
    """Where the figures stand, as far as the scope may open them."""
    links = []
    if flag.hub_id is not None and decide(scope, "hubs.results.view", hub_id=flag.hub_id).allowed:
        url = reverse("results_grid", args=[flag.term_id, flag.hub_id])
        anchor = f"#row-{flag.month:%Y%m}" if flag.month else ""
        links.append({"label": "月次実績の表を開く", "url": f"{url}{anchor}"})
    if flag.kind == Check.RATCHET and decide(scope, "hubs.plans.view").allowed:
        links.append(
            {"label": "事業計画の一覧を開く", "url": reverse("plan_list", args=[flag.term_id])}
        )
    links.append({"label": "確認の基準", "url": reverse("integrity_method")})
    return links


def _decision(
    flag: IntegrityFlag, offers: set[str], form: ReasonForm | None
) -> dict[str, Any] | None:
    """The form of whose turn it is."""
    if CLOSE in offers and flag.hub_id is not None:
        return {
            "title": "判断する",
            "form": form or DecisionForm(),
            "url": reverse("integrity_decide", args=[flag.pk]),
            "button": "判断を記録する",
        }
    if SETTLE in offers:
        return {
            "title": "指摘の解消を確認する",
            "form": form or ReasonForm(),
            "url": reverse("integrity_settle", args=[flag.pk]),
            "button": "解消を記録する",
        }
    if CLOSE_NATIONAL in offers and flag.hub_id is None:
        return {
            "title": "全国の状況を確認する",
            "form": form or ReasonForm(),
            "url": reverse("integrity_close_national", args=[flag.pk]),
            "button": "確認を記録する",
        }
    return None


@require_POST
@allow(NOTE)
def integrity_note(request: HttpRequest, pk: int) -> HttpResponse:
    """The hub's explanation."""
    flag, form = _get(request, pk), NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, flag, note_form=form)
    operations.add_note(actor=scope_of(request), flag=flag, text=form.cleaned_data["text"])
    messages.success(request, "説明を記録しました。次は経済産業局が判断します。")
    return redirect("integrity_detail", pk=flag.pk)


@require_POST
@allow(CLOSE)
def integrity_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """The bureau's decision: the explanation holds, it was corrected, or a finding."""
    flag, form = _get(request, pk), DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, flag, decision_form=form)
    scope, reason = scope_of(request), form.cleaned_data["reason"]
    outcome = Outcome(form.cleaned_data["outcome"])
    if outcome == Outcome.FINDING:
        operations.find_flag(actor=scope, flag=flag, reason=reason)
    else:
        operations.close_flag(actor=scope, flag=flag, outcome=outcome, reason=reason)
    messages.success(request, "判断を記録しました。拠点に通知しました。")
    return redirect("integrity_detail", pk=flag.pk)


def _with_reason(
    request: HttpRequest, pk: int, act: Callable[..., object], done: str
) -> HttpResponse:
    flag, form = _get(request, pk), ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, flag, decision_form=form)
    act(actor=scope_of(request), flag=flag, reason=form.cleaned_data["reason"])
    messages.success(request, done)
    return redirect("integrity_detail", pk=flag.pk)


@require_POST
@allow(SETTLE)
def integrity_settle(request: HttpRequest, pk: int) -> HttpResponse:
    """A finding has been put right."""
    done = "指摘の解消を記録しました。拠点に通知しました。"
    return _with_reason(request, pk, operations.settle_flag, done)


@require_POST
@allow(CLOSE_NATIONAL)
def integrity_close_national(request: HttpRequest, pk: int) -> HttpResponse:
    """The Agency has looked at a finding of the network."""
    return _with_reason(request, pk, operations.close_national, "確認を記録しました。")
