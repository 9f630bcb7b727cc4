"""A bureau approves inside its region only: 9 bureaus x 47 hubs x every approval.

Asked at the operations, below every view. Which hub belongs to which bureau is written here once
more (S4); 376 of 423 pairs are foreign. On the second pass (PostgreSQL) one hub speaks for its
region, since the first pass has asked each.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from evaluation.guidance import operations as guidance
from evaluation.guidance.models import CaseState, GuidanceAction, GuidanceCase
from evaluation.scoring.models import EvaluationRun, RunKind, ScoringScheme
from hubs.network.facts import load_facts
from hubs.network.models import Bureau, Hub, Membership
from hubs.network.scope import resolve
from hubs.plans.models import (
    FocusArea,
    InterviewAttendee,
    Plan,
    PlanState,
    StartInterview,
    Target,
)
from hubs.plans.operations import finalize_plan, finalize_plans, record_interview, return_plan
from hubs.plans.rules.talk import Attendee, InterviewRecord
from hubs.results.models import MonthlyReport, MonthlyResult, ReportState, ValueState
from hubs.results.operations import accept_month, accept_months, return_month
from hubs.terms.models import ActivityPolicy, PolicyState, Term
from hubs.terms.operations import open_term, register_rules
from tests.access.stage import row_counts
from tests.world import NOW, SYSTEM, fixed_clock
from yorozu.core.access import Role, Scope
from yorozu.core.accounts.models import User
from yorozu.core.errors import Refused

REGIONS = {
    "hokkaido": "01",
    "tohoku": "02 03 04 05 06 07",
    "kanto": "08 09 10 11 12 13 14 15 19 20 22",
    "chubu": "16 17 21 23 24",
    "kinki": "18 25 26 27 28 29 30",
    "chugoku": "31 32 33 34 35",
    "shikoku": "36 37 38 39",
    "kyushu": "40 41 42 43 44 45 46",
    "okinawa": "47",
}
HELD_ON = date(2026, 5, 12)
ATTENDEES = (Attendee("hub", "拠点", "出席者"), Attendee("bureau", "局", "担当官"))


@dataclass
class Nation:
    """A submitted plan and a confirmed month of every hub, and one officer per bureau."""

    officers: dict[str, Scope] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    months: dict[str, MonthlyReport] = field(default_factory=dict)
    cases: dict[str, GuidanceCase] = field(default_factory=dict)


Act = Callable[[Scope, Nation, str], Any]
SECOND_PASS = bool(os.environ.get("DATABASE_URL"))


def _interview(actor: Scope, nation: Nation, code: str) -> Any:
    said = InterviewRecord(HELD_ON, ATTENDEES, "記録")
    return record_interview(actor=actor, plan=nation.plans[code], said=said)


APPROVALS: dict[str, Act] = {
    "plan return": lambda actor, nation, code: return_plan(
        actor=actor, plan=nation.plans[code], reason="見直してください。"
    ),
    "start interview": _interview,
    "plan finalize": lambda actor, nation, code: finalize_plan(
        actor=actor, plan=nation.plans[code]
    ),
    "plans finalize": lambda actor, nation, code: finalize_plans(
        actor=actor, term=nation.plans[code].term, plans=[nation.plans[code]]
    ),
    "month accept": lambda actor, nation, code: accept_month(
        actor=actor, report=nation.months[code]
    ),
    "months accept": lambda actor, nation, code: accept_months(
        actor=actor, reports=[nation.months[code]]
    ),
    "guidance agreement": lambda actor, nation, code: guidance.agree(
        actor=actor, case=nation.cases[code]
    ),
    "month return": lambda actor, nation, code: return_month(
        actor=actor, report=nation.months[code], reason="確かめてください。"
    ),
}


@pytest.fixture(scope="module")
def nation(db: None) -> Iterator[Nation]:
    """Rows of 47 hubs in bulk, in the state from which a bureau decides."""
    with transaction.atomic(), fixed_clock():
        if not Hub.objects.exists():
            load_facts()
        ready = Nation()
        for bureau in Bureau.objects.all():
            user = User.objects.create_user(f"{bureau.code}@example.jp", "x", name=bureau.name)
            Membership.objects.create(
                user=user, role=Role.BUREAU, bureau=bureau, valid_from=date(2020, 4, 1)
            )
            ready.officers[bureau.code] = resolve(user)
        term = open_term(actor=SYSTEM, fiscal_year=2026)
        register_rules(actor=replace(SYSTEM, role=Role.NATIONAL_HQ), term=term)
        ActivityPolicy.objects.create(
            term=term,
            version=1,
            title="方針",
            body="方針",
            state=PolicyState.PUBLISHED,
            published_at=NOW,
        )
        _fill(ready, term)
        _guide(ready, term)
        yield ready
        transaction.set_rollback(True)


def _fill(ready: Nation, term: Term) -> None:
    hubs, indicators = list(Hub.objects.all()), list(term.indicators.all())
    plans = Plan.objects.bulk_create(
        Plan(
            hub=hub,
            term=term,
            state=PlanState.SUBMITTED,
            regional_analysis="分析",
            business_plan="計画",
            submitted_at=NOW,
        )
        for hub in hubs
    )
    Target.objects.bulk_create(
        Target(plan=plan, indicator=row, value=100) for plan in plans for row in indicators
    )
    FocusArea.objects.bulk_create(
        FocusArea(
            plan=plan,
            code="F1",
            name="分野",
            target=60,
            order=1,
            weight=Decimal(1),
            evidence_rule="記録",
        )
        for plan in plans
    )
    held = StartInterview.objects.bulk_create(
        StartInterview(plan=plan, held_on=HELD_ON, minutes="記録") for plan in plans
    )
    InterviewAttendee.objects.bulk_create(
        InterviewAttendee(interview=one, side=row.side, name=row.name, order=order)
        for one in held
        for order, row in enumerate(ATTENDEES)
    )
    months = MonthlyReport.objects.bulk_create(
        MonthlyReport(
            hub=hub,
            term=term,
            month=date(2026, 4, 1),
            state=ReportState.CONFIRMED,
            submitted_at=NOW,
        )
        for hub in hubs
    )
    MonthlyResult.objects.bulk_create(
        MonthlyResult(report=month, indicator=row, value_state=ValueState.REPORTED, value=1)
        for month in months
        for row in indicators
    )
    ready.plans = {plan.hub.code: plan for plan in plans}
    ready.months = {month.hub.code: month for month in months}


def _guide(ready: Nation, term: Term) -> None:
    """A guidance plan of every hub that its hub has agreed to."""
    run = EvaluationRun.objects.create(
        term=term,
        number=1,
        kind=RunKind.TRIAL,
        engine="v1",
        scheme=ScoringScheme.objects.create(code="t", version=1, title="t", content="{}"),
        snapshot="{}",
        result="{}",
        computed_by_name="試験",
    )
    cases = GuidanceCase.objects.bulk_create(
        GuidanceCase(
            hub=plan.hub,
            run=run,
            fiscal_year=2027,
            origin="rule",
            proposed_level=2,
            level=2,
            method_version="guidance-1",
            facts="{}",
            state=CaseState.PLANNING,
            plan_due=HELD_ON,
            causes="原因",
            goal="目標",
            hub_agreed_at=NOW,
        )
        for plan in ready.plans.values()
    )
    GuidanceAction.objects.bulk_create(
        GuidanceAction(
            case=case, number=1, text="取組", owner_role="bureau", due=HELD_ON, evidence_rule="資料"
        )
        for case in cases
    )
    ready.cases = {case.hub.code: case for case in cases}


def _pairs() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    codes = [code for region in REGIONS.values() for code in region.split()]
    own = [(bureau, code) for bureau, region in REGIONS.items() for code in region.split()]
    foreign = [(bureau, code) for bureau in REGIONS for code in codes if (bureau, code) not in own]
    return own, foreign


def _asked(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """All pairs, or on the second pass those with the first hub of a region."""
    first = {region.split()[0] for region in REGIONS.values()}
    return [pair for pair in pairs if pair[1] in first] if SECOND_PASS else pairs


def test_the_regions_cover_the_nation_once() -> None:
    own, foreign = _pairs()
    assert len(own) == 47
    assert len(foreign) == 376


@pytest.mark.parametrize("approval", APPROVALS)
def test_no_bureau_approves_outside_its_region(nation: Nation, approval: str) -> None:
    before = row_counts()
    for bureau, code in _asked(_pairs()[1]):
        with transaction.atomic():
            with pytest.raises(Refused, match="担当する拠点"):
                APPROVALS[approval](nation.officers[bureau], nation, code)
            transaction.set_rollback(True)
    assert row_counts() == before


@pytest.mark.parametrize("approval", APPROVALS)
def test_every_bureau_approves_inside_its_region(nation: Nation, approval: str) -> None:
    for bureau, code in _asked(_pairs()[0]):
        with transaction.atomic():
            APPROVALS[approval](nation.officers[bureau], nation, code)
            transaction.set_rollback(True)
