"""Open and write a plan; two people at once lose nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from hubs.network.models import Hub
from hubs.network.queries import figure_snapshots
from hubs.plans.flow import EDITABLE, term_is_open
from hubs.plans.models import Plan
from hubs.plans.operations.writing import problems_of, write_texts
from hubs.plans.queries import (
    draft_differences,
    plan_texts,
    with_content,
    without_spread_months,
)
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
    """Begin the plan of a hub for a term; a second call returns the plan that is there.

    The public figures of the region are kept with the plan as they stand today.
    """
    require(actor, "hubs.plans.edit", hub_id=hub.pk)
    with transaction.atomic():
        plan, created = Plan.objects.get_or_create(
            hub=hub,
            term=term,
            defaults={
                "updated_by_name": actor.name[:80],
                "regional_figures": lambda: figure_snapshots([hub.pk])[hub.pk],
                "figures_taken_on": clock.today,
            },
        )
        if missing := term_is_open(plan, actor):
            raise NotReady("事業計画を作成できません。", missing)
        if created:
            record(actor, "hubs.plans.edit", plan, after={"state": plan.state})
    return plan


def save_plan(*, actor: Scope, plan: Plan, values: Mapping[str, str], version: int) -> Saved:
    """Save typed texts (field names of rules.field_names); fields not named stay as they are.

    Unreadable numbers are kept as typed, marked 要確認 and block the submission only.
    Two people in different fields do not hinder each other; PlanConflict when a field that differs
    was changed by somebody after ``version``.
    """
    require(actor, "hubs.plans.edit", hub_id=plan.hub_id)
    with transaction.atomic():
        lock(plan)
        held = with_content(plan)
        _check_editable(held, actor)
        stored = plan_texts(held)
        mine = {name: text for name, text in values.items() if name in stored}
        differences = draft_differences(stored, without_spread_months(held, mine))
        if not differences:
            return Saved(held, _problems(held, stored))
        if any(_is_newer(held, name, version) for name, _, _ in differences):
            raise PlanConflict(held, differences)
        wanted = {name: text for name, _, text in differences}
        problems = write_texts(held, {**stored, **wanted}, actor)
        record(
            actor,
            "hubs.plans.edit",
            held,
            before={name: before for name, before, _ in differences},
            after={name: after for name, _, after in differences},
        )
    return Saved(with_content(held), problems)


def _is_newer(plan: Plan, name: str, version: int) -> bool:
    """Whether the field was changed after the version the writer had before his eyes."""
    seen = version if version <= plan.version else 0
    last = 0 if plan.field_versions else plan.version
    return bool(plan.field_versions.get(name, last) > seen)


def _problems(plan: Plan, texts: Mapping[str, str]) -> Mapping[str, str]:
    return problems_of(plan, texts) if plan.draft_texts else {}


def _check_editable(plan: Plan, actor: Scope) -> None:
    if plan.state not in EDITABLE:
        raise Conflict(f"事業計画は現在「{plan.get_state_display()}」のため、変更できません。")
    if missing := term_is_open(plan, actor):
        raise NotReady("事業計画を変更できません。", missing)


def renew_figures(*, actor: Scope, plan: Plan) -> Plan:
    """Take the public figures of the region anew, because newer ones were published."""
    require(actor, "hubs.plans.edit", hub_id=plan.hub_id)
    with transaction.atomic():
        held = lock(plan)
        _check_editable(held, actor)
        fresh = figure_snapshots([held.hub_id])[held.hub_id]
        if fresh == held.regional_figures:
            return held
        before, taken = held.regional_figures, held.figures_taken_on
        held.regional_figures, held.figures_taken_on = fresh, clock.today()
        held.version += 1
        held.updated_by_name = actor.name[:80]
        held.save(
            update_fields=[
                "regional_figures",
                "figures_taken_on",
                "version",
                "updated_at",
                "updated_by_name",
            ]
        )
        record(
            actor,
            "hubs.plans.edit",
            held,
            before={"figures_taken_on": taken.isoformat() if taken else "", "figures": len(before)},
            after={"figures_taken_on": clock.today().isoformat(), "figures": len(fresh)},
        )
    return held
