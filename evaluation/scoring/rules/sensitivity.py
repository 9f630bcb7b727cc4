"""Would it have come out the same? A run under other assumptions (evaluation.md 2.12).

Every variant goes through the engine of the run; only the severity correction, which no engine
input can say, replaces the points of the checklists and is composed by the engine's own functions.
A variant keeps the hubs that the run graded, also where leaving a component out would leave too
little to judge: it asks how the grade would move, not who is graded.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from evaluation.scoring.rules import compose, items, opinions
from evaluation.scoring.rules.items import Scored
from evaluation.scoring.rules.scheme import (
    DEFAULT_SCHEME,
    ESTIMATE,
    Anchors,
    Component,
    Scheme,
    merged,
    points,
    read_scheme,
)
from evaluation.scoring.rules.severity import Severity, corrected_mean
from yorozu.core import exact

Engine = Callable[[dict[str, Any]], dict[str, Any]]
Given = Mapping[str, Any]

CAPS = (Decimal("1.0"), Decimal("1.2"), Decimal("1.5"))
ON_PLAN = Decimal(1)
WEIGHT_MOVES = (("+25", Decimal("1.25")), ("-25", Decimal("0.75")))
DROP, WEIGHT, AGGREGATION, CAP, K, ADJUSTMENT, SEVERITY, REGIONAL = (
    "drop",
    "weight",
    "aggregation",
    "cap",
    "k",
    "adjustment",
    "severity",
    "regional",
)


@dataclass(frozen=True)
class Variant:
    """One other assumption: the kind (of the eight), what of it, and the result of each hub."""

    kind: str
    subject: str
    hubs: list[dict[str, Any]]

    @property
    def code(self) -> str:
        """The name in the analysis: "drop:IND.SOLVE", "weight:SAT:+25", "severity"."""
        return f"{self.kind}:{self.subject}" if self.subject else self.kind


def engine_variants(given: Given, engine: Engine, base: Mapping[str, Any]) -> Iterator[Variant]:
    """Yield variants (1) to (6) through the engine, in the order of the method."""
    for kind, subject, changed in _changed(given):
        yield Variant(kind, subject, comparable(engine(_open(changed)), base))


def regional_variant(
    given: Given, engine: Engine, base: Mapping[str, Any], hubs: Sequence[dict[str, Any]]
) -> Variant:
    """Return variant (8): the hubs with their moved targets, through the engine."""
    result = engine(_open({**given, "hubs": list(hubs)}))
    return Variant(REGIONAL, "", comparable(result, base))


@exact.exactly
def severity_variant(given: Given, base: Mapping[str, Any], found: Severity) -> Variant:
    """Return variant (7): checklist means corrected by the severity of their raters."""
    scheme = read_scheme(given.get("scheme"))
    inputs = {hub["code"]: hub for hub in given["hubs"]}
    parts = {entry.code: entry for entry in scheme.components}
    judged = []
    for hub in base["hubs"]:
        own = inputs[hub["code"]]
        scored = [
            _corrected(own, part, parts[part["code"]], scheme, found)
            if parts[part["code"]].kind == "check"
            else _as_scored(part, parts[part["code"]])
            for part in hub["components"]
        ]
        final = compose.adjusted(compose.composite(scored, scheme), own, scheme)
        gates = compose.triggered_gates(scored, own, scheme)
        grade = compose.grade(final, gates, scheme) if final is not None else None
        judged.append({"code": hub["code"], "final": items.text(final), "grade": grade})
    return Variant(SEVERITY, "", comparable({"hubs": judged}, base))


def comparable(result: Mapping[str, Any], base: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return code, final, grade and rank of each hub, graded and ranked as in the run itself."""
    graded = {hub["code"] for hub in base["hubs"] if hub["graded"]}
    rows = compose.ranked(
        [
            {
                "code": hub["code"],
                "final": hub["final"],
                "grade": hub["grade"],
                "graded": hub["code"] in graded and hub["final"] is not None,
            }
            for hub in result["hubs"]
        ]
    )
    return [
        {
            "code": row["code"],
            "final": row["final"],
            "grade": row["grade"] if row["graded"] else None,
            "rank": row["rank"],
        }
        for row in rows
    ]


def verdicts(base: Mapping[str, Any], found: Sequence[Variant]) -> dict[str, dict[str, Any]]:
    """Return per graded hub the variants on which its grade depends; none of them is robust."""
    grades = {hub["code"]: hub["grade"] for hub in base["hubs"] if hub["graded"]}
    depends: dict[str, list[str]] = {code: [] for code in grades}
    for variant in found:
        for row in variant.hubs:
            code = row["code"]
            if code in grades and row["grade"] is not None and row["grade"] != grades[code]:
                depends[code].append(variant.code)
    return {code: {"robust": not names, "depends_on": names} for code, names in depends.items()}


