"""The activity policy: write it, and sign it from both sides; the second signature publishes."""

from typing import Any

from django.db import transaction

from hubs.terms.flow import POLICY_FLOW
from hubs.terms.models import ActivityPolicy, PolicyState, Term, TermState
from hubs.terms.operations.signing import cleared, signed
from hubs.terms.queries import draft_of, policy_hash, text_hash
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, NotReady
from yorozu.core.flow import lock


def draft_policy(
    *, actor: Scope, term: Term, title: str, body: str, seen: str | None = None
) -> ActivityPolicy:
    """Write the draft of the term's policy: the open draft, or a new version after publication.

    A signature that stands on the draft falls with the change of its text. ``seen`` is the
    fingerprint of the text the writer started from; Conflict when it has changed.
    """
    require(actor, "hubs.terms.draft_policy")
    with transaction.atomic():
        held = lock(term)
        if held.state == TermState.CLOSED:
            raise NotReady("期が終了しているため、活動方針は変更できません。")
        _check_seen(draft_of(held), seen)
        draft, before = write_draft(actor, held, title, body)
        if before == {"title": title, "body": body}:
            return draft
        after: dict[str, Any] = {"version": draft.version, "title": title, "body": body}
        record(actor, "hubs.terms.draft_policy", draft, before=before, after=after)
    return draft


def write_draft(
    actor: Scope, term: Term, title: str, body: str
) -> tuple[ActivityPolicy, dict[str, str] | None]:
    """Put a text into the open draft, or into a new one; returns it with its text before.

    In the caller's transaction and under its rights; an unchanged text keeps its signature.
    """
    draft = draft_of(term)
    if draft is None:
        draft = ActivityPolicy(term=term, version=term.policies.count() + 1)
        before = None
    else:
        before = {"title": draft.title, "body": draft.body}
        if before == {"title": title, "body": body}:
            return draft, before
        if draft.state == PolicyState.SIGNED:
            _withdraw_signature(actor, draft)
    draft.title, draft.body = title, body
    draft.save()
    return draft, before


def _withdraw_signature(actor: Scope, draft: ActivityPolicy) -> None:
    """The text under a signature is about to change: the signature no longer holds."""
    columns = {"state": PolicyState.DRAFT, **cleared()}
    for name, value in columns.items():
        setattr(draft, name, value)
    record(
        actor,
        "hubs.terms.draft_policy",
        draft,
        before={"state": PolicyState.SIGNED.value},
        after={"state": PolicyState.DRAFT.value, "signature": "文の変更により取消し"},
    )


def _check_seen(draft: ActivityPolicy | None, seen: str | None) -> None:
    if seen is None:
        return
    stands = text_hash(draft.title, draft.body) if draft else ""
    if stands != seen:
        raise Conflict("入力している間に、他の人が活動方針の下書きを更新しました。")


def sign_policy(*, actor: Scope, policy: ActivityPolicy, seen: str | None = None) -> ActivityPolicy:
    """Sign for one's side (S69): the first signature waits for the other, the second publishes.

    ``seen`` is the hash the signer read on the check page; Conflict when the draft has changed.
    NotReady for a second signature of the same side or the same person.
    """
    with transaction.atomic():
        held = lock(policy)
        digest = policy_hash(held)
        if seen is not None and held.state != PolicyState.PUBLISHED and seen != digest:
            raise Conflict(
                "確認している間に下書きが更新されました。もう一度内容を確認してください。"
            )
        changes: dict[str, Any] = signed(actor)
        action = "hubs.terms.sign_policy"
        if held.state != PolicyState.DRAFT:
            action = "hubs.terms.publish_policy"
            changes |= {
                "content_hash": digest,
                "published_at": clock.now(),
                "published_by_id": actor.user_id,
            }
        done: ActivityPolicy = POLICY_FLOW.apply(
            held,
            action,
            actor=actor,
            changes=changes,
            audit={"version": held.version, "content_hash": digest},
        )
    return done


def unsign_policy(*, actor: Scope, policy: ActivityPolicy) -> ActivityPolicy:
    """Take one's own side's signature back before the other side has signed."""
    done: ActivityPolicy = POLICY_FLOW.apply(
        policy, "hubs.terms.unsign_policy", actor=actor, changes=cleared()
    )
    return done
