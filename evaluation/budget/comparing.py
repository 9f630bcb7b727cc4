"""Scenarios of one fiscal year side by side, as the screen, the print view and the files read it.

Sums and measures over all hubs are for those who see the whole nation; a bureau compares the
lines of its own hubs.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from evaluation.budget.models import BudgetLine, BudgetScenario
from evaluation.budget.queries import flags, input_of, undistributed, visible_lines
from evaluation.budget.rules.compare import Measures, Row, measures
from evaluation.budget.rules.words import PARAMETER_WORDS, VALUE_WORDS
from hubs.terms.models import Term
from yorozu.core.access import Scope

FEWEST, MOST = 2, 6


@dataclass(frozen=True)
class Side:
    """One scenario of a comparison: its lines in the scope by hub code, and what it does."""

    scenario: BudgetScenario
    lines: dict[str, BudgetLine]
    measures: Measures | None
    undistributed: int
    flags: tuple[str, ...]

    @property
    def params(self) -> dict[str, Any]:
        """The rule as frozen."""
        found: dict[str, Any] = json.loads(self.scenario.rule.content)
        return found


@dataclass(frozen=True)
class HubRow:
    """One hub over all scenarios, in their order; None where a scenario does not know it."""

    code: str
    name: str
    bureau: str
    lines: tuple[BudgetLine | None, ...]

    @property
    def prior(self) -> int | None:
        """Last year's contract, as the first scenario that knows the hub has it."""
        return next((line.prior_yen for line in self.lines if line is not None), None)

    def change(self, place: int) -> int | None:
        """Yen of a scenario against last year."""
        line = self.lines[place]
        return None if line is None else line.change

    def apart(self, place: int) -> int | None:
        """Yen of a scenario against the first one."""
        line, first = self.lines[place], self.lines[0]
        return None if line is None or first is None else line.budget_yen - first.budget_yen


@dataclass(frozen=True)
class Comparison:
    """Two to six scenarios; the first one is what the others are measured against."""

    sides: tuple[Side, ...]
    hubs: tuple[HubRow, ...]
    is_whole: bool

    @property
    def fiscal_year(self) -> int:
        """The year the amounts are for."""
        return self.sides[0].scenario.fiscal_year

    @property
    def term(self) -> Term:
        """The term that was judged."""
        return self.sides[0].scenario.run.term

    @property
    def query(self) -> str:
        """The scenarios as a query string, in their order."""
        return "&".join(f"s={side.scenario.pk}" for side in self.sides)

    def query_from(self, place: int) -> str:
        """The same scenarios with this one as the first, which the others are measured against."""
        own = self.sides[place]
        order = [own, *(side for side in self.sides if side is not own)]
        return "&".join(f"s={side.scenario.pk}" for side in order)

    def parameters(self) -> list["ParameterRow"]:
        """Every parameter of the rules in the rule's order, in words."""
        given = [side.params for side in self.sides]
        return [
            ParameterRow(label, tuple(value_words(params.get(name)) for params in given))
            for name, label in PARAMETER_WORDS.items()
        ]


@dataclass(frozen=True)
class ParameterRow:
    """One parameter over all scenarios."""

    label: str
    values: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether the scenarios disagree."""
        return len(set(self.values)) > 1


def value_words(value: object) -> str:
    """A parameter's value as people read it."""
    if isinstance(value, dict):
        known = sorted(value, key=list(VALUE_WORDS).index)
        return "、".join(f"{VALUE_WORDS[name]} {value[name]}" for name in known)
    return f"{value:,}" if isinstance(value, int) else VALUE_WORDS.get(str(value), str(value))


def problem_of(wanted: Sequence[BudgetScenario]) -> str:
    """Why these scenarios cannot stand side by side; empty when they can."""
    if len(wanted) < FEWEST:
        return f"比べる配分案を{FEWEST}案以上選んでください。"
    if len(wanted) > MOST:
        return f"一度に比べられるのは{MOST}案までです。選んだ案を減らしてください。"
    if len({scenario.fiscal_year for scenario in wanted}) > 1:
        return "対象年度の違う配分案は並べられません。同じ年度の案を選んでください。"
    return ""


def chosen(ids: Iterable[str]) -> list[BudgetScenario]:
    """The scenarios of these numbers in the order asked for, each once; unknown ones left out."""
    wanted = list(dict.fromkeys(int(text) for text in ids if text.isdecimal() and len(text) < 16))
    rows = BudgetScenario.objects.filter(pk__in=wanted).select_related("run__term", "rule")
    known = {row.pk: row for row in rows}
    return [known[pk] for pk in wanted if pk in known]


def compare(scenarios: Sequence[BudgetScenario], scope: Scope) -> Comparison:
    """Put scenarios side by side; ValueError with the sentence of problem_of when they cannot."""
    problem = problem_of(scenarios)
    if problem:
        raise ValueError(problem)
    whole = scope.hub_ids is None
    sides = tuple(_side(scenario, scope, whole=whole) for scenario in scenarios)
    names = {
        code: (line.hub_name, line.hub.bureau.name)
        for side in reversed(sides)
        for code, line in side.lines.items()
    }
    hubs = tuple(
        HubRow(code, *names[code], tuple(side.lines.get(code) for side in sides))
        for code in sorted(names)
    )
    return Comparison(sides, hubs, whole)


def _side(scenario: BudgetScenario, scope: Scope, *, whole: bool) -> Side:
    lines = list(visible_lines(scenario, scope))
    return Side(
        scenario=scenario,
        lines={line.hub.code: line for line in lines},
        measures=measures(_rows(scenario, lines)) if whole else None,
        undistributed=undistributed(scenario),
        flags=tuple(flags(json.loads(scenario.result))),
    )


def _rows(scenario: BudgetScenario, lines: Iterable[BudgetLine]) -> list[Row]:
    given = {entry["code"]: entry for entry in input_of(scenario)["hubs"]}
    return [
        Row(
            code=line.hub.code,
            name=line.hub_name,
            prior=line.prior_yen,
            budget=line.budget_yen,
            score=line.score,
            sme=Fraction(given[line.hub.code]["need"].get("sme", 0)),
            bounds=(line.bound_1, line.bound_2),
        )
        for line in lines
    ]
