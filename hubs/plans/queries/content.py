"""What is fixed with a plan, its hash, and what the interview should look at."""

from typing import Any

from hubs.plans.models import Plan, StartInterview
from hubs.plans.rules import is_small_target
from yorozu.core.canonical import canonical_hash


def interview_of(plan: Plan) -> StartInterview | None:
    """The recorded interview, None before it."""
    return getattr(plan, "start_interview", None)


def interview_texts(plan: Plan) -> dict[str, str]:
    """The interview as text, blank before it is recorded."""
    interview = interview_of(plan)
    if interview is None:
        return {"held_on": "", "attendees": "", "minutes": ""}
    return {
        "held_on": interview.held_on.isoformat(),
        "attendees": interview.attendees,
        "minutes": interview.minutes,
    }


def plan_content(plan: Plan) -> dict[str, Any]:
    """Everything that is fixed with the plan, JSON-able; the source of its hash."""
    return {
        "hub": plan.hub.code,
        "fiscal_year": plan.term.fiscal_year,
        "regional_analysis": plan.regional_analysis,
        "business_plan": plan.business_plan,
        "targets": [
            {
                "code": target.indicator.code,
                "value": target.value,
                "challenge": str(target.challenge),
                "reason": target.challenge_reason,
                "zero_approved": target.is_zero_approved,
            }
            for target in sorted(plan.targets.all(), key=lambda row: row.indicator.code)
        ],
        "focus_areas": [
            {
                "code": area.code,
                "name": area.name,
                "description": area.description,
                "unit": area.unit,
                "target": area.target,
                "weight": None if area.weight is None else str(area.weight),
                "challenge": str(area.challenge),
                "reason": area.challenge_reason,
            }
            for area in sorted(plan.focus_areas.all(), key=lambda row: row.code)
        ],
        "interview": interview_texts(plan),
    }


def plan_hash(plan: Plan) -> str:
    """SHA-256 of the content."""
    return canonical_hash(plan_content(plan))


def warnings(plan: Plan) -> list[str]:
    """What the interview should look at; nothing here blocks (evaluation.md 1.2)."""
    found = [
        f"重点分野「{area.name}」は小さい目標値です（{area.target}{area.unit}）。"
        "30件未満の目標は偶然の影響が大きいため、他の分野との統合などを面談で検討してください。"
        for area in plan.focus_areas.all()
        if is_small_target(area.target)
    ]
    found += [
        f"{target.indicator.name}の目標が0です。面談で承認されない場合、評価では0点になります。"
        for target in plan.targets.all()
        if target.value == 0 and not target.is_zero_approved
    ]
    return found
