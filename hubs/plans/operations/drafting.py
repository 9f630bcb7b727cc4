"""Open and write a plan; two people at once lose nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from hubs.network.models import Hub
from hubs.plans.flow import EDITABLE, term_is_open
from hubs.plans.models import FocusArea, Plan, Target
from hubs.plans.queries import (
    draft_differences,
    plan_texts,
    with_content,
)
from hubs.plans.rules import PlanDraft, read_plan
from hubs.terms.models import Term
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, NotReady
from yorozu.core.flow import lock


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
