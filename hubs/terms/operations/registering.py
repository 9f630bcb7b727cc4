"""Registering the rules of a year with a hash, and changing them lawfully afterwards."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from hubs.network.models import Membership
from hubs.terms.flow import CHANGE_FLOW
from hubs.terms.models import (
    ChangeState,
    DecisionKind,
    RuleChange,
    Term,
    TermState,
    YearRules,
)
from hubs.terms.operations.deciding import decide_part
from hubs.terms.operations.signing import cleared, signed
from hubs.terms.parts import Content, YearPart, find, rule_parts
from hubs.terms.queries import open_change, registered, rules_content
from hubs.terms.queries.registry import proposed_parts, registered_parts
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.canonical import canonical_hash, canonical_json, sha256_text
from yorozu.core.errors import Conflict, Missing, NotReady
from yorozu.core.fiscal import nendo
from yorozu.core.flow import lock
from yorozu.core.notices.operations import notify


def register_rules(*, actor: Scope, term: Term, seen: str | None = None) -> YearRules:
    """Register the rules of a year with their hash, once, before the first start interview.

    ``seen`` is the hash the person read on the check page. NotReady names a required part that does
    not stand; Conflict when the rules are registered or have changed since the page was opened.
    """
    require(actor, "hubs.terms.register_rules")
    with transaction.atomic():
        held = lock(term)
        if held.state != TermState.OPEN:
            raise NotReady(f"{held}の期が実施中ではないため、規則を登録できません。")
        if registered(held) is not None:
            raise Conflict("年度の規則は、すでに登録されています。")
        if missing := lacking_parts(held):
            raise NotReady("年度の規則を登録できません。次を確認してください。", missing)
        text = canonical_json(rules_content(held, 1, None))
        if seen is not None and seen != sha256_text(text):
            raise Conflict("確認している間に規則の内容が変わりました。もう一度確認してください。")
        rules = _insert(actor, held, {"version": 1, "content": text})
        audit = {"version": 1, "content_hash": rules.content_hash}
        record(actor, "hubs.terms.register_rules", rules, after=audit)
    return rules


def lacking_parts(term: Term) -> list[Missing]:
    """Required parts of the rules that do not stand yet."""
    return [
        Missing(
            f"「{part.label}」が決まっていません。", "term_part", link_args=(term.pk, part.code)
        )
        for part in rule_parts()
        if part.required and part.stands(term) is None
    ]


def _insert(actor: Scope, term: Term, values: Mapping[str, Any]) -> YearRules:
    return YearRules.objects.create(
        term=term,
        content_hash=sha256_text(values["content"]),
        published_at=clock.now(),
        published_by_id=actor.user_id,
        published_by_name=actor.label[:200],
        **values,
    )


def refuse_registered(term: Term, label: str) -> None:
    """NotReady when the year's rules are registered: a part then changes by both sides' consent."""
    if registered(term) is not None:
        text = (
            f"{nendo(term.fiscal_year)}の規則は登録されています。"
            f"{label}の変更は「年度の規則の変更案」で行います。"
        )
        raise NotReady(text, [Missing(text, "rule_change", link_args=(term.pk,))])


def begin_change(*, actor: Scope, term: Term, reason: str) -> RuleChange:
    """Begin a proposal to change the registered rules. Conflict while another one is open."""
    require(actor, "hubs.terms.draft_change")
    with transaction.atomic():
        held = lock(term)
        rules = registered(held)
        if rules is None or held.state != TermState.OPEN:
            raise NotReady("規則が登録され、期が実施中のときに、変更案を作成できます。")
        if not reason.strip():
            raise NotReady("変更の理由を入力してください。")
        if open_change(held) is not None:
            raise Conflict("作成中の変更案があります。その変更案を直すか、取り下げてください。")
        change = RuleChange.objects.create(
            term=held,
            number=held.rule_changes.count() + 1,
            base_version=rules.version,
            reason=reason.strip(),
            made_at=clock.now(),
            made_by_name=actor.label[:200],
        )
        record(actor, "hubs.terms.draft_change", change, after={"reason": change.reason})
    return change


def save_change(*, actor: Scope, change: RuleChange, reason: str) -> RuleChange:
    """Correct the reason of a proposal; a consent given to the former text falls."""
    if not reason.strip():
        raise NotReady("変更の理由を入力してください。")
    return _rewrite(actor, change, {"reason": reason.strip()})


def set_change_part(
    *, actor: Scope, change: RuleChange, part: YearPart, content: Content, seen: str | None = None
) -> RuleChange:
    """Put a part's new content into a proposal; what equals the registered content leaves it.

    ``seen`` is the fingerprint of the content the writer started from. A consent given falls.
    """
    require(actor, "hubs.terms.draft_change")
    with transaction.atomic():
        held = lock(change)
        base = change_base(held)
        proposed = proposed_parts(held)
        stands = proposed.get(part.code, base.get(part.code))
        if seen is not None and seen != canonical_hash(stands):
            raise Conflict(
                f"入力している間に、他の人が「{part.label}」の案を変更しました。もう一度確認してください。"
            )
        proposed[part.code] = content
        if canonical_hash(content) == canonical_hash(base.get(part.code)):
            del proposed[part.code]
        return _rewrite(actor, held, {"content": canonical_json(proposed)})


def change_base(change: RuleChange) -> dict[str, Content]:
    """The registered content that a proposal starts from."""
    rules = change.term.year_rules.get(version=change.base_version)
    return registered_parts(rules)


def _rewrite(actor: Scope, change: RuleChange, columns: Mapping[str, str]) -> RuleChange:
    """Change a proposal's text. Conflict once it is over; a consent falls by the flow."""
    require(actor, "hubs.terms.draft_change")
    with transaction.atomic():
        held = lock(change)
        before = {name: getattr(held, name) for name in columns}
        if before == dict(columns):
            return held
        if held.state != ChangeState.DRAFT:
            # Also refuses a proposal that is over.
            held = CHANGE_FLOW.apply(
                held, "hubs.terms.draft_change", actor=actor, changes={**cleared(), **columns}
            )
        else:
            RuleChange.objects.filter(pk=held.pk).update(**columns)
            held.refresh_from_db()
        record(
            actor,
            "hubs.terms.draft_change",
            held,
            before={name: sha256_text(text) for name, text in before.items()},
            after={name: sha256_text(text) for name, text in columns.items()},
        )
    return held


