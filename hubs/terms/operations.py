"""The acts on a term: open it, write and publish its activity policy, close it."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from hubs.network.facts import fact_rows
from hubs.terms.flow import POLICY_FLOW, TERM_FLOW
from hubs.terms.models import (
    ActivityIndicator,
    ActivityPolicy,
    PolicyState,
    Term,
    TermDeadline,
    TermState,
)
from hubs.terms.queries import closed_days, draft_of, term_for
from hubs.terms.rules import default_calendar
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.canonical import canonical_hash
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Problem
from yorozu.core.fiscal import nendo
from yorozu.core.flow import lock

FIRST_YEAR, LAST_YEAR = 2014, 2100


def open_term(*, actor: Scope, fiscal_year: int, is_sample: bool = False) -> Term:
    """Open the term of a fiscal year with the default calendar and the indicators of the facts.

    Nothing is copied from the year before (domain.md 5, rule 5). Raises Conflict when it exists.
    """
    require(actor, "hubs.terms.open")
    if not FIRST_YEAR <= fiscal_year <= LAST_YEAR:
        message = f"{FIRST_YEAR}から{LAST_YEAR}までの年度を指定してください。"
        raise InvalidInput([Problem(None, "年度", message)])
    exists = f"{nendo(fiscal_year)}の期は、すでに開始されています。"
    if term_for(fiscal_year) is not None:
        raise Conflict(exists)
    try:
        with transaction.atomic():
            term = Term.objects.create(
                fiscal_year=fiscal_year, state=TermState.OPEN, is_sample=is_sample
            )
            TermDeadline.objects.bulk_create(_deadlines(term))
            rows = _indicators(term)
            ActivityIndicator.objects.bulk_create(rows)
            record(
                actor,
                "hubs.terms.open",
                term,
                after={"fiscal_year": fiscal_year, "indicators": [row.code for row in rows]},
            )
    except IntegrityError as error:
        raise Conflict(exists) from error
    return term


def _deadlines(term: Term) -> list[TermDeadline]:
    zone = timezone.get_default_timezone()
    return [
        TermDeadline(
            term=term,
            code=line.code,
            phase=line.phase.value,
            label=line.label,
            due_at=datetime.combine(line.day, line.at, tzinfo=zone),
        )
        for line in default_calendar(term.fiscal_year, closed_days())
    ]


def _indicators(term: Term) -> list[ActivityIndicator]:
    return [
        ActivityIndicator(
            term=term,
            code=row["code"],
            name=row["name"],
            unit=row["unit"],
            is_cumulative=row["is_cumulative"] == "1",
            definition=row["definition"],
            example=row["example"],
            counter_example=row["counter_example"],
            source=row["source"],
            source_rule=row["source_rule"],
            order=int(row["order"]),
        )
        for row in fact_rows("indicators.csv")
    ]


def close_term(*, actor: Scope, term: Term) -> Term:
    """Close a term; NotReady while months are on their way through the approvals."""
    closed: Term = TERM_FLOW.apply(term, "hubs.terms.close", actor=actor)
    return closed


def text_hash(title: str, body: str) -> str:
    """Fingerprint of a policy's text: tells whether somebody else has written since."""
    return canonical_hash({"title": title, "body": body})


def draft_policy(
    *, actor: Scope, term: Term, title: str, body: str, seen: str | None = None
) -> ActivityPolicy:
    """Write the draft of the term's policy: the open draft, or a new version after publication.

    ``seen`` is the fingerprint of the text the writer started from; Conflict when it has changed.
    """
    require(actor, "hubs.terms.draft_policy")
    with transaction.atomic():
        held = lock(term)
        if held.state == TermState.CLOSED:
            raise NotReady("期が終了しているため、活動方針は変更できません。")
        draft = draft_of(held)
        _check_seen(draft, seen)
        if draft is None:
            draft = ActivityPolicy(term=held, version=held.policies.count() + 1)
        elif (draft.title, draft.body) == (title, body):
            return draft
        before = {"title": draft.title, "body": draft.body} if draft.pk else None
        draft.title, draft.body = title, body
        draft.save()
        after: dict[str, Any] = {"version": draft.version, "title": title, "body": body}
        record(actor, "hubs.terms.draft_policy", draft, before=before, after=after)
    return draft


def _check_seen(draft: ActivityPolicy | None, seen: str | None) -> None:
    if seen is None:
        return
    stands = text_hash(draft.title, draft.body) if draft else ""
    if stands != seen:
        raise Conflict("入力している間に、他の人が活動方針の下書きを更新しました。")


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


def publish_policy(
    *, actor: Scope, policy: ActivityPolicy, seen: str | None = None
) -> ActivityPolicy:
    """Publish a draft (S69): from here its text is held by triggers and its hash is shown.

    ``seen`` is the hash the publisher read on the check page; Conflict when the draft has changed.
    """
    with transaction.atomic():
        held = lock(policy)
        digest = policy_hash(held)
        if seen is not None and held.state == PolicyState.DRAFT and seen != digest:
            raise Conflict(
                "確認している間に下書きが更新されました。もう一度内容を確認してください。"
            )
        published: ActivityPolicy = POLICY_FLOW.apply(
            held,
            "hubs.terms.publish_policy",
            actor=actor,
            changes={
                "content_hash": digest,
                "published_at": clock.now(),
                "published_by_id": actor.user_id,
            },
            audit={"version": held.version, "content_hash": digest},
        )
    return published
