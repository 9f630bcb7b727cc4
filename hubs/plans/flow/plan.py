"""States of a plan: draft, submitted, returned, finalized; the paper's guards (S68-S76)."""

from hubs.plans.models import FocusArea, Plan, PlanComment, PlanState, Target
from hubs.plans.rules import (
    NO_CHALLENGE,
    REQUIRED_SECTIONS,
    AreaDraft,
    evidence_gaps,
    focus_gaps,
    section_label,
)
from hubs.plans.rules.phasing import sum_problem
from hubs.plans.rules.talk import OPEN, SIDES, missing_sides, thread_state
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
    if any(row.state == PolicyState.PUBLISHED for row in plan.term.policies.all()):
        return []
    return [Missing("活動方針がまだ公表されていません。", "term_detail")]


def content_is_complete(plan: Plan, actor: Scope) -> list[Missing]:
    """Regional analysis, plan, four targets, a focus area with a number (S70-S73)."""
    areas = areas_of(plan)
    gaps = [
        *_lacking_sections(plan),
        *_lacking_targets(plan),
        *focus_gaps(areas),
        *evidence_gaps(areas),
        *_uneven_months(plan),
    ]
    if plan.draft_texts:
        text = f"確認が必要な入力が{len(plan.draft_texts)}か所あります。"
        gaps.append((min(plan.draft_texts), text))
    return [Missing(text, "plan_edit", field) for field, text in gaps]


_SECTION_GAPS = {
    "regional_analysis": "地域分析がありません。地域の中小企業と支援の状況を入力してください。",
    "business_plan": "事業計画がありません。",
}


def _lacking_sections(plan: Plan) -> list[tuple[str, str]]:
    return [
        (name, _SECTION_GAPS[name]) for name in REQUIRED_SECTIONS if not getattr(plan, name).strip()
    ]


def _lacking_targets(plan: Plan) -> list[tuple[str, str]]:
    there = {target.indicator_id for target in plan.targets.all()}
    return [
        (f"target_{indicator.code}", f"{indicator.name}の数値目標がありません。")
        for indicator in plan.term.indicators.all()
        if indicator.pk not in there
    ]


def _uneven_months(plan: Plan) -> list[tuple[str, str]]:
    """Months that do not make their target; a target without months is spread on the way."""
    rows = [
        (f"phasing_{row.indicator.code}", row.indicator.name, row.phasing, row.value)
        for row in plan.targets.all()
    ]
    rows += [
        (f"f{row.order}_phasing", f"重点分野{row.order}", row.phasing, row.target or 0)
        for row in plan.focus_areas.all()
    ]
    return [
        (field, f"{name}：{problem}")
        for field, name, months, total in rows
        if months and (problem := sum_problem(months, total))
    ]


def areas_of(plan: Plan) -> list[AreaDraft]:
    """The stored focus areas as the rules see them."""
    return [
        AreaDraft(
            slot=area.order,
            name=area.name,
            description=area.description,
            unit=area.unit,
            indicator=area.indicator.code if area.indicator else "",
            measure=area.measure,
            evidence=area.evidence_rule,
            target=area.target,
            weight=area.weight,
            challenge=area.challenge,
            reason=area.challenge_reason,
        )
        for area in plan.focus_areas.all()
    ]


def interview_is_recorded(plan: Plan, actor: Scope) -> list[Missing]:
    """The plan is fixed only after the start interview, at which both sides sat (S74)."""
    if not hasattr(plan, "start_interview"):
        return [Missing("期初面談の記録がありません。", "plan_interview")]
    sides = missing_sides(row.side for row in plan.start_interview.people.all())
    return [
        Missing(f"期初面談の出席者に{SIDES[side]}がありません。", "plan_interview", "attendees")
        for side in sides
    ]


def challenges_are_approved(plan: Plan, actor: Scope) -> list[Missing]:
    """A factor above 1.00 counts only as agreed at the interview (evaluation.md 1.2)."""
    rows: list[tuple[str, Target | FocusArea]] = [
        (row.indicator.name, row) for row in plan.targets.all()
    ]
    rows += [(f"重点分野「{row.name}」", row) for row in plan.focus_areas.all()]
    return [
        Missing(
            f"{name}の挑戦係数{row.challenge}が面談で承認されていません。",
            "plan_interview",
            "challenge_approved",
        )
        for name, row in rows
        if row.challenge != NO_CHALLENGE and not row.is_challenge_approved
    ]


def comments_are_answered(plan: Plan, actor: Scope) -> list[Missing]:
    """No comment of the bureau stands without an answer."""
    return [
        Missing(
            f"{section_label(lines[0].section, _names(plan))}へのコメントに回答がありません。",
            "plan_review",
            f"thread-{lines[0].pk}",
        )
        for lines in threads_of(plan)
        if thread_state(lines) == OPEN
    ]


def _names(plan: Plan) -> dict[str, str]:
    return {indicator.code: indicator.name for indicator in plan.term.indicators.all()}


def threads_of(plan: Plan) -> list[list[PlanComment]]:
    """The comments of a plan by thread, in the order in which they were begun."""
    threads: dict[int, list[PlanComment]] = {}
    for line in plan.comments.all():
        threads.setdefault(line.thread_id or line.pk, []).append(line)
    return list(threads.values())


PLAN_FLOW = Flow(
    name="plan",
    label="事業計画",
    states=PlanState,
    page="plan_detail",
    transitions=(
        arrow(
            "hubs.plans.submit",
            "提出",
            EDITABLE,
            PlanState.SUBMITTED,
            term_is_open,
            policy_is_published,
            content_is_complete,
            comments_are_answered,
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
            challenges_are_approved,
            comments_are_answered,
        ),
    ),
)


def missing_for(plan: Plan, action: str, actor: Scope) -> list[Missing]:
    """What a transition would still lack, for the check page."""
    return [item for check in PLAN_FLOW.by_action[action].conditions for item in check(plan, actor)]
