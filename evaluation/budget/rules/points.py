"""What one composite point is worth to a hub in yen (evaluation.md 3.6)."""

from collections.abc import Sequence
from fractions import Fraction

from evaluation.budget.rules.params import Params
from evaluation.budget.rules.stages import Computed


def point_values(computed: Computed, params: Params) -> list[Fraction]:
    """Return rate * x / mean multiplier / slope of every hub, before the outer limits."""
    sizes = computed.structure.amounts
    average = weighted_mean([Fraction(entry) for entry in computed.multipliers], sizes)
    slope = Fraction(params.multiplier_slope)
    return [params.rate * size / average / slope for size in sizes]


def weighted_mean(values: Sequence[Fraction], weights: Sequence[Fraction]) -> Fraction:
    """Return a weighted mean; hubs without any amount weigh nothing, if all do, all alike."""
    whole = sum(weights, Fraction(0))
    if whole == 0:
        return sum(values, Fraction(0)) / len(values)
    return sum((v * w for v, w in zip(values, weights, strict=True)), Fraction(0)) / whole
