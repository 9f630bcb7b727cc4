"""What the screens of a plan share: crumbs, the plan of the scope, what every page shows."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from hubs.plans import queries
from hubs.plans.flow import EDITABLE, threads_of
from hubs.plans.models import Plan, PlanState
from hubs.plans.papers import paper_sheet
from hubs.plans.queries.editions import current_edition
from hubs.plans.rules import section_label, section_of
from hubs.plans.rules.talk import OPEN, thread_state
from hubs.terms.models import Term, TermState
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


def may_amend(plan: Plan, scope: Scope) -> bool:
    """Whether this person may ask for a change of the fixed plan."""
    if plan.state != PlanState.FINALIZED or plan.term.state != TermState.OPEN:
        return False
    return decide(scope, "hubs.plans.amend", hub_id=plan.hub_id).allowed


def version_of(request: HttpRequest) -> int:
    """The version the page was opened with; 0 when it is unreadable."""
    typed = request.POST.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def linked(plan: Plan, missing: Sequence[Missing], scope: Scope) -> list[dict[str, str]]:
    """Each missing thing with the address of the very field or section where it is supplied.

    Who may not write in the plan is led to the part of the review page instead.
    """
    keys = {
        "term_detail": plan.term_id,
        "plan_edit": plan.pk,
        "plan_interview": plan.pk,
        "plan_review": plan.pk,
    }
    found = []
    for item in missing:
        name, anchor = item.link_name, item.anchor
        if name == "plan_edit" and not may_edit(plan, scope):
            name, anchor = "plan_review", section_of(anchor) if anchor else ""
        url = reverse(name, args=[keys[name]]) if name in keys else ""
        found.append({"text": item.text, "url": f"{url}#{anchor}" if url and anchor else url})
    return found


def open_threads(plan: Plan) -> list[dict[str, Any]]:
    """Comments that wait for the hub, with the part they are about."""
    names = {indicator.code: indicator.name for indicator in plan.term.indicators.all()}
    return [
        {"head": lines[0], "last": lines[-1], "label": section_label(lines[0].section, names)}
        for lines in threads_of(plan)
        if thread_state(lines) == OPEN
    ]
