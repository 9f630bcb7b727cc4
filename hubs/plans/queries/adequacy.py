"""Targets beside last year's result and the expected level (evaluation.md 1.2); a shadow value."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from hubs.network.models import FigureKind, Hub, RegionalFigure
from hubs.people.models import Engagement
from hubs.plans.history import NO_MONTHS, HubYear, accepted_year
from hubs.plans.models import Plan, PlanState
from hubs.plans.rules.adequacy import (
    PREDICTORS,
    WORDS,
    HubFacts,
    adequacy,
    expectation,
    year_level,
)
from yorozu.core.fiscal import first_day, last_day

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
    """One JSON-able row per target, in the order of the indicators; six queries at most.

    target, actual (last year, raised to twelve months), months (accepted), expected, hubs, used,
    left_out, coefficients, basis, ratio, flag (low, high, blank).
    """
    year = plan.term.fiscal_year
    targets = sorted(plan.targets.all(), key=lambda row: row.indicator.order)
    if not targets:
        return []
    codes = dict(Hub.objects.values_list("pk", "code"))
    history = accepted_year(year - 1)
    predictors = _predictors(year)
    return [
        {
            "code": target.indicator.code,
            "name": target.indicator.name,
            "unit": target.indicator.unit,
            **_line(plan.hub, target, codes, history, predictors),
        }
        for target in targets
    ]


def _line(
    hub: Hub,
    target: Any,
    codes: Mapping[int, str],
    history: Mapping[int, HubYear],
    predictors: Mapping[int, dict[str, int]],
) -> dict[str, Any]:
    code = target.indicator.code
    levels = {
        pk: year_level(history.get(pk, _NO_YEAR).indicators.get(code, NO_MONTHS)) for pk in codes
    }
    facts = {name: HubFacts(levels[pk][0], predictors.get(pk, {})) for pk, name in codes.items()}
    actual, months = levels[hub.pk]
    expected = expectation(hub.code, facts)
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
    for hub_id, days in _coordinator_days(fiscal_year - 1).items():
        found.setdefault(hub_id, {})["days"] = days
    return found


def _coordinator_days(fiscal_year: int) -> dict[int, int]:
    """Calendar days under contract in a year, over all coordinators of a hub."""
    first, last = first_day(fiscal_year), last_day(fiscal_year)
    days: dict[int, int] = {}
    rows = Engagement.objects.filter(starts_on__lte=last).exclude(ends_on__lt=first)
    for hub_id, starts_on, ends_on in rows.values_list("hub_id", "starts_on", "ends_on"):
        days[hub_id] = days.get(hub_id, 0) + _overlap(starts_on, ends_on or last, first, last)
    return days


def _overlap(starts_on: date, ends_on: date, first: date, last: date) -> int:
    return (min(ends_on, last) - max(starts_on, first)).days + 1
