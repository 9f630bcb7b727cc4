"""拠点カルテ by year: what the slices hold of one hub, under the rights of each."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse

from evaluation.budget.models import BudgetLine, ScenarioState
from evaluation.guidance.models import CaseState, GuidanceCase
from evaluation.guidance.tables import CASE_CHIPS
from evaluation.scoring.models import EvaluationRun, RunHubResult, RunKind, RunState
from evaluation.scoring.queries import visible_runs
from evaluation.scoring.tables import CHIPS as RUN_CHIPS
from evaluation.surveys.models import SatisfactionSurvey
from hubs.network.models import CommissionContract, Hub
from hubs.people.models import CoordinatorRole, Engagement
from hubs.plans.models import Plan
from hubs.plans.queries import plan_chip
from hubs.results.models import MonthlyReport, ReportState
from hubs.terms.models import Term
from yorozu.core import clock
from yorozu.core.access import Scope, decide
from yorozu.core.figures import format_yen
from yorozu.core.fiscal import first_day, fiscal_year_of, last_day, wareki
from yorozu.portal.home import links
from yorozu.portal.home.matrix import RUN_ORDER


@dataclass(frozen=True)
class Fact:
    """One line of a year: label, value or chip, a small note and the page behind it."""

    label: str
    value: Any
    url: str = ""
    note: str = ""


@dataclass(frozen=True)
class Year:
    """One fiscal year of the hub."""

    fiscal_year: int
    facts: list[Fact] = field(default_factory=list)
    people: list[Fact] = field(default_factory=list)


@dataclass(frozen=True)
class Asked:
    """Whose record, read by whom."""

    scope: Scope
    hub: Hub

    def may(self, action: str) -> bool:
        """The right of the slice on this hub."""
        return decide(self.scope, action, hub_id=self.hub.pk).allowed


Facts = Mapping[int, list[Fact]]


def hub_record(scope: Scope, hub: Hub) -> list[Year]:
    """Every year of which the scope may read something, the newest first; ten queries."""
    asked = Asked(scope, hub)
    terms = {term.pk: term for term in Term.objects.all()}
    parts: list[Facts] = [
        _contracts(asked),
        _plans(asked, terms),
        _months(asked, terms),
        _ledger(asked),
        _surveys(asked, terms),
        _judgements(asked),
        _budgets(asked),
        _guidance(asked),
    ]
    people = _people(asked, _years(parts, terms.values()))
    years = sorted({*people, *(year for part in parts for year in part)}, reverse=True)
    return [
        Year(year, [fact for part in parts for fact in part.get(year, [])], people.get(year, []))
        for year in years
    ]


def _years(parts: Iterable[Facts], terms: Iterable[Term]) -> list[int]:
    found = {year for part in parts for year in part} | {term.fiscal_year for term in terms}
    return sorted(found | {fiscal_year_of(clock.today())})


def _grouped(rows: Iterable[Any], year: Callable[[Any], int], fact: Callable[[Any], Fact]) -> Facts:
    found: dict[int, list[Fact]] = defaultdict(list)
    for row in rows:
        found[year(row)].append(fact(row))
    return found


def _contracts(asked: Asked) -> Facts:
    if not asked.may("hubs.network.contracts"):
        return {}
    rows = CommissionContract.objects.visible_to(asked.scope).filter(hub=asked.hub)
    return _grouped(
        rows.select_related("implementing_body"),
        lambda row: row.fiscal_year,
        lambda row: Fact(
            f"委託契約（{row.funding_line}）",
            format_yen(row.amount_yen),
            note=row.implementing_body.name + ("（サンプル）" if row.is_sample else ""),
        ),
    )


def _plans(asked: Asked, terms: Mapping[int, Term]) -> Facts:
    if not asked.may("hubs.plans.view"):
        return {}
    rows = Plan.objects.visible_to(asked.scope).filter(hub=asked.hub)
    return _grouped(
        rows.select_related("start_interview").defer(
            "regional_analysis", "business_plan", "draft_texts"
        ),
        lambda row: terms[row.term_id].fiscal_year,
        lambda row: Fact(
            "事業計画",
            plan_chip(row),
            links.plan_url(asked.scope, terms[row.term_id], row),
            _interview_note(row),
        ),
    )


def _interview_note(plan: Plan) -> str:
    interview = getattr(plan, "start_interview", None)
    if interview is None:
        return "期初面談は未実施"
    return f"期初面談 {interview.held_on.month}月{interview.held_on.day}日"


def _months(asked: Asked, terms: Mapping[int, Term]) -> Facts:
    if not asked.may("hubs.results.view"):
        return {}
    reports: dict[int, list[MonthlyReport]] = defaultdict(list)
    for row in MonthlyReport.objects.visible_to(asked.scope).filter(hub=asked.hub):
        reports[row.term_id].append(row)
    return {
        terms[term_id].fiscal_year: [
            Fact(
                "月次実績",
                _month_words(rows),
                links.grid_url(asked.scope, asked.hub, terms[term_id]),
                f"最新は{max(row.month for row in rows).month}月分",
            )
        ]
        for term_id, rows in reports.items()
    }


def _month_words(rows: list[MonthlyReport]) -> str:
    counts = [(state.label, sum(row.state == state for row in rows)) for state in ReportState]
    return "、".join(f"{label}{count}か月" for label, count in counts if count)


def _ledger(asked: Asked) -> Facts:
    """The way to the records of the running year; their counts stand with the months."""
    if not asked.may("hubs.ledger.view"):
        return {}
    url = reverse("ledger_list", args=[asked.hub.code])
    return {fiscal_year_of(clock.today()): [Fact("相談記録", "一覧を見る", url)]}


def _surveys(asked: Asked, terms: Mapping[int, Term]) -> Facts:
    """The counted satisfaction survey of each year, with the page of the hub's answers."""
    if not asked.may("evaluation.surveys.hub"):
        return {}
    rows = SatisfactionSurvey.objects.visible_to(asked.scope).filter(hub=asked.hub)
    return _grouped(
        rows,
        lambda row: terms[row.term_id].fiscal_year,
        lambda row: Fact(
            "顧客満足度調査",
            f"回答{row.returned:,}件（送付{row.sent:,}件）",
            reverse("survey_hub", args=[terms[row.term_id].fiscal_year, asked.hub.code]),
        ),
    )


