"""47 hubs in two terms, written in bulk: plans and months in every state, by the hub's code."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from hubs.network.models import Hub
from hubs.plans.models import Plan, PlanState
from hubs.results.models import MonthlyReport, ReportState
from hubs.terms.models import Term
from hubs.terms.operations import draft_policy, open_term, register_rules
from tests.hubs.year import HQ, publish
from yorozu.core.access import system_scope
from yorozu.portal.home.board import Home

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
SYSTEM = system_scope("試験")
PLAN_STATES = [
    PlanState.DRAFT,
    PlanState.SUBMITTED,
    PlanState.RETURNED,
    PlanState.FINALIZED,
    None,
]
MONTH_STATES = [
    ReportState.OPEN,
    ReportState.SUBMITTED,
    ReportState.CONFIRMED,
    ReportState.ACCEPTED,
    ReportState.RETURNED,
    None,
]


@dataclass
class Nation:
    """The terms; every hub has the plan and month states of its place."""

    judged: Term
    running: Term


def plan_state(hub: Hub) -> PlanState | None:
    """State of the hub's plan of 2026."""
    return PLAN_STATES[int(hub.code) % len(PLAN_STATES)]


def month_state(hub: Hub, month: date) -> ReportState | None:
    """State of a month of 2026."""
    return MONTH_STATES[(int(hub.code) + month.month) % len(MONTH_STATES)]


def make_nation() -> Nation:
    """Call with the clock at NOW."""
    terms = {year: open_term(actor=SYSTEM, fiscal_year=year) for year in (2025, 2026)}
    for term in terms.values():
        policy = draft_policy(actor=SYSTEM, term=term, title="活動方針", body="連携します。")
        publish(policy)
        register_rules(actor=HQ, term=term)
    hubs = list(Hub.objects.all())
    Plan.objects.bulk_create(
        Plan(hub=hub, term=terms[2026], state=state, **_final(state))
        for hub in hubs
        if (state := plan_state(hub)) is not None
    )
    MonthlyReport.objects.bulk_create(
        MonthlyReport(
            hub=hub,
            term=terms[2026],
            month=month,
            state=state,
            accepted_at=NOW if state == ReportState.ACCEPTED else None,
        )
        for hub in hubs
        for month in (date(2026, number, 1) for number in range(4, 11))
        if (state := month_state(hub, month)) is not None
    )
    return Nation(terms[2025], terms[2026])


def _final(state: PlanState) -> dict[str, object]:
    if state != PlanState.FINALIZED:
        return {}
    return {"finalized_at": NOW, "content_hash": "0" * 64}


def texts(home: Home) -> str:
    """What a home says is to be done or waited for."""
    return "\n".join(f"{task.label} {task.hint}" for task in [*home.tasks, *home.waiting])
