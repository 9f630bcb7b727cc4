"""How sure each item value is: its standard error, and the input of the simulation (2.11).

| item                  | standard error                                                         |
|-----------------------|------------------------------------------------------------------------|
| count ratio           | challenge * sqrt(phi * A) / T*, phi >= 1 from the months               |
| survey, partner       | sqrt(sigma2 / (n + k)), sigma2 pooled within the hubs, at least 0.25   |
| checklist item        | s_r / sqrt(R), s_r pooled within the items of the component, at least  |
|                       | 0.3; 0.5 for an item with one rater                                    |

A checklist is drawn item by item, so that each goes through its own anchors as in the score; the
mean of J items then has the error s_r / sqrt(R * J) of the method. A value that is missing counts
0 points without any doubt, and what is not applicable is not drawn. Everything here is exact and
rounded once: 6 decimals for an error, 4 for phi, sigma2 and s_r.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from evaluation.scoring.rules import compose, items, opinions
from evaluation.scoring.rules.checks import counted_scores
from evaluation.scoring.rules.indicators import effective_target, focus_weight
from evaluation.scoring.rules.intervals import Judging
from evaluation.scoring.rules.scheme import (
    ANCHORS_OF_KIND,
    POINTS_TOP,
    Component,
    Scheme,
    merged,
    read_scheme,
)
from yorozu.core import exact

# Anchors of a value that is missing: 0 points whatever is drawn.
MISSING = "missing"
MISSING_ANCHORS = (("0", "0"), ("1", str(POINTS_TOP)))
WHOLE = "all"
MIN_VARIANCE = Decimal("0.25")
MIN_RATER_SD, LONE_RATER_SD = Decimal("0.3"), Decimal("0.5")
MIN_MONTHS = 6

Months = Mapping[str, int]
# By hub, then "IND.CONS" or "FOC.F1": the accepted figures by month.
MonthsOfHubs = Mapping[str, Mapping[str, Months]]
Row = list[str]


@dataclass(frozen=True)
class Noise:
    """What the errors rest on: spreads per component, phi per hub and item (where over 1)."""

    variances: Mapping[str, Decimal] = field(default_factory=dict)
    rater_sds: Mapping[str, Decimal] = field(default_factory=dict)
    dispersions: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)

    def printed(self) -> dict[str, Any]:
        """The figures as the analysis keeps them."""
        return {
            "variances": {code: items.text(value) for code, value in self.variances.items()},
            "rater_sds": {code: items.text(value) for code, value in self.rater_sds.items()},
            "dispersions": {
                code: {name: items.text(value) for name, value in found.items()}
                for code, found in self.dispersions.items()
            },
        }


def noise_of(given: Mapping[str, Any], months: MonthsOfHubs) -> Noise:
    """Return what the standard errors of a run rest on, from its input and the accepted months."""
    scheme = read_scheme(given.get("scheme"))
    hubs = given["hubs"]
    parts = {entry.code: entry for entry in scheme.components}
    return Noise(
        variances={
            code: pooled_variance([opinions.read_answers(hub, entry.kind) for hub in hubs])
            for code, entry in parts.items()
            if entry.kind in opinions.FIELD_OF_KIND
        },
        rater_sds={
            code: pooled_rater_sd([row for hub in hubs for row in _counted(hub, code, scheme)])
            for code, entry in parts.items()
            if entry.kind == "check"
        },
        dispersions=dispersions(months),
    )


def simulation_input(
    given: Mapping[str, Any], result: Mapping[str, Any], noise: Noise
) -> dict[str, Any]:
    """Return weights, anchors and noisy items of all hubs that have a score, for `intervals`.

    The caller adds seed, draws and delta.
    """
    data = merged(given.get("scheme"))
    scheme = read_scheme(given.get("scheme"))
    inputs = {hub["code"]: hub for hub in given["hubs"]}
    hubs = {}
    for hub in result["hubs"]:
        reader = _Reader(inputs[hub["code"]], scheme, result["priors"], noise)
        found = {part["code"]: list(reader.rows(part)) for part in hub["components"]}
        if kept := {code: rows for code, rows in found.items() if rows}:
            hubs[hub["code"]] = kept
    return {
        "weights": {entry.code: str(entry.weight) for entry in scheme.components},
        "anchors": {**data["anchors"], MISSING: [list(row) for row in MISSING_ANCHORS]},
        "hubs": hubs,
    }


def judging_of(given: Mapping[str, Any], result: Mapping[str, Any]) -> Judging:
    """Return how a drawn score becomes a grade: the run's own adjustments, cuts and gates."""
    scheme = read_scheme(given.get("scheme"))
    names = [name for name, _ in scheme.grades]
    inputs = {hub["code"]: hub for hub in given["hubs"]}
    below = [
        (float(gate.limit), names.index(gate.cap))
        for gate in scheme.gates
        if gate.limit is not None
    ]
    held = [names.index(gate.cap) for gate in scheme.gates if gate.rule == "integrity_finding"]
    moves = {code: _move(hub, scheme) for code, hub in inputs.items()}
    return Judging(
        cuts=tuple((name, float(cut)) for name, cut in scheme.grades),
        ranked=tuple(hub["code"] for hub in result["hubs"] if hub["graded"]),
        adjust={code: float(move) for code, move in moves.items() if move},
        gates=tuple(below),
        gated={
            hub["code"]: tuple(
                part["code"]
                for part in hub["components"]
                if part["status"] in compose.GATED_STATUSES and part["points"] is not None
            )
            for hub in result["hubs"]
        },
        caps={
            code: max(held)
            for code, hub in inputs.items()
            if held and hub.get("integrity_findings")
        },
    )


