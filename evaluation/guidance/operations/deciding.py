"""How a case ends: released, continued or raised into a following case, or taken back."""

from typing import Any

from django.db import transaction

from evaluation.guidance.flow import CANCEL, CASE_FLOW, CONTINUE, OPEN, RAISE, RELEASE
from evaluation.guidance.models import GuidanceCase
from evaluation.guidance.operations.opening import Wanted, make_case, opened_act
from evaluation.guidance.operations.telling import tell_case, tell_opened
from evaluation.guidance.queries import (
    bureau_people,
    hub_people,
    newest_run,
    preview_of,
    proposal_of,
)
from evaluation.guidance.rules import Outcome
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.audit.operations import record_many
from yorozu.core.errors import Missing, NotReady
from yorozu.core.flow import lock

BY_RULE = {
    Outcome.RELEASE: "解除の条件を満たしたため。",
    Outcome.CONTINUE: "次の評価でも発動の条件に当てはまるため。",
    Outcome.RAISE: "次の評価で、上の段階の条件に当てはまるため。",
}


def release_case(*, actor: Scope, case: GuidanceCase, reason: str = "") -> GuidanceCase:
    """End the guidance. By the rule it needs no further reason, beside the rule it does."""
    return _close(actor, case, RELEASE, Outcome.RELEASE, reason)


def continue_case(*, actor: Scope, case: GuidanceCase, reason: str = "") -> GuidanceCase:
    """Close the case and open the following one at the same level; returns the closed one."""
    return _follow(actor, case, CONTINUE, Outcome.CONTINUE, reason, case.level)


def raise_case(*, actor: Scope, case: GuidanceCase, reason: str = "") -> GuidanceCase:
    """Close the case and open the following one a level higher; returns the closed one."""
    return _follow(actor, case, RAISE, Outcome.RAISE, reason, case.level + 1)


def cancel_case(*, actor: Scope, case: GuidanceCase, reason: str) -> GuidanceCase:
    """Take back an opening that was a mistake, before the plan is agreed."""
    with transaction.atomic():
        moved: GuidanceCase = CASE_FLOW.apply(
            case, CANCEL, actor=actor, reason=reason.strip(), changes=_end(actor, None, reason)
        )
        people = [*hub_people(moved.hub_id), *bureau_people(moved.hub_id)]
        tell_case(moved, people, "cancelled", f"{moved.hub}の重点指導は取り消されました。")
    return moved


def _end(actor: Scope, proposal: Outcome | None, reason: str) -> dict[str, Any]:
    return {
        "closed_at": clock.now(),
        "closed_by_name": actor.label[:200],
        "close_reason": reason.strip(),
        "rule_outcome": proposal.code if proposal is not None else "",
    }


def _why(proposal: Outcome, wanted: Outcome, reason: str) -> str:
    """The reason of the act: the rule's, or the one that was typed beside it."""
    if reason.strip():
        return reason.strip()
    if proposal == wanted:
        return BY_RULE[wanted]
    raise NotReady(
        f"基準による結論は「{proposal.label}」です。異なる結論にする理由を入力してください。", []
    )


def _close(
    actor: Scope, case: GuidanceCase, action: str, wanted: Outcome, reason: str
) -> GuidanceCase:
    with transaction.atomic():
        row: GuidanceCase = lock(case)
        CASE_FLOW.require(row, action, actor)
        proposal = proposal_of(row)
        why = _why(proposal, wanted, reason)
        moved: GuidanceCase = CASE_FLOW.apply(
            row,
            action,
            actor=actor,
            reason=why,
            changes=_end(actor, proposal, why),
            audit={"rule_outcome": proposal.code},
        )
        people = [*hub_people(moved.hub_id), *bureau_people(moved.hub_id)]
        text = f"{moved.hub}の重点指導は「{moved.get_state_display()}」となりました。"
        tell_case(moved, people, "closed", text)
    return moved


def _follow(
    actor: Scope, case: GuidanceCase, action: str, wanted: Outcome, reason: str, level: int
) -> GuidanceCase:
    """Close, then open the following case from the newest evaluation, in one transaction."""
    with transaction.atomic():
        closed = _close(actor, case, action, wanted, reason)
        run = newest_run()
        line = preview_of(run, case.hub_id) if run is not None else None
        if run is None or line is None:
            raise NotReady(
                "引き継ぐ評価が見つかりません。",
                [Missing("公表された評価がこの拠点を含むか確かめてください。", "run_list")],
            )
        decision = Wanted(level, closed.close_reason)
        following = make_case(actor, run, line, decision, previous=closed)
        record_many(actor, OPEN, [opened_act(following)])
        tell_opened(following)
    return closed
