"""The base of a what-if: a hub's running year as the engine would read it today.

Targets and results come through the functions the evidence book is made with. What has no figure
yet (survey, hearing) takes the value of the last evaluation the reader may know, else the standard
80 points; every field names where its value comes from.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from evaluation.budget.models import BudgetScenario, ScenarioState
from evaluation.budget.queries import ENGINES as BUDGET_ENGINES
from evaluation.budget.queries import year_rule
from evaluation.desk.rules import trial as rules
from evaluation.desk.rules.distance import HubDistance, Network, distance_of
from evaluation.desk.rules.trial import Counted, Field, Tried
from evaluation.desk.rules.words import Named, Names
from evaluation.evidence.plan_part import plan_part
from evaluation.evidence.results_part import results_part
from evaluation.evidence.rules import engine_hub
from evaluation.evidence.stock import Facts
from evaluation.scoring.models import EvaluationRun, RunState, ScoringScheme
from evaluation.scoring.queries import ENGINES, current_scheme, visible_runs
from evaluation.scoring.rules import compose, items, simulation, v1
from evaluation.scoring.rules.analysis import DELTA, DRAWS
from evaluation.scoring.rules.noise import judging_of, noise_of, simulation_input
from evaluation.scoring.rules.scheme import Component, Scheme, read_scheme
from evaluation.surveys.rules import answer_count, answer_mean
from hubs.network.models import Hub
from hubs.plans.models import Plan, PlanState
from hubs.results import rules as results
from hubs.results.models import MonthlyReport, ReportState
from hubs.results.queries import results_grid
from hubs.results.queries.outlook import Outlook, outlook
from hubs.terms.models import Term
from hubs.terms.queries import registered
from yorozu.core import clock, figures, fiscal
from yorozu.core.access import Scope, decide

FORECAST, TO_DATE = "forecast", "to-date"
MODES = ((FORECAST, "年度末の見込みから"), (TO_DATE, "現在までの実績から"))


@dataclass(frozen=True)
class Last:
    """The last evaluation of an earlier year that the reader may know of."""

    run: EvaluationRun
    inputs: Mapping[str, Mapping[str, Any]]
    results: Mapping[str, Mapping[str, Any]]

    @property
    def label(self) -> str:
        """令和7年度の評価."""
        return f"{fiscal.nendo(self.run.term.fiscal_year)}の評価"


@dataclass(frozen=True)
class Base:
    """Everything a what-if starts from; ``skeleton`` is the engine's input without actuals."""

    hub: Hub
    term: Term
    mode: str
    plan: Plan
    scheme_row: ScoringScheme
    scheme: Scheme
    skeleton: Mapping[str, Any]
    fields: Sequence[Field]
    names: Names
    last: Last | None
    notes: Sequence[str]


@dataclass(frozen=True)
class Missing:
    """Why there is nothing to try yet, and who acts next."""

    title: str
    text: str


def base_of(hub: Hub, term: Term, mode: str, scope: Scope) -> Base | Missing:
    """The base of a hub's what-if, or why there is none."""
    scheme_row = current_scheme(term)
    if scheme_row is None:
        return Missing(
            f"{term}の評価基準はまだ確定していません。",
            "年度の規則が登録されると、その評価基準で試算できます。",
        )
    facts = Facts(term, [hub], clock.today())
    plan = facts.plans.get(hub.pk)
    if plan is None:
        return Missing(
            f"{term}の事業計画がまだありません。", "計画の目標を入力すると試算できます。"
        )
    return _Reading(hub, term, mode, scope).base(facts, plan, scheme_row)


@dataclass(frozen=True)
class _Book:
    """What a book would hold today, and the engine's input made of it."""

    content: Mapping[str, Any]
    skeleton: Mapping[str, Any]


