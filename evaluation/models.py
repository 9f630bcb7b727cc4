"""Re-exports the slices' models, so that Django finds them under the label ``evaluation``."""

from evaluation.budget.models import *
from evaluation.evidence.models import *
from evaluation.guidance.models import *
from evaluation.hearings.models import *
from evaluation.reports.models import *
from evaluation.scoring.analysis.models import *
from evaluation.scoring.models import *
from evaluation.surveys.models import *
