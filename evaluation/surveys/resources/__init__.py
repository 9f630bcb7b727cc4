"""Files of this slice: ready counts and values, and single answers of a wave."""

from evaluation.surveys.resources.answers import AnswersKind
from evaluation.surveys.resources.counts import PartnersKind, SatisfactionKind

__all__ = ["AnswersKind", "PartnersKind", "SatisfactionKind"]
