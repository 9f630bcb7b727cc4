"""Tables of the hearings: checklists, hearings, evaluators, panels, initiatives, their triggers."""

from evaluation.hearings.models.checklists import GUARDS as CHECKLIST_GUARDS
from evaluation.hearings.models.checklists import Checklist, ChecklistComponent, ChecklistItem
from evaluation.hearings.models.evaluators import GUARDS as EVALUATOR_GUARDS
from evaluation.hearings.models.evaluators import (
    ConflictBlock,
    ConflictDeclaration,
    ConflictWaiver,
    Evaluator,
    InterestKind,
)
from evaluation.hearings.models.hearings import (
    AT_WORK,
    BEFORE_SCORING,
    COMPARED,
    SCORED,
    ChecklistResponse,
    Hearing,
    HearingState,
    Rating,
)
from evaluation.hearings.models.hearings import GUARDS as HEARING_GUARDS
from evaluation.hearings.models.initiatives import GUARDS as INITIATIVE_GUARDS
from evaluation.hearings.models.initiatives import (
    MOST_INITIATIVES,
    InitiativeFile,
    OwnInitiative,
)
from evaluation.hearings.models.panels import GUARDS as PANEL_GUARDS
from evaluation.hearings.models.panels import (
    EvidenceKind,
    HearingEvidence,
    NotApplicableProposal,
    PanelMember,
    PanelRating,
    PanelRole,
    ProposalState,
)

GUARDS = [
    *CHECKLIST_GUARDS,
    *HEARING_GUARDS,
    *EVALUATOR_GUARDS,
    *INITIATIVE_GUARDS,
    *PANEL_GUARDS,
]

__all__ = [
    "AT_WORK",
    "BEFORE_SCORING",
    "COMPARED",
    "GUARDS",
    "MOST_INITIATIVES",
    "SCORED",
    "Checklist",
    "ChecklistComponent",
    "ChecklistItem",
    "ChecklistResponse",
    "ConflictBlock",
    "ConflictDeclaration",
    "ConflictWaiver",
    "Evaluator",
    "EvidenceKind",
    "Hearing",
    "HearingEvidence",
    "HearingState",
    "InitiativeFile",
    "InterestKind",
    "NotApplicableProposal",
    "OwnInitiative",
    "PanelMember",
    "PanelRating",
    "PanelRole",
    "ProposalState",
    "Rating",
]
