"""The acts on a plan: open, write, interview, submit, return, finalize."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from hubs.network.models import Hub, Membership
from hubs.plans.flow import EDITABLE, PLAN_FLOW, term_is_open
from hubs.plans.models import FocusArea, Plan, PlanState, StartInterview, Target
from hubs.plans.queries import (
    draft_differences,
    interview_texts,
    plan_hash,
    plan_texts,
    visible_plans_of,
    with_content,
)
from hubs.plans.rules import PlanDraft, read_plan
from hubs.terms.models import Term
from yorozu.core import clock
from yorozu.core.access import Role, Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Problem
from yorozu.core.flow import lock
from yorozu.core.notices.operations import notify


class PlanConflict(Conflict):
    """The plan was changed meanwhile; carries both texts of every field that differs."""

    def __init__(self, plan: Plan, differences: Sequence[tuple[str, str, str]]) -> None:
        who = plan.updated_by_name or "他の人"
        super().__init__(f"{who}が{clock_text(plan)}に更新しました。")
        self.plan = plan
        self.differences = list(differences)


def clock_text(plan: Plan) -> str:
    """Time of the last change as conflicts tell it."""
    return f"{plan.updated_at.astimezone(clock.now().tzinfo):%H:%M}"


@dataclass(frozen=True)
class Saved:
    """What a save left behind: the fresh plan and the fields that need another look."""

    plan: Plan
    problems: Mapping[str, str] = field(default_factory=dict)


def open_plan(*, actor: Scope, hub: Hub, term: Term) -> Plan:
    """Begin the plan of a hub for a term; a second call returns the plan that is there."""
    require(actor, "hubs.plans.edit", hub_id=hub.pk)
    with transaction.atomic():
        plan, created = Plan.objects.get_or_create(
            hub=hub, term=term, defaults={"updated_by_name": actor.name[:80]}
        )
        if missing := term_is_open(plan, actor):
            raise NotReady("事業計画を作成できません。", missing)
        if created:
            record(actor, "hubs.plans.edit", plan, after={"state": plan.state})
    return plan


def save_plan(*, actor: Scope, plan: Plan, values: Mapping[str, str], version: int) -> Saved:
    """Save typed texts (field names of rules.field_names); fields not named stay as they are.

    Unreadable numbers are kept as typed, marked 要確認 and block the submission only.
    Raises PlanConflict when the plan has moved on from ``version`` and the texts differ.
    """
    require(actor, "hubs.plans.edit", hub_id=plan.hub_id)
    with transaction.atomic():
        lock(plan)
        held = with_content(plan)
        _check_editable(held, actor)
        stored = plan_texts(held)
        mine = {name: text for name, text in values.items() if name in stored}
        differences = draft_differences(stored, mine)
        if not differences:
            return Saved(held, _problems(held, stored))
        if held.version != version:
            raise PlanConflict(held, differences)
        problems = write_texts(held, {**stored, **mine}, actor)
        record(
            actor,
            "hubs.plans.edit",
            held,
            before={name: before for name, before, _ in differences},
            after={name: after for name, _, after in differences},
        )
    return Saved(with_content(held), problems)


def _problems(plan: Plan, texts: Mapping[str, str]) -> Mapping[str, str]:
    return read_plan(texts, _codes(plan)).problems if plan.draft_texts else {}


def _check_editable(plan: Plan, actor: Scope) -> None:
    if plan.state not in EDITABLE:
        raise Conflict(f"事業計画は現在「{plan.get_state_display()}」のため、変更できません。")
    if missing := term_is_open(plan, actor):
        raise NotReady("事業計画を変更できません。", missing)


def _codes(plan: Plan) -> list[str]:
    return [indicator.code for indicator in plan.term.indicators.all()]


def write_texts(plan: Plan, texts: Mapping[str, str], actor: Scope) -> Mapping[str, str]:
    """Store a whole plan from its texts in the caller's transaction; returns problems."""
    draft = read_plan(texts, _codes(plan))
    plan.regional_analysis, plan.business_plan = draft.regional_analysis, draft.business_plan
    plan.draft_texts = {name: texts.get(name, "")[:40_000] for name in draft.problems}
    plan.version += 1
    plan.updated_by_name = actor.name[:80]
    plan.save(
        update_fields=[
            "regional_analysis",
            "business_plan",
            "draft_texts",
            "version",
            "updated_at",
            "updated_by_name",
        ]
    )
    _write_targets(plan, draft)
    _write_areas(plan, draft)
    return draft.problems