class _Reading:
    """Reads the running year of one hub."""

    def __init__(self, hub: Hub, term: Term, mode: str, scope: Scope) -> None:
        self.hub, self.term, self.mode, self.scope = hub, term, mode, scope
        self.last = last_evaluation(term, scope)
        self.lines = {line.column.key: line for line in outlook(results_grid(hub, term))}

    def base(self, facts: Facts, plan: Plan, scheme_row: ScoringScheme) -> Base:
        scheme = read_scheme(json.loads(scheme_row.content))
        reports = self._accepted(facts)
        content = self._content(facts, plan, reports)
        skeleton = engine_hub(content)
        for key in ("survey", "partners", "checks"):
            del skeleton[key]
        fields: list[Field] = []
        for part in scheme.components:
            fields += self._fields(part, scheme, _Book(content, skeleton), facts)
        return Base(
            hub=self.hub,
            term=self.term,
            mode=self.mode,
            plan=plan,
            scheme_row=scheme_row,
            scheme=scheme,
            skeleton=skeleton,
            fields=fields,
            names=_names(scheme, content),
            last=self.last,
            notes=self._notes(plan, facts, reports),
        )

    def _accepted(self, facts: Facts) -> list[MonthlyReport]:
        year = self.term.fiscal_year
        operated = set(results.operated_months(*self.hub.operation_span(year), year))
        return [
            report
            for report in facts.reports[self.hub.pk]
            if report.state == ReportState.ACCEPTED and report.month in operated
        ]

    def _content(
        self, facts: Facts, plan: Plan, reports: Sequence[MonthlyReport]
    ) -> dict[str, Any]:
        """The parts of an evidence book that the engine reads, as they stand today."""
        year = self.term.fiscal_year
        months = [report.month for report in reports]
        if self.mode == FORECAST:
            months = list(results.operated_months(*self.hub.operation_span(year), year))
        return {
            "hub": {"code": self.hub.code, "months": [f"{month:%Y-%m}" for month in months]},
            "plan": plan_part(plan, facts),
            "results": results_part(reports, plan, facts, clock.today()),
            "satisfaction": {"levels": [0] * 5, "is_excused": False},
            "partners": [],
            "hearing": {"items": []},
        }

    def _fields(self, part: Component, scheme: Scheme, book: "_Book", facts: Facts) -> list[Field]:
        if part.kind == "check":
            return [self._check(part)]
        if part.kind in {"survey", "partner"}:
            return self._opinion(part, facts)
        plan, skeleton = book.content["plan"], book.skeleton
        if part.kind == "focus":
            rows, entries = plan["focus_areas"], skeleton["focus"]
        else:
            rows = [row for row in plan["targets"] if row["code"] in part.items]
            entries = [skeleton["indicators"][row["code"]] for row in rows]
        months, whole = skeleton["months"], scheme.term_months
        fields = []
        for row, entry in zip(rows, entries, strict=True):
            counted = Counted(
                part.code, row["code"], row["name"], row["unit"], row["target"], months, whole
            )
            fields.append(rules.count_field(counted, *self._count(row["code"], entry)))
        return fields

    def _count(self, code: str, entry: Mapping[str, Any]) -> tuple[Decimal, str]:
        """The base of a count and where it comes from; the target where nothing can be said."""
        line = self.lines.get(code)
        if self.mode == TO_DATE and entry.get("actual") is not None:
            months = len(line.months) if line else 0
            return Decimal(entry["actual"]), f"確認済の{months}か月の計"
        if self.mode == FORECAST and line is not None and line.forecast.value is not None:
            return Decimal(line.forecast.value), _forecast_origin(line)
        target = self._whole_target(entry, line)
        why = line.forecast.why if line and self.mode == FORECAST else ""
        return target, f"{why or '確認済の実績がありません。'}目標どおりと置いています"

    def _whole_target(self, entry: Mapping[str, Any], line: Outlook | None) -> Decimal:
        asked = line.year_target if line and self.mode == FORECAST else None
        return Decimal(entry.get("target") or 0) if asked is None else asked

    def _opinion(self, part: Component, facts: Facts) -> list[Field]:
        found = self._opinion_now(part, facts) or self._opinion_last(part)
        if found is None:
            n = rules.STANDARD_ANSWERS[part.kind]
            mean = rules.inverse(rules.STANDARD, part.anchors, 2)
            found = (n, mean, f"まだ値がないため、標準の80点（平均{mean}）と置いています")
        return rules.opinion_fields(part, *found)

    def _opinion_now(self, part: Component, facts: Facts) -> tuple[int, Decimal, str] | None:
        """This year's answers, for those who may see them before the evaluation."""
        if not decide(self.scope, "evaluation.surveys.view").allowed:
            return None
        if part.kind == "survey":
            row = facts.surveys.get(self.hub.pk)
            counts = list(row.histogram) if row else []
            mean = answer_mean(counts) if sum(counts) else None
            n = answer_count(counts) if counts else 0
        else:
            values = [row.value for row in facts.partners[self.hub.pk] if not row.is_excluded]
            n = len(values)
            mean = sum(values, Decimal(0)) / n if n else None
        if mean is None:
            return None
        return n, figures.q(mean, 2), f"{self.term}に集まった値（{n}件）"

    def _opinion_last(self, part: Component) -> tuple[int, Decimal, str] | None:
        last, label = self._last_part(part)
        detail = last.get("detail", {})
        if detail.get("status") not in {items.OK, items.SMALL_N}:
            return None
        return detail["n"], figures.q(Decimal(detail["raw_mean"]), 2), f"{label}の値"

    def _last_part(self, part: Component) -> tuple[Mapping[str, Any], str]:
        """The component in the last evaluation, and what that evaluation is called."""
        if self.last is None or self.hub.code not in self.last.results:
            return {}, ""
        rows = self.last.results[self.hub.code]["components"]
        found: Mapping[str, Any] = next((row for row in rows if row["code"] == part.code), {})
        return found, self.last.label

    def _check(self, part: Component) -> Field:
        last, label = self._last_part(part)
        if last.get("status") == items.OK:
            mean = rules.inverse(Decimal(last["points"]), part.anchors, 1)
            origin = f"{label}の得点（{last['points']}点）に当たる評点"
        else:
            mean = rules.inverse(rules.STANDARD, part.anchors, 1)
            origin = f"まだ値がないため、標準の80点（評点{mean}）と置いています"
        return rules.check_field(part, mean, origin)

    def _notes(self, plan: Plan, facts: Facts, reports: Sequence[MonthlyReport]) -> list[str]:
        notes = []
        if registered(self.term) is None:
            notes.append("年度の規則はまだ登録されていないため、評価基準は変わることがあります。")
        if plan.state != PlanState.FINALIZED:
            state = plan.get_state_display()
            notes.append(
                f"事業計画は確定していません（現在：{state}）。計画の今の目標で試算します。"
            )
        accepted = {report.month for report in reports}
        waiting = [row for row in facts.reports[self.hub.pk] if row.month not in accepted]
        if waiting:
            named = "、".join(f"{row.month.month}月" for row in waiting)
            notes.append(f"確認済でない月（{named}）の実績は含みません。")
        return notes


