"""Decisions on flags: by the bureau of the hub, for the network by the Agency."""

from django.db import transaction

from hubs.integrity.flow import CLOSE, CLOSE_NATIONAL, FIND, FLAG_FLOW, SETTLE
from hubs.integrity.models import FlagDecision, IntegrityFlag, Outcome
from hubs.integrity.operations.telling import tell_of_decision
from yorozu.core.access import Scope
from yorozu.core.errors import InvalidInput, Problem

MAX_REASON = 2_000


def close_flag(*, actor: Scope, flag: IntegrityFlag, outcome: Outcome, reason: str) -> FlagDecision:
    """The explanation holds, or the figure was corrected; nothing remains open."""
    if outcome not in {Outcome.EXPLAINED, Outcome.CORRECTED}:
        message = "「説明により確認」か「修正により確認」を選んでください。"
        raise InvalidInput([Problem(None, "判断", message)])
    return _decide(actor, flag, CLOSE, outcome, reason)


def find_flag(*, actor: Scope, flag: IntegrityFlag, reason: str) -> FlagDecision:
    """The figures are not in order: a finding that lasts until it is settled."""
    return _decide(actor, flag, FIND, Outcome.FINDING, reason)


def settle_flag(*, actor: Scope, flag: IntegrityFlag, reason: str) -> FlagDecision:
    """A finding has been put right."""
    return _decide(actor, flag, SETTLE, Outcome.RESOLVED, reason)


def close_national(*, actor: Scope, flag: IntegrityFlag, reason: str) -> FlagDecision:
    """The Agency has looked at a finding of the network."""
    return _decide(actor, flag, CLOSE_NATIONAL, Outcome.EXPLAINED, reason)


def _decide(
    actor: Scope, flag: IntegrityFlag, action: str, outcome: Outcome, reason: str
) -> FlagDecision:
    """Move the flag and keep why; the hub is told."""
    reason = reason.strip()
    if len(reason) > MAX_REASON:
        message = f"理由は{MAX_REASON:,}字以内で入力してください。"
        raise InvalidInput([Problem(None, "理由", message)])
    with transaction.atomic():
        moved: IntegrityFlag = FLAG_FLOW.apply(
            flag,
            action,
            actor=actor,
            reason=reason,
            changes={"outcome": outcome.value},
            audit={"outcome": outcome.value},
        )
        decision = FlagDecision.objects.create(
            flag=moved,
            outcome=outcome,
            reason=reason,
            by_id=actor.user_id,
            by_name=actor.label[:200],
        )
        tell_of_decision(moved, decision.pk)
    return decision
