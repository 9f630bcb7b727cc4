"""Pure rules of the hearing: items and scores, interests, the panel, the schedule."""

from evaluation.hearings.rules.items import (
    EVIDENCE_FROM as EVIDENCE_FROM,
)
from evaluation.hearings.rules.items import (
    HIGHEST as HIGHEST,
)
from evaluation.hearings.rules.items import (
    RATERS_NEEDED as RATERS_NEEDED,
)
from evaluation.hearings.rules.items import (
    RECONCILE_RANGE as RECONCILE_RANGE,
)
from evaluation.hearings.rules.items import (
    content_faults as content_faults,
)
from evaluation.hearings.rules.items import (
    lacks_evidence as lacks_evidence,
)
from evaluation.hearings.rules.items import (
    lacks_raters as lacks_raters,
)
from evaluation.hearings.rules.items import (
    mean_score as mean_score,
)
from evaluation.hearings.rules.items import (
    needs_reconciling as needs_reconciling,
)
