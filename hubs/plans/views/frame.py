"""What the screens of a plan share: crumbs, the plan of the scope, what every page shows."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from hubs.plans import queries
from hubs.plans.flow import EDITABLE
from hubs.plans.models import Plan
from hubs.plans.papers import paper_sheet
from hubs.plans.queries.editions import current_edition
from hubs.terms.models import Term
from yorozu.core.access import Scope, decide
from yorozu.core.errors import Missing
from yorozu.core.fiscal import nendo
from yorozu.core.web.crumbs import Crumb


def crumbs(term: Term, *steps: tuple[str, str | None]) -> list[Crumb]:
    """Home, the term, the plans of the term, then the given steps."""
    name = nendo(term.fiscal_year)
    return [
        Crumb("ホーム", "/"),
        Crumb(f"{name}の期", reverse("term_detail", args=[term.pk])),
        Crumb("事業計画", reverse("plan_list", args=[term.pk])),
        *(Crumb(label, url) for label, url in steps),
    ]


def plan_crumb(plan: Plan) -> tuple[str, str]:
    """The step that leads back to the plan."""
    return str(plan.hub), reverse("plan_detail", args=[plan.pk])


def get_plan(scope: Scope, pk: int) -> Plan:
    """The plan, or 404 for a stranger."""
    return get_object_or_404(queries.visible_plans(scope), pk=pk)


def reading(plan: Plan, scope: Scope) -> dict[str, Any]:
    """What the page of the plan and the check pages show alike: its last version, or the text."""
    edition = current_edition(plan)
    return {
        "plan": plan,
        "chip": queries.plan_chip(plan),
        "edition": edition,
        "sheet": paper_sheet(edition, minutes=may_read_minutes(plan, scope)),
        "warnings": queries.warnings(plan),
    }


def may_read_minutes(plan: Plan, scope: Scope) -> bool:
    """Whether this person may read what was said at the interview."""
    return decide(scope, "hubs.plans.read_minutes", hub_id=plan.hub_id).allowed


def may_edit(plan: Plan, scope: Scope) -> bool:
    """Whether this person may write in the plan now."""
    return plan.state in EDITABLE and decide(scope, "hubs.plans.edit", hub_id=plan.hub_id).allowed


def version_of(request: HttpRequest) -> int:
    """The version the page was opened with; 0 when it is unreadable."""
    typed = request.POST.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def linked(plan: Plan, missing: Sequence[Missing]) -> list[dict[str, str]]:
    """Each missing thing with the address of the page where it is supplied."""
    keys = {"term_detail": plan.term_id, "plan_edit": plan.pk, "plan_interview": plan.pk}
    return [
        {
            "text": item.text,
            "url": reverse(item.link_name, args=[keys[item.link_name]])
            if item.link_name in keys
            else "",
        }
        for item in missing
    ]