def change_hash(change: RuleChange) -> str:
    """Fingerprint of what is consented to: base, reason and content."""
    return canonical_hash(
        {"base": change.base_version, "reason": change.reason, "content": change.content}
    )


def sign_change(*, actor: Scope, change: RuleChange, seen: str | None = None) -> RuleChange:
    """Consent for one's side: the first waits for the other, the second registers the new version.

    ``seen`` is the fingerprint read on the page; Conflict when the proposal has changed.
    """
    with transaction.atomic():
        lock(change.term)
        held = lock(change)
        if seen is not None and seen != change_hash(held):
            raise Conflict("確認している間に変更案が変わりました。もう一度内容を確認してください。")
        is_first = held.state == ChangeState.DRAFT
        action = "hubs.terms.sign_change" if is_first else "hubs.terms.publish_change"
        done: RuleChange = CHANGE_FLOW.apply(held, action, actor=actor, changes=signed(actor))
        if not is_first:
            _publish(actor, done)
    return done


def _publish(actor: Scope, change: RuleChange) -> YearRules:
    """Make the proposed parts hold and register them as the next version."""
    term, previous = change.term, change.term.year_rules.get(version=change.base_version)
    proposed = proposed_parts(change)
    for code, content in sorted(proposed.items(), key=lambda item: find(item[0]).order):
        decide_part(actor, term, find(code), content, DecisionKind.CHANGED, change.reason)
    version = previous.version + 1
    rules = _insert(
        actor,
        term,
        {
            "version": version,
            "content": canonical_json(rules_content(term, version, previous, change.reason)),
            "previous_hash": previous.content_hash,
            "changed_parts": ",".join(sorted(proposed, key=lambda code: find(code).order)),
            "reason": change.reason,
            "agency_consent_at": change.agency_signed_at,
            "agency_consent_name": change.agency_signed_name,
            "hq_consent_at": change.hq_signed_at,
            "hq_consent_name": change.hq_signed_name,
        },
    )
    audit = {"version": version, "content_hash": rules.content_hash}
    record(actor, "hubs.terms.publish_change", rules, after=audit, reason=change.reason)
    notify(
        Membership.objects.values_list("user_id", flat=True),
        key=f"rules-{rules.pk}",
        text=f"{nendo(term.fiscal_year)}の規則が変更されました（第{version}版）。",
        url=f"/terms/{term.pk}/rules/",
    )
    return rules


def withdraw_change(*, actor: Scope, change: RuleChange, reason: str) -> RuleChange:
    """Give a proposal up, with a reason; it stays on record."""
    done: RuleChange = CHANGE_FLOW.apply(
        change, "hubs.terms.withdraw_change", actor=actor, reason=reason
    )
    return done
