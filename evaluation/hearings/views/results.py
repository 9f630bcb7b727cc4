"""Scores as they count: hubs x components, one hub item by item, files of scores."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from evaluation.hearings import queries
from evaluation.hearings.flow.panels import panel_of
from evaluation.hearings.forms import ProposalDecisionForm
from evaluation.hearings.models import (
    BEFORE_SCORING,
    COMPARED,
    Hearing,
    NotApplicableProposal,
    ProposalState,
)
from evaluation.hearings.papers import when
from evaluation.hearings.queries import ComponentLine, HubLine, ItemLine
from evaluation.hearings.queries.results import GivenRating
from evaluation.hearings.rules.items import RATERS_NEEDED
from evaluation.hearings.views.frame import chip_of, frame, hub_of, term_of
from yorozu.core.access import Role, allow, scope_of
from yorozu.core.fiscal import nendo
from yorozu.core.pdf import pdf_available
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.downloads import sheet_file
from yorozu.core.web.tables import Cell, Column, Empty, Table

VIEW = "evaluation.hearings.view"


@require_safe
@allow(VIEW)
def hearing_list(request: HttpRequest) -> HttpResponse:
    """The latest term with hearings."""
    year = queries.latest_year()
    if year is None:
        context = {"title": "ヒアリング", "breadcrumbs": [Crumb("ホーム", "/")]}
        return render(request, "evaluation/hearings/empty.html", context)
    return redirect("hearing_term", year=year)


@require_safe
@allow(VIEW)
def hearing_term(request: HttpRequest, year: int) -> HttpResponse:
    """All hubs by component: items scored, raters, reconcile flags, evidence missing."""
    term = term_of(year)
    lines = queries.hearing_rows(term, scope_of(request))
    context = {
        **frame(request, term, f"ヒアリング（{nendo(year)}）", page="hearing_term"),
        "checklist": queries.checklist_of(term),
        "table": _term_table(lines, year).sorted_by(request.GET.get("sort", "")),
        # A hearing that is being prepared or has its day is not yet held.
        "held": sum(
            line.hearing is not None and line.hearing.state not in BEFORE_SCORING for line in lines
        ),
        "hubs": len(lines),
        "reconcile": sum(part.reconcile for line in lines for part in line.components),
        "lacking": sum(part.lacks_evidence for line in lines for part in line.components),
    }
    return render(request, "evaluation/hearings/term.html", context)


def _term_table(lines: list[HubLine], year: int) -> Table:
    columns = [
        Column("code", "コード", sort=True),
        Column("hub", "拠点", header=True, sort=True),
        Column("state", "状態", sort=True),
        Column("held_on", "実施日", sort=True),
    ]
    for code, label in (("CHK", "チェックリスト"), ("UNQ", "独自の取組")):
        columns += [
            Column(f"{code}_answered", f"{label} 評価済", numeric=True, sort=True),
            Column(f"{code}_raters", "評価者", numeric=True, unit="人"),
            Column(f"{code}_mean", "平均", numeric=True, unit="0～4", sort=True),
            Column(f"{code}_reconcile", "要再協議", numeric=True, unit="項目", sort=True),
            Column(f"{code}_lacking", "根拠なし", numeric=True, unit="項目", sort=True),
        ]
    rows = []
    for line in lines:
        address = reverse("hearing_hub", args=[year, line.hub.code])
        row: dict[str, Any] = {
            "code": line.hub.code,
            "hub": Cell(line.hub.name, address),
            "state": chip_of(line.hearing),
            "held_on": line.hearing.held_on if line.hearing else None,
        }
        for part in line.components if line.is_open else []:
            row |= _component_cells(part)
        rows.append(row)
    return Table("拠点別のヒアリング", columns, rows, sticky=True)


def _component_cells(part: ComponentLine) -> dict[str, Any]:
    needed = RATERS_NEEDED[part.code]
    few = part.answered and part.raters < needed
    return {
        f"{part.code}_answered": Cell(
            f"{part.answered} / {len(part.items)}", sort_key=part.answered
        ),
        f"{part.code}_raters": Cell(part.raters, note=f"{needed}人未満" if few else ""),
        f"{part.code}_mean": part.mean,
        f"{part.code}_reconcile": part.reconcile,
        f"{part.code}_lacking": part.lacks_evidence,
    }


@require_safe
@allow(VIEW)
def hearing_hub(request: HttpRequest, year: int, code: str) -> HttpResponse:
    """One hub: every item with its anchors, the raters' scores, evidence and open points."""
    term, scope = term_of(year), scope_of(request)
    hub = hub_of(scope, code)
    line = queries.hearing_of(term, hub)
    back = Crumb(f"ヒアリング（{nendo(year)}）", reverse("hearing_term", args=[year]))
    hearing = line.hearing
    planned = hearing is not None and not hearing.is_filed
    context = {
        **frame(request, term, f"{hub.name}のヒアリング", back),
        "hub": hub,
        "line": line,
        "hearing": hearing,
        "is_planned": planned,
        "chip": chip_of(hearing),
        "when": when(hearing) if hearing is not None and planned else "",
        "seats": panel_of(hearing) if hearing is not None and planned else [],
        "is_compared": hearing is not None and hearing.state in COMPARED,
        "waiting": _waiting(hearing) if hearing is not None and planned else [],
        "decision_form": ProposalDecisionForm(),
        "pdf_problem": pdf_available(),
        "decides": scope.user_id if scope.role == Role.NATIONAL_HQ else None,
        "parts": [
            {"component": part, "table": _items_table(part, is_open=line.is_open)}
            for part in line.components
        ],
    }
    return render(request, "evaluation/hearings/hub.html", context)


