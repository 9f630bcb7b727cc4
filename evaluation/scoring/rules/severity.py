"""Are some raters stricter? score = hub + item + rater by ridge least squares (evaluation.md 1.6).

A shadow value: it never enters the score. It may be told only where every hub is linked with every
other through shared raters; otherwise a strict panel and weak hubs look the same. All in exact
decimals, so that every machine prints the same figures.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from yorozu.core import exact

LIMIT = Decimal("0.5")
# Ends long before; the bound keeps a pathological table from running for ever.
MOST_ROUNDS = 500
STILL = Decimal("1e-9")
FEW, APART, ALIKE, TOLD = "too_few", "not_connected", "alike", "told"


@dataclass(frozen=True)
class Score:
    """One score of one rater on one item of one hub."""

    hub: str
    item: str
    rater: str
    value: int


@dataclass(frozen=True)
class Severity:
    """The correction of each rater (what is taken off), or why there is none.

    ``state``: told, alike (no difference beyond chance: all zero), not_connected, too_few.
    """

    state: str
    corrections: Mapping[str, Decimal]
    scores: Mapping[str, int]
    ridge: Decimal | None = None
    groups: int = 1

    @property
    def is_told(self) -> bool:
        """Whether the scores may be corrected for a comparison."""
        return self.state in {TOLD, ALIKE}

    def printed(self) -> dict[str, Any]:
        """The figures as the analysis keeps them."""
        return {
            "state": self.state,
            "groups": self.groups,
            "ridge": None if self.ridge is None else format(self.ridge, "f"),
            "raters": {
                rater: {
                    "scores": count,
                    "correction": format(self.corrections[rater], "f")
                    if rater in self.corrections
                    else None,
                }
                for rater, count in sorted(self.scores.items())
            },
        }


def scores_of(hubs: Sequence[Mapping[str, Any]], components: Sequence[str]) -> list[Score]:
    """Return all scores of the hearing as the raters gave them."""
    return [
        Score(hub["code"], f"{component}.{entry['code']}", rater, value)
        for hub in hubs
        for component in components
        for entry in hub.get("checks", {}).get(component, [])
        if not entry.get("na", False)
        for rater, value in sorted((entry.get("scores") or {}).items())
    ]


@exact.exactly
def severity(scores: Sequence[Score]) -> Severity:
    """Return how far each rater lies above (+) or below (-) the others, 4 decimals, within 0.5."""
    counts: dict[str, int] = defaultdict(int)
    for score in scores:
        counts[score.rater] += 1
    groups = len(linked_groups(scores))
    hubs, things = {score.hub for score in scores}, {score.item for score in scores}
    free = len(scores) - (len(hubs) + len(things) + len(counts) - 2)
    if len(counts) < 2 or free < 1:
        return Severity(FEW, {}, counts, groups=groups)
    if groups > 1:
        return Severity(APART, {}, counts, groups=groups)
    plain = _Fit(scores)
    plain.settle(Decimal(0))
    error = plain.squares() / free
    spread = _spread_of_raters(plain, counts, error)
    if spread <= 0:
        zero = dict.fromkeys(counts, exact.rounded(Decimal(0), 4))
        return Severity(ALIKE, zero, counts)
    ridge = error / spread
    fit = _Fit(scores)
    fit.settle(ridge)
    corrections = {
        rater: exact.rounded(min(max(value, -LIMIT), LIMIT), 4) + 0
        for rater, value in sorted(fit.raters.items())
    }
    return Severity(TOLD, corrections, counts, exact.rounded(ridge, 4))


def linked_groups(scores: Sequence[Score]) -> list[set[str]]:
    """Return the groups of raters that are linked through hubs they rated together."""
    groups: list[set[str]] = []
    panels: dict[str, set[str]] = defaultdict(set)
    for score in scores:
        panels[score.hub].add(score.rater)
    for panel in panels.values():
        joined = [group for group in groups if group & panel]
        groups = [group for group in groups if not group & panel]
        groups.append(panel.union(*joined))
    return groups


def corrected_mean(mean: Decimal, raters: Sequence[str], found: Severity, top: int) -> Decimal:
    """Return an item's mean less what its raters are above the others, 4 decimals, in the scale."""
    shift = sum((found.corrections[rater] for rater in raters), Decimal(0))
    moved = mean - exact.quotient(shift, Decimal(len(raters)), 4)
    return exact.rounded(min(max(moved, Decimal(0)), Decimal(top)), 4)


def _spread_of_raters(fit: "_Fit", counts: Mapping[str, int], error: Decimal) -> Decimal:
    """Variance of the raters beyond what the noise of their own scores explains."""
    raters = fit.raters.values()
    observed = sum((value * value for value in raters), Decimal(0)) / (len(raters) - 1)
    expected = sum((error / count for count in counts.values()), Decimal(0)) / len(counts)
    return observed - expected


class _Fit:
    """Alternating least squares: each effect in turn is the mean of what the others leave."""

    def __init__(self, scores: Sequence[Score]) -> None:
        self.scores = scores
        self.hubs = dict.fromkeys((score.hub for score in scores), Decimal(0))
        self.items = dict.fromkeys((score.item for score in scores), Decimal(0))
        self.raters = dict.fromkeys((score.rater for score in scores), Decimal(0))

    def settle(self, ridge: Decimal) -> None:
        """Go round until no rater moves any more; the ridge draws the raters towards zero."""
        for _ in range(MOST_ROUNDS):
            before = dict(self.raters)
            self.hubs = self._means("hub", Decimal(0))
            self.items = self._means("item", Decimal(0))
            raters = self._means("rater", ridge)
            middle = sum(raters.values(), Decimal(0)) / len(raters)
            self.raters = {rater: value - middle for rater, value in raters.items()}
            if max(abs(self.raters[rater] - before[rater]) for rater in before) < STILL:
                return

    def squares(self) -> Decimal:
        """Sum of the squared residuals."""
        return sum((rest * rest for rest in self._rests()), Decimal(0))

    def _rests(self) -> Iterator[Decimal]:
        for score in self.scores:
            fitted = self.hubs[score.hub] + self.items[score.item] + self.raters[score.rater]
            yield score.value - fitted

    def _means(self, side: str, ridge: Decimal) -> dict[str, Decimal]:
        effects: Mapping[str, Decimal] = getattr(self, f"{side}s")
        totals = dict.fromkeys(effects, Decimal(0))
        counts = dict.fromkeys(effects, 0)
        for score, rest in zip(self.scores, self._rests(), strict=True):
            name = getattr(score, side)
            totals[name] += rest + effects[name]
            counts[name] += 1
        return {name: totals[name] / (counts[name] + ridge) for name in totals}
