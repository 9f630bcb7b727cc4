"""The plan of the term's hearings: 47 rows, one hearing with its panel, and the steps."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from evaluation.hearings import operations
from evaluation.hearings.flow import HEARING_FLOW, REFILL, SCHEDULE, UNSCHEDULE
from evaluation.hearings.flow.panels import (
    SeatFacts,
    clashing,
    composition_faults,
    panel_of,
)
from evaluation.hearings.forms import AppointmentForm, SeatForm, StepForm
from evaluation.hearings.models import (
    Evaluator,
    Hearing,
    HearingState,
    PanelMember,
    PanelRating,
)
from evaluation.hearings.papers import day_of_hearing, hours, when
from evaluation.hearings.queries.planning import (
    Linkage,
    PlanLine,
    candidates,
    linkage,
    plan_lines,
)
from evaluation.hearings.views.frame import (
    chip_of,
    frame,
    hearing_of_hub,
    term_crumb,
    term_of,
)
from yorozu.core.access import Scope, allow, decide, scope_of
from yorozu.core.errors import Conflict, InvalidInput
from yorozu.core.fiscal import nendo
from yorozu.core.pdf import pdf_available
from yorozu.core.web.chips import Status
from yorozu.core.web.downloads import sheet_file
from yorozu.core.web.forms import status_of
from yorozu.core.web.tables import Cell, Column, Empty, Table

VIEW, PANEL = "evaluation.hearings.plan", "evaluation.hearings.panel"


def _members(line: PlanLine) -> str:
    names = []
    for facts in line.seats:
        one, mark = facts.member.evaluator, "◎" if facts.member.is_chair else ""
        left = "（利益相反）" if facts.barred else ""
        names.append(f"{mark}{one.name}{'・外' if facts.outside else ''}{left}")
    return "、".join(names)


def plan_table(lines: list[PlanLine], year: int, *, may_plan: bool) -> Table:
    """The 47 rows; the hub leads to its plan (HQ) or to its hearing."""
    page = "hearing_plan" if may_plan else "hearing_hub"
    columns = [
        Column("code", "コード", sort=True),
        Column("hub", "拠点", header=True, sort=True),
        Column("state", "状態", sort=True),
        Column("when", "日時", sort=True, css="yz-nowrap"),
        Column("faults", "確認が必要なこと", css="yz-longtext"),
        Column("panel", "パネル（◎主査・外＝担当局の外）", css="yz-longtext"),
        Column("locked", "採点済", numeric=True, unit="人"),
        Column("place", "場所"),
    ]
    rows = [_plan_row(line, year, page) for line in lines]
    empty = Empty("ヒアリングはまだありません。", "全国本部が準備すると表示されます。")
    return Table("拠点別の日程とパネル", columns, rows, empty=empty, sticky=True)


def _plan_row(line: PlanLine, year: int, page: str) -> dict[str, Any]:
    hearing = line.hearing
    is_planned = hearing is not None and not hearing.is_filed
    address = reverse(page if is_planned else "hearing_hub", args=[year, line.hub.code])
    row: dict[str, Any] = {
        "code": line.hub.code,
        "hub": Cell(line.hub.name, address),
        "state": chip_of(hearing),
    }
    if hearing is None:
        return row
    starts = hearing.starts_at
    row |= {
        "when": Cell(
            day_of_hearing(hearing),
            note=hours(hearing),
            sort_key=starts.timestamp() if starts else None,
        ),
        "place": hearing.place,
        "panel": _members(line),
        "faults": "／".join(line.faults),
    }
    if hearing.state in {HearingState.SCORING, HearingState.RECONCILING, HearingState.SETTLED}:
        row["locked"] = Cell(f"{line.locked} / {line.counting}")
    return row


@require_safe
@allow(VIEW)
def hearing_schedule(request: HttpRequest, year: int) -> HttpResponse:
    """All hubs: day, place, panel, state, what is lacking; and how hubs hang together."""
    term, scope = term_of(year), scope_of(request)
    lines = plan_lines(term, scope)
    base = frame(
        request, term, f"ヒアリングの日程とパネル（{nendo(year)}）", page="hearing_schedule"
    )
    planned = [line for line in lines if line.hearing is not None and not line.hearing.is_filed]
    waiting = sum(line.is_to_prepare for line in lines)
    context = {
        **base,
        "table": plan_table(lines, year, may_plan=base["may_plan"]).sorted_by(
            request.GET.get("sort", "")
        ),
        "counts": _counts(lines),
        "hubs": len(lines),
        "may_sit": decide(scope, "evaluation.hearings.desk").allowed,
        "linkage": _linkage_rows(linkage(lines)) if planned else None,
        "may_prepare": base["may_plan"] and bool(waiting),
        "waiting": waiting,
        "may_make": base["may_plan"] and bool(planned) and pdf_available() is None,
    }
    return render(request, "evaluation/hearings/schedule.html", context)


def _counts(lines: list[PlanLine]) -> list[tuple[str, int]]:
    states = [line.hearing.state for line in lines if line.hearing is not None]
    found = [(str(state.label), states.count(state.value)) for state in HearingState]
    return [(label, count) for label, count in found if count]


def _linkage_rows(found: Linkage) -> dict[str, Any]:
    return {
        "is_connected": found.is_connected,
        "count": len(found.groups),
        "groups": ["、".join(hub.short_name for hub in group) for group in found.groups],
        "without": "、".join(hub.short_name for hub in found.without),
    }


@require_safe
@allow(VIEW)
def hearing_schedule_export(request: HttpRequest, year: int, kind: str) -> HttpResponse:
    """The plan as CSV or XLSX, one row per hub and member."""
    term = term_of(year)
    header = [
        *("拠点コード", "拠点名", "経済産業局", "状態", "開始", "終了", "場所", "役割", "評価者"),
        *("所属", "担当局の外", "宣誓", "採点確定", "利益相反"),
    ]
    rows: list[list[Any]] = []
    for line in plan_lines(term, scope_of(request)):
        hearing = line.hearing
        place: list[Any] = [line.hub.code, line.hub.name, line.hub.bureau.name]
        if hearing is None:
            rows.append([*place, "未着手", *[""] * 10])
            continue
        place += [
            hearing.get_state_display(),
            _stamp(hearing.starts_at),
            _stamp(hearing.ends_at),
            hearing.place,
        ]
        if not line.seats:
            rows.append([*place, *[""] * 7])
        for facts in line.seats:
            one = facts.member.evaluator
            rows.append(
                [
                    *(*place, facts.member.get_role_display(), one.name, one.organization),
                    *(facts.outside, facts.signed, _stamp(facts.member.locked_at), facts.barred),
                ]
            )
    name = f"ヒアリング日程_{year}年度"
    return sheet_file(request, kind=kind, name=name, header=header, rows=rows)


def _stamp(moment: datetime | None) -> str:
    """2026-11-20 13:00 in the portal's time, as files write moments."""
    return "" if moment is None else f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


