"""Targets beside last year's result and the expected level (evaluation.md 1.2); a shadow value."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hubs.network.models import FigureKind, Hub, RegionalFigure
from hubs.people.queries import contract_days
from hubs.plans.history import NO_MONTHS, HubYear, accepted_year
from hubs.plans.models import Plan, PlanState, Target
from hubs.plans.rules.adequacy import (
    PREDICTORS,
    WORDS,
    adequacy,
    expectation,
    year_level,
)
from hubs.terms.models import Term
from yorozu.core.fiscal import first_day, last_day
from yorozu.core.regression import HubFacts

_NO_YEAR = HubYear()
_FIGURES = {FigureKind.SMES.value: "smes", FigureKind.AREA.value: "area"}


def adequacy_of(plan: Plan) -> list[dict[str, Any]]:
    """What both sides see beside the targets: the kept copy once the plan is fixed."""
    rows = plan.adequacy if plan.state == PlanState.FINALIZED else adequacy_facts(plan)
    return [
        row
        | {
            "word": WORDS[row["flag"]],
            "used_text": _named(row["used"]),
            "left_out_text": _named(row["left_out"]),
        }
        for row in rows
    ]


def _named(predictors: Iterable[str]) -> str:
    return "、".join(PREDICTORS[name] for name in predictors)


def adequacy_facts(plan: Plan) -> list[dict[str, Any]]:
    """One JSON-able row per target, in the order of the indicators; nine queries at most.

    target, actual (last year, raised to twelve months), months (accepted), expected, hubs, used,
    left_out, coefficients, basis, ratio, flag (low, high, blank).
    """
    targets = sorted(plan.targets.all(), key=lambda row: row.indicator.order)
    return _facts(plan.hub.pk, targets, _ground(plan.term.fiscal_year)) if targets else []


def open_flag_counts(term: Term, plans: Iterable[Plan]) -> dict[int, int]:
    """Flags of each of the term's plans that is not fixed yet, by key: as of this moment.

    A plan without targets is not among them. Nothing is read when every plan is fixed, and a fixed
    number of queries for any number of open ones.
    """
    hubs = {plan.pk: plan.hub_id for plan in plans if plan.state != PlanState.FINALIZED}
    rows = Target.objects.filter(plan__in=hubs).select_related("indicator") if hubs else ()
    targets: dict[int, list[Target]] = defaultdict(list)
    for row in rows:
        targets[row.plan_id].append(row)
    if not targets:
        return {}
    ground = _ground(term.fiscal_year)
    return {
        pk: sum(bool(row["flag"]) for row in _facts(hubs[pk], of_plan, ground))
        for pk, of_plan in targets.items()
    }


@dataclass(frozen=True)
class _Ground:
    """What the targets of a year are held against: codes, last year, predictors of every hub."""

    codes: Mapping[int, str]
    history: Mapping[int, HubYear]
    predictors: Mapping[int, dict[str, int]]
    known: dict[str, dict[int, tuple[int | None, int]]] = field(default_factory=dict)

    def levels(self, indicator: str) -> Mapping[int, tuple[int | None, int]]:
        """Last year's level of an indicator and its months, by hub; worked out once."""
        if indicator not in self.known:
            self.known[indicator] = {
                pk: year_level(self.history.get(pk, _NO_YEAR).indicators.get(indicator, NO_MONTHS))
                for pk in self.codes
            }
        return self.known[indicator]


def _ground(fiscal_year: int) -> _Ground:
    codes = dict(Hub.objects.values_list("pk", "code"))
    return _Ground(codes, accepted_year(fiscal_year - 1), _predictors(fiscal_year))


def _facts(hub_id: int, targets: Sequence[Target], ground: _Ground) -> list[dict[str, Any]]:
    return [
        {
            "code": target.indicator.code,
            "name": target.indicator.name,
            "unit": target.indicator.unit,
            **_line(hub_id, target, ground),
        }
        for target in targets
    ]


def _line(hub_id: int, target: Target, ground: _Ground) -> dict[str, Any]:
    levels = ground.levels(target.indicator.code)
    facts = {
        name: HubFacts(levels[pk][0], ground.predictors.get(pk, {}))
        for pk, name in ground.codes.items()
    }
    actual, months = levels[hub_id]
    expected = expectation(ground.codes[hub_id], facts)
    found = adequacy(target.value, actual, expected.value)
    return {
        "target": found.target,
        "actual": found.actual,
        "months": months,
        "expected": found.expected,
        "hubs": expected.hubs,
        "used": list(expected.used),
        "left_out": list(expected.left_out),
        "coefficients": {name: str(value) for name, value in expected.coefficients.items()},
        "basis": found.basis,
        "ratio": None if found.ratio is None else str(found.ratio),
        "flag": found.flag,
    }


def _predictors(fiscal_year: int) -> dict[int, dict[str, int]]:
    """Newest SMEs and area up to the year, and coordinator days of last year, by hub."""
    found: dict[int, dict[str, int]] = {}
    rows = RegionalFigure.objects.filter(
        code__in=_FIGURES, industry="", year__lte=fiscal_year
    ).order_by("year")
    for hub_id, code, value in rows.values_list("hub_id", "code", "value"):
        found.setdefault(hub_id, {})[_FIGURES[code]] = value
    last_year = first_day(fiscal_year - 1), last_day(fiscal_year - 1)
    for hub_id, days in contract_days(*last_year).items():
        found.setdefault(hub_id, {})["days"] = days
    return found
