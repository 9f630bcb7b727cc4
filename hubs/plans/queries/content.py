"""What is fixed with a plan, its hash, and what the interview should look at."""

from datetime import date, datetime
from typing import Any

from hubs.plans.models import (
    FocusArea,
    Plan,
    PlanState,
    StartInterview,
    Target,
    TargetProposal,
)
from hubs.plans.queries.adequacy import adequacy_of
from hubs.plans.rules import SECTIONS, is_small_target
from hubs.plans.rules.talk import Attendee, attendees_text
from yorozu.core import clock
from yorozu.core.canonical import canonical_hash

FORMAT = "yorozu.plan/2"
CONTENT_SECTIONS = (
    "regional_analysis",
    "support_analysis",
    "regional_issues",
    "business_plan",
    "staffing",
)
# What a query of plans must bring along for plan_content to ask nothing more per plan.
CONTENT_JOINS = ("hub__bureau", "term", "start_interview")
CONTENT_ROWS = (
    "hub__contracts__implementing_body",
    "targets__indicator",
    "focus_areas__indicator",
    "term__indicators",
    "proposals__indicator",
    "start_interview__people",
)


def interview_of(plan: Plan) -> StartInterview | None:
    """The recorded interview, None before it."""
    return getattr(plan, "start_interview", None)


def interview_texts(plan: Plan) -> dict[str, str]:
    """The interview as text, blank before it is recorded."""
    interview = interview_of(plan)
    if interview is None:
        return {"held_on": "", "attendees": "", "minutes": "", "agreed_points": ""}
    return {
        "held_on": interview.held_on.isoformat(),
        "attendees": attendees_text(attendees_of(interview)),
        "minutes": interview.minutes,
        "agreed_points": interview.agreed_points,
    }


def attendees_of(interview: StartInterview) -> list[Attendee]:
    """The people at the interview, in their order."""
    return [Attendee(row.side, row.organisation, row.name) for row in interview.people.all()]


def plan_content(plan: Plan) -> dict[str, Any]:
    """Everything that is fixed with the plan, JSON-able; the source of its hash.

    Screen, difference, print view and PDF are drawn from this reading and from no other.
    """
    return {
        "format": FORMAT,
        "hub": plan.hub.code,
        "hub_name": plan.hub.name,
        "bureau": plan.hub.bureau.name,
        "implementing_body": bodies_of(plan),
        "fiscal_year": plan.term.fiscal_year,
        **{name: getattr(plan, name) for name in CONTENT_SECTIONS},
        "regional_figures": plan.regional_figures,
        "figures_taken_on": _day(plan.figures_taken_on),
        "targets": [
            _target(row) for row in sorted(plan.targets.all(), key=lambda row: row.indicator.order)
        ],
        "focus_areas": [
            _area(row) for row in sorted(plan.focus_areas.all(), key=lambda row: row.order)
        ],
        "adequacy": plan.adequacy,
        "rounds": [_round(row) for row in sorted(plan.proposals.all(), key=_moment)],
        "interview": _interview(plan),
    }


def bodies_of(plan: Plan) -> str:
    """Names of the implementing bodies of the plan's year; blank without a contract."""
    rows = [row for row in plan.hub.contracts.all() if row.fiscal_year == plan.term.fiscal_year]
    names = [row.implementing_body.name for row in sorted(rows, key=lambda row: row.starts_on)]
    return "、".join(dict.fromkeys(names))


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""


def _moment(row: TargetProposal) -> tuple[datetime, int]:
    return row.made_at, row.pk


def _target(row: Target) -> dict[str, Any]:
    return {
        "code": row.indicator.code,
        "name": row.indicator.name,
        "unit": row.indicator.unit,
        "value": row.value,
        "phasing": row.phasing,
        "phasing_method": row.phasing_method,
        "challenge": str(row.challenge),
        "reason": row.challenge_reason,
        "challenge_approved": row.is_challenge_approved,
        "zero_approved": row.is_zero_approved,
    }


def _area(row: FocusArea) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "description": row.description,
        "indicator": row.indicator.code if row.indicator else "",
        "measure": row.measure,
        "evidence_rule": row.evidence_rule,
        "unit": row.unit,
        "target": row.target,
        "phasing": row.phasing,
        "phasing_method": row.phasing_method,
        "weight": None if row.weight is None else str(row.weight),
        "challenge": str(row.challenge),
        "reason": row.challenge_reason,
        "challenge_approved": row.is_challenge_approved,
    }


def _round(row: TargetProposal) -> dict[str, Any]:
    return {
        "code": row.indicator.code if row.indicator else row.area_code,
        "side": row.side,
        "kind": row.kind,
        "value": row.value,
        "reason": row.reason,
        "by": row.made_by_name,
        "at": row.made_at.astimezone(clock.now().tzinfo).isoformat(timespec="seconds"),
    }


def _interview(plan: Plan) -> dict[str, Any]:
    interview = interview_of(plan)
    if interview is None:
        return {}
    return {
        "held_on": interview.held_on.isoformat(),
        "people": [
            {"side": row.side, "organisation": row.organisation, "name": row.name}
            for row in sorted(interview.people.all(), key=lambda row: row.order)
        ],
        "minutes": interview.minutes,
        "agreed_points": interview.agreed_points,
        "recorded_by": interview.recorded_by_name,
    }


def plan_hash(plan: Plan) -> str:
    """SHA-256 of the content."""
    return canonical_hash(plan_content(plan))


def warnings(plan: Plan) -> list[str]:
    """What the interview should look at; nothing here blocks (evaluation.md 1.2)."""
    found = [
        f"{row['name']}の目標{row['target']:,}{row['unit']}は、{row['word']}があります"
        f"（目安{row['basis']:,}{row['unit']}の{row['ratio']}倍）。"
        for row in adequacy_of(plan)
        if row["flag"]
    ]
    found += [
        f"重点分野「{area.name}」は小さい目標値です（{area.target}{area.unit}）。"
        "30件未満の目標は偶然の影響が大きいため、他の分野との統合か、2年間の目標とすることを"
        "面談で検討してください。"
        for area in plan.focus_areas.all()
        if is_small_target(area.target)
    ]
    found += [
        f"{target.indicator.name}の目標が0です。面談で承認されない場合、評価では0点になります。"
        for target in plan.targets.all()
        if target.value == 0 and not target.is_zero_approved
    ]
    blank = [label for name, label in SECTIONS.items() if not getattr(plan, name).strip()]
    if blank and plan.state != PlanState.FINALIZED:
        found.append(f"未入力の項目があります：{'、'.join(blank)}。")
    return found