@require_POST
@allow(PANEL)
def hearing_prepare(request: HttpRequest, year: int) -> HttpResponse:
    """A hearing for every hub that has none."""
    made = operations.prepare_hearings(scope_of(request), term=term_of(year))
    messages.success(request, f"{made}拠点のヒアリングを準備しました。")
    return redirect("hearing_schedule", year=year)


@require_http_methods(["GET", "HEAD", "POST"])
@allow(PANEL)
def hearing_plan(request: HttpRequest, year: int, code: str) -> HttpResponse:
    """One hearing: its day and place, and the panel with everything that stands against it."""
    scope = scope_of(request)
    hearing = hearing_of_hub(scope, year, code)
    form = AppointmentForm.of(hearing)
    if request.method == "POST":
        form = AppointmentForm(request.POST)
        if form.is_valid():
            try:
                operations.set_appointment(
                    scope,
                    hearing=hearing,
                    wanted=form.appointment(),
                    version=form.cleaned_data["version"],
                )
            except InvalidInput as error:
                form.add_error(None, " ".join(row.message for row in error.problems))
            else:
                messages.success(request, "日時と場所を保存しました。")
                return redirect("hearing_plan", year=year, code=code)
    return _plan_page(request, hearing, form)


def _plan_page(request: HttpRequest, hearing: Hearing, form: AppointmentForm) -> HttpResponse:
    scope = scope_of(request)
    seats = panel_of(hearing)
    people = candidates(hearing)
    rated = PanelRating.objects.filter(member__hearing=hearing)
    scored = set(rated.values_list("member_id", flat=True))
    free = [(row.evaluator.pk, row.label) for row in people if not row.barred]
    faults = _plan_faults(hearing, seats, scope)
    title = f"{hearing.hub.name}のヒアリングの計画"
    offers = {row.action for row in HEARING_FLOW.offers(hearing, scope)}
    context = {
        **frame(request, hearing.term, title, term_crumb(hearing.term)),
        "hearing": hearing,
        "chip": chip_of(hearing),
        "when": when(hearing),
        "form": form,
        "seats": [
            {
                "member": facts.member,
                "outside": facts.outside,
                "barred": facts.barred,
                # Who has scored stays on record and cannot be taken off.
                "has_scored": facts.member.pk in scored,
                "sign": Status.FINISHED if facts.signed else Status.NOT_SUBMITTED,
            }
            for facts in seats
        ],
        "barred": [row for row in people if row.barred],
        "seat_form": SeatForm(choices=free) if free else None,
        "faults": faults,
        "may_edit": hearing.state == HearingState.PREPARING,
        "may_seat": hearing.state in {HearingState.PREPARING, HearingState.SCORING},
        "may_schedule": SCHEDULE in offers and not faults,
        "acts": hearing.state not in {HearingState.SETTLED, HearingState.FILED},
        "may_unschedule": UNSCHEDULE in offers,
        "may_refill": REFILL in offers and bool(faults),
        "step_form": StepForm(),
    }
    return render(request, "evaluation/hearings/plan.html", context, status=status_of(form))


