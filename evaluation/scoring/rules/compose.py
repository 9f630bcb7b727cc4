"""From components to coverage, composite, gates, grade and rank (evaluation.md 2.2-2.10)."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from evaluation.scoring.rules import checks, indicators, items, opinions
from evaluation.scoring.rules.items import Scored
from evaluation.scoring.rules.opinions import Prior
from evaluation.scoring.rules.scheme import POINTS_TOP, Component, Scheme
from yorozu.core import exact

GATED_STATUSES = (items.OK, items.SMALL_N)


@dataclass(frozen=True)
class Drop:
    """What a leave-one-out run leaves out: a component, or one item of it."""

    component: str | None = None
    item: str | None = None

    def item_of(self, component: Component) -> str | None:
        """Return the item to leave out of this component, if any."""
        return self.item if component.code == self.component else None

    def whole(self, component: Component) -> bool:
        """Tell whether the whole component is left out."""
        return component.code == self.component and self.item is None


def score_hub(
    hub: dict[str, Any], scheme: Scheme, priors: dict[str, Prior], drop: Drop
) -> dict[str, Any]:
    """Score one hub, without its rank."""
    scored = [_score_component(hub, entry, scheme, priors, drop) for entry in scheme.components]
    covered = coverage(scored)
    mechanical = composite(scored, scheme)
    final = adjusted(mechanical, hub, scheme)
    gates = triggered_gates(scored, hub, scheme)
    months = hub.get("months", scheme.term_months)
    graded = final is not None and covered >= scheme.min_coverage and months >= scheme.min_months
    return {
        "code": hub["code"],
        "components": [entry.printed() for entry in scored],
        "coverage": items.text(covered),
        "mechanical": items.text(mechanical),
        "final": items.text(final),
        "graded": graded,
        "grade": grade(final, gates, scheme) if graded and final is not None else None,
        "gates": gates,
    }


def coverage(scored: list[Scored]) -> Decimal:
    """Return the share of weight that could be judged, in percent, 2 decimals (2.3)."""
    whole = sum((Fraction(entry.component.weight) for entry in scored), Fraction(0))
    there = sum((Fraction(entry.component.weight) * entry.share for entry in scored), Fraction(0))
    return exact.fraction_rounded(100 * there / whole, 2)


@exact.exactly
def composite(scored: list[Scored], scheme: Scheme) -> Decimal | None:
    """Return the mechanical composite: 4, then 2 decimals; None when nothing counts (2.5)."""
    counted = [(entry.component.weight, entry.points) for entry in scored]
    rows = [(weight, value) for weight, value in counted if value is not None]
    if not rows:
        return None
    total = sum((weight for weight, _ in rows), Decimal(0))
    if scheme.aggregation == "geometric":
        logs = sum(
            (weight * max(value, scheme.geometric_floor).ln() for weight, value in rows),
            Decimal(0),
        )
        return exact.rounded(exact.rounded((logs / total).exp(), 4), 2)
    parts = sum((weight * value for weight, value in rows), Decimal(0))
    return exact.rounded(exact.quotient(parts, total, 4), 2)


@exact.exactly
def adjusted(mechanical: Decimal | None, hub: dict[str, Any], scheme: Scheme) -> Decimal | None:
    """Return the final score: the panel's adjustment, held within its limit (2.7)."""
    if mechanical is None:
        return None
    given = exact.number(hub.get("adjust", 0), f"{hub['code']}: 調整")
    limit = scheme.adjust_limit
    moved = mechanical + min(max(given, -limit), limit)
    return exact.rounded(min(max(moved, Decimal(0)), Decimal(POINTS_TOP)), 2)


def triggered_gates(
    scored: list[Scored], hub: dict[str, Any], scheme: Scheme
) -> list[dict[str, Any]]:
    """List the limits on the grade that apply, each with its cause (2.8).

    A component without any answer (MISSING) is no weak result: it costs its points but does
    not trigger the gate (vector V04, hub A).
    """
    found = []
    for gate in scheme.gates:
        if gate.rule == "integrity_finding":
            because = list(hub.get("integrity_findings", []))
        else:
            because = [
                entry.component.code
                for entry in scored
                if entry.status in GATED_STATUSES
                and entry.points is not None
                and gate.limit is not None
                and entry.points < gate.limit
            ]
        if because:
            found.append({"cap": gate.cap, "because": because})
    return found


def grade(final: Decimal, gates: list[dict[str, Any]], scheme: Scheme) -> str:
    """Return the grade word: lower bounds inclusive, never above a gate's cap (2.8)."""
    names = [name for name, _ in scheme.grades]
    reached = next(place for place, (_, cut) in enumerate(scheme.grades) if final >= cut)
    caps = [names.index(gate["cap"]) for gate in gates]
    return names[max([reached, *caps])]


def ranked(hubs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add standard competition ranks among graded hubs: 1, 2, 2, 4 (2.10)."""
    finals = sorted((Decimal(hub["final"]) for hub in hubs if hub["graded"]), reverse=True)
    return [
        {**hub, "rank": finals.index(Decimal(hub["final"])) + 1 if hub["graded"] else None}
        for hub in hubs
    ]


def _score_component(
    hub: dict[str, Any],
    component: Component,
    scheme: Scheme,
    priors: dict[str, Prior],
    drop: Drop,
) -> Scored:
    item = drop.item_of(component)
    if component.kind == "indicator":
        scored = indicators.score_indicators(hub, component, scheme, item)
    elif component.kind == "focus":
        scored = indicators.score_focus(hub, component, scheme, item)
    elif component.kind == "check":
        scored = checks.score_checks(hub, component, scheme, item)
    else:
        scored = opinions.score_opinion(hub, component, priors[component.code])
    return scored.dropped() if drop.whole(component) else scored