def _forecast_origin(line: Outlook) -> str:
    if line.forecast.method is results.Method.COMPLETE:
        return line.forecast.method.label
    return f"{line.forecast.method.label}（確認済の{len(line.months)}か月、計{line.actual:,}）"


def _names(scheme: Scheme, content: Mapping[str, Any]) -> dict[tuple[str, str], Named]:
    named = {(part.code, ""): Named(part.name) for part in scheme.components}
    for component, key in (("IND", "targets"), ("FOC", "focus_areas")):
        for row in content["plan"][key]:
            named[component, row["code"]] = Named(row["name"], row["unit"])
    return named


def last_evaluation(term: Term, scope: Scope) -> Last | None:
    """The newest standing run of an earlier year that the scope may know of."""
    run = (
        visible_runs(scope)
        .filter(
            term__fiscal_year__lt=term.fiscal_year,
            state__in=[RunState.PUBLISHED, RunState.FIXED],
        )
        .order_by("-term__fiscal_year", "-number")
        .first()
    )
    if run is None:
        return None
    snapshot = json.loads(run.snapshot)
    given = snapshot.get("input", snapshot)
    return Last(
        run,
        {hub["code"]: hub for hub in given["hubs"]},
        {hub["code"]: hub for hub in json.loads(run.result)["hubs"]},
    )


@dataclass(frozen=True)
class Outcome:
    """What the engine makes of a what-if: points, score, and the grade they would carry.

    ``grade`` is given also where the months do not suffice for one yet (``is_graded`` False).
    ``chances`` are the grades a thousand draws of the same values end in (evaluation.md 2.11), in
    percent; none without a grade.
    """

    result: Mapping[str, Any]
    final: Decimal
    grade: str
    is_graded: bool
    distance: HubDistance
    chances: tuple[tuple[str, Decimal], ...]

    def points(self, code: str) -> Decimal | None:
        """Points of a component; None where it does not count."""
        rows = self.result["components"]
        value = next((row["points"] for row in rows if row["code"] == code), None)
        return None if value is None else Decimal(value)


