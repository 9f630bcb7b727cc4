"""One's seats, and the page on which a member scores, talks again and closes."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from evaluation.hearings import operations
from evaluation.hearings.flow import HEARING_FLOW, OPEN, SETTLE
from evaluation.hearings.models import (
    AT_WORK,
    SCORED,
    ConflictDeclaration,
    Evaluator,
    Hearing,
    HearingState,
    PanelMember,
    PanelRating,
)
from evaluation.hearings.operations import Mark, RatingConflict
from evaluation.hearings.operations.seats import own_seat, seated_scope
from evaluation.hearings.papers import day_of_hearing, hours, when
from evaluation.hearings.queries.scoring import (
    ScorePage,
    barred_seats,
    items_of,
    score_page,
    scored_items,
    seats_of,
)
from evaluation.hearings.views.frame import chip_of, desk_crumb, seated_hearing
from yorozu.core import clock
from yorozu.core.access import Scope, allow, scope_of
from yorozu.core.errors import InvalidInput, Missing, Problem
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.tables import Cell, Column, Empty, Table

RATE = "evaluation.hearings.rate"


@require_safe
@allow("evaluation.hearings.desk")
def hearing_desk(request: HttpRequest) -> HttpResponse:
    """The hearings one sits on, and the declarations that wait."""
    scope = scope_of(request)
    seats = seats_of(scope.user_id)
    listed = Evaluator.objects.filter(user_id=scope.user_id or 0, is_active=True).select_related(
        "term"
    )
    signed = set(
        ConflictDeclaration.objects.filter(evaluator__in=listed).values_list(
            "evaluator_id", flat=True
        )
    )
    context = {
        "title": "担当するヒアリング",
        "breadcrumbs": [Crumb("ホーム", "/"), Crumb("担当するヒアリング")],
        "declarations": [
            {"term": row.term, "is_signed": row.pk in signed}
            for row in listed.order_by("-term__fiscal_year")
        ],
        "table": _seat_table(seats),
    }
    return render(request, "evaluation/hearings/desk.html", context)


def _seat_table(seats: list[PanelMember]) -> Table:
    columns = [
        Column("hub", "拠点", header=True),
        Column("state", "状態"),
        Column("next", "次にすること"),
        Column("when", "日時", css="yz-nowrap"),
        Column("progress", "採点", numeric=True, unit="項目"),
        Column("role", "役割"),
        Column("place", "場所"),
        Column("term", "期", css="yz-nowrap"),
    ]
    done = scored_items(seats)
    wanted = items_of([row.hearing for row in seats])
    barred = barred_seats(seats)
    rows = []
    for row in seats:
        hearing = row.hearing
        begun = hearing.state in SCORED
        # The page of a hearing in which one has an interest would only be refused.
        address = "" if row.pk in barred else reverse("hearing_score", args=[hearing.pk])
        rows.append(
            {
                "term": str(hearing.term),
                "hub": Cell(hearing.hub.name, address),
                "next": "評価できません（利益相反）" if row.pk in barred else next_step(row),
                "role": row.get_role_display(),
                "state": chip_of(hearing),
                "when": Cell(day_of_hearing(hearing), note=hours(hearing)),
                "place": hearing.place,
                "progress": Cell(f"{done[row.pk]} / {wanted[hearing.pk]}") if begun else None,
            }
        )
    empty = Empty(
        "担当するヒアリングはまだありません。", "全国本部がパネルに加えると、お知らせが届きます。"
    )
    return Table("担当するヒアリング", columns, rows, empty=empty)


def next_step(seat: PanelMember) -> str:
    """What a member does next in a hearing, in a few words; empty when it is settled."""
    state = seat.hearing.state
    if state == HearingState.SCORING:
        return "採点する" if seat.locked_at is None else "ほかの委員の確定を待つ"
    if state == HearingState.RECONCILING:
        return "協議して確定する" if seat.is_chair else "協議する"
    return "" if state == HearingState.SETTLED else "独自の取組を読む"


def _code_of(name: str) -> str:
    """The item a control belongs to: C1 for score-C1."""
    return name.partition("-")[2][:8]


def _mark(request: HttpRequest, code: str) -> Mark:
    """What was typed for an item."""
    version = request.POST.get(f"version-{code}", "")
    return Mark(
        code,
        request.POST.get(f"score-{code}", ""),
        request.POST.get(f"comment-{code}", ""),
        int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@allow(RATE)
def hearing_score(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of a member: before, while and after scoring. A POST saves what was typed."""
    scope = scope_of(request)
    hearing, _ = seated_hearing(scope, pk)
    seat = own_seat(scope, hearing)
    if request.method != "POST":
        return _page(request, hearing, seat.member)
    codes = [_code_of(name) for name in request.POST if name.startswith("version-")]
    conflicts: list[RatingConflict] = []
    problems: list[Problem] = []
    for code in codes:
        try:
            operations.save_mark(scope, hearing=hearing, mark=_mark(request, code))
        except RatingConflict as conflict:
            conflicts.append(conflict)
        except InvalidInput as error:
            problems += error.problems
    if conflicts:
        return _conflict_page(request, hearing, conflicts)
    if problems:
        return _page(request, hearing, seat.member, problems)
    messages.success(request, "入力した評点を保存しました。")
    return redirect("hearing_score", pk=pk)


