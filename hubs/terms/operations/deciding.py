"""Deciding the parts of a year: each is taken over or changed by an own act, nothing silently."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from hubs.terms.models import DecisionKind, PartDecision, Term, TermState
from hubs.terms.parts import Content, YearPart, find
from hubs.terms.queries import decided_content, previous_term, registered, shown_content
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.canonical import canonical_hash, canonical_json, sha256_text
from yorozu.core.errors import Conflict, Missing, NotReady
from yorozu.core.flow import lock


def take_over(
    *, actor: Scope, term: Term, codes: Sequence[str], seen: Mapping[str, str] | None = None
) -> list[PartDecision]:
    """Take over the proposal of each named part, all in one transaction, one event per part.

    ``seen`` are the fingerprints of the proposals the person read. Conflict when the term is not
    being prepared, a part is decided already, or a proposal has changed meanwhile.
    """
    require(actor, "hubs.terms.decide")
    with transaction.atomic():
        held = lock(term)
        if held.state != TermState.PREPARING:
            raise Conflict("引継ぎは、期の準備中だけ行えます。")
        previous = previous_term(held)
        return [_take_over(actor, held, find(code), previous, seen) for code in codes]


def _take_over(
    actor: Scope,
    term: Term,
    part: YearPart,
    previous: Term | None,
    seen: Mapping[str, str] | None,
) -> PartDecision:
    if term.decisions.filter(part=part.code).exists():
        raise Conflict(f"「{part.label}」は、すでに決まっています。")
    content = part.propose(term, previous)
    if content is None:
        text = f"「{part.label}」には引き継ぐ内容がありません。内容を入力してください。"
        raise NotReady(text, [Missing(text, "term_part", link_args=(term.pk, part.code))])
    if seen is not None and seen.get(part.code) != canonical_hash(content):
        raise Conflict(
            f"画面を開いたあとに「{part.label}」の案が変わりました。もう一度確認してください。"
        )
    return decide_part(actor, term, part, content, DecisionKind.TAKEN_OVER)


# PLR0913: which part of which term, with what, why, from what; by name only.
def change_part(
    *,
    actor: Scope,
    term: Term,
    part: YearPart,
    content: Content,
    reason: str = "",
    seen: str | None = None,
) -> PartDecision:
    """Change a part: freely while the term is prepared, with a reason once it runs.

    ``seen`` is the fingerprint of the content the writer started from. NotReady without a reason,
    after the registration (then a change of the rules is needed), or in a closed term.
    """
    require(actor, "hubs.terms.decide")
    with transaction.atomic():
        held = lock(term)
        _refuse_state(held, part, reason)
        if seen is not None and seen != _shown_hash(held, part):
            raise Conflict(
                f"入力している間に、他の人が「{part.label}」を変更しました。もう一度確認してください。"
            )
        return decide_part(actor, held, part, content, DecisionKind.CHANGED, reason.strip())


def _shown_hash(term: Term, part: YearPart) -> str:
    decision = term.decisions.filter(part=part.code).first()
    content = shown_content(term, part, previous_term(term), decision)
    return "" if content is None else canonical_hash(content)


def _refuse_state(term: Term, part: YearPart, reason: str) -> None:
    if term.state == TermState.CLOSED:
        raise NotReady("期が終了しているため、変更できません。")
    if term.state == TermState.PREPARING:
        return
    if part.in_rules and registered(term) is not None:
        text = "年度の規則は登録されています。変更は「年度の規則の変更案」で行います。"
        raise NotReady(text, [Missing(text, "rule_change", link_args=(term.pk,))])
    if not reason.strip():
        raise NotReady("期の開始後の変更には、理由の入力が必要です。")


# PLR0913: the core of every act on a part; all by place in this order.
def decide_part(
    actor: Scope,
    term: Term,
    part: YearPart,
    content: Content,
    kind: DecisionKind,
    reason: str = "",
) -> PartDecision:
    """Write a part and keep who decided it, in the caller's transaction and under its rights."""
    before = decided_content(term, part.code)
    part.write(actor, term, content)
    text = canonical_json(content)
    decision = PartDecision.objects.create(
        term=term,
        part=part.code,
        kind=kind,
        content=text,
        content_hash=sha256_text(text),
        reason=reason,
        decided_at=clock.now(),
        decided_by_id=actor.user_id,
        decided_by_name=actor.label[:200],
    )
    record(
        actor,
        "hubs.terms.decide",
        decision,
        before={"content_hash": canonical_hash(before)} if before is not None else None,
        after={"kind": kind.value, "content_hash": decision.content_hash},
        reason=reason,
    )
    return decision
