"""Tables of guidance: the case, its actions with evidence, its checkpoints, what is said."""

from evaluation.guidance.models.actions import (
    ActionState,
    GuidanceAction,
    GuidanceEscalation,
    GuidanceEvidence,
    OwnerRole,
)
from evaluation.guidance.models.cases import (
    CLOSED,
    DECIDED,
    PLAN_COLUMNS,
    CaseState,
    GuidanceCase,
    GuidanceNote,
    Origin,
)
from evaluation.guidance.models.checkpoints import CheckpointKind, GuidanceCheckpoint
from evaluation.guidance.models.guards import GUARDS

__all__ = [
    "CLOSED",
    "DECIDED",
    "GUARDS",
    "PLAN_COLUMNS",
    "ActionState",
    "CaseState",
    "CheckpointKind",
    "GuidanceAction",
    "GuidanceCase",
    "GuidanceCheckpoint",
    "GuidanceEscalation",
    "GuidanceEvidence",
    "GuidanceNote",
    "Origin",
    "OwnerRole",
]
