"""Common ground of the survey, hearing and evidence tests: a judged year for a few hubs."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import yorozu.celery  # noqa: F401 (the eager test app instead of the default one)
from evaluation.hearings.models import (
    Checklist,
    ChecklistItem,
    ChecklistResponse,
    Hearing,
    Rating,
)
from evaluation.surveys.models import PartnerAssessment, SatisfactionSurvey
from hubs.network.models import Hub
from hubs.plans.models import FocusArea, Plan, PlanState, Target
from hubs.results.models import MonthlyReport, MonthlyResult, ReportState, ValueState
from hubs.terms.models import ActivityIndicator, Term, TermState
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.fiscal import months_of
from yorozu.core.imports.models import ImportBatch
from yorozu.core.imports.operations import start_apply, upload

YEAR = 2025
AS_OF = date(2026, 3, 31)
INDICATORS = (("CONS", "相談対応件数", 1200), ("VISIT", "来訪相談者数", 840))


def make_year(codes: Iterable[str] = ("13",), *, fiscal_year: int = YEAR) -> Term:
    """A term with everything a book needs for these hubs, months accepted."""
    term = Term.objects.create(fiscal_year=fiscal_year, state=TermState.OPEN)
    for place, (code, name, _) in enumerate(INDICATORS):
        ActivityIndicator.objects.create(
            term=term, code=code, name=name, unit="件", definition="定義", order=place
        )
    checklist = make_checklist(term)
    for hub in Hub.objects.filter(code__in=codes):
        plan = make_plan(hub, term)
        for month in months_of(fiscal_year):
            make_month(hub, term, plan, month)
        SatisfactionSurvey.objects.create(
            hub=hub,
            term=term,
            sent=300,
            returned=120,
            level_1=0,
            level_2=2,
            level_3=10,
            level_4=60,
            level_5=48,
        )
        make_partner(hub, term, "サンプル商工会議所", "4.00")
        make_hearing(hub, term, checklist)
    return term


def make_checklist(term: Term) -> Checklist:
    """One item per component."""
    checklist = Checklist.objects.create(term=term, version=1, title="確認項目")
    for place, (component, code) in enumerate((("CHK", "C1"), ("UNQ", "U1"))):
        anchors = {f"anchor_{level}": f"{code}の目安{level}" for level in range(5)}
        ChecklistItem.objects.create(
            checklist=checklist,
            component=component,
            code=code,
            text=f"項目{code}",
            order=place,
            **anchors,
        )
    Checklist.objects.filter(pk=checklist.pk).update(is_locked=True)
    return checklist


def make_plan(hub: Hub, term: Term, *, finalized: bool = True) -> Plan:
    """Targets for the indicators and one focus area."""
    plan = Plan.objects.create(hub=hub, term=term, regional_analysis="分析", business_plan="計画")
    for indicator, (_, _, target) in zip(term.indicators.all(), INDICATORS, strict=True):
        Target.objects.create(plan=plan, indicator=indicator, value=target)
    FocusArea.objects.create(
        plan=plan, code="F1", name="事業承継", target=48, weight=Decimal("0.50"), order=1
    )
    if finalized:
        Plan.objects.filter(pk=plan.pk).update(
            state=PlanState.FINALIZED, finalized_at=clock.now(), content_hash="a" * 64
        )
        plan.refresh_from_db()
    return plan


def make_month(hub: Hub, term: Term, plan: Plan, month: date, *, accepted: bool = True) -> Any:
    """100 consultations, 70 visitors and 4 focus cases in the month."""
    report = MonthlyReport.objects.create(hub=hub, term=term, month=month)
    for indicator, value in zip(term.indicators.all(), (100, 70), strict=True):
        MonthlyResult.objects.create(
            report=report,
            indicator=indicator,
            value_state=ValueState.REPORTED,
            value=value,
            import_batch_id=7,
            import_row=month.month,
        )
    for area in plan.focus_areas.all():
        MonthlyResult.objects.create(
            report=report, focus_area=area, value_state=ValueState.REPORTED, value=4
        )
    if accepted:
        MonthlyReport.objects.filter(pk=report.pk).update(
            state=ReportState.ACCEPTED, accepted_at=clock.now()
        )
    return report


def make_partner(hub: Hub, term: Term, name: str, value: str, **extra: Any) -> PartnerAssessment:
    """One organisation's value."""
    return PartnerAssessment.objects.create(
        hub=hub,
        term=term,
        organization_name=name,
        organization_key=name,
        organization_type="chamber_of_commerce",
        value=Decimal(value),
        **extra,
    )


def make_hearing(hub: Hub, term: Term, checklist: Checklist) -> Hearing:
    """Two raters give 3 with evidence on every item."""
    hearing = Hearing.objects.create(hub=hub, term=term, checklist=checklist)
    for item in checklist.items.all():
        response = ChecklistResponse.objects.create(hearing=hearing, item=item, has_evidence=True)
        for name in ("評価者A", "評価者B"):
            Rating.objects.create(
                response=response, evaluator_name=name, evaluator_organization="全国本部", score=3
            )
    return hearing


def import_file(run: Any, actor: Scope, kind: str, text: str, year: int = YEAR) -> ImportBatch:
    """Upload and check a CSV as a user's upload; ``run`` is django_capture_on_commit_callbacks."""
    with run(execute=True):
        batch = upload(
            actor,
            kind=kind,
            params={"fiscal_year": year},
            filename="file.csv",
            data=text.encode("utf-8"),
        )
    batch.refresh_from_db()
    return batch


def apply_file(run: Any, actor: Scope, kind: str, text: str, year: int = YEAR) -> ImportBatch:
    """Upload, check and apply a faultless CSV."""
    batch = import_file(run, actor, kind, text, year)
    assert batch.problems == []
    with run(execute=True):
        start_apply(actor, batch=batch)
    batch.refresh_from_db()
    assert batch.state == "applied", batch.problems
    return batch


def problems_of(batch: ImportBatch) -> list[tuple[int | None, str, str]]:
    """Row, column and message of every fault."""
    return [(row, column, message) for row, column, message in batch.problems]
