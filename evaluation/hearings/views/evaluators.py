"""Evaluators of the term, their blocks and waivers; one's own declaration."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from evaluation.hearings import operations
from evaluation.hearings.forms import (
    DeclarationForm,
    EvaluatorForm,
    InterestForm,
    WaiverForm,
)
from evaluation.hearings.models import (
    ConflictBlock,
    ConflictDeclaration,
    Evaluator,
    HearingState,
)
from evaluation.hearings.queries.planning import EvaluatorLine, evaluator_lines
from evaluation.hearings.rules.pledge import PLEDGE
from evaluation.hearings.views.frame import desk_crumb, frame, term_of
from hubs.network.models import Hub
from yorozu.core.access import allow, decide, scope_of
from yorozu.core.errors import InvalidInput
from yorozu.core.fiscal import nendo
from yorozu.core.web.chips import Status
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.forms import status_of
from yorozu.core.web.tables import Cell, Column, Empty, Table

VIEW, EDIT = "evaluation.hearings.plan", "evaluation.hearings.evaluators"


@require_safe
@allow(VIEW)
def evaluator_list(request: HttpRequest, year: int) -> HttpResponse:
    """Who may sit on panels this term, who has signed, who is barred from what."""
    term, scope = term_of(year), scope_of(request)
    lines = evaluator_lines(term, scope)
    may_edit = decide(scope, EDIT).allowed
    context = {
        **frame(request, term, f"ヒアリングの評価者（{nendo(year)}）", page="evaluator_list"),
        "table": _evaluator_table(lines, year).sorted_by(request.GET.get("sort", "")),
        "signed": sum(line.is_signed for line in lines),
        "people": len(lines),
        "blocks": sum(line.open_blocks for line in lines),
        "form": EvaluatorForm(term=term) if may_edit else None,
        "is_national": scope.hub_ids is None,
    }
    return render(request, "evaluation/hearings/evaluators.html", context)


def _evaluator_table(lines: list[EvaluatorLine], year: int) -> Table:
    columns = [
        Column("name", "評価者", header=True, sort=True),
        Column("organization", "所属", sort=True),
        Column("bureau", "地域", sort=True),
        Column("signed", "宣誓"),
        Column("seats", "担当", numeric=True, unit="拠点", sort=True),
        Column("hubs", "担当する拠点"),
        Column("blocks", "制限", numeric=True, unit="件", sort=True),
        Column("waived", "うち解除", numeric=True, unit="件"),
    ]
    rows = [
        {
            "name": Cell(
                line.evaluator.name,
                reverse("evaluator_detail", args=[year, line.evaluator.pk]),
                note="" if line.evaluator.is_active else "名簿から外れています",
            ),
            "organization": line.evaluator.organization,
            "bureau": line.evaluator.bureau.name if line.evaluator.bureau else "全国",
            "signed": _sign_chip(line),
            "seats": len(line.seats),
            "hubs": "、".join(row.hearing.hub.short_name for row in line.seats),
            "blocks": len(line.blocks),
            "waived": len(line.blocks) - line.open_blocks,
        }
        for line in lines
    ]
    empty = Empty(
        "評価者はまだ登録されていません。",
        "全国本部が利用者の中から登録します。",
    )
    return Table("評価者の一覧", columns, rows, empty=empty)


def _sign_chip(line: EvaluatorLine) -> Status:
    return Status.FINISHED if line.is_signed else Status.NOT_SUBMITTED


@require_POST
@allow(EDIT)
def evaluator_add(request: HttpRequest, year: int) -> HttpResponse:
    """Enter an account on the list."""
    term = term_of(year)
    form = EvaluatorForm(request.POST, term=term)
    if not form.is_valid():
        messages.error(request, "一覧にある利用者を選んでください。")
        return redirect("evaluator_list", year=year)
    said = form.cleaned_data
    evaluator = operations.add_evaluator(
        scope_of(request), term=term, user_id=said["user"], organization=said["organization"]
    )
    messages.success(request, f"{evaluator}を登録し、宣誓をお願いしました。")
    return redirect("evaluator_list", year=year)


def _evaluator(request: HttpRequest, year: int, pk: int) -> Evaluator:
    rows = Evaluator.objects.visible_to(scope_of(request)).filter(term__fiscal_year=year)
    return get_object_or_404(rows.select_related("term", "bureau"), pk=pk)


@require_safe
@allow(VIEW)
def evaluator_detail(request: HttpRequest, year: int, pk: int) -> HttpResponse:
    """One evaluator: declaration, seats, blocks with what became of them."""
    evaluator = _evaluator(request, year, pk)
    term, scope = evaluator.term, scope_of(request)
    line = next(row for row in evaluator_lines(term, scope) if row.evaluator.pk == pk)
    declaration = ConflictDeclaration.objects.filter(evaluator=evaluator).first()
    may_waive = decide(scope, "evaluation.hearings.waive").allowed
    back = Crumb(f"評価者（{nendo(year)}）", reverse("evaluator_list", args=[year]))
    context = {
        **frame(request, term, evaluator.name, back),
        "evaluator": evaluator,
        "declaration": declaration,
        "seats": line.seats,
        "blocks": [
            {
                "block": block,
                "form": (
                    WaiverForm(
                        initial={"hub": block.hub.code, "kind": block.kind},
                        auto_id=f"id_{block.pk}_%s",
                    )
                    if may_waive and not block.is_waived and evaluator.user_id != scope.user_id
                    else None
                ),
            }
            for block in line.blocks
        ],
        "may_retire": decide(scope, EDIT).allowed and evaluator.is_active,
        "sits": any(row.hearing.state != HearingState.SETTLED for row in line.seats),
    }
    return render(request, "evaluation/hearings/evaluator.html", context)


@require_POST
@allow("evaluation.hearings.waive")
def evaluator_waive(request: HttpRequest, year: int, pk: int) -> HttpResponse:
    """Lift a block, with the reason."""
    evaluator = _evaluator(request, year, pk)
    form = WaiverForm(request.POST)
    if not form.is_valid():
        messages.error(request, "解除の理由を入力してください。")
        return redirect("evaluator_detail", year=year, pk=pk)
    said = form.cleaned_data
    operations.waive_block(
        scope_of(request),
        evaluator=evaluator,
        hub=get_object_or_404(Hub, code=said["hub"]),
        kind=said["kind"],
        reason=said["reason"],
    )
    messages.success(request, "制限を解除しました。理由は報告書に載ります。")
    return redirect("evaluator_detail", year=year, pk=pk)


@require_POST
@allow(EDIT)
def evaluator_retire(request: HttpRequest, year: int, pk: int) -> HttpResponse:
    """Take an evaluator off the list."""
    evaluator = _evaluator(request, year, pk)
    operations.retire_evaluator(scope_of(request), evaluator=evaluator)
    messages.success(request, f"{evaluator}を名簿から外しました。")
    return redirect("evaluator_list", year=year)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("evaluation.hearings.declare")
def hearing_declaration(request: HttpRequest, year: int) -> HttpResponse:
    """Sign the declaration of the term; afterwards, declare an interest that became known later."""
    term, scope = term_of(year), scope_of(request)
    listed = Evaluator.objects.filter(term=term, user_id=scope.user_id or 0, is_active=True)
    evaluator = get_object_or_404(listed)
    signed = ConflictDeclaration.objects.filter(evaluator=evaluator).first()
    kind = InterestForm if signed is not None else DeclarationForm
    form = kind(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            if signed is None:
                operations.sign_declaration(scope, term=term, said=form.interests())
                messages.success(request, "宣誓を記録しました。")
            else:
                made = operations.declare_interest(scope, term=term, said=form.interests())
                _tell(request, len(made))
        except InvalidInput as error:
            form.add_error(None, " ".join(row.message for row in error.problems))
        else:
            return redirect("hearing_declaration", year=year)
    blocks = ConflictBlock.objects.filter(evaluator=evaluator).select_related("hub", "waiver")
    context: dict[str, Any] = {
        **frame(request, term, f"利益相反の宣誓（{nendo(year)}）", desk_crumb()),
        "evaluator": evaluator,
        "signed": signed,
        "pledge": PLEDGE,
        "form": form,
        "blocks": list(blocks.order_by("hub__code", "pk")),
    }
    return render(request, "evaluation/hearings/declaration.html", context, status=status_of(form))


def _tell(request: HttpRequest, made: int) -> None:
    if made:
        text = f"{made}件の利害関係を記録しました。その拠点のあなたの評点は、評価に数えません。"
        messages.success(request, text)
    else:
        messages.info(request, "この利害関係は、すでに記録されています。")