def _page(
    request: HttpRequest,
    hearing: Hearing,
    member: PanelMember,
    problems: list[Problem] | None = None,
) -> HttpResponse:
    scope = scope_of(request)
    page = score_page(hearing, member)
    writes_first = hearing.state == HearingState.SCORING and not page.is_locked
    context = {
        "title": f"{hearing.hub.name}のヒアリング",
        "breadcrumbs": [Crumb("ホーム", "/"), desk_crumb(), Crumb(hearing.hub.name)],
        "hearing": hearing,
        "chip": chip_of(hearing),
        "when": when(hearing),
        "page": page,
        "member": member,
        "problems": problems or [],
        "writes_first": writes_first,
        "writes_second": hearing.state == HearingState.RECONCILING and bool(page.flagged),
        "autosave_url": reverse("hearing_autosave", args=[hearing.pk]),
        "may_open": _may_open(hearing, member, scope),
        "is_chair": member.is_chair,
        "is_at_work": hearing.state in AT_WORK,
        "open_points": _open_points(hearing, scope) if member.is_chair else [],
        "before_opening": _before_opening(hearing, member, scope),
        "seats": _seat_rows(page),
    }
    status = 422 if problems else 200
    return render(request, "evaluation/hearings/score.html", context, status=status)


def _may_open(hearing: Hearing, member: PanelMember, scope: Scope) -> bool:
    return hearing.state == HearingState.SCHEDULED and (member.is_chair or scope.hub_ids is None)


def _before_opening(hearing: Hearing, member: PanelMember, scope: Scope) -> list[Missing]:
    """What stands against beginning, said before the button is offered."""
    if not _may_open(hearing, member, scope):
        return []
    seated = seated_scope(scope, hearing)
    conditions = HEARING_FLOW.by_action[OPEN].conditions
    return [item for check in conditions for item in check(hearing, seated)]


def _open_points(hearing: Hearing, scope: Scope) -> list[Missing]:
    """What the chair must still bring about before closing."""
    if hearing.state != HearingState.RECONCILING:
        return []
    seated = seated_scope(scope, hearing)
    conditions = HEARING_FLOW.by_action[SETTLE].conditions
    return [item for check in conditions for item in check(hearing, seated)]


def _seat_rows(page: ScorePage) -> list[dict[str, Any]]:
    """Who sits on the panel and who has locked; never what anybody gave."""
    return [
        {
            "name": facts.member.evaluator.name,
            "organization": facts.member.evaluator.organization,
            "role": facts.member.get_role_display(),
            "is_locked": facts.member.locked_at is not None,
            "barred": facts.barred,
        }
        for facts in page.board.seats
    ]


