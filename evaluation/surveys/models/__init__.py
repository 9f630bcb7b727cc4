"""Tables of the surveys."""

from evaluation.surveys.models.figures import PartnerAssessment, SatisfactionSurvey
from evaluation.surveys.models.guards import GUARDS
from evaluation.surveys.models.questionnaires import Questionnaire, WaveKind
from evaluation.surveys.models.waves import (
    AnswerChannel,
    ExclusionKind,
    PartnerExclusion,
    SurveyAnswer,
    SurveyFrame,
    SurveyInvitation,
    SurveyWave,
    WaveState,
)

__all__ = [
    "GUARDS",
    "AnswerChannel",
    "ExclusionKind",
    "PartnerAssessment",
    "PartnerExclusion",
    "Questionnaire",
    "SatisfactionSurvey",
    "SurveyAnswer",
    "SurveyFrame",
    "SurveyInvitation",
    "SurveyWave",
    "WaveKind",
    "WaveState",
]
