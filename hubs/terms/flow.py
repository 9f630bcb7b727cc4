"""States of a term, of an activity policy and of a change of the rules, as tables."""

import json

from hubs.terms.models import (
    ActivityPolicy,
    ChangeState,
    PolicyState,
    RuleChange,
    Term,
    TermState,
    TwoSignatures,
)
from hubs.terms.parts import parts
from hubs.terms.rules.signing import other_side, side_of
from yorozu.core.access import Scope
from yorozu.core.errors import Missing
from yorozu.core.flow import Flow, arrow


def _parts_are_decided(term: Term, actor: Scope) -> list[Missing]:
    """Nothing of last year becomes this year's by itself."""
    decided = set(term.decisions.values_list("part", flat=True))
    return [
        Missing(f"「{part.label}」がまだ決まっていません。", "term_parts", link_args=(term.pk,))
        for part in parts()
        if part.required and part.code not in decided
    ]


def _months_are_settled(term: Term, actor: Scope) -> list[Missing]:
    """A month on its way through the approvals would be stuck in a closed term."""
    pending = term.monthly_reports.filter(state__in=["submitted", "confirmed"]).count()
    if pending:
        return [Missing(f"確認が終わっていない月次実績が{pending}件あります。")]
    return []


TERM_FLOW = Flow(
    name="term",
    label="期",
    states=TermState,
    page="term_detail",
    transitions=(
        arrow(
            "hubs.terms.start",
            "期の開始",
            [TermState.PREPARING],
            TermState.OPEN,
            _parts_are_decided,
        ),
        arrow(
            "hubs.terms.close",
            "期の終了",
            [TermState.OPEN],
            TermState.CLOSED,
            _months_are_settled,
        ),
    ),
)


def _signs_second(record: TwoSignatures, actor: Scope) -> list[Missing]:
    """The second signature is the other side's, and another person's."""
    side = side_of(actor.role)
    if side is None:
        return [Missing("中小企業庁または全国本部の担当者が行います。")]
    if getattr(record, f"{side.code}_signed_at") is not None:
        other = other_side(side).label
        return [Missing(f"{side.label}は承認済みです。{other}の担当者の番です。")]
    first = getattr(record, f"{other_side(side).code}_signed_by_id")
    if first is not None and first == actor.user_id:
        return [Missing("先に承認した本人は、もう一方の承認を兼ねられません。")]
    return []


def _signed_by_own_side(record: TwoSignatures, actor: Scope) -> list[Missing]:
    """Only who signed takes the signature back."""
    side = side_of(actor.role)
    if side is None or getattr(record, f"{side.code}_signed_at") is None:
        return [Missing("承認した側だけが、承認を取り下げられます。")]
    return []


def _is_of_a_side(record: TwoSignatures, actor: Scope) -> list[Missing]:
    if side_of(actor.role) is None:
        return [Missing("中小企業庁または全国本部の担当者が行います。")]
    return []


def _has_text(policy: ActivityPolicy, actor: Scope) -> list[Missing]:
    missing = []
    if not policy.title.strip():
        missing.append(
            Missing("標題を入力してください。", "policy_edit", link_args=(policy.term_id,))
        )
    if not policy.body.strip():
        missing.append(
            Missing("本文を入力してください。", "policy_edit", link_args=(policy.term_id,))
        )
    return missing


def _term_is_not_over(policy: ActivityPolicy, actor: Scope) -> list[Missing]:
    if policy.term.state == TermState.CLOSED:
        return [Missing("期が終了しているため、活動方針は公表できません。")]
    return []


POLICY_FLOW = Flow(
    name="activity_policy",
    label="活動方針",
    states=PolicyState,
    page="policy_detail",
    transitions=(
        arrow(
            "hubs.terms.sign_policy",
            "承認",
            [PolicyState.DRAFT],
            PolicyState.SIGNED,
            _is_of_a_side,
            _has_text,
            _term_is_not_over,
        ),
        arrow(
            "hubs.terms.publish_policy",
            "承認して公表",
            [PolicyState.SIGNED],
            PolicyState.PUBLISHED,
            _signs_second,
            _has_text,
            _term_is_not_over,
        ),
        arrow(
            "hubs.terms.unsign_policy",
            "承認の取下げ",
            [PolicyState.SIGNED],
            PolicyState.DRAFT,
            _signed_by_own_side,
        ),
        arrow(
            "hubs.terms.draft_policy",
            "文の変更（承認は取り消される）",
            [PolicyState.SIGNED],
            PolicyState.DRAFT,
        ),
    ),
)


def _term_is_open(change: RuleChange, actor: Scope) -> list[Missing]:
    if change.term.state != TermState.OPEN:
        return [Missing(f"{change.term}の期が実施中ではありません。")]
    return []


def _changes_something(change: RuleChange, actor: Scope) -> list[Missing]:
    missing, page = [], (change.term_id,)
    if not change.reason.strip():
        missing.append(Missing("変更の理由を入力してください。", "rule_change", link_args=page))
    if not json.loads(change.content):
        missing.append(Missing("変更する項目がありません。", "rule_change", link_args=page))
    return missing


def _is_based_on_the_newest(change: RuleChange, actor: Scope) -> list[Missing]:
    newest = change.term.year_rules.order_by("-version").first()
    if newest is None or newest.version != change.base_version:
        return [Missing("この変更案を作ったあとに、規則が変わっています。作り直してください。")]
    return []


CHANGE_FLOW = Flow(
    name="rule_change",
    label="年度の規則の変更案",
    states=ChangeState,
    page="rule_change",
    keys=lambda change: (change.term_id,),
    transitions=(
        arrow(
            "hubs.terms.sign_change",
            "同意",
            [ChangeState.DRAFT],
            ChangeState.SIGNED,
            _is_of_a_side,
            _term_is_open,
            _changes_something,
            _is_based_on_the_newest,
        ),
        arrow(
            "hubs.terms.publish_change",
            "同意して登録",
            [ChangeState.SIGNED],
            ChangeState.PUBLISHED,
            _signs_second,
            _term_is_open,
            _changes_something,
            _is_based_on_the_newest,
        ),
        arrow(
            "hubs.terms.draft_change",
            "案の変更（同意は取り消される）",
            [ChangeState.SIGNED],
            ChangeState.DRAFT,
        ),
        arrow(
            "hubs.terms.withdraw_change",
            "取下げ",
            [ChangeState.DRAFT, ChangeState.SIGNED],
            ChangeState.WITHDRAWN,
            needs_reason=True,
        ),
    ),
)
