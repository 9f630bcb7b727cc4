"""Scenarios and their lines as screens and reports read them."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import QuerySet

from evaluation.budget.models import BudgetLine, BudgetRule, BudgetScenario, ScenarioState
from evaluation.budget.rules import v1, v2
from evaluation.budget.rules.carry import carry_over as correction
from evaluation.budget.rules.explain import performance_parts
from evaluation.budget.rules.params import read_params
from evaluation.budget.rules.redistribute import CAPS_LEAVE_REST, FLOORS_SCALED
from evaluation.budget.rules.story import BOUND_WORDS, Amounts, point_note
from evaluation.evidence.models import EvidenceBook
from evaluation.evidence.readings import budget_facts
from evaluation.scoring.models import EvaluationRun, RunState
from evaluation.scoring.queries import certificate, final_run
from hubs.network.models import Membership
from hubs.terms.models import Term
from hubs.terms.queries import decided_content
from yorozu.core.access import Scope, find_rule
from yorozu.core.canonical import canonical_hash

ENGINES = {v1.ENGINE: v1.allocate, v2.ENGINE: v2.allocate}
# Code of the budget rule among the parts of a year.
YEAR_PART = "budget_rule"
BARS = (
    ("base_yen", "均等分"),
    ("need_yen", "需要分"),
    ("limits_1_yen", "第1段階の上下限"),
    ("performance_yen", "評価反映"),
    ("limits_2_yen", "第2段階の上下限"),
    ("rounding_yen", "端数"),
)
BOUNDS = {**BOUND_WORDS, "": ""}
FLAGS = {
    FLOORS_SCALED: "下限の合計が配分額を超えたため、下限を一律に圧縮しました。",
    CAPS_LEAVE_REST: "上限に達した拠点が多く、残額を留保に回しました。",
}


@dataclass(frozen=True)
class Totals:
    """Sums over all lines; ``holds`` says that distributed + reserve is the envelope to the yen."""

    prior_yen: int
    budget_yen: int
    reserve_yen: int
    total_yen: int
    holds: bool


@dataclass(frozen=True)
class Explained:
    """The performance bar of one hub by component: yen, and the points with the national mean.

    ``parts`` has None for adjustment, clipping and N/A; it adds up to the bar.
    """

    parts: dict[str | None, int]
    points: dict[str, tuple[Decimal, Decimal]]


def explained(scenario: BudgetScenario) -> dict[str, Explained]:
    """The performance bars of all hubs by component, by hub code (evaluation.md 3.6)."""
    scored = json.loads(scenario.run.result)["hubs"]
    found = performance_parts(input_of(scenario), scored)
    return {code: Explained(row["parts"], row["points"]) for code, row in found.items()}


def amounts_of(line: BudgetLine) -> Amounts:
    """The frozen yen of a line as the rules read them."""
    return Amounts(
        prior=line.prior_yen,
        base=line.base_yen,
        need=line.need_yen,
        limits_1=line.limits_1_yen,
        performance=line.performance_yen,
        limits_2=line.limits_2_yen,
        rounding=line.rounding_yen,
        budget=line.budget_yen,
        bounds=(line.bound_1, line.bound_2),
    )


def point_notes(scenario: BudgetScenario, rows: Iterable[BudgetLine]) -> dict[str, str]:
    """By hub code why one more point would move nothing now ("" when it would)."""
    params = read_params(input_of(scenario).get("params"))
    limits = (Fraction(params.multiplier_min), Fraction(params.multiplier_max))
    return {
        row.hub.code: point_note(
            row.score is not None, Fraction(row.multiplier), limits, row.bound_2
        )
        for row in rows
    }


def visible_lines(scenario: BudgetScenario, scope: Scope) -> QuerySet[BudgetLine]:
    """Lines of the hubs in the scope, in code order."""
    rows = BudgetLine.objects.visible_to(scope).filter(scenario=scenario)
    return rows.select_related("hub", "hub__bureau").order_by("hub__code")


def totals(scenario: BudgetScenario) -> Totals:
    """Sum check over all hubs of the scenario."""
    lines = list(scenario.lines.values_list("budget_yen", "prior_yen"))
    budget = sum(line[0] for line in lines)
    return Totals(
        prior_yen=sum(line[1] or 0 for line in lines),
        budget_yen=budget,
        reserve_yen=scenario.reserve_yen,
        total_yen=scenario.total_yen,
        holds=budget == scenario.distributed_yen
        and budget + scenario.reserve_yen == scenario.total_yen,
    )


def flags(result: Mapping[str, Any]) -> list[str]:
    """Sentences for infeasible cases, which are never silent (evaluation.md 3.3)."""
    stages = zip(("第1段階", "第2段階"), result["flags"], strict=True)
    return [f"{stage}：{FLAGS[flag]}" for stage, flag in stages if flag]


def is_floors_scaled(scenario: BudgetScenario) -> bool:
    """Whether a protection was scaled: such a scenario is adopted with a reason of its own."""
    return FLOORS_SCALED in json.loads(scenario.result)["flags"]


def input_of(scenario: BudgetScenario) -> dict[str, Any]:
    """What the engine read, as frozen with the scenario."""
    snapshot = json.loads(scenario.snapshot)
    given: dict[str, Any] = snapshot.get("input", snapshot)
    return given


def undistributed(scenario: BudgetScenario) -> int:
    """Yen that the caps left over and the reserve took (CAPS_LEAVE_REST); 0 in most cases."""
    given = input_of(scenario)
    hubs, params, total = v1.read_input(v2.v1_input(given))
    return v1.distributable(total, params, len(hubs)) - scenario.distributed_yen


def money_facts(run: EvaluationRun) -> dict[str, dict[str, Any]]:
    """What the frozen books say of money and need, by hub code. ValueError if a figure lacks."""
    held = run.hub_results.exclude(evidence_book=None).values_list("evidence_book_id", flat=True)
    books = EvidenceBook.objects.filter(pk__in=list(held)).select_related("hub")
    return {book.hub.code: budget_facts(json.loads(book.content)) for book in books}


def known_lines(run: EvaluationRun) -> dict[str, int]:
    """The funding lines of the contracts in the books of a run, with their yen over all hubs."""
    sums: dict[str, int] = {}
    for facts in money_facts(run).values():
        for name, yen in facts["lines"].items():
            sums[name] = sums.get(name, 0) + yen
    return sums


def readers() -> list[int]:
    """Accounts with a role that may see scenarios."""
    roles = find_rule("evaluation.budget.view").roles
    return list(Membership.objects.filter(role__in=roles).values_list("user_id", flat=True))


def standing_run(scenario: BudgetScenario) -> EvaluationRun | None:
    """The run to compute the scenario from anew: its own, or the one that took its place."""
    if scenario.run.state != RunState.SUPERSEDED:
        return scenario.run
    return final_run(scenario.run.term)


def adopted_elsewhere(scenario: BudgetScenario) -> list[BudgetScenario]:
    """Scenarios adopted for the same fiscal year from other runs, the newest first."""
    rows = BudgetScenario.objects.filter(
        fiscal_year=scenario.fiscal_year, state=ScenarioState.ADOPTED
    ).exclude(run_id=scenario.run_id)
    return list(rows.select_related("run__term").order_by("-pk"))


@dataclass(frozen=True)
class CarryOver:
    """What a corrected judgement moves from a contracted year into the next one, by hub code."""

    contracted: BudgetScenario
    corrected: BudgetScenario
    yen: dict[str, int]


def carry_over(run: EvaluationRun) -> CarryOver | None:
    """What the running year's contracts lack, for the proposals of the year after it.

    The first scenario adopted for the year of the run's term was contracted; when its run gave way
    to another and a scenario of that one was adopted too, the difference is carried over. None
    when nothing was corrected.
    """
    adopted = list(
        BudgetScenario.objects.filter(fiscal_year=run.term.fiscal_year, state=ScenarioState.ADOPTED)
        .select_related("run")
        .order_by("adopted_at", "pk")
    )
    if len(adopted) < 2 or adopted[0].run.state != RunState.SUPERSEDED:
        return None
    first, last = (
        dict(scenario.lines.values_list("hub__code", "budget_yen"))
        for scenario in (adopted[0], adopted[-1])
    )
    return CarryOver(adopted[0], adopted[-1], correction(first, last))


def corrected_by(scenario: BudgetScenario) -> BudgetScenario | None:
    """The scenario adopted for the same year after this one's run gave way; None if there is none.

    Contracts follow the scenario adopted first, so the difference is carried over.
    """
    if scenario.state != ScenarioState.ADOPTED or scenario.run.state != RunState.SUPERSEDED:
        return None
    return next(iter(adopted_elsewhere(scenario)), None)


def previous_structure(run: EvaluationRun) -> dict[str, int]:
    """Structural amounts of last year's adopted scenario by hub code; empty in the first year."""
    adopted = (
        BudgetScenario.objects.filter(
            state=ScenarioState.ADOPTED, run__term__fiscal_year=run.term.fiscal_year - 1
        )
        .order_by("-pk")
        .first()
    )
    if adopted is None:
        return {}
    return dict(adopted.lines.values_list("hub__code", "struct_yen"))