def _conflict_page(
    request: HttpRequest, hearing: Hearing, conflicts: list[RatingConflict]
) -> HttpResponse:
    context = {
        "title": "別の画面で更新されています",
        "breadcrumbs": [Crumb("ホーム", "/"), desk_crumb(), Crumb(hearing.hub.name)],
        "hearing": hearing,
        "message": conflicts[0].message,
        "conflicts": conflicts,
        "has_errors": True,
    }
    return render(request, "evaluation/hearings/score_conflict.html", context, status=409)


@require_POST
@allow(RATE)
def hearing_autosave(request: HttpRequest, pk: int) -> HttpResponse:
    """One change on the way: 200 saved, 422 refused with its reason, 409 both texts (ui.md 2.2)."""
    scope = scope_of(request)
    hearing, _ = seated_hearing(scope, pk)
    code = _code_of(request.headers.get("HX-Trigger-Name", "") or request.POST.get("control", ""))
    if not code:
        raise InvalidInput([Problem(None, "項目", "保存する項目が指定されていません。")])
    mark = _mark(request, code)
    try:
        rating = operations.save_mark(scope, hearing=hearing, mark=mark)
    except RatingConflict as conflict:
        context = {
            "hearing": hearing,
            "conflict": conflict,
            "autosave_url": reverse("hearing_autosave", args=[pk]),
        }
        return render(request, "evaluation/hearings/_score_conflict.html", context, status=409)
    except InvalidInput as error:
        context = {"problem": error.problems[0].message}
        return render(request, "evaluation/hearings/_saved.html", context, status=422)
    return _saved(request, hearing, code, rating)


def _saved(
    request: HttpRequest, hearing: Hearing, code: str, rating: PanelRating | None
) -> HttpResponse:
    _, member = seated_hearing(scope_of(request), hearing.pk)
    page = score_page(hearing, member)
    item = next(row for row in page.items if row.code == code)
    context = {
        "problem": "",
        "at": clock.now(),
        "code": code,
        "version": rating.version if rating is not None else 0,
        "item": item,
        "done": page.done,
        "items": len(page.items),
        "is_first": hearing.state == HearingState.SCORING,
    }
    response = render(request, "evaluation/hearings/_saved.html", context)
    if request.POST.get("reload"):
        response["HX-Refresh"] = "true"
    return response


@require_POST
@allow("evaluation.hearings.open")
def hearing_open(request: HttpRequest, pk: int) -> HttpResponse:
    """The chair, or HQ, begins."""
    scope = scope_of(request)
    hearing, _ = seated_hearing(scope, pk)
    operations.open_scoring(scope, hearing=hearing)
    messages.success(request, "採点を始めました。")
    return redirect("hearing_score", pk=pk)


@require_POST
@allow("evaluation.hearings.lock")
def hearing_lock(request: HttpRequest, pk: int) -> HttpResponse:
    """Lock one's own first scores."""
    scope = scope_of(request)
    hearing, _ = seated_hearing(scope, pk)
    moved = operations.lock_scores(scope, hearing=hearing)
    if moved.state == HearingState.RECONCILING:
        text = "第1回の評点を確定しました。全員の評点がそろったので、見比べて協議してください。"
    else:
        text = "第1回の評点を確定しました。ほかの委員の確定を待っています。"
    messages.success(request, text)
    return redirect("hearing_score", pk=pk)


@require_POST
@allow("evaluation.hearings.settle")
def hearing_settle(request: HttpRequest, pk: int) -> HttpResponse:
    """The chair closes the hearing."""
    scope = scope_of(request)
    hearing, _ = seated_hearing(scope, pk)
    operations.settle_hearing(scope, hearing=hearing)
    messages.success(request, "ヒアリングを確定しました。以後は変更できません。")
    return redirect("hearing_score", pk=pk)
