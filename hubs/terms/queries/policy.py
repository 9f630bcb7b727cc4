"""Reading the activity policy: versions, the one in force, who has signed."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from hubs.terms.models import ActivityPolicy, PolicyState, Term, TwoSignatures
from hubs.terms.rules.signing import SIDES, Side
from yorozu.core.access import Role, Scope, decide
from yorozu.core.canonical import canonical_hash
from yorozu.core.web.chips import Chip, Status

POLICY_CHIPS = {
    PolicyState.DRAFT: Status.DRAFT,
    PolicyState.SIGNED: Status.WAITING,
    PolicyState.PUBLISHED: Status.PUBLISHED,
}
WRITTEN = (PolicyState.DRAFT, PolicyState.SIGNED)


def policies(scope: Scope, term: Term) -> QuerySet[ActivityPolicy]:
    """Versions of the term's policy; a draft is seen by those who may draft or audit only."""
    rows = term.policies.select_related("term")
    if decide(scope, "hubs.terms.draft_policy").allowed or scope.role == Role.AUDITOR:
        return rows
    return rows.filter(state=PolicyState.PUBLISHED)


def published_policy(term: Term) -> ActivityPolicy | None:
    """The policy in force: the latest published version."""
    return term.policies.filter(state=PolicyState.PUBLISHED).first()


def draft_of(term: Term) -> ActivityPolicy | None:
    """The version being written or waiting for the second signature, if any."""
    return term.policies.filter(state__in=WRITTEN).first()


def policy_chip(policy: ActivityPolicy) -> Chip:
    """The state of a policy version as a chip; whose turn it is stands beside it."""
    note = ""
    if policy.state == PolicyState.SIGNED:
        waiting = next((one for one in signatures(policy) if one.at is None), None)
        note = f"{waiting.side.label}の承認待ち" if waiting else ""
    return Chip(POLICY_CHIPS[PolicyState(policy.state)], note)


@dataclass(frozen=True)
class Signature:
    """The signature of one side: person and moment, or none yet (``at`` None)."""

    side: Side
    name: str
    at: datetime | None
    user_id: int | None


def signatures(record: TwoSignatures) -> list[Signature]:
    """Both signatures, the Agency's first."""
    return [
        Signature(
            side,
            getattr(record, f"{side.code}_signed_name"),
            getattr(record, f"{side.code}_signed_at"),
            getattr(record, f"{side.code}_signed_by_id"),
        )
        for side in SIDES
    ]


def text_hash(title: str, body: str) -> str:
    """Fingerprint of a policy's text: tells whether somebody else has written since."""
    return canonical_hash({"title": title, "body": body})


def policy_hash(policy: ActivityPolicy) -> str:
    """Hash of what is published: year, version and text."""
    return canonical_hash(
        {
            "fiscal_year": policy.term.fiscal_year,
            "version": policy.version,
            "title": policy.title,
            "body": policy.body,
        }
    )