def _write_targets(plan: Plan, draft: PlanDraft) -> None:
    indicators = {indicator.code: indicator for indicator in plan.term.indicators.all()}
    for target in draft.targets:
        Target.objects.update_or_create(
            plan=plan,
            indicator=indicators[target.code],
            defaults={
                "value": target.value,
                "challenge": target.challenge,
                "challenge_reason": target.reason,
            },
        )
    kept = [indicators[target.code].pk for target in draft.targets]
    plan.targets.exclude(indicator_id__in=kept).delete()
    # An approval of zero belongs to the zero that was approved.
    plan.targets.filter(is_zero_approved=True).exclude(value=0).update(is_zero_approved=False)


def _write_areas(plan: Plan, draft: PlanDraft) -> None:
    for area in draft.areas:
        FocusArea.objects.update_or_create(
            plan=plan,
            code=area.code,
            defaults={
                "order": area.slot,
                "name": area.name,
                "description": area.description,
                "unit": area.unit,
                "target": area.target,
                "weight": area.weight,
                "challenge": area.challenge,
                "challenge_reason": area.reason,
            },
        )
    plan.focus_areas.exclude(code__in=[area.code for area in draft.areas]).delete()


def record_interview(
    *,
    actor: Scope,
    plan: Plan,
    held_on: date,
    attendees: str,
    minutes: str,
    zero_approved: Sequence[str] = (),
) -> StartInterview:
    """Record the start interview (S74); ``zero_approved``: indicators whose target 0 is agreed."""
    require(actor, "hubs.plans.record_interview", hub_id=plan.hub_id)
    _check_interview(held_on, attendees, minutes)
    with transaction.atomic():
        held = lock(plan)
        if held.state == PlanState.FINALIZED:
            raise Conflict("事業計画は確定しているため、面談の記録は変更できません。")
        if missing := term_is_open(held, actor):
            raise NotReady("期初面談を記録できません。", missing)
        before = interview_texts(held)
        interview, _ = StartInterview.objects.update_or_create(
            plan=held,
            defaults={
                "held_on": held_on,
                "attendees": attendees.strip(),
                "minutes": minutes.strip(),
                "recorded_by_name": actor.name[:80],
            },
        )
        zeros = held.targets.filter(value=0)
        zeros.update(is_zero_approved=False)
        zeros.filter(indicator__code__in=zero_approved).update(is_zero_approved=True)
        record(
            actor,
            "hubs.plans.record_interview",
            held,
            before=before,
            after={
                "held_on": held_on.isoformat(),
                "attendees": interview.attendees,
                "minutes": interview.minutes,
                "zero_approved": sorted(zero_approved),
            },
        )
    return interview


def _check_interview(held_on: date, attendees: str, minutes: str) -> None:
    problems = []
    if held_on > clock.today():
        problems.append(Problem(None, "実施日", "面談の実施日は今日までの日付を入力してください。"))
    if not attendees.strip():
        problems.append(Problem(None, "出席者", "出席者を所属とともに入力してください。"))
    if not minutes.strip():
        problems.append(Problem(None, "記録", "面談の記録を入力してください。"))
    if problems:
        raise InvalidInput(problems)


