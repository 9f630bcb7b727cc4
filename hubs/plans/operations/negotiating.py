"""Rounds about a target: bureau and hub propose values with reasons until one accepts."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from hubs.plans.flow import term_is_open
from hubs.plans.models import FocusArea, Plan, PlanState, ProposalKind, Side, Target, TargetProposal
from hubs.plans.operations.deciding import chiefs, officers, tell
from hubs.plans.operations.writing import write_texts
from hubs.plans.queries import plan_texts, with_content
from hubs.plans.rules import MAX_VALUE, section_label, section_of
from hubs.plans.rules.phasing import months_text, share_out
from yorozu.core import clock
from yorozu.core.access import Role, Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Problem
from yorozu.core.flow import lock

# The talk begins when the bureau has the plan, and ends with the finalized plan.
TALKING = frozenset({PlanState.SUBMITTED.value, PlanState.RETURNED.value})
LONGEST_REASON = 1_000


def side_of(actor: Scope) -> str:
    """For whom this person speaks: the hub's chief for the hub, everybody else for the bureau."""
    return Side.HUB if actor.role == Role.CHIEF_COORDINATOR else Side.BUREAU


def propose_value(
    *, actor: Scope, plan: Plan, field: str, value: int, reason: str
) -> TargetProposal:
    """Name another value for a target (field target_CONS or f1_target), with the reason.

    The plan keeps its value until the other side accepts. InvalidInput without a reason, for a
    value out of range, or for the value that stands in the plan or was named last.
    """
    require(actor, "hubs.plans.negotiate", hub_id=plan.hub_id)
    _check_proposal(value, reason)
    with transaction.atomic():
        lock(plan)
        held = with_content(plan)
        _check_talking(held, actor)
        row = _row_of(held, field)
        standing = _value_of(row)
        if value == standing:
            text = f"計画の値（{standing:,}）と同じです。別の値を入力してください。"
            raise InvalidInput([Problem(None, "提案する値", text)])
        said = _Round(field, ProposalKind.PROPOSED, value, standing, reason.strip())
        return _say(held, said, actor)


def accept_value(*, actor: Scope, plan: Plan, field: str, proposal: int) -> TargetProposal:
    """Accept the value that the other side named last; it goes into the plan, with its months.

    ``proposal`` is the round the person had before his eyes: Conflict when another one came since
    or when it is one's own.
    """
    require(actor, "hubs.plans.negotiate", hub_id=plan.hub_id)
    with transaction.atomic():
        lock(plan)
        held = with_content(plan)
        _check_talking(held, actor)
        row = _row_of(held, field)
        last = rounds_of(held, field).last()
        if last is None or last.pk != proposal or last.kind != ProposalKind.PROPOSED:
            raise Conflict("提案が変わっています。画面を開き直して、最新の提案を確認してください。")
        if last.side == side_of(actor):
            raise Conflict("自分の側の提案は受け入れられません。相手の返答を待ってください。")
        standing = _value_of(row)
        _put_value(held, field, last.value, actor)
        return _say(held, _Round(field, ProposalKind.ACCEPTED, last.value, standing), actor)


def rounds_of(plan: Plan, field: str) -> QuerySet[TargetProposal]:
    """The rounds about one target, in their order."""
    section = section_of(field)
    if section.startswith("target_"):
        code = section.removeprefix("target_")
        return plan.proposals.filter(indicator__code=code).order_by("made_at", "pk")
    return plan.proposals.filter(area_code=section.upper()).order_by("made_at", "pk")


def _check_proposal(value: int, reason: str) -> None:
    problems = []
    if not 0 <= value <= MAX_VALUE:
        text = f"0から{MAX_VALUE:,}までの整数で入力してください。"
        problems.append(Problem(None, "提案する値", text))
    if not reason.strip():
        problems.append(Problem(None, "理由", "提案の理由を入力してください。"))
    if len(reason) > LONGEST_REASON:
        text = f"{LONGEST_REASON:,}文字以内で入力してください（{len(reason):,}文字）。"
        problems.append(Problem(None, "理由", text))
    if problems:
        raise InvalidInput(problems)


def _check_talking(plan: Plan, actor: Scope) -> None:
    if plan.state not in TALKING:
        state = plan.get_state_display()
        raise Conflict(f"事業計画は現在「{state}」のため、目標値の提案はできません。")
    if missing := term_is_open(plan, actor):
        raise NotReady("目標値の提案はできません。", missing)


def _row_of(plan: Plan, field: str) -> Target | FocusArea:
    """The target or area of the field; InvalidInput when the plan has none."""
    rows: dict[str, Target | FocusArea] = {
        f"target_{row.indicator.code}": row for row in plan.targets.all()
    }
    rows |= {f"f{row.order}_target": row for row in plan.focus_areas.all()}
    if field not in rows:
        raise InvalidInput([Problem(None, "目標", "計画にない目標です。")])
    return rows[field]


def _value_of(row: Target | FocusArea) -> int | None:
    return row.value if isinstance(row, Target) else row.target


def _put_value(plan: Plan, field: str, value: int, actor: Scope) -> None:
    """The accepted value into the plan; typed months keep their shape and make the new sum."""
    texts = plan_texts(plan)
    months_field = f"phasing_{field.removeprefix('target_')}"
    if field.startswith("f"):
        months_field = field.replace("_target", "_phasing")
    if texts[months_field]:
        old = _row_of(plan, field).phasing
        texts[months_field] = months_text(share_out(value, old))
    texts[field] = str(value)
    write_texts(plan, texts, actor)


@dataclass(frozen=True)
class _Round:
    """One round to be kept; ``standing`` is what the plan said before it."""

    field: str
    kind: ProposalKind
    value: int
    standing: int | None
    reason: str = ""


def _say(plan: Plan, said: _Round, actor: Scope) -> TargetProposal:
    section = section_of(said.field)
    indicators = {row.code: row for row in plan.term.indicators.all()}
    kept = TargetProposal.objects.create(
        plan=plan,
        indicator=indicators.get(section.removeprefix("target_")),
        area_code="" if section.startswith("target_") else section.upper(),
        side=side_of(actor),
        kind=said.kind,
        value=said.value,
        plan_value=said.standing,
        reason=said.reason,
        made_by_id=actor.user_id,
        made_by_name=actor.name[:80],
        made_at=clock.now(),
    )
    record(
        actor,
        "hubs.plans.negotiate",
        plan,
        before={"value": said.standing},
        after={"section": section, "kind": said.kind, "value": said.value},
        reason=said.reason,
    )
    names = {code: row.name for code, row in indicators.items()}
    verb = "受け入れられました" if said.kind == ProposalKind.ACCEPTED else "提案されました"
    text = f"{plan.hub}の{section_label(section, names)}に{said.value:,}が{verb}。"
    listeners = officers(plan) if kept.side == Side.HUB else chiefs(plan)
    tell(plan, text, listeners, key=f"plan:{plan.pk}:proposal:{kept.pk}", page="plan_review")
    return kept
