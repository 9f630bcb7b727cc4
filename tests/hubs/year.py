"""Building a year for tests through the product's own operations, at a fixed moment."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hubs.network.models import Hub
from hubs.plans import operations as plans
from hubs.plans.models import Plan
from hubs.plans.rules.talk import Attendee, InterviewRecord
from hubs.results import operations as results
from hubs.results.models import MonthlyReport
from hubs.terms import operations as terms
from hubs.terms.models import ActivityPolicy, Term
from tests.cast import Cast
from yorozu.core.access import Role, system_scope

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
SYSTEM = system_scope("テスト")
# The system in the place of each side that signs (nobody's account, so the person is not one).
AGENCY, HQ = (
    replace(SYSTEM, role=role, name=f"テスト（{role.label}）")
    for role in (Role.SME_AGENCY, Role.NATIONAL_HQ)
)
GOOD = {"CONS": "300", "VISIT": "200", "SOLVE": "90", "NETW": "40"}
TEXTS = {
    "regional_analysis": "製造業の小規模事業者が多い。",
    "business_plan": "事業承継と販路開拓に取り組む。",
    "target_CONS": "3,600",
    "target_VISIT": "2400",
    "target_SOLVE": "1080",
    "target_NETW": "480",
    "f1_name": "事業承継",
    "f1_evidence": "引継ぎ支援センターへの紹介状の写し",
    "f1_target": "60",
    "f1_weight": "0.6",
    "f2_name": "販路開拓",
    "f2_evidence": "商談の記録",
    "f2_target": "24",
    "f2_weight": "0.4",
}

ATTENDEES = (
    Attendee("hub", "東京都よろず支援拠点", "拠点 長子"),
    Attendee("bureau", "関東経済産業局", "担当 官太"),
)
# The same as a form sends it.
ATTENDEE_FORM = {
    "people-TOTAL_FORMS": "2",
    "people-INITIAL_FORMS": "0",
    "people-0-side": "hub",
    "people-0-organisation": "東京都よろず支援拠点",
    "people-0-name": "拠点 長子",
    "people-1-side": "bureau",
    "people-1-organisation": "関東経済産業局",
    "people-1-name": "担当 官太",
}


def month(year: int, number: int) -> date:
    """First day of a month."""
    return date(year, number, 1)


def hub(code: str) -> Hub:
    """A hub by its JIS code."""
    return Hub.objects.get(code=code)


def open_year(fiscal_year: int = 2026, *, published: bool = True) -> Term:
    """A running term with registered rules, and a policy published by both sides."""
    term = terms.open_term(actor=SYSTEM, fiscal_year=fiscal_year)
    terms.register_rules(actor=HQ, term=term)
    if published:
        publish(terms.draft_policy(actor=SYSTEM, term=term, title="方針", body="本文"))
    return term


def publish(policy: ActivityPolicy) -> ActivityPolicy:
    """HQ signs first, the Agency second."""
    return terms.sign_policy(actor=AGENCY, policy=terms.sign_policy(actor=HQ, policy=policy))


def written_plan(term: Term, code: str = "13", **changes: str) -> Plan:
    """A draft with everything a submission needs, unless changed."""
    plan = plans.open_plan(actor=SYSTEM, hub=hub(code), term=term)
    return plans.save_plan(
        actor=SYSTEM, plan=plan, values={**TEXTS, **changes}, version=plan.version
    ).plan


def interview(plan: Plan, cast: Cast | None = None) -> None:
    """Record the start interview."""
    plans.record_interview(
        actor=cast.bureau_kanto.scope if cast else SYSTEM, plan=plan, said=interview_record()
    )


def interview_record(**changes: Any) -> InterviewRecord:
    """An interview that may be recorded, unless changed."""
    facts = {
        "held_on": date(2026, 6, 15),
        "attendees": ATTENDEES,
        "minutes": "目標に合意した。",
        **changes,
    }
    return InterviewRecord(**facts)


def fixed_plan(term: Term, code: str = "13") -> Plan:
    """A finalized plan."""
    plan = written_plan(term, code)
    plans.submit_plan(actor=SYSTEM, plan=plan)
    interview(plan)
    return plans.finalize_plan(actor=SYSTEM, plan=plan)


def entered(month: date, code: str = "13", **values: str) -> MonthlyReport:
    """A month with good figures, unless changed."""
    report = MonthlyReport.objects.filter(hub__code=code, month=month).first()
    done = results.enter_month(
        actor=SYSTEM,
        hub=hub(code),
        month=month,
        values={**GOOD, **values},
        version=report.version if report else 0,
    )
    assert done.report is not None
    return done.report


def accepted(month: date, code: str = "13", **values: str) -> MonthlyReport:
    """A month on its whole way."""
    report = entered(month, code, **values)
    results.submit_month(actor=SYSTEM, report=report)
    results.confirm_month(actor=SYSTEM, report=report)
    return results.accept_month(actor=SYSTEM, report=report)
