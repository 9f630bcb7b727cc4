"""From times to verdicts: pure arithmetic, so that it can be tested without a benchmark."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

QUIET_LOAD = 0.5
STEADY = 1.5
NOT_JUDGED = "not judged"


@dataclass(frozen=True)
class Target:
    """What a metric must reach: ``gate`` fails the run, ``goal`` is the ambition; None: no such.

    ``more`` says that a larger value is better.
    """

    gate: float | None
    goal: float | None
    more: bool

    def reaches(self, value: float, bound: float | None) -> bool:
        """True when the value is at least as good as the bound (always, when there is none)."""
        if bound is None:
            return True
        return value >= bound if self.more else value <= bound


def at_least(gate: float | None, goal: float | None = None) -> Target:
    """A ratio of which more is better."""
    return Target(gate, goal, more=True)


def at_most(gate: float | None, goal: float | None = None) -> Target:
    """A ratio of which less is better."""
    return Target(gate, goal, more=False)


@dataclass(frozen=True)
class Metric:
    """One line of the table of goals (performance.md 0).

    ``baselines`` names the sides whose wavering forbids a judgement.
    """

    code: str
    name: str
    target: Target
    baselines: tuple[str, ...] = ()


def doubts(load: float, baselines: Mapping[str, Sequence[float]]) -> list[str]:
    """Why a run may not be judged: the machine was busy, or the baseline itself wavered."""
    reasons = []
    if load > QUIET_LOAD:
        reasons.append(f"load {load:.2f} at the start, over {QUIET_LOAD}")
    for name, times in baselines.items():
        if len(times) > 1 and max(times) > STEADY * min(times):
            reasons.append(f"{name} wavered by {max(times) / min(times):.2f}, over {STEADY}")
    return reasons


def verdict(value: float, target: Target, reasons: Sequence[str]) -> str:
    """One of: goal, pass, fail, not judged, report (a figure without a gate)."""
    if target.gate is None and target.goal is None:
        return "report"
    if reasons:
        return NOT_JUDGED
    if not target.reaches(value, target.gate):
        return "fail"
    return "goal" if target.goal is not None and target.reaches(value, target.goal) else "pass"


def ratio(over: Sequence[float], under: Sequence[float]) -> float:
    """Median of the ratios round by round: neighbours in time suffered the same neighbours."""
    return statistics.median(a / b for a, b in zip(over, under, strict=True))


def exponent(small: Sequence[float], large: Sequence[float], factor: float) -> float:
    """Growth exponent log_factor(T_large / T_small) of the medians: 1 is linear."""
    return math.log(statistics.median(large) / statistics.median(small)) / math.log(factor)


def spread(times: Sequence[float]) -> dict[str, Any]:
    """Min, median and max, for the report."""
    return {
        "min": round(min(times), 4),
        "median": round(statistics.median(times), 4),
        "max": round(max(times), 4),
    }
