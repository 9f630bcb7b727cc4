"""Planning hearings: one per hub, day and place, the panel, and the steps up to scoring."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from evaluation.hearings.flow import HEARING_FLOW, OPEN, REFILL, SCHEDULE, UNSCHEDULE
from evaluation.hearings.flow.panels import panel_of
from evaluation.hearings.flow.ties import barring, day_of
from evaluation.hearings.models import (
    AT_WORK,
    BEFORE_SCORING,
    ChecklistResponse,
    Evaluator,
    Hearing,
    HearingState,
    PanelMember,
    PanelRating,
    PanelRole,
)
from evaluation.hearings.operations.evaluators import find_blocks, require_open
from evaluation.hearings.operations.holding import hold, require_state
from evaluation.hearings.operations.seats import seated_scope
from evaluation.hearings.queries.people import hub_people
from evaluation.hearings.queries.results import checklist_of
from evaluation.hearings.rules.limits import LONGEST_PLACE
from hubs.network.models import Hub
from hubs.terms.models import Term
from hubs.terms.queries import closed_days
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import Act, record, record_many
from yorozu.core.business_days import add_business_days
from yorozu.core.errors import Conflict, InvalidInput, Missing, NotReady, Problem, Refused
from yorozu.core.fiscal import nendo, wareki
from yorozu.core.notices.operations import notify

PLAN = "evaluation.hearings.panel"
# The hub hands in its own initiatives this many business days before its hearing (product default).
DAYS_FOR_PAPERS = 5


def prepare_hearings(actor: Scope, *, term: Term) -> int:
    """Create a hearing for every hub in operation that has none; returns how many were made.

    NotReady without an adopted checklist or while the term is not running.
    """
    require(actor, PLAN)
    require_open(term)
    with transaction.atomic():
        Term.objects.select_for_update(of=("self",)).get(pk=term.pk)
        checklist = checklist_of(term)
        if checklist is None:
            text = f"{nendo(term.fiscal_year)}のチェックリストがまだ採用されていません。"
            way = Missing(text, "checklist_detail", link_args=(term.fiscal_year,))
            raise NotReady(text, [way])
        there = set(Hearing.objects.filter(term=term).values_list("hub_id", flat=True))
        hubs = Hub.objects.filter(closed_on=None).exclude(pk__in=there)
        made = Hearing.objects.bulk_create(
            Hearing(hub=hub, term=term, checklist=checklist, state=HearingState.PREPARING)
            for hub in hubs.order_by("code")
        )
        record_many(actor, PLAN, [Act(row, after={"state": row.state}) for row in made])
    return len(made)


@dataclass(frozen=True)
class Appointment:
    """When and where a hearing takes place; ``initiatives_due`` None takes the default."""

    starts_at: datetime
    ends_at: datetime
    place: str
    initiatives_due: datetime | None = None


def set_appointment(
    actor: Scope, *, hearing: Hearing, wanted: Appointment, version: int
) -> Hearing:
    """Set day, time and place while the hearing is being prepared.

    InvalidInput for times that run backwards; Conflict when it was changed after ``version``.
    """
    require(actor, PLAN, hub_id=hearing.hub_id)
    _check(wanted)
    with transaction.atomic():
        held = hold(hearing)
        require_state(held, [HearingState.PREPARING])
        if held.version != version:
            raise Conflict("ほかの人が先に日程を変更しました。画面を開き直して確認してください。")
        due = wanted.initiatives_due or _default_due(wanted.starts_at)
        if due > wanted.starts_at:
            text = "独自の取組の提出期限は、ヒアリングの開始より前にしてください。"
            raise InvalidInput([Problem(None, "独自の取組の提出期限", text)])
        before = _appointment_facts(held)
        held.starts_at, held.ends_at = wanted.starts_at, wanted.ends_at
        held.place, held.initiatives_due = wanted.place.strip(), due
        held.version += 1
        held.save(update_fields=["starts_at", "ends_at", "place", "initiatives_due", "version"])
        record(actor, PLAN, held, before=before, after=_appointment_facts(held))
    return held


def _check(wanted: Appointment) -> None:
    faults = []
    if wanted.ends_at <= wanted.starts_at:
        faults.append(Problem(None, "終了時刻", "終了時刻は開始時刻より後にしてください。"))
    if not wanted.place.strip():
        faults.append(Problem(None, "場所", "場所を入力してください。"))
    if len(wanted.place) > LONGEST_PLACE:
        faults.append(Problem(None, "場所", f"場所は{LONGEST_PLACE}文字までです。"))
    if faults:
        raise InvalidInput(faults)


def _default_due(starts_at: datetime) -> datetime:
    """17:00 of the fifth business day before the hearing."""
    local = timezone.localtime(starts_at)
    day = add_business_days(local.date(), -DAYS_FOR_PAPERS, closed_days())
    return local.replace(year=day.year, month=day.month, day=day.day, hour=17, minute=0, second=0)


def _appointment_facts(hearing: Hearing) -> dict[str, str]:
    moments = ("starts_at", "ends_at", "initiatives_due")
    facts = {
        name: timezone.localtime(value).isoformat(timespec="minutes")
        for name in moments
        if (value := getattr(hearing, name)) is not None
    }
    return {**facts, "place": hearing.place}


def seat_evaluator(
    actor: Scope, *, hearing: Hearing, evaluator: Evaluator, role: str = PanelRole.MEMBER
) -> PanelMember:
    """Put an evaluator on the panel; a new chair takes the place of the one before.

    Refused, with the reason on record, when the person has an interest in the hub.
    """
    require(actor, PLAN, hub_id=hearing.hub_id)
    if evaluator.term_id != hearing.term_id or not evaluator.is_active:
        raise Conflict("この期の評価者ではありません。評価者の一覧を確認してください。")
    if role not in PanelRole.values:
        raise InvalidInput([Problem(None, "役割", "主査か委員を選んでください。")])
    with transaction.atomic():
        find_blocks(actor, hearing.term, [(evaluator, hearing)])
    reasons = barring(hearing.term, [(evaluator, hearing.hub_id, day_of(hearing))])
    if reasons:
        said = "、".join(reasons[evaluator.pk, hearing.hub_id])
        raise Refused(f"{evaluator.name}さんは{hearing.hub}を評価できません（{said}）。")
    with transaction.atomic():
        held = hold(hearing)
        require_state(held, [HearingState.PREPARING, HearingState.SCORING])
        if role == PanelRole.CHAIR:
            PanelMember.objects.filter(hearing=held, role=PanelRole.CHAIR).exclude(
                evaluator=evaluator
            ).update(role=PanelRole.MEMBER)
        member, created = PanelMember.objects.get_or_create(
            hearing=held,
            evaluator=evaluator,
            defaults={"role": role, "seated_by_name": actor.label[:200]},
        )
        if not created and member.role != role:
            PanelMember.objects.filter(pk=member.pk).update(role=role)
            member.role = role
        record(actor, PLAN, member, after={"role": role, "evaluator": str(evaluator)})
        if created and held.state == HearingState.SCORING:
            _tell_members(held, [evaluator.user_id], "seat")
    return member


def appoint_chair(actor: Scope, *, member: PanelMember) -> PanelMember:
    """Another member takes the chair, also while the panel works (a chair with an interest)."""
    hearing = member.hearing
    require(actor, PLAN, hub_id=hearing.hub_id)
    barred = {facts.member.pk: facts.barred for facts in panel_of(hearing)}
    if barred.get(member.pk):
        raise Refused(f"{member.evaluator.name}さんは主査になれません（{barred[member.pk]}）。")
    with transaction.atomic():
        held = hold(hearing)
        require_state(held, (*BEFORE_SCORING, *AT_WORK))
        members = PanelMember.objects.filter(hearing=held)
        members.filter(role=PanelRole.CHAIR).exclude(pk=member.pk).update(role=PanelRole.MEMBER)
        members.filter(pk=member.pk).update(role=PanelRole.CHAIR)
        member.refresh_from_db()
        record(actor, PLAN, member, after={"role": member.role})
    return member


def unseat_evaluator(actor: Scope, *, member: PanelMember) -> None:
    """Take somebody off the panel, as long as the person has scored nothing there."""
    hearing = member.hearing
    require(actor, PLAN, hub_id=hearing.hub_id)
    with transaction.atomic():
        held = hold(hearing)
        require_state(held, [HearingState.PREPARING, HearingState.SCORING])
        if PanelRating.objects.filter(member=member).exists():
            text = "採点を始めた委員はパネルから外せません。評点は記録に残ります。"
            raise Conflict(text)
        evaluator = member.evaluator
        record(actor, PLAN, member, before={"evaluator": str(evaluator), "role": member.role})
        PanelMember.objects.filter(pk=member.pk).delete()


def _renew_blocks(actor: Scope, hearing: Hearing) -> None:
    """What the records say today about the panel, kept as blocks in a transaction of its own."""
    pairs = [(facts.member.evaluator, hearing) for facts in panel_of(hearing)]
    with transaction.atomic():
        find_blocks(actor, hearing.term, pairs)


def schedule_hearing(actor: Scope, *, hearing: Hearing) -> Hearing:
    """Fix day and panel; the members and the hub are told. NotReady names what is lacking."""
    require(actor, SCHEDULE, hub_id=hearing.hub_id)
    require_open(hearing.term)
    hearing = Hearing.objects.select_related("hub", "term").get(pk=hearing.pk)
    _renew_blocks(actor, hearing)
    with transaction.atomic():
        # Two panels that share a member may not be fixed for the same hour side by side.
        Term.objects.select_for_update(of=("self",)).get(pk=hearing.term_id)
        moved: Hearing = HEARING_FLOW.apply(
            hearing, SCHEDULE, actor=actor, audit=_appointment_facts(hearing)
        )
        people = PanelMember.objects.filter(hearing=moved)
        _tell_members(moved, people.values_list("evaluator__user_id", flat=True), "schedule")
        _tell_hub(moved)
    return moved


def unschedule_hearing(actor: Scope, *, hearing: Hearing, reason: str) -> Hearing:
    """Back to planning, with a reason; members and hub are told that the day is open again."""
    with transaction.atomic():
        moved: Hearing = HEARING_FLOW.apply(hearing, UNSCHEDULE, actor=actor, reason=reason)
        Hearing.objects.filter(pk=moved.pk).update(version=moved.version + 1)
        moved.version += 1
        seated = set(
            PanelMember.objects.filter(hearing=moved).values_list("evaluator__user_id", flat=True)
        )
        # The desk of the raters is closed to the hub, which reads at its own initiatives.
        for people, url in (
            (seated, reverse("hearing_desk")),
            (
                hub_people(moved),
                reverse("initiatives", args=[moved.term.fiscal_year, moved.hub.code]),
            ),
        ):
            notify(
                people,
                key=f"hearings:unschedule:{moved.pk}:{moved.version}",
                text=f"{moved.hub}のヒアリングの日程は、組み直すことになりました。",
                url=url,
                mail=True,
            )
    return moved


def _tell_members(hearing: Hearing, users: Iterable[int], act: str) -> None:
    day = (
        ""
        if hearing.starts_at is None
        else f"（{wareki(timezone.localtime(hearing.starts_at).date())}）"
    )
    notify(
        users,
        key=f"hearings:{act}:{hearing.pk}:{hearing.version}",
        text=f"{hearing.hub}のヒアリング{day}の評価者です。日程と資料を確認してください。",
        url=reverse("hearing_desk"),
        mail=True,
    )


def _tell_hub(hearing: Hearing) -> None:
    if hearing.starts_at is None or hearing.initiatives_due is None:
        return
    due = wareki(timezone.localtime(hearing.initiatives_due).date())
    day = wareki(timezone.localtime(hearing.starts_at).date())
    notify(
        hub_people(hearing),
        key=f"hearings:hub:{hearing.pk}:{hearing.version}",
        text=f"ヒアリングの日程が{day}に決まりました。独自の取組を{due}までに入力してください。",
        url=reverse("initiatives", args=[hearing.term.fiscal_year, hearing.hub.code]),
        mail=True,
    )


def open_scoring(actor: Scope, *, hearing: Hearing) -> Hearing:
    """Begin scoring on the day of the hearing, by its chair or HQ.

    From here on the checklist, the panel's declarations and the hub's own initiatives stand.
    """
    require_open(hearing.term)
    # The day that counts is the one in the table, not the one on the caller's page.
    hearing = Hearing.objects.select_related("hub", "term").get(pk=hearing.pk)
    seated = _actor_of(actor, hearing)
    require(seated, OPEN, hub_id=hearing.hub_id)
    _renew_blocks(seated, hearing)
    with transaction.atomic():
        checklist = checklist_of(hearing.term)
        if checklist is None:
            raise NotReady("チェックリストがまだ採用されていません。")
        starts_at = hearing.starts_at or clock.now()
        moved: Hearing = HEARING_FLOW.apply(
            hearing,
            OPEN,
            actor=seated,
            changes={
                "opened_at": clock.now(),
                "held_on": timezone.localtime(starts_at).date(),
                "checklist": checklist,
            },
            audit={"checklist": checklist.version},
        )
        ChecklistResponse.objects.bulk_create(
            [ChecklistResponse(hearing=moved, item=item) for item in checklist.items.all()],
            ignore_conflicts=True,
        )
    return moved


def reopen_scoring(actor: Scope, *, hearing: Hearing, reason: str) -> Hearing:
    """Back to scoring so that HQ can fill the seat of a member who left for an interest."""
    moved: Hearing = HEARING_FLOW.apply(hearing, REFILL, actor=actor, reason=reason)
    return moved


def _actor_of(actor: Scope, hearing: Hearing) -> Scope:
    """The actor as a member of the panel, if he is one."""
    own = PanelMember.objects.filter(hearing=hearing, evaluator__user_id=actor.user_id or 0)
    return seated_scope(actor, hearing) if actor.user_id and own.exists() else actor


__all__ = [
    "Appointment",
    "appoint_chair",
    "open_scoring",
    "prepare_hearings",
    "reopen_scoring",
    "schedule_hearing",
    "seat_evaluator",
    "set_appointment",
    "unschedule_hearing",
    "unseat_evaluator",
]