def _judgements(asked: Asked) -> Facts:
    """The run that stands for each year, as far as the role may know of it."""
    if not asked.may("evaluation.scoring.view"):
        return {}
    runs = visible_runs(asked.scope).exclude(kind=RunKind.TRIAL).filter(state__in=RUN_ORDER)
    newest: dict[int, EvaluationRun] = {}
    for run in sorted(runs.defer("snapshot", "result"), key=_standing, reverse=True):
        newest[run.term.fiscal_year] = run
    rows = RunHubResult.objects.visible_to(asked.scope).filter(
        hub=asked.hub, run__in=[run.pk for run in newest.values()]
    )
    return _grouped(
        rows.select_related("run__term").defer("run__snapshot", "run__result"),
        lambda row: row.run.term.fiscal_year,
        lambda row: Fact(
            "評価",
            RUN_CHIPS[RunState(row.run.state)],
            links.run_url(asked.scope, row.run_id, asked.hub),
            _grade(row),
        ),
    )


def _standing(run: EvaluationRun) -> tuple[int, int]:
    return RUN_ORDER.index(run.state), -run.number


def _grade(row: RunHubResult) -> str:
    score = f"総合点 {row.final}" if row.final is not None else "総合点なし"
    return f"{score}、評語 {row.grade}" if row.is_graded else f"{score}、評語なし"


def _budgets(asked: Asked) -> Facts:
    """The adopted proposal for the year; before the adoption there is nothing to keep."""
    if not asked.may("evaluation.budget.view"):
        return {}
    rows = BudgetLine.objects.visible_to(asked.scope).filter(
        hub=asked.hub, scenario__state=ScenarioState.ADOPTED
    )
    return _grouped(
        rows.select_related("scenario").defer("scenario__snapshot", "scenario__result"),
        lambda row: row.scenario.fiscal_year,
        lambda row: Fact(
            "採用された配分案",
            format_yen(row.budget_yen),
            reverse("scenario_hub", args=[row.scenario_id, asked.hub.code]),
            row.scenario.title,
        ),
    )


def _guidance(asked: Asked) -> Facts:
    """Cases of the year that is guided, waived ones as well."""
    if not asked.may("evaluation.guidance.view"):
        return {}
    rows = GuidanceCase.objects.visible_to(asked.scope).filter(hub=asked.hub)
    return _grouped(
        rows.defer("facts"),
        lambda row: row.fiscal_year,
        lambda row: Fact(
            "重点指導",
            CASE_CHIPS[CaseState(row.state)],
            reverse("guidance_detail", args=[row.pk]),
            row.level_label,
        ),
    )


def _people(asked: Asked, years: list[int]) -> Facts:
    """Who was engaged in a year: the chief by name, the coordinators by number and link."""
    if not asked.may("hubs.people.view"):
        return {}
    rows = list(
        Engagement.objects.visible_to(asked.scope)
        .filter(Q(hub=asked.hub), Q(starts_on__lte=last_day(years[-1])))
        .select_related("person")
    )
    found = {}
    for year in years:
        held = [row for row in rows if _overlaps(row, first_day(year), last_day(year))]
        if held:
            found[year] = _team(asked, held)
    return found


def _overlaps(row: Engagement, first: date, last: date) -> bool:
    return row.starts_on <= last and (row.ends_on is None or row.ends_on >= first)


def _team(asked: Asked, rows: list[Engagement]) -> list[Fact]:
    chiefs = [row for row in rows if row.role == CoordinatorRole.CHIEF_COORDINATOR]
    others = {row.person_id for row in rows if row.role == CoordinatorRole.COORDINATOR}
    facts = [
        Fact(
            "チーフコーディネーター",
            row.person.name,
            note=_period(row) + ("（サンプル）" if row.is_sample else ""),
        )
        for row in chiefs
    ]
    url = reverse("hub_people", args=[asked.hub.code])
    return [*facts, Fact("コーディネーター", f"{len(others)}人", url)]


def _period(row: Engagement) -> str:
    until = f"{wareki(row.ends_on)}まで" if row.ends_on else "契約中"
    return f"{wareki(row.starts_on)}から、{until}"
