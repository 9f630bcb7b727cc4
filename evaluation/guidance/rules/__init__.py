"""Rules of priority guidance: pure functions on figures and dates (evaluation.md 4)."""

from evaluation.guidance.rules.effect import (
    REGRESSION_NOTE,
    EffectLine,
    EffectSummary,
    Scored,
    effect_lines,
    effect_summary,
)
from evaluation.guidance.rules.escalation import Step, steps_reached
from evaluation.guidance.rules.exit import (
    Outcome,
    Point,
    Rate,
    done_share,
    exit_met,
    meets,
    overall_rate,
    proposed_outcome,
    run_rate,
)
from evaluation.guidance.rules.method import CURRENT, METHODS, Method
from evaluation.guidance.rules.triggers import (
    LEVELS,
    Earlier,
    Judged,
    Trigger,
    TriggerKind,
    level_of,
    level_sentence,
    triggers_of,
    watched_items,
)

__all__ = [
    "CURRENT",
    "LEVELS",
    "METHODS",
    "REGRESSION_NOTE",
    "Earlier",
    "EffectLine",
    "EffectSummary",
    "Judged",
    "Method",
    "Outcome",
    "Point",
    "Rate",
    "Scored",
    "Step",
    "Trigger",
    "TriggerKind",
    "done_share",
    "effect_lines",
    "effect_summary",
    "exit_met",
    "level_of",
    "level_sentence",
    "meets",
    "overall_rate",
    "proposed_outcome",
    "run_rate",
    "steps_reached",
    "triggers_of",
    "watched_items",
]