def outcome(base: Base, tried: Sequence[Tried]) -> Outcome:
    """Score a what-if by the engine, beside the others' answers of the last evaluation."""
    hub = rules.hub_of(base.skeleton, tried)
    given = {"scheme": json.loads(base.scheme_row.content), "hubs": [hub, *_pool(base)]}
    scored = ENGINES[v1.ENGINE](given)
    result = next(row for row in scored["hubs"] if row["code"] == base.hub.code)
    final = Decimal(result["final"] or 0)
    return Outcome(
        result=result,
        final=final,
        grade=result["grade"] or compose.grade(final, list(result["gates"]), base.scheme),
        is_graded=result["graded"],
        distance=distance_of(base.hub.code, Network(base.scheme, given["hubs"])),
        chances=_chances(base, given, {**scored, "hubs": [result]}) if result["graded"] else (),
    )


def _pool(base: Base) -> list[dict[str, Any]]:
    """The other hubs as far as they matter: their answers make the national prior."""
    if base.last is None:
        return []
    return [
        {"code": code, "survey": hub.get("survey"), "partners": hub.get("partners", [])}
        for code, hub in base.last.inputs.items()
        if code != base.hub.code
    ]


def _chances(
    base: Base, given: Mapping[str, Any], scored: Mapping[str, Any]
) -> tuple[tuple[str, Decimal], ...]:
    """Grades of the draws; how far raters differ is taken from the last evaluation."""
    others = base.last.inputs.values() if base.last else ()
    spreads = noise_of({**given, "hubs": [*given["hubs"], *_raters_of(base, others)]}, {})
    own = {**given, "hubs": given["hubs"][:1]}
    drawn = simulation.judged(
        {
            **simulation_input(own, scored, spreads),
            # The same draws for all figures that are tried: a higher one never looks less sure.
            "seed": f"what-if-{base.term.fiscal_year}",
            "draws": DRAWS,
            "delta": DELTA,
        },
        judging_of(own, scored),
    )
    grades: Mapping[str, int] = drawn["m"][base.hub.code]["grades"]
    percents = ((name, figures.percent(grades[name], DRAWS)) for name, _ in base.scheme.grades)
    return tuple((name, percent) for name, percent in percents if percent)


def _raters_of(base: Base, others: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Checklists of the last evaluation, as hubs without any answers of their own."""
    known = {part.code for part in base.scheme.components if part.kind == "check"}
    return [
        {
            "code": f"{hub['code']}-raters",
            "checks": {code: rows for code, rows in hub.get("checks", {}).items() if code in known},
        }
        for hub in others
    ]


@dataclass(frozen=True)
class NextYear:
    """What a score would mean in yen, all else as in this year's allocation."""

    yen: int
    this_year: int
    scenario: BudgetScenario

    @property
    def change(self) -> int:
        """Difference to this year's amount."""
        return self.yen - self.this_year


def next_year(base: Base, found: Outcome) -> NextYear | None:
    """The hub's amount next year by the rule of the year; None without an allocation in force.

    The envelope, the needs and the scores of the others stay as in the adopted allocation of this
    year, whose amounts are what next year's limits are measured against. A hub may know it of
    itself (evaluation.md 9.8): its amount of this year is its own contract.
    """
    scenario = (
        BudgetScenario.objects.filter(
            fiscal_year=base.term.fiscal_year, state=ScenarioState.ADOPTED
        )
        .select_related("rule")
        .order_by("-pk")
        .first()
    )
    if scenario is None:
        return None
    lines = {line.hub.code: line for line in scenario.lines.select_related("hub")}
    snapshot = json.loads(scenario.snapshot)
    given = snapshot.get("input", snapshot)
    if base.hub.code not in lines:
        return None
    score = str(found.final) if found.is_graded else None
    hubs = [
        {
            "code": row["code"],
            "need": row["need"],
            "score": score if row["code"] == base.hub.code else row["score"],
            "prior": lines[row["code"]].budget_yen,
            "prior_struct": lines[row["code"]].struct_yen,
        }
        for row in given["hubs"]
        if row["code"] in lines
    ]
    params = year_rule(base.term) or json.loads(scenario.rule.content)
    try:
        allocated = BUDGET_ENGINES[scenario.engine](
            {"total": scenario.total_yen, "params": params, "hubs": hubs}
        )
    except (TypeError, ValueError):
        # Needs of another kind than the rule of this year asks for: nothing can be said.
        return None
    yen = next(row["budget"] for row in allocated["hubs"] if row["code"] == base.hub.code)
    return NextYear(yen, lines[base.hub.code].budget_yen, scenario)
