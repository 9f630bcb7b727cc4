"""Submit, send back, finalize: one plan or many, all or none."""

from collections.abc import Callable, Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from hubs.network.models import Membership
from hubs.plans.flow import EDITABLE, PLAN_FLOW
from hubs.plans.models import Plan, PlanState
from hubs.plans.operations.keeping import keep_original, keep_submission
from hubs.plans.operations.writing import complete_months
from hubs.plans.queries import (
    adequacy_facts,
    plan_content,
    visible_plans_of,
    with_content,
)
from hubs.terms.models import Term
from yorozu.core import clock
from yorozu.core.access import Role, Scope, require
from yorozu.core.canonical import canonical_json, sha256_text
from yorozu.core.errors import Conflict, NotReady
from yorozu.core.flow import lock
from yorozu.core.notices.operations import notify


def submit_plan(*, actor: Scope, plan: Plan) -> Plan:
    """Submit to the bureau; NotReady names everything that is missing."""
    require(actor, "hubs.plans.submit", hub_id=plan.hub_id)
    with transaction.atomic():
        if lock(plan).state in EDITABLE:
            complete_months(with_content(plan))
        sent: Plan = PLAN_FLOW.apply(
            plan,
            "hubs.plans.submit",
            actor=actor,
            changes={"submitted_at": clock.now(), "return_reason": ""},
        )
        keep_submission(sent, actor)
        text = f"{sent.hub}の事業計画が提出されました。"
        tell(sent, text, officers(sent))
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
        tell(
            back, f"{back.hub}の事業計画が差し戻されました。理由を確認してください。", chiefs(back)
        )
    return back


def finalize_plan(*, actor: Scope, plan: Plan) -> Plan:
    """Fix plan and targets (S74): writes version 1 with its hash; triggers hold it from here."""
    require(actor, "hubs.plans.finalize", hub_id=plan.hub_id)
    with transaction.atomic():
        held = lock(plan)
        settle(held, actor)
        content = canonical_json(plan_content(with_content(held)))
        digest = sha256_text(content)
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
        keep_original(fixed, content, actor)
        tell(fixed, f"{fixed.hub}の事業計画が確定しました。", chiefs(fixed))
    return fixed


def settle(plan: Plan, actor: Scope) -> None:
    """What is fixed together with the plan: months of every target, and the basis shown beside.

    Only for a plan that this person may finalize now; the step itself says why not.
    """
    if not PLAN_FLOW.decision(plan, "hubs.plans.finalize", actor).allowed:
        return
    held = with_content(plan)
    complete_months(held)
    plan.adequacy = adequacy_facts(held)
    plan.save(update_fields=["adequacy"])


def submit_plans(*, actor: Scope, term: Term, plans: Sequence[Plan] | None = None) -> list[Plan]:
    """Submit every draft of the term in the scope (or the given ones), all or none."""
    require(actor, "hubs.plans.submit")
    chosen = _chosen(actor, "hubs.plans.submit", term, EDITABLE, plans)
    return _each(chosen, lambda plan: submit_plan(actor=actor, plan=plan))


def finalize_plans(*, actor: Scope, term: Term, plans: Sequence[Plan] | None = None) -> list[Plan]:
    """Finalize every submitted plan of the term in the scope (or the given ones), all or none."""
    require(actor, "hubs.plans.finalize")
    chosen = _chosen(actor, "hubs.plans.finalize", term, {PlanState.SUBMITTED.value}, plans)
    return _each(chosen, lambda plan: finalize_plan(actor=actor, plan=plan))


def _chosen(
    actor: Scope,
    action: str,
    term: Term,
    states: frozenset[str] | set[str],
    plans: Sequence[Plan] | None,
) -> list[Plan]:
    if plans is not None:
        for plan in plans:
            require(actor, action, hub_id=plan.hub_id)
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


def chiefs(plan: Plan) -> QuerySet[Membership]:
    """The chief coordinators of the hub."""
    return Membership.objects.filter(role=Role.CHIEF_COORDINATOR, hub=plan.hub_id)


def officers(plan: Plan) -> QuerySet[Membership]:
    """The staff of the hub's bureau."""
    return Membership.objects.filter(role=Role.BUREAU, bureau=plan.hub.bureau_id)


def tell(
    plan: Plan,
    text: str,
    memberships: QuerySet[Membership],
    *,
    key: str = "",
    page: str = "plan_detail",
) -> None:
    """Notify those with a valid membership: once per ``key``, else per state and version."""
    valid = memberships.filter(valid_from__lte=clock.today()).exclude(valid_to__lt=clock.today())
    moment = f"{plan.submitted_at:%Y%m%d%H%M%S%f}" if plan.submitted_at else ""
    notify(
        valid.values_list("user_id", flat=True),
        key=key or f"plan:{plan.pk}:{plan.state}:{plan.version}:{moment}",
        text=text,
        url=reverse(page, args=[plan.pk]),
    )
