"""Reading plans: the list of a term, one plan as texts, as content for its hash, and as a chip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from hubs.network.models import Hub
from hubs.plans.models import Plan, PlanState, StartInterview
from hubs.plans.rules import DEFAULT_UNIT, NO_CHALLENGE, field_names, is_small_target
from hubs.terms.models import Term
from yorozu.core import figures
from yorozu.core.access import Scope
from yorozu.core.canonical import canonical_hash
from yorozu.core.web.chips import Chip, Status

CHIPS = {
    PlanState.DRAFT: Status.DRAFT,
    PlanState.SUBMITTED: Status.SUBMITTED,
    PlanState.RETURNED: Status.RETURNED,
    PlanState.FINALIZED: Status.FINALIZED,
}


def plan_chip(plan: Plan | None) -> Chip:
    """The state of a plan as a chip; 未着手 while there is none."""
    return Chip(CHIPS[PlanState(plan.state)]) if plan else Chip(Status.NOT_STARTED)


def visible_plans(scope: Scope) -> QuerySet[Plan]:
    """Plans of the scope with everything a page or a hash reads, without a query per row."""
    rows: QuerySet[Plan] = Plan.objects.visible_to(scope)
    return rows.select_related("hub", "term", "start_interview").prefetch_related(
        "targets__indicator", "focus_areas", "term__indicators"
    )


@dataclass(frozen=True)
class HubPlan:
    """One row of the list of a term: a hub and its plan, if there is one."""

    hub: Hub
    plan: Plan | None


def plan_list(scope: Scope, term: Term) -> list[HubPlan]:
    """All hubs of the scope with their plan of the term, in JIS order."""
    plans = {plan.hub_id: plan for plan in visible_plans(scope).filter(term=term)}
    hubs = Hub.objects.visible_to(scope).select_related("bureau")
    return [HubPlan(hub, plans.get(hub.pk)) for hub in hubs]


def plan_for(hub: Hub, term: Term) -> Plan | None:
    """The plan of one hub and term."""
    return Plan.objects.filter(hub=hub, term=term).first()


def plan_texts(plan: Plan) -> dict[str, str]:
    """The plan as the form shows it: field name to text, unreadable entries as they were typed."""
    codes = [indicator.code for indicator in plan.term.indicators.all()]
    texts = dict.fromkeys(field_names(codes), "")
    texts["regional_analysis"] = plan.regional_analysis
    texts["business_plan"] = plan.business_plan
    for target in plan.targets.all():
        code = target.indicator.code
        texts[f"target_{code}"] = str(target.value)
        texts[f"challenge_{code}"] = challenge_text(target.challenge)
        texts[f"reason_{code}"] = target.challenge_reason
    for area in plan.focus_areas.all():
        texts.update(_area_texts(area))
    texts.update({name: text for name, text in plan.draft_texts.items() if name in texts})
    return texts


def challenge_text(value: Any) -> str:
    """The factor as the form shows it; 1.00 is the ordinary case and stands as blank."""
    return "" if value == NO_CHALLENGE else str(value)


def _area_texts(area: Any) -> dict[str, str]:
    key = f"f{area.order}"
    return {
        f"{key}_name": area.name,
        f"{key}_description": area.description,
        f"{key}_unit": area.unit,
        f"{key}_target": "" if area.target is None else str(area.target),
        f"{key}_weight": "" if area.weight is None else str(area.weight),
        f"{key}_challenge": challenge_text(area.challenge),
        f"{key}_reason": area.challenge_reason,
    }


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


def with_content(plan: Plan) -> Plan:
    """The plan read anew with its targets, focus areas and interview."""
    return visible_plans_of([plan.pk])[0]


def visible_plans_of(pks: Sequence[int]) -> list[Plan]:
    """Plans by key with their content (for operations, which have checked the rights)."""
    return list(
        Plan.objects.filter(pk__in=pks)
        .select_related("hub", "term", "start_interview")
        .prefetch_related("targets__indicator", "focus_areas", "term__indicators")
        .order_by("hub__code")
    )


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


def draft_differences(
    stored: Mapping[str, str], mine: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    """(field name, stored text, my text) for every field that differs."""
    return [
        (name, stored[name], mine[name])
        for name in stored
        if name in mine and _same(name, mine[name]) != _same(name, stored[name])
    ]


def _same(name: str, text: str) -> str:
    """Texts that mean the same entry: line ends, outer blanks, spelling of a number, defaults."""
    plain = text.replace("\r\n", "\n").strip()
    if name.endswith("_unit"):
        return "" if plain == DEFAULT_UNIT else plain
    if "challenge" in name.split("_"):
        # 1.00 is the factor nobody typed.
        return "" if (number := _same_number(plain)) == "1" else number
    if {"target", "weight"} & set(name.split("_")):
        return _same_number(plain)
    return plain


def _same_number(text: str) -> str:
    try:
        value = figures.parse_decimal(text)
    except figures.FigureError:
        return text
    return value.value if isinstance(value, figures.Blank) else str(value.normalize())
