"""States of a plan: draft, submitted, returned, finalized; the paper's guards (S68-S76)."""

from hubs.plans.models import Plan, PlanState
from hubs.plans.rules import AreaDraft, focus_problems
from hubs.terms.models import PolicyState, TermState
from yorozu.core.access import Scope
from yorozu.core.errors import Missing
from yorozu.core.flow import Flow, arrow

EDITABLE = frozenset({PlanState.DRAFT.value, PlanState.RETURNED.value})


def term_is_open(plan: Plan, actor: Scope) -> list[Missing]:
    """A closed term takes nothing any more."""
    if plan.term.state != TermState.OPEN:
        return [Missing(f"{plan.term}の期が実施中ではありません。", "term_detail")]
    return []


def policy_is_published(plan: Plan, actor: Scope) -> list[Missing]:
    """The plan answers the activity policy, which comes first (S69, S75)."""
    if plan.term.policies.filter(state=PolicyState.PUBLISHED).exists():
        return []
    return [Missing("活動方針がまだ公表されていません。", "term_detail")]


def content_is_complete(plan: Plan, actor: Scope) -> list[Missing]:
    """Regional analysis, plan, four targets, a focus area with a number (S70-S73)."""
    missing = []
    if not plan.regional_analysis.strip():
        missing.append("地域分析がありません。地域の中小企業と支援の状況を入力してください。")
    if not plan.business_plan.strip():
        missing.append("事業計画がありません。")
    missing += _lacking_targets(plan)
    missing += focus_problems(areas_of(plan))
    if plan.draft_texts:
        missing.append(f"確認が必要な入力が{len(plan.draft_texts)}か所あります。")
    return [Missing(text, "plan_edit") for text in missing]


def _lacking_targets(plan: Plan) -> list[str]:
    there = {target.indicator_id for target in plan.targets.all()}
    return [
        f"{indicator.name}の数値目標がありません。"
        for indicator in plan.term.indicators.all()
        if indicator.pk not in there
    ]


def areas_of(plan: Plan) -> list[AreaDraft]:
    """The stored focus areas as the rules see them."""
    return [
        AreaDraft(
            slot=area.order,
            name=area.name,
            description=area.description,
            unit=area.unit,
            target=area.target,
            weight=area.weight,
            challenge=area.challenge,
            reason=area.challenge_reason,
        )
        for area in plan.focus_areas.all()
    ]


def interview_is_recorded(plan: Plan, actor: Scope) -> list[Missing]:
    """The plan is fixed only after the start interview (S74)."""
    if hasattr(plan, "start_interview"):
        return []
    return [Missing("期初面談の記録がありません。", "plan_interview")]


PLAN_FLOW = Flow(
    name="plan",
    label="事業計画",
    states=PlanState,
    transitions=(
        arrow(
            "hubs.plans.submit",
            "提出",
            EDITABLE,
            PlanState.SUBMITTED,
            term_is_open,
            policy_is_published,
            content_is_complete,
        ),
        arrow(
            "hubs.plans.return",
            "差戻し",
            [PlanState.SUBMITTED],
            PlanState.RETURNED,
            term_is_open,
            needs_reason=True,
        ),
        arrow(
            "hubs.plans.finalize",
            "確定",
            [PlanState.SUBMITTED],
            PlanState.FINALIZED,
            term_is_open,
            policy_is_published,
            content_is_complete,
            interview_is_recorded,
        ),
    ),
)


def missing_for(plan: Plan, action: str, actor: Scope) -> list[Missing]:
    """What a transition would still lack, for the check page."""
    return [item for check in PLAN_FLOW.by_action[action].conditions for item in check(plan, actor)]