def _move(hub: Mapping[str, Any], scheme: Scheme) -> Decimal:
    given = exact.number(hub.get("adjust", 0), f"{hub['code']}: 調整")
    return min(max(given, -scheme.adjust_limit), scheme.adjust_limit)


@exact.exactly
def pooled_variance(pool: Sequence[opinions.Answers]) -> Decimal:
    """Return the variance of the answers within the hubs, 4 decimals, at least 0.25."""
    answered = [entry for entry in pool if entry.n > 0]
    free = sum(entry.n for entry in answered) - len(answered)
    if not free:
        return MIN_VARIANCE
    spread = sum((entry.spread for entry in answered), Fraction(0))
    return max(exact.fraction_rounded(spread / free, 4), MIN_VARIANCE)


@exact.exactly
def pooled_rater_sd(rows: Sequence[Sequence[int]]) -> Decimal:
    """Return the standard deviation of the raters within the items, 4 decimals, at least 0.3.

    Where no item has two raters it is 0.5, as for a lone rater.
    """
    shared = [row for row in rows if len(row) > 1]
    free = sum(len(row) - 1 for row in shared)
    if not free:
        return LONE_RATER_SD
    spread = sum((_spread(row) for row in shared), Fraction(0)) / free
    return max(exact.rounded(_decimal(spread).sqrt(), 4), MIN_RATER_SD)


def dispersions(months: MonthsOfHubs) -> dict[str, dict[str, Decimal]]:
    """Return phi per hub and item where the months vary more than Poisson counts would."""
    national = _national(months)
    found: dict[str, dict[str, Decimal]] = {}
    for code in months:
        for name, own in months[code].items():
            others = {month: national[name][month] - value for month, value in own.items()}
            phi = dispersion(own, others if name.startswith("IND.") else {})
            if phi > 1:
                found.setdefault(code, {})[name] = phi
    return found


def _national(months: MonthsOfHubs) -> dict[str, dict[str, int]]:
    """Return the sum over all hubs by item and month."""
    sums: dict[str, dict[str, int]] = {}
    for held in months.values():
        for name, own in held.items():
            item = sums.setdefault(name, {})
            for month, value in own.items():
                item[month] = item.get(month, 0) + value
    return sums


def dispersion(own: Months, others: Months) -> Decimal:
    """Return phi of one item, 4 decimals, at least 1: Pearson's chi2 over its degrees of freedom.

    What is expected of a month is the year's sum in the shares of the other hubs (``others``: their
    sums by month), so that the season that all share is no noise. Where they counted nothing in
    one of these months the months are expected to be alike (focus areas differ between hubs and
    have no season of others). Fewer than 6 months or no event tell nothing: 1.
    """
    total = sum(own.values())
    if len(own) < MIN_MONTHS or not total:
        return Decimal(1)
    shares = {month: others.get(month, 0) for month in own}
    if not all(shares.values()):
        shares = dict.fromkeys(own, 1)
    whole = sum(shares.values())
    # chi2 with e = total * share / whole, over one denominator each: whole numbers throughout.
    chi2 = sum(
        (
            Fraction((value * whole - total * shares[month]) ** 2, total * shares[month] * whole)
            for month, value in own.items()
        ),
        Fraction(0),
    )
    return max(exact.fraction_rounded(chi2 / (len(own) - 1), 4), Decimal(1))