def year_rule(term: Term) -> dict[str, Any] | None:
    """The budget rule decided for a year; None when the year left it to each scenario."""
    content: dict[str, Any] | None = decided_content(term, YEAR_PART)
    return content


def follows_the_year(scenario: BudgetScenario) -> bool | None:
    """Whether a scenario uses the rule of its year; None when the year has none."""
    content = year_rule(scenario.run.term)
    return None if content is None else canonical_hash(content) == scenario.rule.content_hash


def current_rule() -> BudgetRule | None:
    """The newest version of the budget rule."""
    return BudgetRule.objects.order_by("-pk").first()


@dataclass(frozen=True)
class Choice:
    """One scenario that may be taken into a comparison."""

    scenario: BudgetScenario
    is_taken: bool


def years_of_scenarios(taken: Collection[int]) -> list[tuple[int, list[Choice]]]:
    """All scenarios by the fiscal year they are for, the newest year first."""
    rows = BudgetScenario.objects.select_related("run__term").defer("snapshot", "result")
    years: dict[int, list[Choice]] = {}
    for row in rows.order_by("-fiscal_year", "pk"):
        years.setdefault(row.fiscal_year, []).append(Choice(row, row.pk in taken))
    return list(years.items())


def records(run: EvaluationRun) -> list[dict[str, Any]]:
    """All scenarios of a run for its certificate."""
    return [
        {
            "title": scenario.title,
            "engine": scenario.engine,
            "snapshot": scenario.snapshot,
            "input_hash": scenario.input_hash,
            "result": scenario.result,
            "result_hash": scenario.result_hash,
            "previous_hash": scenario.previous_hash,
        }
        for scenario in run.scenarios.order_by("number")
    ]


def certificate_text(run: EvaluationRun) -> str:
    """The file for ``evaluation_check``: run, analysis and every budget scenario, always the same.

    The same run gives the same bytes until a scenario is added.
    """
    content = {**certificate(run), "budgets": records(run)}
    return json.dumps(content, ensure_ascii=False, indent=1)