def _plan_faults(hearing: Hearing, seats: list[SeatFacts], scope: Scope) -> list[str]:
    """What stands against the next step: of a plan, everything that fixing it asks for."""
    if hearing.state == HearingState.PREPARING:
        conditions = HEARING_FLOW.by_action[SCHEDULE].conditions
        return [item.text for check in conditions for item in check(hearing, scope)]
    if hearing.state == HearingState.SETTLED:
        return []
    return [*composition_faults(seats), *clashing(hearing)]


@require_POST
@allow(PANEL)
def hearing_seat(request: HttpRequest, year: int, code: str) -> HttpResponse:
    """Put an evaluator on the panel; an interest is refused with its reason."""
    scope = scope_of(request)
    hearing = hearing_of_hub(scope, year, code)
    listed = Evaluator.objects.filter(term=hearing.term)
    form = SeatForm(request.POST, choices=[(row.pk, str(row)) for row in listed])
    if not form.is_valid():
        messages.error(request, "一覧にある評価者と役割を選んでください。")
        return redirect("hearing_plan", year=year, code=code)
    member = operations.seat_evaluator(
        scope,
        hearing=hearing,
        evaluator=listed.get(pk=form.cleaned_data["evaluator"]),
        role=form.cleaned_data["role"],
    )
    messages.success(
        request, f"{member.evaluator.name}さんを{member.get_role_display()}にしました。"
    )
    return redirect("hearing_plan", year=year, code=code)


def _member(request: HttpRequest, pk: int) -> PanelMember:
    hearings = Hearing.objects.visible_to(scope_of(request))
    rows = PanelMember.objects.filter(hearing__in=hearings)
    return get_object_or_404(
        rows.select_related("hearing__hub", "hearing__term", "evaluator"), pk=pk
    )


@require_POST
@allow(PANEL)
def hearing_unseat(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a member off the panel."""
    member = _member(request, pk)
    hearing = member.hearing
    operations.unseat_evaluator(scope_of(request), member=member)
    messages.success(request, f"{member.evaluator.name}さんをパネルから外しました。")
    return redirect("hearing_plan", year=hearing.term.fiscal_year, code=hearing.hub.code)


@require_POST
@allow(PANEL)
def hearing_chair(request: HttpRequest, pk: int) -> HttpResponse:
    """Another member takes the chair."""
    member = operations.appoint_chair(scope_of(request), member=_member(request, pk))
    hearing = member.hearing
    messages.success(request, f"{member.evaluator.name}さんを主査にしました。")
    return redirect("hearing_plan", year=hearing.term.fiscal_year, code=hearing.hub.code)


@require_POST
@allow(PANEL)
def hearing_step(request: HttpRequest, year: int, code: str, step: str) -> HttpResponse:
    """Fix day and panel, go back to planning, or back to scoring to fill a seat."""
    scope = scope_of(request)
    hearing = hearing_of_hub(scope, year, code)
    reason = request.POST.get("reason", "")[:400]
    if step == "schedule":
        operations.schedule_hearing(scope, hearing=hearing)
        messages.success(request, "日程とパネルを確定し、評価者と拠点にお知らせしました。")
    elif step == "unschedule":
        operations.unschedule_hearing(scope, hearing=hearing, reason=reason)
        messages.success(request, "準備中に戻し、評価者と拠点にお知らせしました。")
    elif step == "refill":
        operations.reopen_scoring(scope, hearing=hearing, reason=reason)
        messages.success(request, "採点中に戻しました。評価者を補充してください。")
    else:
        raise Conflict("この操作はありません。")
    return redirect("hearing_plan", year=year, code=code)