class _Reader:
    """The noisy items of one hub: code, value, error, weight, name of the anchors."""

    def __init__(
        self,
        hub: Mapping[str, Any],
        scheme: Scheme,
        priors: Mapping[str, Sequence[str | None]],
        noise: Noise,
    ) -> None:
        self.hub = hub
        self.scheme = scheme
        self.priors = priors
        self.noise = noise
        self.parts = {entry.code: entry for entry in scheme.components}

    def rows(self, part: Mapping[str, Any]) -> Iterator[Row]:
        """Yield the items of a component as scored; none when it is not applicable."""
        component = self.parts[part["code"]]
        if part["status"] == items.NA:
            return
        if part["status"] == items.MISSING:
            yield [WHOLE, "0", "0", "1", MISSING]
        elif component.kind in opinions.FIELD_OF_KIND:
            yield self._opinion(part, component)
        elif component.kind == "check":
            yield from self._checks(part, component)
        else:
            yield from self._counts(part, component)

    def _opinion(self, part: Mapping[str, Any], component: Component) -> Row:
        detail = part["detail"]
        k = self.priors[component.code][1]
        error = _root(self.noise.variances[component.code] / (detail["n"] + Decimal(str(k))))
        return [WHOLE, detail["value"], error, "1", ANCHORS_OF_KIND[component.kind]]

    def _checks(self, part: Mapping[str, Any], component: Component) -> Iterator[Row]:
        entries = {row["code"]: row for row in self.hub["checks"][component.code]}
        for detail in part["detail"]:
            entry = entries[detail["code"]]
            weight = str(entry.get("weight", self.scheme.default_item_weight))
            if detail["status"] == items.MISSING:
                yield [detail["code"], "0", "0", weight, MISSING]
            elif detail["status"] != items.NA:
                raters = len(entry["scores"])
                spread = LONE_RATER_SD if raters == 1 else self.noise.rater_sds[component.code]
                error = _root(spread * spread / raters)
                yield [detail["code"], detail["mean"], error, weight, ANCHORS_OF_KIND["check"]]

    def _counts(self, part: Mapping[str, Any], component: Component) -> Iterator[Row]:
        found = self.noise.dispersions.get(self.hub["code"], {})
        for code, entry, weight in self._counted(component):
            detail = part["detail"][code]
            if detail["status"] == items.MISSING:
                yield [code, "0", "0", weight, MISSING]
            elif detail["status"] != items.NA:
                phi = found.get(f"{component.code}.{code}", Decimal(1))
                error = self._count_error(entry, phi)
                yield [code, detail["ratio"], error, weight, ANCHORS_OF_KIND[component.kind]]

    def _counted(self, component: Component) -> Iterator[tuple[str, Mapping[str, Any], str]]:
        """Yield code, input and weight of the indicators or focus areas."""
        if component.kind == "focus":
            for area in self.hub.get("focus") or []:
                yield area["code"], area, str(focus_weight(area, self.scheme))
            return
        entries = self.hub.get("indicators", {})
        for code, weight in component.items.items():
            yield code, entries.get(code, {}), str(weight)

    @exact.exactly
    def _count_error(self, entry: Mapping[str, Any], phi: Decimal) -> str:
        target = exact.amount(entry["target"], "目標")
        given = entry.get("target_is_prorated", self.hub.get("target_is_prorated", False))
        months = self.hub.get("months", self.scheme.term_months)
        if not given:
            target = effective_target(target, months, self.scheme.term_months)
        challenge = exact.number(entry.get("challenge", self.scheme.default_challenge), "挑戦係数")
        actual = exact.amount(entry["actual"], "実績")
        return _text(challenge * (phi * actual).sqrt() / target)


def _counted(hub: Mapping[str, Any], component: str, scheme: Scheme) -> Iterator[list[int]]:
    """Yield the raters' scores of each item as they count in the score."""
    for entry in hub.get("checks", {}).get(component, []):
        scores = list((entry.get("scores") or {}).values())
        if scores and not entry.get("na", False):
            yield counted_scores(scores, scheme.checks, evidence=entry.get("evidence", False))


def _spread(row: Sequence[int]) -> Fraction:
    mean = Fraction(sum(row), len(row))
    return sum(((value - mean) ** 2 for value in row), Fraction(0))


@exact.exactly
def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


@exact.exactly
def _root(value: Decimal) -> str:
    return _text(value.sqrt())


def _text(value: Decimal) -> str:
    return format(exact.rounded(value, 6), "f")
