"""Tables of this slice, one module per subject, and the triggers that hold them."""

from evaluation.scoring.models.fact_checks import GUARDS as FACT_GUARDS
from evaluation.scoring.models.fact_checks import (
    FactCheck,
    FactCheckState,
    FactRemark,
    RemarkKind,
    RemarkState,
)
from evaluation.scoring.models.panel import GUARDS as PANEL_GUARDS
from evaluation.scoring.models.panel import AdjustmentState, PanelAdjustment
from evaluation.scoring.models.rechecks import GUARDS as RECHECK_GUARDS
from evaluation.scoring.models.rechecks import RunRecheck
from evaluation.scoring.models.runs import GUARDS as RUN_GUARDS
from evaluation.scoring.models.runs import (
    YEARS_END,
    EvaluationRun,
    RunHubResult,
    RunItemResult,
    RunKind,
    RunState,
    ScoringScheme,
    Succession,
)

GUARDS = [*RUN_GUARDS, *FACT_GUARDS, *PANEL_GUARDS, *RECHECK_GUARDS]

__all__ = [
    "GUARDS",
    "YEARS_END",
    "AdjustmentState",
    "EvaluationRun",
    "FactCheck",
    "FactCheckState",
    "FactRemark",
    "PanelAdjustment",
    "RemarkKind",
    "RemarkState",
    "RunHubResult",
    "RunItemResult",
    "RunKind",
    "RunRecheck",
    "RunState",
    "ScoringScheme",
    "Succession",
]
