"""The acts on an amendment: open, write, ask, withdraw, return, approve, refuse."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from hubs.network.models import Membership
from hubs.plans.flow import term_is_open
from hubs.plans.flow.amendment import AMENDABLE, AMENDMENT_FLOW
from hubs.plans.models import (
    OPEN_AMENDMENTS,
    FocusArea,
    Plan,
    PlanAmendment,
    PlanState,
    PlanVersion,
    VersionKind,
)
from hubs.plans.queries import draft_differences
from hubs.plans.queries.amending import Proposal, content_with_names, proposal_of
from hubs.plans.rules.agreed import effective_problem
from yorozu.core import clock
from yorozu.core.access import Role, Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.canonical import canonical_json, sha256_text
from yorozu.core.errors import Conflict, InvalidInput, Missing, NotReady, Problem
from yorozu.core.fiscal import DateError, months_of, parse_month, wareki_month
from yorozu.core.flow import lock
from yorozu.core.notices.operations import notify

LONGEST_REASON = 2_000
REASON, MONTH = "amend_reason", "effective_month"


class AmendmentConflict(Conflict):
    """The amendment was changed meanwhile; carries both texts of every field that differs."""

    def __init__(
        self, amendment: PlanAmendment, differences: Sequence[tuple[str, str, str]]
    ) -> None:
        at = f"{amendment.updated_at.astimezone(clock.now().tzinfo):%H:%M}"
        super().__init__(f"{amendment.updated_by_name or '他の人'}が{at}に更新しました。")
        self.amendment = amendment
        self.differences = list(differences)


@dataclass(frozen=True)
class AmendmentSaved:
    """What a save left behind: the fresh amendment and the fields that need another look."""

    amendment: PlanAmendment
    problems: Mapping[str, str] = field(default_factory=dict)


def open_amendment(
    *, actor: Scope, plan: Plan, effective_month: date, reason: str = ""
) -> PlanAmendment:
    """Begin an amendment of the last version; a second call returns the one on its way."""
    require(actor, "hubs.plans.amend", hub_id=plan.hub_id)
    _check_month(effective_month, plan)
    with transaction.atomic():
        held = lock(plan)
        if held.state != PlanState.FINALIZED:
            raise Conflict("計画変更は、確定した事業計画についてだけ作成できます。")
        if missing := term_is_open(held, actor):
            raise NotReady("計画変更を作成できません。", missing)
        there = held.amendments.filter(state__in=OPEN_AMENDMENTS).first()
        if there is not None:
            return there
        base = held.versions.order_by("-number").first()
        if base is None:
            raise NotReady("確定した版の記録がないため、計画変更を作成できません。")
        made = PlanAmendment.objects.create(
            plan=held,
            number=held.amendments.count() + 1,
            base=base,
            effective_month=effective_month,
            reason=reason.strip()[:LONGEST_REASON],
            updated_by_name=actor.name[:80],
        )
        after = {"state": made.state, "effective_month": f"{effective_month:%Y-%m}"}
        record(actor, "hubs.plans.amend", made, after=after, reason=made.reason)
    return made


def _check_month(month: date, plan: Plan) -> None:
    if problem := effective_problem(month, plan.term.fiscal_year):
        raise InvalidInput([Problem(None, "適用開始月", problem)])


def stored_texts(amendment: PlanAmendment, found: Proposal) -> dict[str, str]:
    """Every field of the form with the text that is stored."""
    month = amendment.effective_month
    head = {REASON: amendment.reason, MONTH: f"{month:%Y-%m}" if month else ""}
    return {**head, **found.texts}


def save_amendment(
    *, actor: Scope, amendment: PlanAmendment, values: Mapping[str, str], version: int
) -> AmendmentSaved:
    """Save typed texts; fields not named stay. Raises AmendmentConflict like ``save_plan``."""
    require(actor, "hubs.plans.amend", hub_id=amendment.hub_id)
    with transaction.atomic():
        held = lock(amendment)
        if held.state not in AMENDABLE:
            state = held.get_state_display()
            raise Conflict(f"計画変更は現在「{state}」のため、変更できません。")
        if missing := term_is_open(held.plan, actor):
            raise NotReady("計画変更を変更できません。", missing)
        found = proposal_of(held)
        stored = stored_texts(held, found)
        mine = {name: text for name, text in values.items() if name in stored}
        differences = draft_differences(stored, mine)
        if not differences:
            return AmendmentSaved(held, found.amended.problems)
        if held.version != version:
            raise AmendmentConflict(held, differences)
        _write(held, {**stored, **mine}, found.current, actor)
        record(
            actor,
            "hubs.plans.amend",
            held,
            before={name: before for name, before, _ in differences},
            after={name: after for name, _, after in differences},
        )
    fresh = PlanAmendment.objects.select_related("plan__hub", "plan__term", "base").get(pk=held.pk)
    return AmendmentSaved(fresh, proposal_of(fresh).amended.problems)


def _write(
    held: PlanAmendment, texts: dict[str, str], current: Mapping[str, str], actor: Scope
) -> None:
    held.reason = texts.pop(REASON).strip()[:LONGEST_REASON]
    held.effective_month = _read_month(texts.pop(MONTH), held.plan)
    moved = draft_differences(current, texts)
    held.texts = {name: text[:40_000] for name, _, text in moved}
    held.version += 1
    held.updated_by_name = actor.name[:80]
    held.save()


def _read_month(typed: str, plan: Plan) -> date:
    try:
        month = parse_month(typed)
    except DateError as error:
        raise InvalidInput([Problem(None, "適用開始月", str(error))]) from error
    if month not in months_of(plan.term.fiscal_year):
        _check_month(month, plan)
    return month


def missing_for_amendment(found: Proposal, action: str, actor: Scope) -> list[Missing]:
    """What a step would still lack: reason, month, a change, readable numbers."""
    transition = AMENDMENT_FLOW.by_action[action]
    missing = [item for check in transition.conditions for item in check(found.amendment, actor)]
    if not transition.conditions or action == "hubs.plans.return_amendment":
        return missing
    if not found.amended.is_changed and not found.amended.problems:
        missing.append(Missing("変更前の版から変わったところがありません。", "amendment_edit"))
    if found.amended.problems:
        count = len(found.amended.problems)
        missing.append(Missing(f"確認が必要な入力が{count}か所あります。", "amendment_edit"))
    return missing


def _check_ready(held: PlanAmendment, action: str, actor: Scope) -> Proposal:
    require(actor, action, hub_id=held.hub_id)
    found = proposal_of(held)
    label = AMENDMENT_FLOW.by_action[action].label
    if held.state in AMENDMENT_FLOW.by_action[action].sources and (
        missing := missing_for_amendment(found, action, actor)
    ):
        raise NotReady(f"まだ「{label}」はできません。次を確認してください。", missing)
    return found


def submit_amendment(*, actor: Scope, amendment: PlanAmendment) -> PlanAmendment:
    """Ask the bureau for approval; NotReady names everything that is missing."""
    with transaction.atomic():
        _check_ready(lock(amendment), "hubs.plans.submit_amendment", actor)
        sent: PlanAmendment = AMENDMENT_FLOW.apply(
            amendment,
            "hubs.plans.submit_amendment",
            actor=actor,
            changes={
                "submitted_at": clock.now(),
                "submitted_by_name": actor.name[:80],
                "return_reason": "",
            },
        )
        _tell(sent, "の計画変更が申請されました。", _officers(sent))
    return sent


def withdraw_amendment(*, actor: Scope, amendment: PlanAmendment) -> PlanAmendment:
    """Give the amendment up; the plan stays as it is."""
    gone: PlanAmendment = AMENDMENT_FLOW.apply(
        amendment, "hubs.plans.withdraw_amendment", actor=actor, changes=_decided(actor)
    )
    return gone


def return_amendment(*, actor: Scope, amendment: PlanAmendment, reason: str) -> PlanAmendment:
    """Send back for revision with a reason."""
    with transaction.atomic():
        back: PlanAmendment = AMENDMENT_FLOW.apply(
            amendment,
            "hubs.plans.return_amendment",
            actor=actor,
            reason=reason,
            changes={"return_reason": reason.strip()},
        )
        _tell(back, "の計画変更が差し戻されました。理由を確認してください。", _chiefs(back))
    return back


def refuse_amendment(*, actor: Scope, amendment: PlanAmendment, reason: str) -> PlanAmendment:
    """Refuse with a reason; the plan stays as it is."""
    with transaction.atomic():
        refused: PlanAmendment = AMENDMENT_FLOW.apply(
            amendment,
            "hubs.plans.refuse_amendment",
            actor=actor,
            reason=reason,
            changes={**_decided(actor), "decision_reason": reason.strip()},
        )
        _tell(
            refused, "の計画変更は承認されませんでした。理由を確認してください。", _chiefs(refused)
        )
    return refused


def approve_amendment(
    *,
    actor: Scope,
    amendment: PlanAmendment,
    retroactive_reason: str = "",
    zero_approved: Iterable[str] = (),
) -> PlanVersion:
    """Approve: writes the next version of the plan.

    An effective month that reaches back into accepted months needs the bureau's written reason;
    the accepted results stay as they are. ``zero_approved``: indicators whose new target 0 is
    agreed.
    """
    action = "hubs.plans.approve_amendment"
    with transaction.atomic():
        lock(amendment.plan)
        held = lock(amendment)
        found = _check_ready(held, action, actor)
        reason = retroactive_reason.strip()[:LONGEST_REASON] if found.retroactive else ""
        if held.state in AMENDMENT_FLOW.by_action[action].sources:
            _check_reach(found, reason)
        zeros = sorted(set(found.amended.new_zeros) & set(zero_approved))
        approved: PlanAmendment = AMENDMENT_FLOW.apply(
            held,
            action,
            actor=actor,
            reason=reason,
            changes={**_decided(actor), "retroactive_reason": reason, "zero_approved": zeros},
            audit={"effective_month": f"{held.effective_month:%Y-%m}", "zero_approved": zeros},
        )
        version = _write_version(approved, found, actor)
        _tell(approved, "の計画変更が承認されました。", _chiefs(approved))
    return version


def _check_reach(found: Proposal, reason: str) -> None:
    if found.retroactive and not reason:
        months = "、".join(wareki_month(month) for month in found.retroactive)
        raise NotReady(
            "適用開始月が確認済みの月にさかのぼるため、さかのぼる理由の入力が必要です。",
            [Missing(f"確認済みの月：{months}（確認済みの実績は変わりません）")],
        )


def _write_version(approved: PlanAmendment, found: Proposal, actor: Scope) -> PlanVersion:
    plan, number, month = approved.plan, approved.base.number + 1, approved.effective_month
    if month is None:
        raise NotReady("適用開始月がありません。")
    content = content_with_names(found.base, found.amended.content)
    for row in content["targets"]:
        row["zero_approved"] = row["zero_approved"] or row["code"] in approved.zero_approved
    content["amendment"] = {
        "number": number,
        "effective_month": f"{month:%Y-%m}",
        "reason": approved.reason,
        "retroactive_reason": approved.retroactive_reason,
        "replaces": approved.base.content_hash,
    }
    text = canonical_json(content)
    version = PlanVersion.objects.create(
        plan=plan,
        number=number,
        kind=VersionKind.AMENDMENT,
        effective_month=month,
        reason=approved.reason,
        content=text,
        content_hash=sha256_text(text),
        amendment=approved,
        finalized_at=approved.decided_at or clock.now(),
        finalized_by_id=actor.user_id,
        finalized_by_name=actor.name[:80],
    )
    _bring_areas(plan, version, content)
    return version


def _bring_areas(plan: Plan, version: PlanVersion, content: Mapping[str, Any]) -> None:
    """The rows under which results of new focus areas are reported."""
    there = set(plan.focus_areas.values_list("code", flat=True))
    FocusArea.objects.bulk_create(
        FocusArea(
            plan=plan,
            code=row["code"],
            name=row["name"],
            description=row["description"],
            evidence_rule=row["evidence_rule"],
            unit=row["unit"],
            target=row["target"],
            phasing=row["phasing"],
            weight=row["weight"],
            order=int(row["code"][1:]),
            added_in=version,
        )
        for row in content["focus_areas"]
        if row["code"] not in there
    )


def _decided(actor: Scope) -> dict[str, Any]:
    return {
        "decided_at": clock.now(),
        "decided_by_id": actor.user_id,
        "decided_by_name": actor.name[:80],
    }


def _chiefs(amendment: PlanAmendment) -> QuerySet[Membership]:
    return Membership.objects.filter(role=Role.CHIEF_COORDINATOR, hub=amendment.plan.hub_id)


def _officers(amendment: PlanAmendment) -> QuerySet[Membership]:
    return Membership.objects.filter(role=Role.BUREAU, bureau=amendment.plan.hub.bureau_id)


def _tell(amendment: PlanAmendment, text: str, memberships: QuerySet[Membership]) -> None:
    valid = memberships.filter(valid_from__lte=clock.today()).exclude(valid_to__lt=clock.today())
    moment = amendment.decided_at or amendment.submitted_at or clock.now()
    notify(
        valid.values_list("user_id", flat=True),
        key=f"amendment:{amendment.pk}:{amendment.state}:{amendment.version}:{moment:%H%M%S%f}",
        text=f"{amendment.plan.hub}{text}",
        url=reverse("amendment_detail", args=[amendment.pk]),
    )
