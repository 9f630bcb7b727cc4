"""States of an amendment: draft, submitted, returned, approved, refused, withdrawn."""

from hubs.plans.flow.plan import term_is_open as plan_term_is_open
from hubs.plans.models import AmendmentState, PlanAmendment
from yorozu.core.access import Scope
from yorozu.core.errors import Missing
from yorozu.core.flow import Flow, arrow

AMENDABLE = frozenset({AmendmentState.DRAFT.value, AmendmentState.RETURNED.value})
EDIT = "amendment_edit"


def term_is_open(amendment: PlanAmendment, actor: Scope) -> list[Missing]:
    """A closed term takes nothing any more."""
    return plan_term_is_open(amendment.plan, actor)


def base_is_last(amendment: PlanAmendment, actor: Scope) -> list[Missing]:
    """An amendment changes the last version and no other."""
    last = amendment.plan.versions.order_by("-number").first()
    if last is not None and last.pk == amendment.base_id:
        return []
    return [Missing("変更前の版より新しい版があります。計画変更を取り下げて、作り直してください。")]


def asked_with_reason(amendment: PlanAmendment, actor: Scope) -> list[Missing]:
    """Reason and effective month (domain.md 4)."""
    missing = []
    if not amendment.reason.strip():
        missing.append(Missing("計画を変更する理由がありません。", EDIT))
    if amendment.effective_month is None:
        missing.append(Missing("適用開始月がありません。", EDIT))
    return missing


AMENDMENT_FLOW = Flow(
    name="plan_amendment",
    label="計画変更",
    states=AmendmentState,
    page="amendment_detail",
    transitions=(
        arrow(
            "hubs.plans.submit_amendment",
            "申請",
            AMENDABLE,
            AmendmentState.SUBMITTED,
            term_is_open,
            base_is_last,
            asked_with_reason,
        ),
        arrow(
            "hubs.plans.withdraw_amendment",
            "取下げ",
            [AmendmentState.DRAFT, AmendmentState.SUBMITTED, AmendmentState.RETURNED],
            AmendmentState.WITHDRAWN,
        ),
        arrow(
            "hubs.plans.return_amendment",
            "差戻し",
            [AmendmentState.SUBMITTED],
            AmendmentState.RETURNED,
            term_is_open,
            needs_reason=True,
        ),
        arrow(
            "hubs.plans.approve_amendment",
            "承認",
            [AmendmentState.SUBMITTED],
            AmendmentState.APPROVED,
            term_is_open,
            base_is_last,
            asked_with_reason,
        ),
        arrow(
            "hubs.plans.refuse_amendment",
            "不承認",
            [AmendmentState.SUBMITTED],
            AmendmentState.REFUSED,
            needs_reason=True,
        ),
    ),
)