def submit_plan(*, actor: Scope, plan: Plan) -> Plan:
    """Submit to the bureau; NotReady names everything that is missing."""
    with transaction.atomic():
        sent: Plan = PLAN_FLOW.apply(
            plan,
            "hubs.plans.submit",
            actor=actor,
            changes={"submitted_at": clock.now(), "return_reason": ""},
        )
        text = f"{sent.hub}の事業計画が提出されました。"
        _tell(sent, text, Membership.objects.filter(role=Role.BUREAU, bureau=sent.hub.bureau_id))
    return sent


def return_plan(*, actor: Scope, plan: Plan, reason: str) -> Plan:
    """Send back for revision with a reason."""
    with transaction.atomic():
        back: Plan = PLAN_FLOW.apply(
            plan,
            "hubs.plans.return",
            actor=actor,
            reason=reason,
            changes={"return_reason": reason.strip()},
        )
        _tell(
            back, f"{back.hub}の事業計画が差し戻されました。理由を確認してください。", _chiefs(back)
        )
    return back


def finalize_plan(*, actor: Scope, plan: Plan) -> Plan:
    """Fix plan and targets (S74): stores the content hash; from here triggers hold the content."""
    with transaction.atomic():
        held = lock(plan)
        digest = plan_hash(with_content(held))
        fixed: Plan = PLAN_FLOW.apply(
            held,
            "hubs.plans.finalize",
            actor=actor,
            changes={
                "content_hash": digest,
                "finalized_at": clock.now(),
                "finalized_by_id": actor.user_id,
            },
            audit={"content_hash": digest},
        )
        _tell(fixed, f"{fixed.hub}の事業計画が確定しました。", _chiefs(fixed))
    return fixed


def submit_plans(*, actor: Scope, term: Term, plans: Sequence[Plan] | None = None) -> list[Plan]:
    """Submit every draft of the term in the scope (or the given ones), all or none."""
    require(actor, "hubs.plans.submit")
    chosen = _chosen(actor, term, EDITABLE, plans)
    return _each(chosen, lambda plan: submit_plan(actor=actor, plan=plan))


def finalize_plans(*, actor: Scope, term: Term, plans: Sequence[Plan] | None = None) -> list[Plan]:
    """Finalize every submitted plan of the term in the scope (or the given ones), all or none."""
    require(actor, "hubs.plans.finalize")
    chosen = _chosen(actor, term, {PlanState.SUBMITTED.value}, plans)
    return _each(chosen, lambda plan: finalize_plan(actor=actor, plan=plan))


def _chosen(
    actor: Scope, term: Term, states: frozenset[str] | set[str], plans: Sequence[Plan] | None
) -> list[Plan]:
    if plans is not None:
        return visible_plans_of([plan.pk for plan in plans])
    rows = Plan.objects.visible_to(actor).filter(term=term, state__in=states)
    return visible_plans_of(list(rows.values_list("pk", flat=True)))


def _each(plans: Sequence[Plan], act: Callable[[Plan], Plan]) -> list[Plan]:
    """Do one flow step per plan in one transaction; a refusal names the hub it stopped at."""
    with transaction.atomic():
        done = []
        for plan in plans:
            try:
                done.append(act(plan))
            except NotReady as refusal:
                raise NotReady(f"{plan.hub}：{refusal.message}", refusal.missing) from refusal
            except Conflict as refusal:
                raise Conflict(f"{plan.hub}：{refusal.message}") from refusal
    return done


def _chiefs(plan: Plan) -> QuerySet[Membership]:
    return Membership.objects.filter(role=Role.CHIEF_COORDINATOR, hub=plan.hub_id)


def _tell(plan: Plan, text: str, memberships: QuerySet[Membership]) -> None:
    valid = memberships.filter(valid_from__lte=clock.today()).exclude(valid_to__lt=clock.today())
    notify(
        valid.values_list("user_id", flat=True),
        key=f"plan:{plan.pk}:{plan.state}:{plan.version}:{plan.submitted_at:%Y%m%d%H%M%S%f}",
        text=text,
        url=reverse("plan_detail", args=[plan.pk]),
    )
