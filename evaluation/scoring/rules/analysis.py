"""How sure a run is and what it depends on, as one document (evaluation.md 1.6, 2.11-2.13).

`METHODS` are kept for ever, as engines are: an analysis names its method, and the same run with the
same further input gives the same text. What is not in the run's own input (accepted months, figures
of the region, number of draws) stands in the analysis's input, which names the run by its hash; the
hash is the seed of the draws.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from evaluation.scoring.rules import noise, opinions, regional, sensitivity, severity, simulation
from evaluation.scoring.rules.correlation import correlations
from evaluation.scoring.rules.reliability import reliability
from evaluation.scoring.rules.scheme import Scheme, read_scheme
from evaluation.scoring.rules.sensitivity import Engine, Variant
from yorozu.core import exact

METHOD = "a1"
DRAWS = 1000
DELTA = "0.25"
INPUT_KEYS = frozenset({"method", "run", "draws", "delta", "months", "regions"})
STEPS = ("一つずつ除いた計算", "前提を変えた計算", "区間の計算", "評価者と項目のつながり")

Step = Callable[[int, str], None]
Given = Mapping[str, Any]


def further_input(
    run: str, months: noise.MonthsOfHubs, regions: regional.Regions, *, draws: int = DRAWS
) -> dict[str, Any]:
    """Return the analysis's own input: the run (its input hash) and what the run did not read."""
    return {
        "method": METHOD,
        "run": run,
        "draws": draws,
        "delta": DELTA,
        "months": {code: dict(held) for code, held in months.items()},
        "regions": {code: dict(held) for code, held in regions.items()},
    }


def analyse(
    given: dict[str, Any], further: Given, engine: Engine, step: Step | None = None
) -> dict[str, Any]:
    """Return the analysis of a run by the method its input names.

    ``given`` is the run's engine input, ``engine`` the run's engine. ``step`` is told the number of
    steps done and the name of the next. ValueError or TypeError refuses unreadable input.
    """
    exact.refuse_unknown(dict(further), INPUT_KEYS, "分析の入力")
    missing = sorted(INPUT_KEYS - set(further))
    if missing:
        message = f"分析の入力に足りない項目があります: {'、'.join(missing)}"
        raise ValueError(message)
    method = METHODS.get(further["method"])
    if method is None:
        message = f"知らない分析の方式です: {further['method']}"
        raise ValueError(message)
    return method(given, further, engine, step or _quiet)


def near_cuts(score: list[str], scheme: Scheme) -> list[str]:
    """Return the grades whose bound lies inside a 90 % interval: within noise of it (2.11)."""
    low, high = Decimal(score[0]), Decimal(score[-1])
    return [name for name, cut in scheme.grades if low < cut <= high]


def shrinkage(given: Given, base: Given, scheme: Scheme) -> dict[str, list[str | None]]:
    """Return per opinion component the k of the run and the k its own data would give (1.4)."""
    found = {}
    for entry in scheme.components:
        if entry.kind in opinions.FIELD_OF_KIND:
            pool = [opinions.read_answers(hub, entry.kind) for hub in given["hubs"]]
            answered = [one for one in pool if one.n > 0]
            estimate = opinions.estimate_k(answered, scheme.k_range)
            found[entry.code] = [base["priors"][entry.code][1], format(estimate, "f")]
    return found


def _quiet(done: int, name: str) -> None:
    """Nobody watches."""


def _a1(given: dict[str, Any], further: Given, engine: Engine, step: Step) -> dict[str, Any]:
    scheme = read_scheme(given.get("scheme"))
    base = engine(given)
    step(0, STEPS[0])
    variants: list[Variant] = []
    for variant in sensitivity.engine_variants(given, engine, base):
        if variant.kind == sensitivity.WEIGHT and variants[-1].kind == sensitivity.DROP:
            step(1, STEPS[1])
        variants.append(variant)
    lists = [entry.code for entry in scheme.components if entry.kind == "check"]
    stern = severity.severity(severity.scores_of(given["hubs"], lists))
    if stern.is_told:
        variants.append(sensitivity.severity_variant(given, base, stern))
    lines = regional.regional_lines(given["hubs"], scheme, further["regions"])
    if lines:
        moved = regional.with_moved_targets(given["hubs"], lines)
        variants.append(sensitivity.regional_variant(given, engine, base, moved))
    step(2, STEPS[2])
    drawn, spreads = _intervals(given, further, base, scheme)
    step(3, STEPS[3])
    return {
        "grades": [name for name, _ in scheme.grades],
        "intervals": drawn,
        "noise": spreads,
        "shrinkage": shrinkage(given, base, scheme),
        "variants": [{"code": variant.code, "hubs": _compact(variant)} for variant in variants],
        "verdicts": sensitivity.verdicts(base, variants),
        "reliability": {code: reliability(given["hubs"], code) for code in lists},
        "severity": stern.printed(),
        "regional": {
            code: {line.indicator: line.printed() for line in held} for code, held in lines.items()
        },
        "correlation": correlations(base),
    }


def _intervals(
    given: dict[str, Any], further: Given, base: Given, scheme: Scheme
) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """Draw the intervals; none under geometric aggregation, for which the method has no draw."""
    spreads = noise.noise_of(given, further["months"])
    drawn_input = noise.simulation_input(given, base, spreads)
    printed = {**spreads.printed(), "items": drawn_input["hubs"]}
    if scheme.aggregation != "arithmetic" or not drawn_input["hubs"]:
        return None, printed
    drawn = simulation.judged(
        {
            **drawn_input,
            "seed": further["run"],
            "draws": further["draws"],
            "delta": further["delta"],
        },
        noise.judging_of(given, base),
    )
    for found in drawn.values():
        for hub in found.values():
            hub["near"] = near_cuts(hub["score"], scheme) if hub["rank"] else []
    return drawn, printed


def _compact(variant: Variant) -> dict[str, list[Any]]:
    """Return [grade, rank, final] by hub."""
    return {row["code"]: [row["grade"], row["rank"], row["final"]] for row in variant.hubs}


METHODS: MappingProxyType[str, Callable[[dict[str, Any], Given, Engine, Step], dict[str, Any]]] = (
    MappingProxyType({METHOD: _a1})
)
