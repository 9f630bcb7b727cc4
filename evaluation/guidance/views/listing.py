"""The list with its files, the preview of triggers, the thresholds, the effect."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from evaluation.guidance import operations, queries, tables
from evaluation.guidance.flow import HUB_SIDE, OPEN, VIEW
from evaluation.guidance.forms import OpenForm
from evaluation.guidance.models import CaseState, GuidanceCase
from evaluation.guidance.queries import CaseFilter
from evaluation.guidance.queries.cases import FILE_HEADER, OPEN_ONLY
from evaluation.guidance.rules import CURRENT, LEVELS, METHODS, REGRESSION_NOTE
from evaluation.guidance.views.frame import crumbs
from hubs.network.models import Hub
from yorozu.core.access import Scope, allow, decide, scope_of
from yorozu.core.errors import InvalidInput
from yorozu.core.fiscal import nendo
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.downloads import sheet_file
from yorozu.core.web.forms import status_of


@require_safe
@allow(VIEW)
def guidance_list(request: HttpRequest) -> HttpResponse:
    """Cases of the scope: the newest year first, narrowed by state, level, bureau and hub."""
    scope, wanted = scope_of(request), CaseFilter.read(request.GET.dict())
    has_many = scope.hub_ids is None or len(scope.hub_ids) > 1
    cases = list(queries.filtered(scope, wanted))
    table = tables.case_table(cases, with_hub=has_many, is_narrowed=bool(wanted.query()))
    newest = queries.newest_run() if decide(scope, OPEN).allowed else None
    levels = queries.level_counts(scope, wanted)
    context = {
        "title": "重点指導",
        "breadcrumbs": [*crumbs()[:-1], Crumb("重点指導")],
        "table": table.sorted_by(request.GET.get("sort", ""), request.GET),
        "query": wanted.query(),
        "states": _state_links(scope, wanted),
        "levels": [
            {"label": f"段階{level} {LEVELS[level]}", "count": count}
            for level, count in levels.items()
        ],
        "conditions": _conditions(scope, wanted) if has_many else [],
        "wanted": wanted,
        "is_narrowed": bool(wanted.query(state="")),
        "is_hub_side": scope.role in HUB_SIDE,
        "newest": newest,
        "tiles": tables.tiles(cases) if scope.hub_ids is None else [],
        "legend": tables.LEGEND,
    }
    return render(request, "evaluation/guidance/list.html", context)


def _state_links(scope: Scope, wanted: CaseFilter) -> list[dict[str, object]]:
    counts = queries.state_counts(scope, wanted)
    total = sum(count for state, count in counts.items() if state != OPEN_ONLY)
    words = {"": f"すべて（{total}）", OPEN_ONLY: f"進行中（{counts[OPEN_ONLY]}）"}
    words |= {
        state.value: f"{state.label}（{counts[state.value]}）"
        for state in CaseState
        if counts[state.value] or state == wanted.state
    }
    return [
        {
            "label": label,
            "url": f"?{wanted.query(state=state)}",
            "current": state == wanted.state,
        }
        for state, label in words.items()
    ]


def _conditions(scope: Scope, wanted: CaseFilter) -> list[dict[str, Any]]:
    hubs = list(Hub.objects.visible_to(scope).select_related("bureau").order_by("code"))
    bureaus = {hub.bureau.code: hub.bureau for hub in hubs}
    years = queries.visible_cases(scope).order_by("-fiscal_year")
    known = dict.fromkeys(years.values_list("fiscal_year", flat=True))
    found = [
        _condition(
            "fiscal_year",
            "指導年度",
            [(str(year), nendo(year)) for year in known],
            str(wanted.fiscal_year or ""),
        ),
        _condition(
            "level",
            "段階",
            [(str(level), f"{level} {label}") for level, label in LEVELS.items()],
            str(wanted.level or ""),
        ),
    ]
    if len(bureaus) > 1:
        rows = [
            (code, bureaus[code].name) for code in sorted(bureaus, key=lambda c: bureaus[c].order)
        ]
        found.append(_condition("bureau", "経済産業局", rows, wanted.bureau))
    found.append(_condition("hub", "拠点", [(hub.code, hub.name) for hub in hubs], wanted.hub))
    return found


def _condition(
    name: str, label: str, choices: list[tuple[str, str]], chosen: str
) -> dict[str, Any]:
    return {"name": name, "label": label, "choices": choices, "chosen": chosen}


@require_safe
@allow(VIEW)
def guidance_export(request: HttpRequest, kind: str) -> HttpResponse:
    """The same list as a file."""
    wanted = CaseFilter.read(request.GET.dict())
    rows = queries.file_rows(queries.filtered(scope_of(request), wanted))
    return sheet_file(request, kind=kind, name="重点指導", header=FILE_HEADER, rows=rows)


@require_http_methods(["GET", "HEAD", "POST"])
@allow(OPEN)
def guidance_preview(request: HttpRequest, run_id: int) -> HttpResponse:
    """Every hub of a published run with its triggers; one act decides on all of them."""
    run = get_object_or_404(queries.guidable_runs(), pk=run_id)
    lines = queries.preview(run)
    form = OpenForm(request.POST if request.method == "POST" else None, lines=lines)
    problems = []
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.open_cases(actor=scope_of(request), run=run, wanted=form.wanted())
        except InvalidInput as refusal:
            problems = refusal.problems
        else:
            messages.success(request, _made_words(made))
            return redirect("guidance_list")
    rows = [_preview_row(line, form) for line in lines]
    context = {
        "title": "重点指導の発動の確認",
        "breadcrumbs": crumbs(Crumb("発動の確認")),
        "run": run,
        "form": form,
        "problems": problems,
        "triggered": [row for row in rows if row["line"].level and row["line"].is_free],
        "others": [row for row in rows if not row["line"].level and row["line"].is_free],
        "known": [row for row in rows if not row["line"].is_free],
        "hubs": len(rows),
    }
    status = 422 if problems else status_of(form)
    return render(request, "evaluation/guidance/preview.html", context, status=status)


def _made_words(made: Sequence[GuidanceCase]) -> str:
    """What was recorded; a kind of which there is none stays unsaid."""
    opened = sum(case.is_open for case in made)
    waived = len(made) - opened
    begun = f"{opened}拠点の重点指導を始めました。" if opened else ""
    left = f"{waived}拠点の見送りを記録しました。" if waived else ""
    return begun + left or "新しく決定した拠点はありません。"


def _preview_row(line: queries.Line, form: OpenForm) -> dict[str, Any]:
    code = line.hub.code
    is_free = line.is_free
    result = line.result
    return {
        "line": line,
        "score": "評語なし" if not result.is_graded else f"{result.final}点　{result.grade}",
        "sentences": [trigger.sentence for trigger in line.triggers],
        "proposed": f"{line.level} {LEVELS[line.level]}" if line.level else "対象外",
        "level": form[f"level_{code}"] if is_free else None,
        "reason": form[f"reason_{code}"] if is_free else None,
        "chip": tables.case_chip(line.case) if line.case else None,
    }


@require_safe
@allow(VIEW)
def guidance_method(request: HttpRequest) -> HttpResponse:
    """Triggers, levels, exit and escalation in words, newest version first."""
    context = {
        "title": "重点指導の基準",
        "breadcrumbs": crumbs(Crumb("基準")),
        "tables": [tables.method_table(method) for method in reversed(list(METHODS.values()))],
    }
    return render(request, "evaluation/guidance/method.html", context)


@require_safe
@allow(VIEW)
def guidance_effect(request: HttpRequest) -> HttpResponse:
    """Guided hubs beside similar ones, once two terms are published."""
    scope, years = scope_of(request), queries.effect_years()
    asked = request.GET.get("fiscal_year", "")
    if asked and not (asked.isascii() and asked.isdigit() and int(asked) in years):
        raise Http404
    year = int(asked) if asked else (years[0] if years else None)
    effect = queries.effect_of(scope, year) if year is not None else None
    context = {
        "title": "重点指導の効果",
        "breadcrumbs": crumbs(Crumb("効果")),
        "effect": effect,
        "table": tables.effect_table(effect) if effect else None,
        "note": REGRESSION_NOTE,
        "band": CURRENT.band,
        "years": [
            {
                "label": f"{nendo(one)}から{nendo(one + 1)}",
                "url": f"{reverse('guidance_effect')}?fiscal_year={one}",
                "current": one == year,
            }
            for one in years
        ],
    }
    return render(request, "evaluation/guidance/effect.html", context)