def _waiting(hearing: Hearing) -> list[NotApplicableProposal]:
    """Proposals of N/A that wait for a second person."""
    rows = NotApplicableProposal.objects.filter(
        response__hearing=hearing, state=ProposalState.PROPOSED
    )
    return list(rows.select_related("response__item").order_by("response__item__order", "pk"))


def _items_table(part: ComponentLine, *, is_open: bool) -> Table:
    columns = [
        Column("code", "コード"),
        Column("text", "項目", header=True),
        Column("scores", "評点（評価者）"),
        Column("mean", "平均", numeric=True),
        Column("evidence", "根拠"),
        Column("note", "注意"),
    ]
    rows = [_item_cells(line, is_open=is_open) for line in part.items]
    empty = Empty(
        "チェックリストがまだありません。", "全国本部がチェックリストを採用すると表示されます。"
    )
    return Table(part.label, columns, rows, empty=empty)


def _said(row: GivenRating) -> str:
    """3（評価者A）; after talking again 3←1（評価者A）."""
    before = f"←{row.first}" if row.first is not None else ""
    return f"{row.score}{before}（{row.evaluator_name}）"


def _item_cells(line: ItemLine, *, is_open: bool) -> dict[str, Any]:
    """The cells of an item; scores that nobody may read yet are not called lacking."""
    response = line.response
    scores = "、".join(_said(row) for row in line.ratings)
    if line.is_not_applicable and response is not None:
        scores = (
            f"該当なし（{response.not_applicable_reason}、"
            f"承認：{response.not_applicable_approver}）"
        )
    batches = {(row.import_batch_id, row.import_row) for row in line.ratings if row.import_batch_id}
    rows = "、".join(f"取込{batch} {row}行目" for batch, row in sorted(batches))
    evidence = response.evidence_note if response is not None else ""
    if response is not None and response.has_evidence:
        evidence = f"あり　{evidence}".strip()
    return {
        "code": line.item.code,
        "text": line.item.text,
        "scores": Cell(scores, note=rows),
        "mean": line.mean,
        "evidence": evidence,
        "note": "、".join(line.warnings) if is_open else "",
    }


@require_safe
@allow(VIEW)
def hearing_export(request: HttpRequest, year: int, kind: str) -> HttpResponse:
    """Every score as CSV or XLSX, in the columns of the import."""
    term = term_of(year)
    header = [
        *("拠点コード", "拠点名", "項目コード", "評価者", "所属", "評点", "根拠資料", "根拠の内容"),
        *("該当なし", "該当なしの理由", "該当なしの承認者", "実施日"),
    ]
    rows = [
        cells
        for line in queries.hearing_rows(term, scope_of(request))
        for part in line.components
        for item in part.items
        for cells in _export_rows(line, item)
    ]
    name = f"ヒアリング評点_{year}年度"
    return sheet_file(request, kind=kind, name=name, header=header, rows=rows)


def _export_rows(line: HubLine, item: ItemLine) -> list[list[Any]]:
    found = item.response
    if found is None or line.hearing is None:
        return []
    place = [line.hub.code, line.hub.name, item.item.code]
    finding = [
        found.has_evidence,
        found.evidence_note,
        found.is_not_applicable,
        found.not_applicable_reason,
        found.not_applicable_approver,
        line.hearing.held_on,
    ]
    if found.is_not_applicable:
        return [[*place, "", "", "", *finding]]
    return [
        [*place, row.evaluator_name, row.evaluator_organization, row.score, *finding]
        for row in item.ratings
    ]