def capped(anchors: Anchors, cap: Decimal) -> list[list[str]]:
    """Return the anchors of a ratio with another cap: up to plan as they are, then the top at it.

    With the cap at the plan itself nothing above it pays.
    """
    at_plan = points(ON_PLAN, anchors)
    kept = [(x, y) for x, y in anchors if x < ON_PLAN]
    kept.append((ON_PLAN, at_plan))
    if cap > ON_PLAN:
        kept.append((cap, anchors[-1][1]))
    return [[_text(x), _text(y)] for x, y in kept]


def rows_to_drop(scheme: Scheme) -> list[str]:
    """Return every row of the scheme: indicators singly, the other components whole."""
    return [
        name
        for entry in scheme.components
        for name in ([f"{entry.code}.{item}" for item in entry.items] or [entry.code])
    ]


def _changed(given: Given) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield kind, subject and engine input of the variants (1) to (6)."""
    scheme = read_scheme(given.get("scheme"))
    for name in rows_to_drop(scheme):
        yield DROP, name, {**given, "drop": name}
    for entry in scheme.components:
        for word, factor in WEIGHT_MOVES:
            yield WEIGHT, f"{entry.code}:{word}", _weighted(given, entry, factor)
    other = "arithmetic" if scheme.aggregation == "geometric" else "geometric"
    yield AGGREGATION, other, _with(given, aggregation=other)
    ratio = next((part.anchors for part in scheme.components if _is_ratio(part)), None)
    for cap in CAPS if ratio else ():
        if ratio is not None and ratio[-1][0] != cap:
            anchors = merged(given.get("scheme"))["anchors"]
            yield CAP, str(cap), _with(given, anchors={**anchors, "ratio": capped(ratio, cap)})
    for word, changed in _other_k(given, scheme):
        yield K, word, changed
    yield (
        ADJUSTMENT,
        "none",
        {
            **given,
            "hubs": [{key: hub[key] for key in hub if key != "adjust"} for hub in given["hubs"]],
        },
    )


def _is_ratio(component: Component) -> bool:
    return component.kind in {"indicator", "focus"}


def _weighted(given: Given, component: Component, factor: Decimal) -> dict[str, Any]:
    parts = deepcopy(merged(given.get("scheme"))["components"])
    for part in parts:
        if part["code"] == component.code:
            part["weight"] = _text(component.weight * factor)
    return _with(given, components=parts)


def _other_k(given: Given, scheme: Scheme) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the run with k estimated from its data, or as the default fixes it if it was."""
    fixed = {part["code"]: part.get("k") for part in DEFAULT_SCHEME["components"]}
    parts = deepcopy(merged(given.get("scheme"))["components"])
    kinds = {entry.code: entry for entry in scheme.components}
    shrunk = [part for part in parts if kinds[part["code"]].kind in opinions.FIELD_OF_KIND]
    if not shrunk:
        return
    estimates = any(kinds[part["code"]].k is not None for part in shrunk)
    for part in shrunk:
        part["k"] = ESTIMATE if estimates else fixed.get(part["code"], part["k"])
    yield (ESTIMATE if estimates else "fixed"), _with(given, components=parts)


def _with(given: Given, **entries: Any) -> dict[str, Any]:
    return {**given, "scheme": {**(given.get("scheme") or {}), **entries}}


def _open(given: Given) -> dict[str, Any]:
    """Let the engine grade whatever is left: who is graded is said by the run itself."""
    return _with(given, min_coverage="0")


@exact.exactly
def _corrected(
    hub: Given, part: Mapping[str, Any], component: Component, scheme: Scheme, found: Severity
) -> Scored:
    """Score a checklist again from corrected means; a missing item stays at 0 points."""
    scored = _as_scored(part, component)
    if part["status"] != items.OK:
        return scored
    entries = {entry["code"]: entry for entry in hub["checks"][component.code]}
    rows = []
    for detail in part["detail"]:
        entry = entries[detail["code"]]
        weight = exact.number(entry.get("weight", scheme.default_item_weight), detail["code"])
        value = None if detail["points"] is None else Decimal(detail["points"])
        if detail["status"] == items.OK:
            raters = sorted(entry["scores"])
            top = scheme.checks.highest
            value = points(
                corrected_mean(Decimal(detail["mean"]), raters, found, top), component.anchors
            )
        rows.append(items.Item(detail["code"], weight, detail["status"], value, {}))
    total = items.weighted_points(rows)
    return Scored(component, part["status"], total, part["covered"], Fraction(1), [])


def _as_scored(part: Mapping[str, Any], component: Component) -> Scored:
    value = None if part["points"] is None else Decimal(part["points"])
    return Scored(component, part["status"], value, part["covered"], Fraction(1), part["detail"])


def _text(value: Decimal) -> str:
    return format(value.normalize(), "f")
